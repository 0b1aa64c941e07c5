"""Where a served tenant says that it is: what clients are sent to must be what they reach."""

from __future__ import annotations

import re

import httpx
import pytest

from auth0_mgmt import ClientCredentials, Management
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.remote.wire import PrefixedTransport, client_domain

from .conftest import Serve

BEARER = {"authorization": "Bearer any"}
DATABASE = "Username-Password-Authentication"


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_discovery_names_only_urls_of_the_tenant_that_was_asked(serve: Serve, prefix: str) -> None:
    base = serve().url + prefix
    found = httpx.get(f"{base}/.well-known/openid-configuration").json()
    assert found["issuer"] == f"{base}/"
    urls = [value for value in found.values() if str(value).startswith("http")]
    assert len(urls) > 10
    assert all(url.startswith(f"{base}/") for url in urls)
    assert httpx.get(found["jwks_uri"]).is_success


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_a_log_in_stays_below_the_tenants_address(serve: Serve, prefix: str) -> None:
    server = serve()
    base = server.url + prefix
    with FakeTenant.connect(base) as tenant, tenant.management() as mgmt:
        app = mgmt.clients.create(
            name="App", callbacks=["https://app.test/cb"], app_type="regular_web"
        )
        (database,) = mgmt.connections.list()
        mgmt.connections.clients.update(
            str(database.id), body=[{"client_id": str(app.client_id), "status": True}]
        )
        query = f"client_id={app.client_id}&response_type=code&redirect_uri=https://app.test/cb"
        with httpx.Client() as browser:
            sent = browser.get(f"{base}/authorize?{query}&scope=openid")
            assert sent.headers["location"].startswith(f"{prefix}/u/login")
            page = browser.get(f"{server.url}{sent.headers['location']}")
            assert page.status_code == 200
            links = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
            assert links
            assert all(link.startswith(f"{prefix}/u/") for link in links)
            paths = {cookie.path for cookie in browser.cookies.jar}
            assert paths <= {f"{prefix}/"}


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_links_in_tickets_and_messages_are_reached(serve: Serve, prefix: str) -> None:
    base = serve().url + prefix
    with FakeTenant.connect(base) as tenant, tenant.management() as mgmt:
        user = mgmt.users.create(connection=DATABASE, email="a@example.com", password="Pa55-word!")
        assert user.user_id is not None
        link = mgmt.tickets.change_password(user_id=user.user_id).ticket
        assert link is not None
        assert link.startswith(f"{base}/lo/")
        assert httpx.get(link.rstrip("#"), follow_redirects=True).status_code == 200
        client = tenant.environment()["AUTH0_CLIENT_ID"]
        (database,) = mgmt.connections.list()
        mgmt.connections.clients.update(
            str(database.id), body=[{"client_id": client, "status": True}]
        )
        asked = {"client_id": client, "email": "a@example.com", "connection": DATABASE}
        assert httpx.post(f"{base}/dbconnections/change_password", json=asked).is_success
        sent = tenant.mailbox[-1].link
        assert sent is not None
        assert sent.startswith(f"{base}/lo/")


def test_tokens_of_a_chosen_domain_are_accepted(serve: Serve) -> None:
    server = serve(domain="login.test")
    port = server.app.options.port
    found = server.environment()
    assert found["AUTH0_DOMAIN"] == "login.test"
    credentials = ClientCredentials(
        found["AUTH0_CLIENT_ID"], found["AUTH0_CLIENT_SECRET"], audience=found["AUTH0_AUDIENCE"]
    )
    with Management(server.url, auth=credentials) as mgmt:
        assert list(mgmt.roles.list()) == []
    at_name = httpx.post(
        f"{server.url}/oauth/token",
        headers={"host": f"login.test:{port}"},
        data={
            "grant_type": "client_credentials",
            "client_id": found["AUTH0_CLIENT_ID"],
            "client_secret": found["AUTH0_CLIENT_SECRET"],
            "audience": f"http://login.test:{port}/api/v2/",
        },
    ).json()
    bearer = {"authorization": f"Bearer {at_name['access_token']}"}
    assert httpx.get(f"{server.url}/api/v2/roles", headers=bearer).json() == []


def test_no_default_domain_can_belong_to_anybody(serve: Serve) -> None:
    server = serve(tenants=("acme",))
    reserved = re.compile(r"127\.0\.0\.1:\d+|[a-z0-9.-]+\.(?:localhost|test)(:\d+)?")
    for domain in (
        FakeTenant().domain,
        *(server.environment(n)["AUTH0_DOMAIN"] for n in ("", "acme")),
    ):
        assert reserved.fullmatch(domain), domain


@pytest.mark.parametrize(
    ("url", "target", "sent"),
    [
        ("http://127.0.0.1:8400", "/api/v2/roles", "http://127.0.0.1:8400/api/v2/roles"),
        ("http://auth0:8400", "/api/v2/roles", "http://auth0:8400/api/v2/roles"),
        ("http://auth0:8400/t/acme", "/api/v2/roles", "http://auth0:8400/t/acme/api/v2/roles"),
        ("http://auth0:8400/t/acme", "/t/acme/file", "http://auth0:8400/t/acme/file"),
        ("https://auth0:8400", "/api/v2/roles", "https://auth0:8400/api/v2/roles"),
    ],
)
def test_a_controlled_tenants_clients_call_its_url_whatever_its_host(
    monkeypatch: pytest.MonkeyPatch, url: str, target: str, sent: str
) -> None:
    seen: list[str] = []

    def respond(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=[])

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", respond)
    Management(client_domain(url), auth="any").close()  # takes no plain HTTP but of loopback
    place = httpx.URL(f"https://{client_domain(url).rpartition('/')[2]}")
    with httpx.Client(transport=PrefixedTransport(url, True)) as http:
        http.get(place.join(target))
    assert seen == [sent]
