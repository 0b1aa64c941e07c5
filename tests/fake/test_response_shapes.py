"""The members of responses that the contract suite knows: what is new or missing is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.response_shapes import ResponseShapes, Shapes, read, shapes_of, write

ROLES = {"start": 0, "roles": [{"id": "rol_1", "name": "admin"}, {"id": "rol_2", "name": "editor"}]}
KNOWN: Shapes = {
    "roles.list": {("roles", "start")},
    "roles.list roles[]": {("id", "name")},
}


def test_each_object_of_a_response_has_a_place_and_members() -> None:
    assert set(shapes_of("roles.list", ROLES)) == {
        ("roles.list", ("roles", "start")),
        ("roles.list roles[]", ("id", "name")),
    }


NAMED: list[tuple[Any, list[str]]] = [
        (ROLES, []),
        ({"start": 0}, ["roles.list: lacks roles"]),
        ({**ROLES, "total": 2}, ["roles.list: shows also total"]),
        ({"start": 0, "roles": [{"id": "1", "nam": "x"}]},
         ["roles.list roles[]: shows also nam and lacks name"]),
        ({"start": 0, "roles": [{}]}, ["roles.list roles[]: lacks id, name"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "said"), NAMED)
def test_a_response_of_another_shape_is_named(value: Any, said: list[str]) -> None:
    shapes = ResponseShapes(KNOWN)
    shapes.note("roles.list", value)
    assert shapes.unknown() == said
    assert shapes.unknown() == []


def test_selected_members_are_among_the_known_ones() -> None:
    shapes = ResponseShapes(KNOWN)
    shapes.note("roles.list", {"roles": [{"name": "admin"}]}, partial=True)
    assert shapes.unknown() == []
    shapes.note("roles.list", {"roles": [{"nam": "admin"}]}, partial=True)
    assert shapes.unknown() == ["roles.list roles[]: shows also nam and lacks id, name"]
    assert shapes.seen == {}


def test_members_that_belong_to_the_user_are_free() -> None:
    body = {"user_id": "auth0|1", "user_metadata": {"plan": {"name": "x"}}}
    assert list(shapes_of("users.get", body)) == [("users.get", ("user_id", "user_metadata"))]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    shapes: Shapes = {**KNOWN, "roles.get": {(), ("id",)}}
    write(shapes, tmp_path / "shapes.txt")
    assert read(tmp_path / "shapes.txt") == shapes


def test_operations_of_the_file_exist() -> None:
    from auth0_mgmt_testing._registry import registry

    operations = {place.partition(" ")[0].removesuffix("[]") for place in read()}
    assert operations <= registry().behaviours.keys()
    assert len(operations) > 300
