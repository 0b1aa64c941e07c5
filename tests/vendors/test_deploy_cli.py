"""npm `auth0-deploy-cli`: export, import into another tenant, export again: the same.

The tool's package does not ship the configurations of its own tests: `large_configuration` makes one
with some of every kind of resource that it deploys.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from auth0_mgmt import ClientCredentials, Management
from auth0_mgmt._json import is_object
from auth0_mgmt_testing import FakeTenant, RemoteTenant

from .conftest import Served, need_node, run_node, serving
from .large_configuration import DOMAIN, SECRETS, write_large_configuration

Format = Literal["yaml", "directory"]
CODE = "exports.onExecutePostLogin = async (event, api) => {};"


@pytest.fixture
def command() -> Path:
    return need_node("auth0-deploy-cli") / "lib" / "index.js"


@pytest.fixture
def mgmt(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    monkeypatch.setenv("SSL_CERT_FILE", served.ca_bundle)
    credentials = ClientCredentials(served.client_id, served.client_secret)
    with Management(served.domain, auth=credentials) as client:
        yield client


def fill(mgmt: Management) -> None:
    """A tenant with something of everything that the tool deploys."""
    for number in range(5):
        mgmt.roles.create(name=f"role {number}", description=f"number {number}")
        mgmt.clients.create(
            name=f"app {number}",
            app_type=("spa", "native", "regular_web", "non_interactive", "spa")[number],
            callbacks=[f"https://app{number}.example.com/callback"],
            allowed_logout_urls=[f"https://app{number}.example.com"],
        )
        mgmt.organizations.create(name=f"org-{number}", display_name=f"Organization {number}")
        mgmt.resource_servers.create(
            identifier=f"https://api{number}.example.com",
            name=f"API {number}",
            scopes=[{"value": "read:things", "description": "Read things"}],
        )
        action = mgmt.actions.create(
            name=f"action {number}",
            supported_triggers=[{"id": "post-login", "version": "v3"}],
            code=CODE,
        )
        assert action.id is not None
        mgmt.actions.deploy(action.id)
    mgmt.connections.create(
        name="customers",
        strategy="auth0",
        # The tool writes this default itself.
        options={"passwordPolicy": "good", "disable_self_service_change_password": False},
    )
    mgmt.connections.create(
        name="google", strategy="google-oauth2", options={"email": True, "profile": True}
    )
    for template in ("verify_email", "welcome_email"):
        mgmt.email_templates.create(
            template=template,
            body="<html>Hello</html>",
            from_="hello@example.com",
            subject="Hello",
            syntax="liquid",
            enabled=True,
        )
    mgmt.tenants.settings.update(friendly_name="Exported", support_email="help@example.com")
    mgmt.branding.update(colors={"primary": "#123456", "page_background": "#ffffff"})
    mgmt.attack_protection.brute_force_protection.update(enabled=True, max_attempts=7)
    mgmt.prompts.update_settings(identifier_first=True)


def deploy(
    served: Served, command: Path, folder: Path, verb: str, *arguments: str, **config: Any
) -> None:
    settings = {
        "AUTH0_DOMAIN": served.domain,
        "AUTH0_CLIENT_ID": served.client_id,
        "AUTH0_CLIENT_SECRET": served.client_secret,
        "AUTH0_ALLOW_DELETE": False,
        **config,
    }
    path = folder / "config.json"
    path.write_text(json.dumps(settings))
    run_node(served, command, verb, "-c", str(path), *arguments)


def export(served: Served, command: Path, folder: Path, form: Format) -> dict[str, Any]:
    """What the tool exports: file by file, YAML and JSON decoded."""
    folder.mkdir()
    out = folder / "out"
    deploy(served, command, folder, "export", "-f", form, "-o", str(out))
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            text = path.read_text().replace(served.domain, "DOMAIN")
            decoded = yaml.safe_load(text) if path.suffix in (".yaml", ".json") else text
            found[str(path.relative_to(out))] = decoded
    return found


def source(folder: Path, form: Format) -> str:
    return str(folder / "out" / "tenant.yaml" if form == "yaml" else folder / "out")


@pytest.fixture
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("second")) as other:
        yield other


@pytest.mark.parametrize("form", ["yaml", "directory"])
def test_what_was_exported_is_imported_and_exported_alike(
    served: Served,
    second: Served,
    mgmt: Management,
    command: Path,
    tmp_path: Path,
    form: Format,
) -> None:
    fill(mgmt)
    first = export(served, command, tmp_path / "first", form)
    assert "action 4" in json.dumps(first)
    assert "org-4" in json.dumps(first)
    deploy(second, command, tmp_path, "import", "-i", source(tmp_path / "first", form))
    assert export(second, command, tmp_path / "second", form) == first


def test_what_the_source_lacks_is_deleted_only_where_that_is_allowed(
    served: Served, mgmt: Management, command: Path, tmp_path: Path
) -> None:
    mgmt.roles.create(name="kept")
    export(served, command, tmp_path / "first", "yaml")
    mgmt.roles.create(name="extra")
    mgmt.organizations.create(name="extra-org")

    def names_after_import(allowed: bool) -> set[str]:
        arguments = ("import", "-i", source(tmp_path / "first", "yaml"))
        deploy(served, command, tmp_path, *arguments, AUTH0_ALLOW_DELETE=allowed)
        roles = {role.name for role in mgmt.roles.list()}
        return roles | {each.name for each in mgmt.organizations.list()}

    assert names_after_import(False) == {"kept", "extra", "extra-org"}
    assert names_after_import(True) == {"kept"}


# --- a large configuration -----------------------------------------------------------------------

ALWAYS_SENT = {
    "actions.deploy",
    "actions.modules.update",
    "roles.permissions.add",
    "roles.permissions.delete",
}
"""What the tool does on each import that is no update of what is there."""
NEVER_EXPORTED = {"guardianFactorProviders"}
"""The tool looks for them in a member that its client's responses do not have."""
KEPT_OF_TIME = {"action_executions", "action_versions", "log_deliveries", "logs", "_tokens"}
"""What grows with each deployment and each request."""
BOUND_AGAIN = "action_bindings"
TIMES = ("updated_at", "updated_on", "updatedAt", "deployed_at", "built_at")


