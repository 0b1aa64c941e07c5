"""The generator: deterministic, checked, and true to the contract."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import auth0_mgmt.params as params
from auth0_mgmt import Management
from auth0_mgmt.resources import FAMILIES, operations
from tools.generate import __main__ as generator
from tools.generate.names import field_name, model_name, pascal, snake

OPENAPI = Path(__file__).resolve().parents[3] / "shared" / "openapi" / "management-api.json"
needs_contract = pytest.mark.skipif(
    not OPENAPI.is_file(), reason="the OpenAPI document is not at hand beside the project"
)


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("clientGrants", "client_grants"),
        ("networkAcls", "network_acls"),
        ("listUsersByEmail", "list_users_by_email"),
        ("bot-detection", "bot_detection"),
        ("templateName", "template_name"),
    ],
)
def test_names_become_snake_case(name: str, python: str) -> None:
    assert snake(name) == python


def test_what_is_created_read_and_updated_is_one_model() -> None:
    refs = ("CreateClientResponseContent", "GetClientResponseContent", "Client")
    assert {model_name(ref) for ref in refs} == {"Client"}
    assert model_name("ConnectionForList") == "Connection"
    assert model_name("UserResponseSchema") == "User"
    assert pascal("users", "effective_roles") == "UsersEffectiveRoles"


def test_a_field_never_shadows_a_builtin_a_keyword_or_the_models_own_names() -> None:
    for name in ("list", "from", "get", "to_dict", "model_fields", "schema", "str", "copy"):
        assert field_name(name) == f"{name}_"
    assert field_name("profileData") == "profile_data"
    assert field_name("id") == "id"


def test_every_keyword_of_a_caller_is_a_name_in_its_row() -> None:
    checked = 0
    for family in FAMILIES:
        module = import_module(f"{params.__name__}.{family}")
        for row in operations():
            if not row.name.startswith(f"{family}."):
                continue
            typed = getattr(module, pascal(*row.name.split(".")), None)
            if typed is None:
                continue
            names = {name.removesuffix("_") for name in typed.__annotations__}
            assert names == {n.removesuffix("_") for n in (*row.query, *(row.body or ()))}, row.id
            required = {n for n, a in typed.__annotations__.items() if "Required[" in repr(a)}
            assert {n.removesuffix("_") for n in required} == set(row.required), row.id
            checked += 1
    assert checked > 250


def test_connection_options_are_typed_for_each_strategy() -> None:
    options = import_module(f"{params.__name__}.connection_options")
    names = {name for name in vars(options) if name.startswith("ConnectionOptions")}
    assert {"ConnectionOptionsAuth0", "ConnectionOptionsOIDC", "ConnectionOptionsSAML"} <= names
    assert len(names) > 50


def test_generated_files_say_so_and_hand_written_ones_do_not() -> None:
    package = Path(params.__file__).parents[1]
    for path in package.rglob("*.py"):
        generated = path.parent.name in ("models", "params", "resources") and path.name not in (
            "_base.py",
        )
        if path.parent.name in ("models", "params") and path.name == "__init__.py":
            generated = False
        assert path.read_text().startswith(generator.HEADER) == generated, path
    assert len(list(iter_modules(params.__path__))) == len(FAMILIES) + 1


@needs_contract
def test_two_runs_write_the_same_and_a_check_catches_an_edit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--openapi", str(OPENAPI), "--root", str(tmp_path)]
    assert generator.main(common) == 0
    assert generator.main([*common, "--check"]) == 0
    edited = tmp_path / "auth0_mgmt/models/roles.py"
    edited.write_text(edited.read_text() + "\n# by hand\n")
    stale = tmp_path / "auth0_mgmt/resources/gone.py"
    shutil.copy(tmp_path / "auth0_mgmt/resources/roles.py", stale)
    capsys.readouterr()
    assert generator.main([*common, "--check"]) == 1
    printed = capsys.readouterr().out
    assert re.findall(r"differs: (\S+)", printed) == [
        "auth0_mgmt/models/roles.py",
        "auth0_mgmt/resources/gone.py",
    ]
    assert generator.main(common) == 0
    assert not stale.exists()


def test_a_document_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        generator.main(["--openapi", "nowhere.json"])
    assert "nowhere.json is not a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("roles.create", "Create a role."),
        ("roles.get", "Get a role."),
        ("roles.list", "List the roles."),
        ("roles.permissions.add", "Add permissions to a role."),
        ("users.roles.assign", "Assign roles to a user."),
        ("roles.permissions.delete", "Remove permissions from a role."),
        ("organizations.members.list", "List the members of an organization."),
        ("branding.get", "Get the branding."),
    ],
)
def test_a_docstring_begins_with_what_the_operation_does(name: str, begins: str) -> None:
    assert docstring(name).startswith(f"{begins} ")
    assert "Returns: " in docstring(name)
    assert "Raises: APIStatusError for" in docstring(name)


def docstring(name: str) -> str:
    """The docstring of a client's method, as one line."""
    here: object = Management("t.auth0.com", "x")
    for part in name.split("."):
        here = getattr(here, part)
    return " ".join(str(here.__doc__).split())


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("roles.create", "Parameters: name (str, required); description (str);"),
        ("roles.create", "Returns: Role (status 200)."),
        ("roles.get", "Parameters: id (str, required)."),
        ("users.list", "per_page (int, 0-100);"),
        ("users.list", "Returns: Page[User] (status 200)."),
        ("users.delete", "Returns: None (status 204)."),
        ("connections.update", "options (AnyConnectionOptions);"),
        ("connections.update", "display_name (str, at most 128 characters);"),
        (
            "connections.clients.update",
            "body (Sequence[ConnectionsClientsUpdateBodyItem], required",
        ),
        ("clients.search", "default 50"),
        ("logs.list", "q (str)."),
    ],
)
def test_a_docstring_names_ids_types_limits_defaults_and_the_returned_model(
    name: str, part: str
) -> None:
    assert part in docstring(name)
