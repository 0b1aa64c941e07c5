"""Sorted lists: an order kept from request to request equals one made anew."""

from __future__ import annotations

import random
from typing import Any

import pytest

from auth0_mgmt_testing.engine.query.sort import sort_key
from auth0_mgmt_testing.state.store import Doc, Schema, State, Transaction

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
