"""Arranging a tenant with values that make no sense: one tree of errors, and nothing half done."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant, LoadError, MissingDocumentError, StateError, TestingError
from auth0_mgmt_testing.setup.access import Collection, to_json

VALUES: list[Any] = [
    None, True, -1, 2**70, 1.5, "", "x", "x" * 3000, [], [None], ["x"], [{}], {}, {"a": 1},
    {"": None}, {"a": {"b": [None]}}, date(2020, 1, 1), datetime.min,
    math.nan, math.inf, "\ud800", "\x00", b"x", object(), {1, 2}, len,
]  # fmt: skip
BASE = FakeTenant()
OWNERS = {
    "users": BASE.users.add(email="ada@example.com").user_id,
    "organizations": BASE.organizations.add(name="acme").id,
    "clients": BASE.clients.add(name="app").client_id,
    "flows": BASE.flows.add(name="flow").id,
    "connections": BASE.connections.keys()[0],
}


def collection(tenant: FakeTenant, name: str) -> Collection[Any]:
    found: Collection[Any] = getattr(tenant, name)
    return found


def odd_documents(name: str) -> Iterator[tuple[str, Any]]:
    """Each field with a few of the values, each value with a few of the fields."""
    for number, field in enumerate(sorted(collection(BASE, name).fields())):
        for value in islice(VALUES * 2, number * 3 % len(VALUES), number * 3 % len(VALUES) + 3):
            yield field, value


def required(name: str) -> dict[str, Any]:
    found = collection(BASE, name)
    operation, parent = found._operation("create"), found._collection.parent
    given = dict.fromkeys(() if operation is None else operation.required, "x")
    return given if parent is None else {**given, parent.public: OWNERS.get(parent.table, "x")}


def ours(call: Callable[[], object]) -> bool:
    """Whether a call succeeds; that it fails in our way otherwise."""
    try:
        call()
    except TestingError:
        return False
    return True


@pytest.mark.parametrize("name", BASE.collection_names())
def test_odd_fields_are_refused_by_a_state_error_and_leave_nothing(name: str) -> None:
    fields, count = required(name), len(collection(BASE, name))
    for field, value in odd_documents(name):
        tenant = BASE.fork()
        documents = collection(tenant, name)
        if ours(lambda: documents.put({**fields, field: value})):  # noqa: B023
            assert len(list(documents)) == count + 1
        else:
            assert tenant.snapshot() == BASE.snapshot()
        for key in documents.keys()[:1]:
            before = tenant.snapshot()
            if not ours(lambda: documents.update(key, **{field: value})):  # noqa: B023
                assert tenant.snapshot() == before
            list(documents)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_odd_keys_and_documents_are_refused(value: Any) -> None:
    for name in BASE.collection_names():
        documents: Any = collection(BASE, name)
        assert value not in documents
        assert documents.get(value) is None
        for call in (documents.__getitem__, documents.__delitem__, documents.update):
            with pytest.raises(MissingDocumentError, match=f"{name} has no"):
                call(value)
        if not isinstance(value, dict):
            with pytest.raises(StateError, match="a mapping of fields was expected"):
                documents.put(value)


def test_a_missing_document_is_a_key_error_that_reads_well() -> None:
    with pytest.raises(KeyError) as caught:
        BASE.roles["rol_9"]
    assert str(caught.value) == "roles has no 'rol_9'"
    assert isinstance(caught.value, StateError)
    with pytest.raises(LookupError, match="no message to nobody"):
        BASE.mailbox.latest("nobody")


def test_what_does_not_fit_is_named_by_the_contract() -> None:
    tenant = FakeTenant()
    with pytest.raises(StateError, match=r"clients: .*on property jwt_configuration"):
        tenant.clients.add(name="app", jwt_configuration="RS256")  # type: ignore[arg-type]
    with pytest.raises(StateError, match=r"roles: a value of type bytes has no form in JSON"):
        tenant.roles.add(name=b"admin")  # type: ignore[arg-type]
    assert len(tenant.clients) == len(FakeTenant().clients)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_odd_log_ins_and_messages_are_refused(value: Any) -> None:
    tenant = BASE.fork()
    user = str(OWNERS["users"])
    for call in (
        lambda: tenant.log_in(value),
        lambda: tenant.log_in(user, client=value),
        lambda: tenant.log_in(user, audience=value),
        lambda: tenant.log_in(user, scope=value),
        lambda: tenant.log_in(user, organization=value),
        lambda: tenant.log_in(user, connection=value),
        lambda: tenant.log_in(user, ip=value),
        lambda: tenant.log_in(user, user_agent=value),
        lambda: tenant.fail_login(value),
        lambda: tenant.consent(user, value, "x", ["y"]),
        lambda: tenant.consent(user, str(OWNERS["clients"]), value, ["y"]),
        lambda: tenant.consent(user, str(OWNERS["clients"]), "x", value),
        lambda: tenant.connect_account(user, value),
        lambda: tenant.connect_account(user, "Username-Password-Authentication", value),
        lambda: tenant.redeem_ticket(value),
        lambda: tenant.enable_event_delivery(value),
        lambda: tenant.block(user, value),
        lambda: tenant.block_ip(value),
        lambda: tenant.publish_dns(value),
        lambda: tenant.decide_on_device(value),
        lambda: tenant.mailbox.latest(value),
        lambda: tenant.mailbox.latest(kind=value),
        lambda: tenant.mailbox.to(value),
    ):
        ours(call)


SOURCES: list[Any] = [
    {"users": [value]} for value in VALUES
] + [
    {"users": [{"email": "a@example.com", "roles": value}]} for value in VALUES
] + [
    {"tenants.settings": value} for value in VALUES
] + [
    {"users": value} for value in VALUES if value != []
] + [
    {"format": 1, "domain": "x", "tables": value} for value in VALUES
] + [
    {"format": 1, "domain": "x", "tables": {"users": value}} for value in VALUES
] + [
    {"format": 1, "domain": "x", "tables": {}, "counter": value} for value in VALUES
] + [
    {1: []}, {None: 1}, {"nope": []}, *(value for value in VALUES if not isinstance(value, dict)),
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_odd_sources_are_load_errors_or_go_in_whole(source: Any) -> None:
    tenant = BASE.fork()
    try:
        tenant.load(source)
    except LoadError:
        assert tenant.snapshot() == BASE.snapshot()


FILES = {
    "bomb.yaml": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{n}: &{n} [{','.join([f'*{p}'] * 10)}]\n"
        for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "circle.yaml": "users: &u\n  - *u\n",
    "deep.yaml": "users: " + "[" * 3000 + "]" * 3000,
    "deep.json": "[" * 200_000,
    "digits.json": '{"users": ' + "9" * 5000 + "}",
    "date.yaml": "users: 2020-99-99\n",
    "tag.yaml": "users: !!python/object:os.system {}\n",
    "bytes.yaml": "users: [{email: !!binary aGk=}]\n",
    "keys.yaml": "? [a]\n: 1\n",
    "empty.json": "",
    "number.json": "7",
    "list.json": "[7]",
    "identities.ndjson": '{"email": 7, "identities": [7]}',
    "broken.ndjson": "{}\n{",
    "deep.ndjson": "[" * 200_000,
    "columns.csv": "a,a.b\n1,2\n",
    "nan.json": '{"users": [{"email": "a@example.com", "logins_count": NaN}]}',
}


@pytest.mark.parametrize("name", FILES)
def test_odd_files_are_load_errors_that_name_them(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(FILES[name])
    with pytest.raises(LoadError, match=name):
        FakeTenant().load(path)


def test_values_of_classes_below_those_of_json_are_values() -> None:
    class Text(str):
        __slots__ = ()

    class Number(int):
        __slots__ = ()

    assert [type(to_json(value)) for value in (Text("a"), Number(1))] == [str, int]
    circle: dict[str, Any] = {}
    circle["self"] = circle
    with pytest.raises(StateError, match="contains itself"):
        to_json(circle)
