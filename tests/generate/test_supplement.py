"""The supplement completes a document, and never contradicts it; identities come from responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt.models.users import User
from auth0_mgmt.resources import operations
from tools.generate.contract import Contract
from tools.generate.identities import identities, text
from tools.generate.supplement import extract, merge


def operation(name: str, **marks: Any) -> dict[str, Any]:
    return {
        "operationId": name,
        "x-operation-group": "things",
        "x-operation-name": "list",
        "security": [{"oAuth2ClientCredentials": ["read:things"]}],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/T"}}}}},
        **marks,
    }


def document(paths: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    return {"paths": paths, "components": {"schemas": schemas}}


def test_the_document_wins_over_the_supplement_and_gains_what_it_lacks() -> None:
    known = document({"/a": {"get": operation("own")}}, T={"type": "string"})
    more = {
        "paths": {"/a": {"get": operation("other")}, "/b": {"post": operation("added")}},
        "schemas": {"T": {"type": "integer"}},
    }
    merged = merge(known, more)
    assert merged["paths"]["/a"]["get"]["operationId"] == "own"
    assert merged["paths"]["/b"]["post"]["operationId"] == "added"
    assert merged["components"]["schemas"] == {"T": {"type": "string"}}
    assert "/b" not in known["paths"]


def test_only_added_operations_make_the_supplement_and_dropped_ones_are_early_access() -> None:
    paths = {
        "/a": {"get": operation("own")},
        "/b": {"get": operation("new", **{"x-added-from": "x", "x-dropped-in": "y"})},
    }
    found = extract([document(paths, T={}, U={})], ["get /b\tread\tGA\tfalse\tthings/b.mdx"])
    assert list(found["paths"]) == ["/b"]
    assert found["paths"]["/b"]["get"]["x-release-lifecycle"] == "EA"
    assert found["paths"]["/b"]["get"]["x-docs-page"] == "things/b"
    assert found["schemas"] == {"T": {}}


def test_a_document_without_a_list_beside_it_gives_scopes_and_life_cycle(tmp_path: Path) -> None:
    own = operation("own", **{"x-release-lifecycle": "beta"})
    paths: dict[str, Any] = {"/a": {"get": own, "parameters": [], "summary": "Prose."}}
    path = tmp_path / "published.json"
    path.write_text(json.dumps(document(paths, T={"type": "object", "properties": {}})))
    (op,) = [op for op in Contract(path).operations if op.id == "own"]
    assert (op.scopes, op.lifecycle) == (["read:things"], "beta")
    assert len(Contract(path).operations) > 1, "the supplement's operations are kept"


@pytest.mark.parametrize(("second", "held"), [({"id": "rol_2"}, {"id": 2}), ({"name": "x"}, {})])
def test_a_member_identifies_only_where_every_response_holds_it(
    second: dict[str, Any], held: dict[str, int]
) -> None:
    row = next(row for row in operations() if row.name == "roles.list")
    found = identities([row], [(row, [{"id": "rol_1"}, second])])
    assert found == {"shared.Role": held}
    assert ("id = 2" in text(found)) == bool(held)


@pytest.mark.parametrize(
    ("body", "count", "held"),
    [
        ({"id": "rol_1", "name": "a", "description": "d"}, 5, {"id": 10, "name": 10}),
        ({"id": "rol_1", "name": "a"}, 4, {"id": 8}),
        ({"id": "rol_1", "name": None}, 5, {"id": 10}),
    ],
    ids=["enough", "too few", "null"],
)
def test_another_member_needs_enough_responses_and_a_request_that_must_give_it(
    body: dict[str, Any], count: int, held: dict[str, int]
) -> None:
    rows = [row for row in operations() if row.name in ("roles.get", "roles.create")]
    assert identities(rows, [(row, body) for row in rows] * count) == {"shared.Role": held}


def test_a_member_that_a_response_lacks_reads_as_none() -> None:
    user = User.model_validate({"user_id": "auth0|1"})
    assert user.user_id == "auth0|1"
    assert user.get("created_at") is None
    assert User.model_validate({"created_at": "2026-01-02T03:04:05Z"}).user_id is None
