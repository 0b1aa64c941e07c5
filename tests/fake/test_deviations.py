"""Deviations of responses do not hold for requests, and open no more than what tenants show."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt import BadRequestError
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant, contract
from auth0_mgmt_testing._registry import operation_lookup
from auth0_mgmt_testing.contract import Deviation, SchemaDocument, deviations
from tests.harness.conftest import go_vcr
from tools.deviations import count

BASES = ("recorded", "document", "reported", "guess")


def test_a_deviation_of_responses_leaves_requests_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = (Deviation("Thing", (), "r", drop=("required",), responses_only=True),)

    def of(key: str) -> tuple[Deviation, ...]:
        return rows

    monkeypatch.setattr(contract, "_of", of)
    text = '{"operations": {\n}, "definitions": {\n"Thing": {"required": ["id"]}\n}}\n'
    assert SchemaDocument("t", text).definition("Thing") == {"required": ["id"]}
    assert SchemaDocument("t", text, responses=True).definition("Thing") == {}


def test_an_encryption_key_must_be_given_though_responses_show_none() -> None:
    key: Any = {"alg": "RSA-OAEP-256"}
    with FakeTenant().management() as mgmt, pytest.raises(BadRequestError, match="pem"):
        mgmt.resource_servers.create(
            identifier="https://api.example.com",
            token_encryption={"format": "compact-nested-jwe", "encryption_key": key},
        )


def schema(name: str) -> dict[str, Any]:
    operation = operation_lookup().find(name)
    assert operation is not None
    return contract.response_schema(operation, 200) or {}


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("forms.list", "FormSummary"),
        ("forms.get", "GetFormResponseContent"),
        ("flows.get", "GetFlowResponseContent"),
        ("flows.list", "FlowSummary"),
        ("clients.get", "CredentialId"),
    ],
)
def test_responses_stay_closed_but_for_named_members(name: str, definition: str) -> None:
    assert schema(name)["definitions"][definition]["additionalProperties"] is False


def test_the_file_of_deviations_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    loads = tomllib.loads

    def counted(text: str) -> dict[str, Any]:
        read.append(text)
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", counted)
    for cached in (contract._deviations_file, deviations, contract._responses):
        cached.cache_clear()
    assert deviations()
    schema("forms.list")
    assert len(read) == 1


def test_no_list_is_paged_backwards() -> None:
    """Else a list would be sliced from its end, or fail."""
    for found in operations():
        query = (contract.of_operation(found.id).operation(found.id) or {}).get("query", {})
        for name in {"page", "per_page", "take"} & query.keys():
            assert query[name]["minimum"] >= 0, (found.name, name)
    tenant = FakeTenant()
    headers = {"authorization": "Bearer any"}
    for target in (
        "/logs?take=-3&from=x",
        "/actions/actions?page=-1",
        "/actions/actions?per_page=-2",
    ):
        assert tenant.send("GET", f"/api/v2{target}", headers).status == 400, target


def test_error_statuses_beyond_the_document_are_declared_with_a_reason() -> None:
    update = operation_lookup().get("roles.update")
    assert 404 not in update.error_statuses
    assert contract.error_statuses(update) >= {400, 404, 429}
    assert 418 not in contract.error_statuses(update)
    names = {found.name for found in operations()}
    for row in contract._deviations_file()["error"]:
        assert row["reason"]
        assert {*row["operations"]} - {"*"} <= names


def test_every_deviation_counts_the_recordings_that_support_it_or_says_its_basis() -> None:
    file = contract._deviations_file()
    wrong = [
        row.get("targets") or row["operations"]
        for row in (*file["deviation"], *file["response"])
        if not row["reason"]
        or not (
            row["recorded"] > 0
            if "basis" not in row
            else row["recorded"] == 0 and row["basis"] in BASES
        )
    ]
    assert wrong == []


def test_settings_of_a_tenant_are_closed_but_for_the_members_that_tenants_show() -> None:
    with FakeTenant().management() as mgmt:
        unknown: Any = {"no_such_flag": True}
        with pytest.raises(BadRequestError, match="on property flags"):
            mgmt.tenants.settings.update(flags=unknown)
        named: Any = {"use_scope_descriptions_for_consent": True}
        changed = mgmt.tenants.settings.update(flags=named)
        assert changed.get("flags.use_scope_descriptions_for_consent") is True


def test_the_scenarios_that_support_a_deviation_are_counted(tmp_path: Path) -> None:
    role = {"id": "rol_0000000000000001", "name": "a", "description": None}
    plain = {**role, "description": "b"}
    for name, value in (("null.json", role), ("text.json", plain)):
        cassette = go_vcr(*[("GET", f"/roles/{role['id']}", None, 200, value)] * 2)
        (tmp_path / name).write_text(json.dumps(cassette), "utf-8")
    supported = {
        " ".join(row.get("targets") or row["operations"]): len({each.scenario for each in found})
        for row, found in count(tmp_path)
        if found
    }
    assert supported == {"*RoleResponseContent": 1}
