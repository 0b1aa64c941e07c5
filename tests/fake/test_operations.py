"""All operations of the contract: each is answered, and what each refuses.

``pytest -v`` of this file lists them by kind: ``own`` (a verb or a view with a function for it),
``generic`` (the shared behaviour of a collection, settings or a relation), ``unsupported`` (501).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from typer.testing import CliRunner

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt_testing import FakeTenant, contract
from auth0_mgmt_testing._registry import operation_support
from auth0_mgmt_testing.cli import application
from auth0_mgmt_testing.engine.registry import OperationSupport
from auth0_mgmt_testing.engine.validation import compiled

from .conftest import BEARER
from .samples import sample

ROWS = operation_support()
JSON = {**BEARER, "content-type": "application/json"}


def name(value: object) -> str | None:
    """How a test names its case: by kind and operation."""
    if isinstance(value, OperationSupport):
        return f"{value.group}-{value.kind}-{value.operation.name}"
    return value.name if isinstance(value, Operation) else None


every_operation = pytest.mark.parametrize("row", [found.operation for found in ROWS], ids=name)


def rules(row: Operation[Any]) -> contract.Schema:
    found = contract.of_operation(row.id).operation(row.id)
    assert found is not None
    return found


def body_of(row: Operation[Any]) -> Any:
    """A body with what the operation requires; None where it takes none."""
    schema = rules(row).get("body")
    return None if schema is None else sample(contract.of_operation(row.id), schema)


PLAUSIBLE = {
    "sort": "name:1",
    "q": "name:x",
    "identifier": "a@b.co",
    "from_timestamp": "2026-01-01T00:00:00Z",
    "date_from": "2026-01-01T00:00:00Z",
    "date_to": "2030-01-01T00:00:00Z",
}
"""Values of parameters that the contract calls mere texts."""


def plausible(row: Operation[Any], key: str) -> Any:
    family, schema = contract.of_operation(row.id), rules(row)["query"][key]
    if key in PLAUSIBLE and compiled(family.whole(schema)).is_valid(PLAUSIBLE[key]):
        return PLAUSIBLE[key]
    return sample(family, schema)


def query_of(row: Operation[Any]) -> dict[str, Any]:
    """The query parameters that the operation requires."""
    return {key: plausible(row, key) for key in rules(row).get("query_required", ())}


def path_of(row: Operation[Any], **known: str) -> str:
    """The path with the keys given, or with well-formed ones that nobody has."""
    family = contract.of_operation(row.id)
    path = "/api/v2" + row.path
    for key, schema in rules(row).get("path", {}).items():
        path = path.replace(f"{{{key}}}", quote(known.get(key) or sample(family, schema), safe=""))
    return path


def ask(tenant: FakeTenant, row: Operation[Any], target: str, body: Any = None) -> Any:
    headers, content = JSON, b"" if body is None else json.dumps(body).encode()
    if row.body_kind == "multipart":
        given: dict[str, Any] = body or {}
        parts = "".join(
            f'--x\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in given.items()
        )
        headers = {**JSON, "content-type": "multipart/form-data; boundary=x"}
        content = f"{parts}--x--\r\n".encode()
    return tenant.send(row.method, target, headers, content)


def target(path: str, query: dict[str, Any]) -> str:
    texts = {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in query.items()
    }
    return f"{path}?{urlencode(texts, doseq=True)}" if query else path


# --- every operation is answered -----------------------------------------------------------------


@pytest.mark.parametrize("found", ROWS, ids=name)
def test_an_operation_has_a_behaviour(found: OperationSupport) -> None:
    assert found.kind != "unsupported", found.reason


# --- who may ask ---------------------------------------------------------------------------------


@every_operation
def test_a_request_without_a_token_is_refused(row: Operation[Any]) -> None:
    answer = FakeTenant().send(row.method, path_of(row), {})
    assert (answer.status, answer.json()["message"]) == (401, "Missing authentication")


@pytest.fixture(scope="module")
def tokens() -> tuple[FakeTenant, dict[str, str]]:
    """A tenant with tokens of it, each with the one scope that it is named after."""
    tenant = FakeTenant()
    mgmt = tenant.management()
    found: dict[str, str] = {}
    for scope in ("read:users", "read:hooks"):
        client = mgmt.clients.create(name=scope, app_type="non_interactive")
        audience = f"https://{tenant.domain}/api/v2/"
        mgmt.client_grants.create(client_id=client.client_id, audience=audience, scope=[scope])
        form = {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "audience": audience,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = tenant.send("POST", "/oauth/token", headers, urlencode(form).encode())
        found[scope] = answer.json()["access_token"]
    return tenant, found


@every_operation
def test_a_token_without_the_scope_is_refused(
    row: Operation[Any], tokens: tuple[FakeTenant, dict[str, str]]
) -> None:
    tenant, known = tokens
    token = known["read:hooks" if "read:users" in row.scopes else "read:users"]
    answer = tenant.send(row.method, path_of(row), {"authorization": f"Bearer {token}"})
    assert (answer.status, answer.json()["errorCode"]) == (403, "insufficient_scope")
    assert all(scope in answer.json()["message"] for scope in row.scopes)


# --- what is not there ---------------------------------------------------------------------------

NAMES_A_PLACE = frozenset(
    ("triggerId", "templateName", "name", "prompt", "screen", "language", "factor_name", "key")
)
"""Path parameters that name a place which always is there (or is made by writing to it)."""
ANSWERS_ALL_THE_SAME = {"get_logs_by_user", "user_revoke_access", "delete_log-streams_by_id"}
"""A user who never was has no logs and no access, for all the contract knows; live tenants delete
a log stream that is not there."""


def expects(row: Operation[Any]) -> set[int]:
    """The statuses that an id which nobody has may lead to."""
    undocumented = 404 not in row.error_statuses and row.method == "DELETE"
    if undocumented or row.id in ANSWERS_ALL_THE_SAME:
        return {404, *row.success_statuses}
    return {404}


@pytest.mark.parametrize(
    "row",
    [
        found.operation
        for found in ROWS
        if set(rules(found.operation).get("path", ())) - NAMES_A_PLACE
    ],
    ids=name,
)
def test_an_id_that_nobody_has_is_answered_as_documented(row: Operation[Any]) -> None:
    answer = ask(FakeTenant(), row, target(path_of(row), query_of(row)), body_of(row))
    malformed = answer.status == 400 and answer.json()["errorCode"] == "invalid_uri"
    assert malformed or answer.status in expects(row), answer.body


@every_operation
def test_no_request_that_fits_the_contract_breaks_the_fake(
    row: Operation[Any], arranged: tuple[FakeTenant, dict[str, str]]
) -> None:
    tenant, keys = arranged[0].fork(), arranged[1]
    body = body_of(row)
    for content in [body] if rules(row).get("body_required") else [body, None]:
        answer = ask(
            tenant, row, target(path_of(row, **keys_for(row, keys)), query_of(row)), content
        )
        assert answer.status < 500, answer.body


# --- what is asked of lists ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def arranged() -> tuple[FakeTenant, dict[str, str]]:
    """A tenant with one of nearly everything, and its keys by the place in a path."""
    tenant = FakeTenant(unsupported_parameters="error")
    keys: dict[str, str] = {}

    def add(operation: str, key: str = "id", **given: Any) -> str:
        row = next(f.operation for f in ROWS if f.operation.name == operation)
        body: dict[str, Any] = {**(body_of(row) or {}), **given}
        answer = ask(tenant, row, path_of(row, **keys_for(row, keys)), body)
        assert answer.status < 300, answer.body
        shown: dict[str, Any] = answer.json() or {}
        return keys.setdefault(row.path.strip("/"), shown.get(key, ""))

    database = "Username-Password-Authentication"
    keys["user_id"] = user = add(
        "users.create", "user_id", connection=database, email="a@b.co", password="Pa55-word-!"
    )
    keys["user-blocks"] = user
    keys["role_id"] = role = add("roles.create")
    add("organizations.create")
    add("organization_templates.create")
    client = add(
        "clients.create",
        "client_id",
        app_type="non_interactive",
        organization_usage="allow",
        initiate_login_uri="https://app.example.com/login",
    )
    add("resource_servers.create", identifier="urn:api", scopes=[{"value": "do:it"}])
    add("client_grants.create", client_id=client, audience="urn:api", scope=["do:it"])
    google = {"client_id": "x", "domain": "acme.example"}
    connection = add("connections.create", strategy="google-apps", options=google)
    add("connections.directory_provisioning.create")
    add("actions.create", supported_triggers=[{"id": "post-login", "version": "v3"}])
    add("emails.provider.create", name="smtp", credentials={"smtp_host": "localhost"})
    for family in ("actions.modules", "event_streams", "flows", "forms", "hooks", "rules"):
        add(f"{family}.create")
    add("organizations.members.create", members=[user])
    add("organizations.members.roles.assign", roles=[role])
    keys["invitation_id"] = add("organizations.invitations.create", client_id=client)
    keys["execution_id"] = tenant.flow_executions.add(flow_id=keys["flows"]).id or ""
    group = tenant.groups.add(name="group", connection_id=connection)
    keys |= {"groups": group.id or "", "group_id": group.id or "", "triggerId": "post-login"}
    return tenant, keys


def keys_for(row: Operation[Any], keys: dict[str, str]) -> dict[str, str]:
    """The keys for a path: those of its own parameters, else of the collection it begins with."""
    known = {key: keys[key] for key in rules(row).get("path", ()) if key in keys}
    before, _, after = row.path.partition("/{")
    before, first = before.strip("/"), after.partition("}")[0]
    return {first: keys[before], **known} if before in keys else known


def acted_on() -> Iterator[Any]:
    for found in ROWS:
        row = found.operation
        if row.method == "GET":
            for key in rules(row).get("query", ()):
                yield pytest.param(row, key, id=f"{row.name}-{key}")


@pytest.mark.parametrize(("row", "key"), list(acted_on()))
def test_a_parameter_is_acted_on(
    row: Operation[Any], key: str, arranged: tuple[FakeTenant, dict[str, str]]
) -> None:
    """In strict mode the tenant raises where a parameter that was given did nothing."""
    tenant, keys = arranged
    query = {**query_of(row), key: plausible(row, key)}
    there = {"user_id": keys["user_id"], "client_id": keys["clients"]}
    query |= {name: there[name] for name in query if name in there}
    answer = ask(tenant, row, target(path_of(row, **keys_for(row, keys)), query))
    refused = answer.status == 400 and "Invalid 'from' parameter." in answer.json()["message"]
    assert answer.status == 200 or (key == "from" and refused), answer.body


# --- bodies --------------------------------------------------------------------------------------


def closed(row: Operation[Any]) -> bool:
    """Whether the contract allows no other properties than those it names."""
    schema = rules(row).get("body")
    if schema is None:
        return False
    resolved = contract.of_operation(row.id).resolve(schema)
    return resolved.get("additionalProperties") is False and "properties" in resolved


def takes(row: Operation[Any], body: Any) -> bool:
    """Whether the contract has nothing against a body of JSON."""
    schema = rules(row).get("body")
    if schema is None or row.body_kind == "multipart":
        return True
    return compiled(contract.of_operation(row.id).whole(schema)).is_valid(body)


@pytest.mark.parametrize(
    "row", [found.operation for found in ROWS if closed(found.operation)], ids=name
)
def test_a_property_that_the_contract_does_not_know_is_refused(row: Operation[Any]) -> None:
    body: dict[str, Any] = {**(body_of(row) or {}), "no_such_property": 1}
    answer = ask(FakeTenant(), row, target(path_of(row), query_of(row)), body)
    assert answer.status == 400
    assert "Additional properties not allowed: no_such_property" in answer.json()["message"]


@pytest.mark.parametrize(
    "row", [found.operation for found in ROWS if not takes(found.operation, 1)], ids=name
)
def test_a_body_of_the_wrong_type_is_refused(row: Operation[Any]) -> None:
    answer = ask(FakeTenant(), row, target(path_of(row), query_of(row)), 1)
    assert (answer.status, answer.json()["errorCode"]) == (400, "invalid_body")


# --- the same table on the command line ----------------------------------------------------------


# --- what is malformed ---------------------------------------------------------------------------


FORM = re.compile(r"(Payload|Query|Path) validation error: '.+'( on property .+)?\.", re.DOTALL)
"""How live tenants say where a request does not fit."""


def malformed_queries(row: Operation[Any]) -> Iterator[tuple[str, Any]]:
    """Query parameters with values that the contract does not allow."""
    family = contract.of_operation(row.id)
    for key, declared in rules(row).get("query", {}).items():
        schema = family.resolve(declared)
        wrong: list[Any] = []
        if schema.get("type") == "integer":
            wrong += ["abc", "1.5", ""]
            wrong += [schema["minimum"] - 1] if "minimum" in schema else []
            wrong += [schema["maximum"] + 1] if "maximum" in schema else []
        if schema.get("type") == "boolean":
            wrong += ["maybe", "1", ""]
        if "enum" in schema:
            wrong.append("zzz")
        if "maxLength" in schema:
            wrong.append("x" * (schema["maxLength"] + 1))
        yield from ((key, value) for value in wrong)


@pytest.mark.parametrize(
    "row", [found.operation for found in ROWS if found.operation.method == "GET"], ids=name
)
def test_malformed_query_parameters_are_refused_in_the_apis_form(
    row: Operation[Any], arranged: tuple[FakeTenant, dict[str, str]]
) -> None:
    path, query = path_of(row, **keys_for(row, arranged[1])), query_of(row)
    for key, value in [*malformed_queries(row), ("zzz", "1")]:
        answer = ask(arranged[0], row, target(path, {**query, key: value}))
        assert answer.status == 400, (key, value, answer.body)
        problem = answer.json()
        assert FORM.fullmatch(problem["message"]), problem
        assert problem["errorCode"] == "invalid_query_string"


def malformed_bodies(row: Operation[Any]) -> Iterator[Any]:
    """Bodies with one member that the contract does not allow, or without a required one."""
    family, given = contract.of_operation(row.id), body_of(row)
    if not is_object(given):
        return
    schema = family.resolve(rules(row)["body"])
    for key in schema.get("required", ()):
        yield {name: value for name, value in given.items() if name != key}
    for key, declared in schema.get("properties", {}).items():
        found = family.resolve(declared)
        if isinstance(found.get("type"), str):
            yield {**given, key: 1 if found["type"] == "string" else "x"}
        if "enum" in found:
            yield {**given, key: "zzz"}
        if "maxLength" in found:
            yield {**given, key: "x" * (found["maxLength"] + 1)}
        if found.get("minItems"):
            yield {**given, key: []}


@pytest.mark.parametrize(
    "row", [found.operation for found in ROWS if found.operation.body_kind == "object"], ids=name
)
def test_malformed_bodies_are_refused_in_the_apis_form(
    row: Operation[Any], arranged: tuple[FakeTenant, dict[str, str]]
) -> None:
    path = target(path_of(row, **keys_for(row, arranged[1])), query_of(row))
    for body in malformed_bodies(row):
        answer = ask(arranged[0], row, path, body)
        assert answer.status == 400, (body, answer.body)
        problem = answer.json()
        assert FORM.fullmatch(problem["message"]), (body, problem)
        assert problem["errorCode"] == "invalid_body"
    for raw in (b'{"a":', b"["):
        answer = arranged[0].send(row.method, path, JSON, raw)
        assert (answer.status, answer.json()["message"], answer.json()["errorCode"]) == (
            400,
            "Invalid request payload JSON format",
            "invalid_body",
        )


def test_the_command_prints_the_table() -> None:
    runner = CliRunner()
    printed = runner.invoke(application(), ["operations"]).stdout.splitlines()
    assert len(printed) == len(ROWS) + 1
    assert printed[-1].startswith(f"{len(ROWS)} operations: ")
    assert printed[-1].endswith(" 0 unsupported")
    as_json = json.loads(runner.invoke(application(), ["operations", "--json"]).stdout)
    assert [row["id"] for row in as_json] == [found.operation.id for found in ROWS]
    assert {row["group"] for row in as_json} == {"own", "generic"}
    places = {row["name"]: row["place"] for row in as_json}
    assert places["roles.list"] == "resources.roles"
    module, _, line = places["users.update"].partition(":")
    source = inspect.getsource(import_module(f"auth0_mgmt_testing.{module}")).splitlines()
    assert 'family.operation("users.update"' in source[int(line) - 1]
    assert any(row.split() == ["generic", "collection", "roles.list", "GET", "/roles",
                               "resources.roles"] for row in printed)  # fmt: skip