@pytest.fixture
def tenant(served: Served) -> Iterator[RemoteTenant]:
    verify = ssl.create_default_context(cafile=served.ca_file)
    with FakeTenant.connect(served.url, verify=verify) as control:
        control.custom_domains.add(
            domain=DOMAIN, type="auth0_managed_certs", verification_method="txt", status="ready"
        )
        yield control


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Where two documents differ, but for the times of changes."""
    if is_object(before) and is_object(after):
        for name in {*before, *after} - {*TIMES}:
            yield from differences(before.get(name), after.get(name), f"{place}.{name}")
    elif before != after:
        yield f"{place}: {before!r} became {after!r}"


@pytest.mark.parametrize("form", ["yaml", "directory"])
def test_importing_an_export_of_a_large_configuration_changes_nothing(
    served: Served, tenant: RemoteTenant, command: Path, tmp_path: Path, form: Format
) -> None:
    given = write_large_configuration(tmp_path / "large")
    deploy(served, command, tmp_path, "import", "-i", str(given))
    first = export(served, command, tmp_path / "first", form)
    if form == "yaml":
        kinds = yaml.safe_load(given.read_text())
        exported = {kind for kind, value in first["tenant.yaml"].items() if value}
        assert {*kinds} - exported == NEVER_EXPORTED

    before = tenant.snapshot()
    tenant.requests.clear()
    again = ("import", "-i", source(tmp_path / "first", form))
    allowed = form == "directory"  # nothing is there that could be deleted
    filled: dict[str, Any] = {
        "AUTH0_KEYWORD_REPLACE_MAPPINGS": SECRETS,
        "AUTH0_ALLOW_DELETE": allowed,
    }
    deploy(served, command, tmp_path, *again, **filled)

    sent = [request for request in tenant.requests if request.method in ("POST", "DELETE")]
    assert {str(request.operation) for request in sent} - {"oauth.token"} <= ALWAYS_SENT
    failed = [str(request) for request in tenant.requests if request.status >= 400]
    assert failed == []
    changes = tenant.changes_since(before)
    created = {table: len(documents) for table, documents in changes.created.items()}
    deleted = {table: len(documents) for table, documents in changes.deleted.items()}
    assert created.pop(BOUND_AGAIN) == deleted.pop(BOUND_AGAIN)
    assert {*created} <= KEPT_OF_TIME
    assert deleted == {}
    changed = [
        f"{table} {key}{line}"
        for table, documents in changes.updated.items()
        for key, (old, new) in documents.items()
        for line in differences(old, new)
        if table
        != "settings"  # defaults that were exported are kept as given; the export is the same
    ]
    assert changed == []
    assert export(served, command, tmp_path / "second", form) == first


EXTRA: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "roles": ("/roles", {"name": "Extra"}),
    "clients": ("/clients", {"name": "Extra"}),
    "resourceServers": ("/resource-servers", {"name": "Extra", "identifier": "urn:extra"}),
    "connections": ("/connections", {"name": "extra", "strategy": "google-oauth2"}),
    "databases": ("/connections", {"name": "extra-database", "strategy": "auth0"}),
    "organizations": ("/organizations", {"name": "extra"}),
    "actions": (
        "/actions/actions",
        {
            "name": "extra",
            "code": CODE,
            "supported_triggers": [{"id": "post-login", "version": "v3"}],
        },
    ),
    "logStreams": (
        "/log-streams",
        {"name": "extra", "type": "http", "sink": {"httpEndpoint": "https://x.example.com"}},
    ),
    "flows": ("/flows", {"name": "extra"}),
    "forms": ("/forms", {"name": "extra", "languages": {"primary": "en"}}),
    "networkACLs": (
        "/network-acls",
        {
            "description": "extra",
            "active": False,
            "priority": 9,
            "rule": {
                "action": {"block": True},
                "scope": "tenant",
                "match": {"ipv4_cidrs": ["198.51.100.9/32"]},
            },
        },
    ),
    "selfServiceProfiles": ("/self-service-profiles", {"name": "extra"}),
    "connectionProfiles": ("/connection-profiles", {"name": "extra"}),
    "customDomains": (
        "/custom-domains",
        {"domain": "extra.example.com", "type": "auth0_managed_certs"},
    ),
}
"""A further document of each kind: what creates it."""


def test_what_a_large_configuration_lacks_is_deleted_only_where_that_is_allowed(
    served: Served, tenant: RemoteTenant, mgmt: Management, command: Path, tmp_path: Path
) -> None:
    given = write_large_configuration(tmp_path / "large", size=2)
    deploy(served, command, tmp_path, "import", "-i", str(given))
    made: dict[str, str] = {}
    for kind, (path, body) in EXTRA.items():
        document = mgmt.request("POST", path, json=body)
        names = ("client_id", "custom_domain_id", "id")
        made[kind] = path + "/" + next(document[name] for name in names if name in document)

    def left_after_import(allowed: bool) -> set[str]:
        arguments = ("import", "-i", str(given))
        deploy(served, command, tmp_path, *arguments, AUTH0_ALLOW_DELETE=allowed)
        bearer = {"authorization": "Bearer any"}
        return {
            kind
            for kind, path in made.items()
            if tenant.send("GET", f"/api/v2{path}", bearer).status == 200
        }

    assert left_after_import(False) == {*EXTRA}
    assert left_after_import(True) == set()
