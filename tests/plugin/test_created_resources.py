"""What a live run may change: what it created itself, told from the tenant's own answers."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing.live.created_resources import CreatedResources, creates

ROWS = {row.name: row for row in operations()}
CREATING = [row for row in ROWS.values() if creates(row) and row.response_model]


def answer_to(row: Operation[Any]) -> dict[str, str]:
    """An answer that has every field of the contract; each one's value is its own name."""
    family, _, name = str(row.response_model).partition(".")
    model = getattr(import_module(f"auth0_mgmt.models.{family}"), name)
    names = [field.alias or key for key, field in model.model_fields.items()]
    return {name: name for name in names}


@pytest.mark.parametrize("row", CREATING, ids=lambda row: row.name)
def test_every_creation_tells_by_one_field_what_belongs_to_the_run(row: Operation[Any]) -> None:
    created = CreatedResources()
    answer = answer_to(row)
    created.record(row, 201, json.dumps(answer).encode())
    delete = ROWS["roles.delete"]
    ours = [value for value in answer.values() if created.allows(delete, {"id": value}, {})]
    assert len(ours) == 1


def test_what_a_refused_request_answers_belongs_to_nobody() -> None:
    created = CreatedResources()
    created.record(ROWS["roles.create"], 409, b'{"id": "rol_1"}')
    assert not created.allows(ROWS["roles.delete"], {"id": "rol_1"}, {})


def test_a_grant_of_our_own_does_not_make_its_client_ours() -> None:
    created = CreatedResources()
    answer = {"id": "cgr_1", "client_id": "theirs"}
    created.record(ROWS["client_grants.create"], 201, json.dumps(answer).encode())
    assert created.allows(ROWS["client_grants.delete"], {"id": "cgr_1"}, {})
    assert not created.allows(ROWS["clients.delete"], {"id": "theirs"}, {})


@pytest.mark.parametrize(
    ("name", "params", "theirs", "ours"),
    [
        ("client_grants.create", {}, {"client_id": "theirs"}, {"client_id": "ours"}),
        ("connections.create", {}, {"enabled_clients": ["theirs"]}, {"enabled_clients": ["ours"]}),
        ("tickets.change_password", {}, {"user_id": "theirs"}, {"user_id": "ours"}),
        ("network_acls.create", {}, {"active": True}, {"active": False}),
        ("rules.create", {}, {"name": "r"}, {"name": "r", "enabled": False}),
        ("users.identities.link", {"id": "ours"}, {"user_id": "theirs"}, {"user_id": "ours"}),
        ("users.identities.link", {"id": "ours"}, {"link_with": "a.b.c"}, {"user_id": "ours"}),
    ],
)
def test_a_write_may_touch_what_is_ours_only(
    name: str, params: dict[str, str], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    created = CreatedResources()
    created.add("ours")
    assert not created.allows(ROWS[name], params, theirs)
    assert created.allows(ROWS[name], params, ours)
