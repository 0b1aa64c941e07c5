"""The life of an ordinary thing: created, read, changed, deleted; and what a tenant refuses.

Driven by the `Family` in each family's file.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, NotFoundError
from auth0_mgmt_testing import FakeTenant

from .calls import status_of
from .families import Family, Things, cases, document, shows, without


def every(*needed: str) -> pytest.MarkDecorator:
    """One case per family that says what the test needs."""
    return cases(lambda family: all(getattr(family, name) for name in needed))


def written(family: Family, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a reader may see of the arguments of a write."""
    return without(arguments, (*family.secret, *family.moves))


@every()
def test_what_is_created_can_be_read(things: Things) -> None:
    family, given = things.family, things.arguments()
    made = things.create(given)
    key = things.key(made)
    assert re.fullmatch(family.form or ".+", key)
    assert shows(written(family, given), without(document(made), family.moves))
    read = document(things.read(key))
    hidden = (*family.once, *family.moves)
    assert without(read, hidden) == without(document(made), hidden)
    assert all(without(read, [path]) == read for path in (*family.secret, *family.once))


@every()
def test_two_of_a_kind_are_two(things: Things) -> None:
    if things.family.single:
        pytest.skip("a tenant holds one at a time")
    first, second = things.create(), things.create()
    assert things.key(first) != things.key(second)
    assert things.key(things.read(things.key(first))) == things.key(first)


@every("change")
def test_an_update_changes_what_it_names_and_nothing_else(things: Things) -> None:
    family = things.family
    key = things.key(things.create())
    before = document(things.read(key))
    answer = document(things.update(key, **family.change))
    assert shows(written(family, dict(family.change)), answer)
    after = document(things.read(key))
    assert without(after, family.moves) == without(answer, (*family.moves, *family.once))
    untouched = (*family.change, *family.moves, "updated_at")
    assert without(after, untouched) == without(before, untouched)
    if "updated_at" in before:
        assert after["updated_at"] >= before["updated_at"]


@every("change")
def test_an_update_tells_when_it_was(things: Things, auth0_fake: FakeTenant) -> None:
    made = things.create()
    before = document(things.read(things.key(made))).get("updated_at")
    if before is None:
        pytest.skip("keeps no time of its last change")
    auth0_fake.clock.advance(60)
    things.update(things.key(made), **things.family.change)
    assert document(things.read(things.key(made)))["updated_at"] > before


@every("null")
def test_an_update_with_null_clears_a_field(things: Things) -> None:
    name = things.family.null
    key = things.key(things.create())
    assert things.read(key).get(name)
    things.update(key, **{name: None})
    assert not things.read(key).get(name)


@every()
def test_the_deleted_is_gone(things: Things) -> None:
    family = things.family
    key = things.key(things.create())
    other = None if family.single else things.key(things.create())
    things.delete(key)
    if family.get:
        with pytest.raises(NotFoundError):
            things.read(key)
    if family.operation("list") is not None:
        kept = things.keys(things.list())
        assert key not in kept
        assert other is None or other in kept


@every("unique")
def test_a_second_one_of_the_same_name_is_refused(things: Things) -> None:
    given = things.arguments()
    things.create(given)
    fresh = things.arguments()
    same = {**fresh, things.family.unique: given[things.family.unique]}
    with pytest.raises(ConflictError):
        things.create(same)
    things.create(fresh)


@every("get")
def test_reading_a_missing_one_answers_404(things: Things) -> None:
    for key in (things.family.missing, things.gone()):
        with pytest.raises(NotFoundError) as refused:
            things.read(key)
        said = f"{refused.value.message} {refused.value.error_code}"
        assert re.search(things.family.absent, said)


@every("change")
def test_changing_a_missing_one_answers_404(things: Things) -> None:
    with pytest.raises(NotFoundError):
        things.update(things.gone(), **things.family.change)


@every()
def test_deleting_a_missing_one_answers_404_where_the_contract_says_so(things: Things) -> None:
    family = things.family
    operation = family.operation("delete")
    assert operation is not None
    known = family.absent_delete or (404 if 404 in operation.error_statuses else 0)
    allowed = {known} if known else {operation.success_statuses[0], 404}
    assert (status_of(things.delete, things.gone()) or operation.success_statuses[0]) in allowed


@every()
def test_a_create_with_a_value_of_the_wrong_type_is_refused(things: Things) -> None:
    given = things.arguments()
    name = next(key for key, value in given.items() if isinstance(value, str))
    with pytest.raises(BadRequestError, match="Payload validation error: ") as refused:
        things.create(given, **{name: {"not": "text"}})
    assert refused.value.error_code == "invalid_body"
    things.create(given)
