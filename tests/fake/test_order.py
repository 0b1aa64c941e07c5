"""Sorted lists: an order kept from request to request equals one made anew."""

from __future__ import annotations

import gc
import random
from collections.abc import Mapping
from typing import Any

import pytest

from auth0_mgmt_testing.engine.query.sort import sort_key
from auth0_mgmt_testing.state.store import (
    Cascade,
    Doc,
    Index,
    Rows,
    Schema,
    State,
    Table,
    Transaction,
)

SCHEMA = Schema({}, {})


def listed(state: State, sort: str) -> list[Doc]:
    key, descending = sort_key(sort)
    rows = Transaction(state, SCHEMA).all("t")
    return list(rows.in_order(sort.partition(":")[0], key, descending=descending))


def sorted_anew(state: State, sort: str) -> list[Doc]:
    key, descending = sort_key(sort)
    return sorted(Transaction(state, SCHEMA).all("t"), key=key, reverse=descending)


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
    key_of, _ = sort_key("n:1")
    table, rows = Table(), dict[str, tuple[int, Doc]]()
    for number in range(2_500):
        if number % 3 or not rows:
            key = str(chance.randrange(1_200))
            doc: Doc = {"n": chance.choice([None, 1, "a", "b"])}
            rows[key] = (rows[key][0] if key in rows else number, doc)
            table = table.put(key, doc, number, {})
        elif number % 30 == 0:
            gone = sorted(rows)[: chance.randrange(300)]
            table = table.without(gone, {})
            for each in gone:
                del rows[each]
        if number % 100 == 0:
            keys = sorted(rows, key=lambda key: rows[key][0])
            start, stop = sorted(chance.choices(range(len(rows) + 2), k=2))
            assert table.ordered() == keys
            assert table.ordered(start, stop) == keys[start:stop]
            for descending in (False, True):
                docs = [rows[key][1] for key in keys]
                docs.sort(key=key_of, reverse=descending)
                found = table.in_order("n", key_of, descending=descending)
                assert len(found) == len(docs)
                assert list(found) == docs
                assert found[start:stop] == docs[start:stop]


def test_a_change_does_not_sort_again() -> None:
    looked_at: list[Doc] = []

    def key_of(doc: Doc) -> Any:
        looked_at.append(doc)
        return doc["n"]

    table = Table()
    for number in range(5_000):
        table = table.put(str(number), {"n": number % 7}, number, {})
    table.in_order("n", key_of)
    looked_at.clear()
    table = table.put("17", {"n": 3}, 5_000, {}).without(["18"], {})
    assert table.in_order("n", key_of)[0]["n"] == 0
    assert len(looked_at) <= 3


def test_changes_that_nobody_reads_do_not_pile_up() -> None:
    table = Table().put("a", {"n": 0}, 0, {})
    table.ordered()
    gc.collect()
    before = len(gc.get_objects())
    for number in range(20_000):
        table = table.put("a", {"n": number}, number, {})
    gc.collect()
    assert len(gc.get_objects()) - before < 5_000


def test_what_is_deleted_together_is_what_is_deleted_one_by_one() -> None:
    indexes: Mapping[str, Mapping[str, Index]] = {
        "user": {"connection": lambda doc: [doc["c"]]},
        "session": {"user": lambda doc: [doc["u"]]},
        "token": {"session": lambda doc: [doc["s"]]},
    }
    cascades = {
        "user": [Cascade("session", "user")],
        "session": [Cascade("token", "session")],
    }
    tx = Transaction(State(), Schema(indexes, cascades))
    for number in range(60):
        tx.put("user", f"u{number}", {"c": f"c{number % 3}"})
        tx.put("session", f"s{number}", {"u": f"u{number // 2}"})
        tx.put("token", f"t{number}", {"s": f"s{number // 2}"})
    state = tx.commit()
    together, single = (Transaction(state, Schema(indexes, cascades)) for _ in range(2))
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

    table = Table()
    for number in range(2_000):
        table = table.put(str(chance.randrange(900)), {"n": chance.randrange(9)}, number, {})
        if number % 50 == 0:
            table = table.without([chance.choice(table.ordered())], {})
            for test in (is_two, is_even):
                rows = Rows(table)
                assert list(rows.matching(test, test)) == [doc for doc in rows if test(doc)]


def test_the_same_search_after_a_change_looks_only_near_it() -> None:
    looked_at: list[Doc] = []

    def test(doc: Doc) -> bool:
        looked_at.append(doc)
        return bool(doc["n"] == 7)

    table = Table()
    for number in range(5_000):
        table = table.put(str(number), {"n": number % 100}, number, {})
    assert len(list(Rows(table).matching("q", test))) == 50
    looked_at.clear()
    table = table.put("17", {"n": 7}, 5_000, {})
    assert len(list(Rows(table).matching("q", test))) == 51
    assert 0 < len(looked_at) < 1_000
