"""npm `auth0-deploy-cli`: export, import into another tenant, export again: the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from auth0_mgmt import ClientCredentials, Management

from .conftest import Served, need_node, run_node, serving

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
