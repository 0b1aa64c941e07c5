"""A transaction that goes on with a newer state: what both changed is merged member by member."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.state.store import Cascade, Doc, Schema, State, TableSchema, Transaction

SCHEMA = Schema(
    {
        "users": TableSchema({"name": lambda doc: [doc.get("name")]}),
        "links": TableSchema({"user": lambda doc: [doc["user"]]}),
    },
    {"users": [Cascade("links", "user")]},
)


def state_of(*docs: Doc) -> State:
    tx = Transaction(State(), SCHEMA)
    for doc in docs:
        tx.put("users", doc["id"], doc)
        tx.put("links", doc["id"], {"user": doc["id"]})
    return tx.commit()


def written(base: State, change: Doc | None) -> Transaction:
    """A transaction that changes the members of the document, or deletes it."""
    tx = Transaction(base, SCHEMA)
    old = tx.get("users", "1")
    assert old is not None
    if change is None:
        tx.delete("users", "1")
    else:
        new = {**old, **change}
        tx.put("users", "1", {name: value for name, value in new.items() if value is not None})
    return tx


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"count": 2}, {}, {"name": "Ada", "count": 2}),
        ({"count": 2}, {"name": "Eve"}, {"name": "Eve", "count": 2}),
        ({"name": "Bob"}, {"name": "Eve"}, {"name": "Bob", "count": 1}),
        ({"name": None}, {"count": 3}, {"count": 3}),
        ({"new": 1}, {"newer": 2}, {"name": "Ada", "count": 1, "new": 1, "newer": 2}),
        (None, {"name": "Eve"}, None),
        ({"count": 2}, None, None),
    ],
)
def test_changes_of_both_are_kept(ours: Any, theirs: Any, expected: Any) -> None:
    base = state_of({"id": "1", "name": "Ada", "count": 1}, {"id": "2", "name": "Grace"})
    mine = written(base, ours)
    newer = written(base, theirs).commit()
    state = mine.rebased(newer).commit()
    found = state.table("users").get("1")
    assert found == (None if expected is None else {"id": "1", **expected})
    name = None if expected is None else expected.get("name")
    assert state.table("users").find("name", name) == ([found] if found else [])
    assert len(state.table("links")) == (2 if found else 1)


def test_numbers_of_both_differ() -> None:
    base = state_of({"id": "1"})
    mine = Transaction(base, SCHEMA)
    mine.next()
    theirs = Transaction(State(base.tables, mine.counter), SCHEMA)
    numbers = [theirs.next() for _ in range(3)]
    assert mine.rebased(theirs.commit()).next() > max(numbers)
