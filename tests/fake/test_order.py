"""Sorted lists: an order kept from request to request equals one made anew."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from auth0_mgmt_testing.engine.query.sort import order_of
from auth0_mgmt_testing.state.selection import Backwards, Part, Selection
from auth0_mgmt_testing.state.store import (
    Cascade,
    Doc,
    Draft,
    Schema,
    State,
    Table,
    TableSchema,
    Transaction,
)


def passing(test: Callable[[Doc], bool], part: Part) -> list[Doc]:
    return list(filter(test, part.docs))


SCHEMA = Schema({}, {})


def put(table: Table, key: str, doc: Doc, number: int, schema: TableSchema) -> Table:
    draft = Draft(table, schema)
    draft.put(key, doc, number)
    return draft.finished()


def without(table: Table, keys: list[Any], schema: TableSchema) -> Table:
    draft = Draft(table, schema)
    draft.delete(keys)
    return draft.finished()


PLAIN = TableSchema()


def listed(state: State, sort: str) -> list[Doc]:
    return list(Transaction(state, SCHEMA).all("t").in_order(order_of(sort)))


def sorted_anew(state: State, sort: str) -> list[Doc]:
    order = order_of(sort)
    docs = list(Transaction(state, SCHEMA).all("t"))
    return sorted(docs, key=order.key, reverse=order.descending)


def changed(state: State, chance: random.Random) -> State:
    tx = Transaction(state, SCHEMA)
    for _ in range(chance.randrange(1, 4)):
        key = str(chance.randrange(40))
        if chance.random() < 0.3:
            tx.delete("t", key)
        else:
            value: Any = chance.choice([None, 1, 2, "a", "b", True])
            tx.put("t", key, {"id": key, "n": value})
    return tx.commit()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("sort", ["n:1", "n:-1"])
def test_an_order_follows_every_change(seed: int, sort: str) -> None:
    chance = random.Random(seed)
    state = State()
    for _ in range(30):
        state = changed(state, chance)
        assert listed(state, sort) == sorted_anew(state, sort)


@pytest.mark.parametrize("seed", range(20))
def test_branches_of_a_state_have_orders_of_their_own(seed: int) -> None:
    chance = random.Random(seed)
    trunk = changed(changed(State(), chance), chance)
    listed(trunk, "n:1")
    one, other = changed(trunk, chance), changed(trunk, chance)
    for _ in range(3):
        for state in (one, trunk, other):
            assert listed(state, "n:1") == sorted_anew(state, "n:1")
        one, other = changed(one, chance), changed(other, chance)


def test_an_order_that_is_far_behind_is_made_anew() -> None:
    tx = Transaction(State(), SCHEMA)
    tx.put("t", "0", {"id": "0", "n": 0})
    state = tx.commit()
    listed(state, "n:-1")
    tx = Transaction(state, SCHEMA)
    for number in range(1, 3_000):
        tx.put("t", str(number), {"id": str(number), "n": number % 7})
    state = tx.commit()
    assert listed(state, "n:-1") == sorted_anew(state, "n:-1")


@pytest.mark.parametrize("seed", range(6))
def test_large_tables_are_read_in_order_at_any_place(seed: int) -> None:
    """Large enough for the order's chunks to be divided and to become empty."""
    chance = random.Random(seed)
    table, rows = Table.empty(PLAIN), dict[str, tuple[int, Doc]]()
    for number in range(2_500):
        if number % 3 or not rows:
            key = str(chance.randrange(1_200))
            doc: Doc = {"n": chance.choice([None, 1, "a", "b"])}
            rows[key] = (rows[key][0] if key in rows else number, doc)
            table = put(table, key, doc, number, PLAIN)
        elif number % 30 == 0:
            gone = sorted(rows)[: chance.randrange(300)]
            table = without(table, gone, PLAIN)
            for each in gone:
                del rows[each]
        if number % 100 == 0:
            keys = sorted(rows, key=lambda key: rows[key][0])
            start, stop = sorted(chance.choices(range(len(rows) + 2), k=2))
            assert table.ordered() == keys
            assert table.ordered(start, stop) == keys[start:stop]
            for descending in (False, True):
                order = order_of("n:-1" if descending else "n:1")
                docs = [rows[key][1] for key in keys]
                docs.sort(key=order.key, reverse=descending)
                found = table.in_order().in_order(order)
                assert len(found) == len(docs)
                assert list(found) == docs
                assert found[start:stop] == docs[start:stop]


