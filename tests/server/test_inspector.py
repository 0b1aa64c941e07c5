"""The inspector page, in a real browser where one is installed, and over HTTP."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant, RemoteTenant, StateError
from auth0_mgmt_testing.server.launch import TenantServer

from .browser import Browser, executable
from .conftest import Serve

BEARER = {"authorization": "Bearer any"}
PICTURES = os.environ.get("INSPECTOR_PICTURES")
"""A folder: where to write pictures of what the tests see."""
PROGRAM = executable()
needs_browser = pytest.mark.skipif(
    PROGRAM is None or os.name != "posix", reason="no Chromium is installed"
)
ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests/vendors/node_modules/axe-core/axe.min.js"
VIEWS = (
    ("Mailbox", "No e-mail"),
    ("Deliveries", "No event stream"),
    ("Actions", "No action has run"),
    ("Evidence", "of live tenants"),
    ("Connect", "AUTH0_CLIENT_SECRET"),
    ("State", "auth0|grace"),
    ("Requests", "/api/v2/users"),
)
SECRET = "a-secret-of-the-shop-42"
SEED: dict[str, Any] = {
    "roles": [{"name": "editor"}],
    "users": [
        {
            "user_id": "auth0|ada",
            "email": "ada@example.com",
            "user_metadata": {"theme": "dark"},
            "roles": ["editor"],
        },
        {"user_id": "auth0|grace", "email": "grace@example.com"},
    ],
    "clients": [{"client_id": "shop", "name": "Shop", "client_secret": SECRET}],
}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PROGRAM is not None
    browser = Browser(PROGRAM, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser, serve: Serve) -> Iterator[Browser]:
    """A browser that leaves the page, which polls, before the servers stop."""
    chromium.errors.clear()
    yield chromium
    chromium.open("about:blank")
    assert chromium.errors == []


@pytest.fixture
def tenant(server: TenantServer) -> Iterator[RemoteTenant]:
    server.tenant.load(SEED)
    with FakeTenant.connect(server.url) as remote:
        yield remote


def api(tenant: RemoteTenant, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{tenant.url}/api/v2/{path}", headers=BEARER, json=body)


def picture(browser: Browser, name: str) -> None:
    if PICTURES:
        browser.screenshot(Path(PICTURES) / f"{name}.png")


# --- over HTTP ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_the_page_is_one_file_that_loads_nothing_else(server: TenantServer, prefix: str) -> None:
    moved = httpx.get(f"{server.url}{prefix}/__fake")
    assert moved.headers["location"] == f"{prefix}/__fake/"
    page = httpx.get(f"{server.url}{prefix}/__fake/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert re.findall(r'(?:src|href)="(?!data:|#|openapi\.json)([^"]+)"', page.text) == []
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
    assert f"'nonce-{nonce}'" in policy
    assert nonce not in httpx.get(f"{server.url}{prefix}/__fake/").text


def test_a_request_is_shown_with_the_difference_that_it_made(tenant: RemoteTenant) -> None:
    api(tenant, "PATCH", "users/auth0%7Cada", {"user_metadata": {"theme": "light"}})
    base = f"{tenant.url}/__fake/requests"
    (entry,) = httpx.get(base).json()
    assert entry["changes"] == [{"kind": "updated", "collection": "users", "key": "auth0|ada"}]
    assert entry["seconds"] > 0
    whole = httpx.get(f"{base}/{entry['number']}").json()
    (change,) = whole["changes"]
    assert change["before"]["user_metadata"] == {"theme": "dark"}
    assert change["after"]["user_metadata"] == {"theme": "light"}
    assert whole["response"]["user_metadata"] == {"theme": "light"}
    assert httpx.get(f"{base}/99").status_code == 404


def test_collections_are_listed_searched_and_edited(tenant: RemoteTenant) -> None:
    base = f"{tenant.url}/__fake/collections"
    names = {each["name"]: each for each in httpx.get(base).json()}
    assert (names["users"]["documents"], names["users"]["editable"]) == (2, True)
    assert names["user_roles"]["editable"] is False
    found = httpx.get(f"{base}/users?search=GRACE").json()
    assert (found["total"], found["documents"][0]["key"]) == (1, "auth0|grace")
    page = httpx.get(f"{base}/users?offset=1&limit=1").json()
    assert (page["total"], len(page["documents"])) == (2, 1)
    made = httpx.post(f"{base}/roles/documents", json={"name": "new"}).json()
    path = f"{base}/roles/documents/{made['id']}"
    assert httpx.patch(path, json={"description": "x"}).json()["description"] == "x"
    assert httpx.get(path).json()["name"] == "new"
    assert httpx.delete(path).status_code == 204
    assert httpx.get(path).status_code == 404
    assert "did you mean" in httpx.get(f"{base}/user").json()["message"]


def test_secrets_are_masked_unless_they_are_asked_for(tenant: RemoteTenant) -> None:
    secret = SECRET
    base = f"{tenant.url}/__fake/collections/clients"
    for path in (base, f"{base}/documents/shop", f"{base}?search=Shop"):
        assert secret not in httpx.get(path).text
    assert secret in httpx.get(f"{base}/documents/shop?secrets=true").text
    api(tenant, "PATCH", "clients/shop", {"client_secret": "another-secret-of-the-shop-43"})
    shown = httpx.get(f"{tenant.url}/__fake/requests/1").text
    assert secret not in shown
    assert "another-secret" not in shown


def events(url: str, wanted: int) -> list[Any]:
    """The first requests of a stream, which the client leaves then."""
    found: list[Any] = []
    with httpx.stream("GET", url, timeout=10) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found += json.loads(line.removeprefix("data: "))
            if len(found) >= wanted:
                return found
    return found


def test_requests_are_streamed_as_they_come(tenant: RemoteTenant) -> None:
    api(tenant, "GET", "roles")
    api(tenant, "GET", "users/auth0%7Cnobody")
    url = f"{tenant.url}/__fake/requests/stream"
    assert events(url, 2) == httpx.get(f"{tenant.url}/__fake/requests").json()
    with ThreadPoolExecutor() as pool:
        coming = pool.submit(events, f"{url}?after=2", 1)
        api(tenant, "POST", "roles", {"name": "new"})
        (entry,) = coming.result(timeout=20)
    assert (entry["number"], entry["operation"]) == (3, "roles.create")


def test_a_server_that_stops_ends_open_streams(serve: Serve) -> None:
    server = serve()
    with httpx.stream("GET", f"{server.url}/__fake/requests/stream") as stream:
        parts = stream.iter_bytes()
        next(parts)
        server.server.stop()
        assert b"".join(parts) in (b"", b": nothing new\n\n")  # complete: else it raises


def test_evidence_of_recordings_is_there_for_every_recorded_operation(tenant: RemoteTenant) -> None:
    found = httpx.get(f"{tenant.url}/__fake/evidence/recordings").json()
    published = json.loads((ROOT / "docs/evidence.json").read_text())["operations"]
    assert {*found} == {each["name"] for each in published if each["recorded"]["exchanges"]}
    one = found["users.create"]
    assert one["exchanges"] >= one["status"] >= one["value"] > 0
    assert one["verdict"] in ("matches", "differs")


# --- in a browser ------------------------------------------------------------------------------


@needs_browser
def test_requests_appear_live_and_open_by_keyboard(browser: Browser, tenant: RemoteTenant) -> None:
    browser.open(f"{tenant.url}/__fake/")
    browser.wait_for_text("0 of 0 requests")
    api(tenant, "PATCH", "users/auth0%7Cada", {"user_metadata": {"theme": "light"}})
    api(tenant, "POST", "clients", {"name": "x", "app_type": "spaa"})
    browser.wait_for_text("did you mean 'spa'?")
    browser.wait_for_text("~ users auth0|ada")
    browser.run("document.querySelector('#requests-table button').focus()")
    browser.press("ArrowDown", 40)
    browser.press("Enter", 13)
    browser.wait_for_text("user_metadata.theme")
    assert browser.run("document.querySelector('.diff del').textContent") == 'was "dark"'
    assert browser.run("document.activeElement.tagName") == "H2"
    picture(browser, "requests")
    browser.fill("#filter", "clients")
    browser.wait_for_text("1 of 2 requests")
    assert browser.unnamed() == []


@needs_browser
def test_a_server_that_was_started_again_is_followed(browser: Browser, serve: Serve) -> None:
    first = serve()
    port = int(first.url.rpartition(":")[2])
    browser.open(f"{first.url}/__fake/")
    browser.wait_for_text("0 of 0 requests")
    httpx.get(f"{first.url}/api/v2/roles", headers=BEARER)
    browser.wait_for_text("/api/v2/roles")
    first.close()
    browser.wait_for_text("The server does not answer")
    browser.errors.clear()  # connections that were refused
    second = serve(port=port)
    httpx.get(f"{second.url}/api/v2/users", headers=BEARER)
    browser.wait_for_text("/api/v2/users")
    browser.wait_for_text("1 of 1 requests")
    browser.wait("window.requestsAreStreamed()")
    browser.errors.clear()


@needs_browser
def test_requests_are_asked_for_where_they_cannot_be_streamed(
    browser: Browser, tenant: RemoteTenant
) -> None:
    broken = "window.EventSource = class { close() {} constructor() { setTimeout(() => this.onerror?.()); } }"
    added = browser.call("Page.addScriptToEvaluateOnNewDocument", source=broken)
    browser.open(f"{tenant.url}/__fake/")
    browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
    browser.wait_for_text("0 of 0 requests")
    api(tenant, "GET", "roles")
    browser.wait_for_text("1 of 1 requests")
    assert browser.run("window.requestsAreStreamed()") is False


@needs_browser
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: run `make vendors`")
def test_every_view_passes_the_checks_of_axe(browser: Browser, tenant: RemoteTenant) -> None:
    api(tenant, "PATCH", "users/auth0%7Cada", {"nickname": "countess"})
    api(tenant, "GET", "users/auth0%7Cnobody")
    tenant.faults.add("roles.list", status=503)
    browser.open(f"{tenant.url}/__fake/")
    browser.run(AXE.read_text())
    for scheme in ("light", "dark"):
        browser.emulate(prefers_color_scheme=scheme)
        for view, text in (*VIEWS, ("Faults & limits", "roles.list"), ("Clock", "Freeze")):
            browser.click(view, "nav.main")
            browser.wait_for_text(text)
            found = browser.run(
                "axe.run().then(({violations}) => violations.map(each => "
                "`${each.id}: ${each.nodes.map(node => node.html.slice(0, 200)).join(' ')}`))"
            )
            assert found == [], f"{view}, {scheme}"
    browser.emulate(prefers_color_scheme="light")


@needs_browser
def test_documents_are_edited_and_a_user_logged_in(browser: Browser, tenant: RemoteTenant) -> None:
    browser.open(f"{tenant.url}/__fake/#state")
    browser.click("auth0|ada")
    browser.wait("document.querySelector('textarea')?.value.includes('ada@example.com')")
    edited = "JSON.stringify({...JSON.parse(document.querySelector('textarea').value), nickname: 'countess'})"
    browser.run(f"document.querySelector('textarea').value = {edited}")
    browser.click("Save")
    browser.wait_for_text("Saved")
    assert (
        httpx.get(f"{tenant.url}/api/v2/users/auth0%7Cada", headers=BEARER).json()["nickname"]
        == "countess"
    )
    picture(browser, "state")
    browser.click("Log in")
    browser.wait_for_text("access_token")
    assert "••••" in browser.text()
    assert api(tenant, "GET", "users/auth0%7Cada").json()["logins_count"] == 1
    assert browser.unnamed() == []


@needs_browser
def test_secrets_show_only_when_revealed(browser: Browser, tenant: RemoteTenant) -> None:
    secret = SECRET
    browser.open(f"{tenant.url}/__fake/#state")
    button = (
        "[...document.querySelectorAll('nav[aria-label=Collections] button')]"
        ".find(each => each.innerText.startsWith('clients'))"
    )
    browser.wait(f"!!{button}")
    browser.run(f"{button}.click()")
    browser.click("shop")
    browser.wait("document.querySelector('textarea')?.value.includes('[REDACTED]')")
    assert secret not in browser.run("document.documentElement.outerHTML")
    browser.click("Reveal secrets")
    browser.wait(f"document.querySelector('textarea')?.value.includes('{secret}')")


@needs_browser
def test_snapshots_faults_and_clock_work_by_a_click(browser: Browser, tenant: RemoteTenant) -> None:
    browser.open(f"{tenant.url}/__fake/#state")
    browser.click("Take a snapshot")
    browser.wait_for_text("snapshot-1")
    api(tenant, "DELETE", "users/auth0%7Cada")
    browser.click("Changes since")
    browser.wait_for_text("users auth0|ada deleted")
    browser.click("Restore")
    browser.wait_for_text("Restored snapshot-1")
    assert api(tenant, "GET", "users/auth0%7Cada").status_code == 200
    browser.click("Faults & limits")
    browser.fill("input[list=operations]", "users.get")
    browser.click("Add the fault")
    browser.wait("document.querySelectorAll('#faults-title ~ .card tbody tr').length === 1")
    picture(browser, "faults")
    assert api(tenant, "GET", "users/auth0%7Cada").status_code == 503
    browser.click("Clock")
    browser.fill("input[placeholder^='2030']", "2030-01-01T00:00:00Z")
    browser.click("Freeze")
    browser.wait_for_text("(frozen)")
    browser.click("a day")
    browser.wait_for_text("2030-01-02T00:00:00Z")
    assert tenant.clock.now().isoformat() == "2030-01-02T00:00:00+00:00"


@needs_browser
def test_the_output_and_errors_of_actions_are_shown(browser: Browser, tenant: RemoteTenant) -> None:
    action = {
        "name": "greet",
        "supported_triggers": [{"id": "post-login", "version": "v3"}],
        "code": "exports.onExecutePostLogin = async (event) => {"
        " console.log('hello', event.user.email); event.nothing.at.all; };",
    }
    api(tenant, "POST", "actions/actions", action)
    tenant.actions.bind("post-login", "greet")
    with pytest.raises(StateError):
        tenant.log_in("auth0|ada")
    browser.open(f"{tenant.url}/__fake/#actions")
    browser.wait_for_text("hello ada@example.com")
    browser.wait_for_text("TypeError: ")
    assert browser.unnamed() == []


@needs_browser
def test_every_view_opens_in_both_colour_schemes(browser: Browser, tenant: RemoteTenant) -> None:
    for path in (
        "users",
        "roles",
        "clients",
        "users/auth0%7Cnobody",
        "branding",
        "users/auth0%7Cada",
    ):
        api(tenant, "GET", path)
    browser.emulate(prefers_color_scheme="light")
    browser.open(f"{tenant.url}/__fake/#evidence")
    browser.wait_for_text("users.list")
    picture(browser, "evidence")
    browser.open(f"{tenant.url}/__fake/")
    light = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.emulate(prefers_color_scheme="dark")
    assert browser.run("getComputedStyle(document.body).backgroundColor") != light
    for view, text in VIEWS:
        browser.click(view, "nav.main")
        browser.wait_for_text(text)
        assert browser.unnamed() == []
    picture(browser, "dark")
    browser.emulate(prefers_color_scheme="light")


@needs_browser
def test_tenants_of_a_server_are_switched_between(browser: Browser, serve: Serve) -> None:
    server = serve(tenants=("acme",))
    browser.open(f"{server.url}/t/acme/__fake/")
    browser.wait("document.querySelector('#tenant').value === 'acme'")
    browser.run(
        "{const chosen = document.querySelector('#tenant'); chosen.value = '';"
        "chosen.dispatchEvent(new Event('change'))}"
    )
    browser.wait("location.pathname === '/__fake/'")
