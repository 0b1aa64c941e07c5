"""Configurations of auth0-deploy-cli: read, written, and read again the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt_testing import FakeTenant, LoadError
from auth0_mgmt_testing.deploy_cli.files import Layout
from auth0_mgmt_testing.deploy_cli.keywords import fill_in, put_back
from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer

NORTHWIND = Path(__file__).parent / "northwind"
MAPPINGS: dict[str, Any] = json.loads((NORTHWIND / "mappings.json").read_text())
A0DEPLOY = os.environ.get("A0DEPLOY") or shutil.which("a0deploy")


@pytest.fixture(scope="module")
def northwind() -> FakeTenant:
    tenant = FakeTenant()
    tenant.load(NORTHWIND, mappings=MAPPINGS)
    return tenant


def missing(wanted: Any, found: Any, place: str = "") -> Iterator[str]:
    """Where the wanted is not found; the found may hold more."""
    if is_object(wanted) and is_object(found):
        for name, value in wanted.items():
            yield from missing(value, found.get(name), f"{place}.{name}")
    elif is_array(wanted) and is_array(found) and all(is_object(each) for each in wanted):
        for each in wanted:
            label = next((n for n in ("key", "name", "identifier", "client_id", "template", "description",
                                      "displayName", "permission_name", "value", "id", "action_name") if n in each), None)  # fmt: skip
            twins = [other for other in found if label is None or other.get(label) == each[label]]
            best = min((list(missing(each, twin, f"{place}[{each.get(label)}]")) for twin in twins),
                       key=len, default=[f"{place}[{each.get(label)}] is not there"])  # fmt: skip
            yield from best
    elif wanted != found and wanted not in ([], {}, None):
        yield f"{place}: {wanted!r} became {found!r}"


# --- reading -------------------------------------------------------------------------------------


def test_a_configuration_is_loaded_with_its_references(northwind: FakeTenant) -> None:
    by_name = {client.name: client for client in northwind.clients}
    assert by_name["Web shop"].description == "The shop of staging"
    assert by_name["Web shop"].callbacks == MAPPINGS["SHOP_CALLBACKS"]
    grants = {(grant.client_id, grant.audience) for grant in northwind.client_grants}
    assert (by_name["Nightly job"].client_id, "https://orders.northwind.example.com") in grants
    with northwind.management() as mgmt:
        (manager,) = [role for role in mgmt.roles.list() if role.name == "Manager"]
        permissions = {
            each.permission_name for each in mgmt.roles.permissions.list(str(manager.id))
        }
        assert permissions == {"read:orders", "write:orders"}
        (action,) = mgmt.actions.list(actionName="tag-login")
        assert action.all_changes_deployed is True
        assert "##" not in str(action.code)
        (staff,) = mgmt.connections.list(name="Staff")
        scripts = staff.to_dict()["options"]["customScripts"]
        assert scripts["login"].startswith("function login(")
        bound = mgmt.request("GET", "/actions/triggers/post-login/bindings")["bindings"]
        assert [each["action"]["name"] for each in bound] == ["tag-login"]
        assert mgmt.tenants.settings.get().friendly_name == "Northwind staging"


def test_the_export_holds_all_that_was_imported(northwind: FakeTenant, tmp_path: Path) -> None:
    given = yaml.safe_load(fill_in((NORTHWIND / "tenant.yaml").read_text(), MAPPINGS))
    northwind.export_configuration(tmp_path, secrets=True)
    found = yaml.safe_load((tmp_path / "tenant.yaml").read_text())
    hidden = (".credentials", ".secrets", ".token", "flags", "].status")
    lost = [line for line in missing(given, found) if not any(name in line for name in hidden)]
    assert lost == []


@pytest.mark.parametrize("layout", ["yaml", "folder"])
def test_import_then_export_gives_the_same(
    northwind: FakeTenant, tmp_path: Path, layout: Layout
) -> None:
    first = northwind.export_configuration(tmp_path / "first", layout=layout, mappings=MAPPINGS)
    again = FakeTenant(random_seed="another")
    again.load(tmp_path / "first", mappings=MAPPINGS)
    assert (
        again.export_configuration(tmp_path / "second", layout=layout, mappings=MAPPINGS) == first
    )

    def contents(folder: Path) -> dict[str, str]:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_text() for path in files}

    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    before = again.snapshot()
    again.load(tmp_path / "first", mappings=MAPPINGS)  # updates what exists
    assert [*again.changes_since(before).created] == []


OTHERS: dict[str, Any] = {
    "phoneProviders": [
        {
            "name": "twilio",
            "disabled": False,
            "configuration": {
                "sid": f"AC{'1' * 32}",
                "default_from": "+4912345678",
                "delivery_methods": ["text"],
            },
            "credentials": {"auth_token": "##TOKEN##"},
        }
    ],
    "phoneTemplates": [
        {
            "type": "otp_verify",
            "disabled": False,
            "content": {
                "from": "+4912345678",
                "syntax": "liquid",
                "body": {"text": "{{code}}", "voice": "{{code}}"},
            },
        }
    ],
    "rules": [
        {"name": "old", "enabled": True, "order": 1, "script": "function (user, context, cb) {}"}
    ],
    "rulesConfigs": [{"key": "SETTING", "value": "a-value"}],
    "customDomains": [{"domain": "login.example.com", "type": "auth0_managed_certs"}],
    "flows": [{"name": "Empty", "actions": []}],
    "forms": [
        {"name": "Ask", "languages": {"primary": "en"}, "nodes": [], "start": {}, "ending": {}}
    ],
    "prompts": {"partials": {"login": {"login": {"form-content-start": "<p>Hello</p>"}}}},
    "supplementalSignals": {"akamai_enabled": True},
}


@pytest.mark.parametrize("part", sorted(OTHERS))
@pytest.mark.parametrize("layout", ["yaml", "folder"])
def test_every_other_part_is_kept(tmp_path: Path, part: str, layout: Layout) -> None:
    tenant = FakeTenant()
    if part == "prompts":  # partials need a domain of the tenant's own
        tenant.custom_domains.add(
            domain="login.example.com", type="auth0_managed_certs", status="ready"
        )
        with tenant.management() as mgmt:
            page = "<html>{%- auth0:head -%}{%- auth0:widget -%}</html>"
            mgmt.branding.templates.update_universal_login(template=page)
    tenant.load({part: OTHERS[part], "logStreams": []})
    first = tenant.export_configuration(tmp_path, layout=layout)
    lost = [line for line in missing(OTHERS[part], first[part]) if not line.endswith("##'")]
    assert lost == []
    again = FakeTenant()
    if part == "prompts":
        again.load(tenant.export())
    again.load(tmp_path)
    assert again.export_configuration()[part] == first[part]


def test_no_secret_is_exported(northwind: FakeTenant, tmp_path: Path) -> None:
    secrets = [MAPPINGS[name] for name in ("API_KEY", "SMTP_PASS", "LOG_TOKEN", "HOOK_TOKEN")]
    northwind.export_configuration(tmp_path, layout="yaml")
    northwind.export_configuration(tmp_path, layout="folder")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_text() for secret in secrets), path
            assert path.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    text = (tmp_path / "tenant.yaml").read_text()
    assert "##LOG_STREAMS_COLLECTOR_SINK_HTTP_AUTHORIZATION##" in text


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("a: ##NAME##-x", "a: value-x"),
        ("a: @@LIST@@", 'a: ["x", 1]'),
        ("a: '@@LIST@@'", 'a: ["x", 1]'),
        ('{"a": "@@NAME@@"}', '{"a": "value"}'),
        ("a: ##OTHER## @@OTHER@@", "a: ##OTHER## @@OTHER@@"),
    ],
)
def test_keywords_are_filled_in(text: str, filled: str) -> None:
    assert fill_in(text, {"NAME": "value", "LIST": ["x", 1]}) == filled


def test_keywords_are_put_back_for_whole_values() -> None:
    replaced = put_back({"NAME": "a-long-value", "SHORT": "x", "LIST": ["x", "y"]})
    assert replaced({"a": "a-long-value", "b": "x", "c": ["x", "y"], "d": "not a-long-value"}) == {
        "a": "##NAME##", "b": "x", "c": "@@LIST@@", "d": "not a-long-value",
    }  # fmt: skip


def test_keywords_come_from_the_environment_like_deploy_clis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tenant.yaml").write_text("tenant: {friendly_name: '##WHO##'}")
    monkeypatch.setenv("AUTH0_KEYWORD_REPLACE_MAPPINGS", '{"WHO": "Everybody"}')
    tenant = FakeTenant()
    tenant.load(tmp_path / "tenant.yaml")
    with tenant.management() as mgmt:
        assert mgmt.tenants.settings.get().friendly_name == "Everybody"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tennant: {}\nresourceServers: []",
            "no part of a configuration 'tennant'; did you mean 'tenant'",
        ),
        ("resourceServers: [{name: x}]", r"resourceServers\[0\]: identifier is missing"),
        (
            "databases: [{name: x, strategy: auth0, enabled_clients: [Nobody]}]",
            r"databases\[0\]: enabled_clients: there is no 'Nobody' among clients",
        ),
        (
            "tenant: {friendly_nam: x}",
            "tenant: there is no property 'friendly_nam'; did you mean 'friendly_name'",
        ),
        ("pages: [{name: login, html: ./nowhere.html}]", r"\./nowhere\.html: no such file"),
        ("pages: [{name: logon, html: x}]", "did you mean 'login'"),
        ("databases: {}", "databases: a list was expected"),
        ("tenant: [", r"tenant\.yaml:\d: "),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_place_and_changes_nothing(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "tenant.yaml").write_text(
        f"{text}\n" if text[-1:] == "[" else f"{text}\nlogStreams: []\n"
    )
    tenant = FakeTenant()
    before = tenant.snapshot()
    with pytest.raises(LoadError, match=message):
        tenant.load(tmp_path)
    assert tenant.snapshot() == before
    assert len(tenant.requests) == 0


def test_a_file_outside_of_the_configuration_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>private</p>")
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "tenant.yaml").write_text("pages: [{name: login, html: ../secret.html}]")
    with pytest.raises(LoadError, match=r"\.\./secret\.html: outside"):
        FakeTenant().load(folder)


# --- users ---------------------------------------------------------------------------------------

USERS = [
    {"user_id": "auth0|1", "email": "ada@example.com", "email_verified": True,
     "user_metadata": {"theme": "dark"}},
    {"user_id": "auth0|2", "email": "grace@example.com", "email_verified": False},
]  # fmt: skip


@pytest.mark.parametrize("kind", ["ndjson", "json", "csv"])
def test_users_are_loaded_from_export_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"users.{kind}"
    if kind == "ndjson":
        path.write_text("".join(json.dumps(user) + "\n" for user in USERS))
    elif kind == "json":
        path.write_text(json.dumps(USERS))
    else:
        path.write_text(
            "Id,Email,Email Verified,user_metadata.theme\n"
            'auth0|1,ada@example.com,true,dark\n"auth0|2",grace@example.com,false,\n'
        )
    tenant = FakeTenant()
    tenant.load(path)
    for user in USERS:
        assert list(missing(user, tenant.users[str(user["user_id"])].to_dict())) == []


def test_users_that_a_job_exported_are_loaded_again(tmp_path: Path) -> None:
    tenant = FakeTenant()
    tenant.load({"users": USERS})
    with tenant.management() as mgmt:
        job = mgmt.jobs.users_exports.create(format="json")
        mgmt.jobs.wait(str(job.id))
        path = tmp_path / "users.ndjson"
        path.write_bytes(mgmt.jobs.download(str(job.id)))
    again = FakeTenant()
    again.load(path)
    assert again.users.keys() == tenant.users.keys()


# --- from the command line, and deploy-cli itself ------------------------------------------------


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TenantServer]:
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path / "home"))
    options = ServerOptions(load=(NORTHWIND,), mappings=NORTHWIND / "mappings.json", tls=True)
    with TenantServer(options).start() as server:
        yield server


def test_a_served_tenant_is_exported_by_the_command(server: TenantServer, tmp_path: Path) -> None:
    target = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "auth0_mgmt_testing",
        "export",
        str(target),
        "--url",
        server.url,
    ]
    done = subprocess.run(
        [*command, "--format", "folder", "--mappings", str(NORTHWIND / "mappings.json")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"wrote {target}\n"
    assert json.loads((target / "clients" / "Web shop.json").read_text())["callbacks"] == (
        "@@SHOP_CALLBACKS@@"
    )
    assert (target / "actions" / "tag-login" / "code.js").is_file()
    assert not (target / "clients" / "Management client of the fake's server.json").exists()
    bad = subprocess.run(
        [*command, "--mappings", str(tmp_path / "nothing.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (bad.returncode, "nothing.json" in bad.stderr) == (2, True)


@pytest.mark.skipif(
    A0DEPLOY is None, reason="auth0-deploy-cli (a0deploy, or A0DEPLOY) is not installed"
)
def test_deploy_cli_reads_what_was_written_and_writes_what_was_read(
    server: TenantServer, tmp_path: Path
) -> None:
    assert A0DEPLOY is not None
    place = server.environment()
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(
            {
                "AUTH0_DOMAIN": server.app.url.removeprefix("https://"),
                "AUTH0_CLIENT_ID": place["AUTH0_CLIENT_ID"],
                "AUTH0_CLIENT_SECRET": place["AUTH0_CLIENT_SECRET"],
                "AUTH0_KEYWORD_REPLACE_MAPPINGS": MAPPINGS,
            }
        )
    )
    environment = {**os.environ, **server.environment()}

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [A0DEPLOY or "", *arguments, "-c", str(config)],
            capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2_000:]

    ours = server.tenant.export_configuration(tmp_path / "ours", mappings=MAPPINGS)
    server.tenant.reset()
    run("import", "-i", str(tmp_path / "ours" / "tenant.yaml"))
    theirs = server.tenant.export_configuration(mappings=MAPPINGS)
    different = [*missing(ours, theirs), *missing(theirs, ours)]
    own = "disable_self_service_change_password"  # which deploy-cli does not send
    assert [line for line in different if own not in line] == []
    run("export", "-f", "yaml", "-o", str(tmp_path / "theirs"))
    again = FakeTenant()
    again.load(tmp_path / "theirs", mappings=MAPPINGS)