def test_a_change_does_not_sort_again() -> None:
    looked_at: list[Doc] = []

    def value_of(doc: Doc) -> Any:
        looked_at.append(doc)
        return doc["n"]

    schema = TableSchema(columns={"n": value_of})
    order = order_of("n:1")
    table = Table.empty(schema)
    for number in range(5_000):
        table = put(table, str(number), {"n": number % 7}, number, schema)
    list(table.in_order().in_order(order))
    looked_at.clear()
    table = without(put(table, "17", {"n": 3}, 5_000, schema), ["18"], schema)
    assert table.in_order().in_order(order)[:1] == [{"n": 0}]
    assert len(looked_at) == 1


def test_changes_that_nobody_reads_do_not_pile_up() -> None:
    table = put(Table.empty(PLAIN), "a", {"n": 0}, 0, PLAIN)
    table.ordered()
    gc.collect()
    before = len(gc.get_objects())
    for number in range(20_000):
        table = put(table, "a", {"n": number}, number, PLAIN)
    gc.collect()
    assert len(gc.get_objects()) - before < 5_000


def test_what_is_deleted_together_is_what_is_deleted_one_by_one() -> None:
    tables = {
        "user": TableSchema({"connection": lambda doc: [doc["c"]]}),
        "session": TableSchema({"user": lambda doc: [doc["u"]]}),
        "token": TableSchema({"session": lambda doc: [doc["s"]]}),
    }
    cascades = {
        "user": [Cascade("session", "user")],
        "session": [Cascade("token", "session")],
    }
    tx = Transaction(State(), Schema(tables, cascades))
    for number in range(60):
        tx.put("user", f"u{number}", {"c": f"c{number % 3}"})
        tx.put("session", f"s{number}", {"u": f"u{number // 2}"})
        tx.put("token", f"t{number}", {"s": f"s{number // 2}"})
    state = tx.commit()
    together, single = (Transaction(state, Schema(tables, cascades)) for _ in range(2))
    assert together.delete_where("user", "connection", "c1") == 20
    for key in single.keys("user", "connection", "c1"):
        single.delete("user", key)
    assert together.touched == single.touched
    assert together.commit().holds_what(single.commit())
    assert len(together.table("token")) == 40
    for table, name, value in (("session", "user", "u1"), ("token", "session", "s3")):
        assert together.find(table, name, value) == single.find(table, name, value) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_search_finds_what_matches_now_after_every_change(seed: int) -> None:
    chance = random.Random(seed)

    def is_two(doc: Doc) -> bool:
        return bool(doc["n"] == 2)

    def is_even(doc: Doc) -> bool:
        return bool(doc["n"] % 2 == 0)

    table = Table.empty(PLAIN)
    for number in range(2_000):
        table = put(table, str(chance.randrange(900)), {"n": chance.randrange(9)}, number, PLAIN)
        if number % 50 == 0:
            table = without(table, [chance.choice(table.ordered())], PLAIN)
            for test in (is_two, is_even):
                docs = table.in_order()
                found = docs.matching(test, partial(passing, test))
                assert list(found) == [doc for doc in docs if test(doc)]


def test_the_same_search_after_a_change_looks_only_near_it() -> None:
    looked_at: list[Doc] = []

    def select(part: Part) -> list[Doc]:
        looked_at.extend(part.docs)
        return [doc for doc in part.docs if doc["n"] == 7]

    table = Table.empty(PLAIN)
    for number in range(5_000):
        table = put(table, str(number), {"n": number % 100}, number, PLAIN)
    assert len(table.in_order().matching("q", select)) == 50
    looked_at.clear()
    table = put(table, "17", {"n": 7}, 5_000, PLAIN)
    assert len(table.in_order().matching("q", select)) == 51
    assert 0 < len(looked_at) < 1_000


@pytest.mark.parametrize("start", [0, 3, 9, 10, 12])
@pytest.mark.parametrize("stop", [0, 1, 5, 10, 30])
def test_documents_are_read_backwards_at_any_place(start: int, stop: int) -> None:
    docs: list[Doc] = [{"n": number} for number in range(10)]
    found = Backwards(Selection.of(docs))
    assert list(found) == docs[::-1]
    assert found[start:stop] == docs[::-1][start:stop]
    assert (len(found), found[0], found[-1]) == (10, docs[9], docs[0])
