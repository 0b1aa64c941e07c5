"""Lists in each style that an operation has: by page, with and without totals, by checkpoint."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auth0_mgmt import BadRequestError, PaginationLimitError

from .families import Family, Things, cases, document, without


def listed(*styles: str) -> pytest.MarkDecorator:
    """One case per family whose list pages in one of these styles (any list for none)."""

    def fits(family: Family) -> bool:
        operation = family.operation("list")
        return operation is not None and (not styles or operation.pagination in styles)

    return cases(fits)


def taking(*parameters: str) -> pytest.MarkDecorator:
    """One case per family whose list has these query parameters."""

    def fits(family: Family) -> bool:
        operation = family.operation("list")
        return operation is not None and {*parameters} <= {*operation.query}

    return cases(fits)


def some(things: Things) -> list[str]:
    """Three new ones (one, where a tenant holds one at a time), by key."""
    return [things.key(things.create()) for _ in range(1 if things.family.single else 3)]


@listed()
def test_a_list_shows_all_there_is(things: Things) -> None:
    made = some(things)
    found = {things.key(thing): thing for thing in things.list()}
    assert set(made) <= set(found)
    for key in made:
        seen, read = document(found[key]), document(things.read(key))
        hidden = (*things.family.unlisted, *things.family.moves)
        assert without(seen, hidden) == without(read, hidden)


@listed("offset", "both")
def test_pages_by_number_hold_each_once(things: Things) -> None:
    made = some(things)
    whole = things.keys(things.list(page=0, per_page=50))
    assert set(made) <= set(whole)
    pages = [things.keys(things.list(page=n, per_page=1).items) for n in range(len(whole))]
    assert pages == [[key] for key in whole]
    assert not things.list(page=len(whole), per_page=1).items


@taking("include_totals")
def test_totals_are_given_where_they_are_asked_for(things: Things) -> None:
    made = some(things)
    with_totals = things.list(page=0, per_page=1, include_totals=True)
    assert (with_totals.start, with_totals.limit) == (0, 1)
    whole = things.keys(things.list(per_page=50))
    assert set(made) <= set(whole)
    assert with_totals.total == (len(whole) if things.family.counted else None)
    assert things.list(page=1, per_page=1, include_totals=True).start == 1
    bare = things.list(page=0, per_page=1, include_totals=False)
    assert bare.envelope == {}
    assert things.keys(bare.items) == things.keys(with_totals.items)


@listed("checkpoint", "both")
def test_pages_by_checkpoint_hold_each_once(things: Things) -> None:
    made = some(things)
    first = things.list(take=1)
    assert len(first) == 1
    assert first.total is None
    whole = things.keys(things.list(take=5))
    assert things.keys(things.list(take=1)) == whole
    assert len(set(whole)) == len(whole)
    assert set(made) <= set(whole)
    if not things.family.single:
        assert things.keys(things.list(take=1, from_=first.cursor).items) == whole[1:2]


@listed("offset", "both")
def test_paging_by_number_ends_at_a_thousand(things: Things) -> None:
    with pytest.raises(PaginationLimitError):
        things.list(page=20, per_page=50).items  # noqa: B018


@listed("offset", "both", "checkpoint")
def test_a_page_of_a_size_that_is_no_number_is_refused(things: Things) -> None:
    operation = things.family.operation("list")
    assert operation is not None
    size = "per_page" if "per_page" in operation.query else "take"
    said = (
        f"Query validation error: 'Expected type integer but found type string' on property {size}"
    )
    with pytest.raises(BadRequestError, match=said) as refused:
        things.list(**{size: "many"})
    assert refused.value.error_code == "invalid_query_string"


@cases(lambda family: bool(family.filters))
def test_every_filter_narrows_a_list(things: Things) -> None:
    for name, (field, otherwise) in things.family.filters.items():
        wanted, other = things.create(), things.create(**otherwise)
        found = things.keys(things.list(**{name: wanted.get(field)}))
        assert things.key(wanted) in found, name
        assert things.key(other) not in found, name


@taking("fields", "include_fields")
def test_a_list_shows_only_the_fields_asked_for(things: Things) -> None:
    made = things.create()
    kept = (things.family.id, *things.family.unlisted, *things.family.always)
    field = next(name for name in document(made) if name not in kept)
    wanted: Callable[[object], bool] = lambda thing: things.key(thing) == things.key(made)  # noqa: E731
    asked = f"{things.family.id},{field}"
    (seen,) = filter(wanted, things.list(fields=asked, include_fields=True))
    assert set(document(seen)) - {*things.family.always} == {things.family.id, field}
    (rest,) = filter(wanted, things.list(fields=field, include_fields=False))
    assert field not in document(rest)
