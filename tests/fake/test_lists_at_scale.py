"""Lists of very many users: what a search, a filter and an order return is what a plain loop does."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant

User = dict[str, Any]
DATABASE = "Username-Password-Authentication"
OTHER = "other"
TOKEN = {"authorization": "Bearer any"}
NAMES = ("Ada", "ADA", "Ádám", "Bob Ada", "Zoë", "ΣΑΣ", "")


def text(user: User, name: str) -> str:
    return str(user.get(name) or "")


def level(user: User) -> str:
    """A member of the metadata as text: as numbers, 1 and True are equal."""
    return str(user.get("app_metadata", {}).get("t"))


QUERIES: dict[str, Callable[[User], bool]] = {
    "email:u1*": lambda user: text(user, "email").startswith("u1"),
    "name:ada": lambda user: text(user, "name").lower() == "ada",
    "name:*ada*": lambda user: "ada" in text(user, "name").lower(),
    'name:"σας"': lambda user: text(user, "name").lower() == "ΣΑΣ".lower(),
    "ada": lambda user: "ada" in (text(user, "name").lower(), text(user, "given_name").lower()),
    "NOT ada": lambda user: (
        "ada" not in (text(user, "name").lower(), text(user, "given_name").lower())
    ),
    "app_metadata.t:1": lambda user: level(user) in ("1", "1.0", "[1]"),
    "app_metadata.t:[1 TO 2]": lambda user: level(user) in ("1", "2", "1.0", "[1]"),
    "_exists_:given_name AND name:ada": lambda user: (
        "given_name" in user and text(user, "name").lower() == "ada"
    ),
    "name:ada OR app_metadata.t:2": lambda user: (
        text(user, "name").lower() == "ada" or level(user) == "2"
    ),
    "email.domain:example.com AND ada": lambda user: (
        "ada" in (text(user, "name").lower(), text(user, "given_name").lower())
    ),
    "zoë": lambda user: "zoë" in (text(user, "name").lower(), text(user, "given_name").lower()),
    "Á*": lambda user: (
        text(user, "name").lower().startswith("á")
        or text(user, "given_name").lower().startswith("á")
    ),
    "name:ΣΑ*": lambda user: text(user, "name").lower().startswith("σα"),
    "identities.provider:auth0": lambda user: True,
    'identities.connection:"other"': lambda user: (
        OTHER in [each["connection"] for each in user["identities"]]
    ),
}
SORTS: dict[str, Callable[[User], Any]] = {
    "email": lambda user: text(user, "email"),
    "given_name": lambda user: text(user, "given_name"),  # missing before all others
    "created_at": lambda user: user["created_at"],
}


def new_user(number: int, chance: random.Random) -> User:
    user: User = {
        "user_id": f"auth0|{number}",
        "email": f"u{number}@example.com",
        "connection": chance.choice([DATABASE, DATABASE, OTHER]),
        "app_metadata": {"t": chance.choice([0, 1, 2, "1", 1.0, [1], True])},
    }
    if name := chance.choice(NAMES):
        user["name"] = name
    if given := chance.choice(NAMES):
        user["given_name"] = given
    return user


def change(tenant: FakeTenant, mgmt: Management, number: int, chance: random.Random) -> None:
    """One write of a random kind to a random user."""
    ids = tenant.users.keys()
    one = chance.choice(ids)
    match chance.randrange(5):
        case 0:
            tenant.users.put(new_user(number, chance))
        case 1:
            del tenant.users[one]
        case 2:
            tenant.users.update(one, name=chance.choice(NAMES[:-1]))
        case 3:
            mgmt.users.update(one, app_metadata={"t": chance.choice([1, 2, 7])})
        case _:
            other = chance.choice(ids)
            if other != one:
                own = other.partition("|")[2]
                mgmt.users.identities.link(one, provider="auth0", user_id=own)


def check(tenant: FakeTenant) -> None:
    """Compare every kind of list with a loop over all users."""
    users = [user.to_dict() for user in tenant.users]
    for query, keep in QUERIES.items():
        assert listed(tenant, q=query) == [u["user_id"] for u in users if keep(u)], query
    for connection in (DATABASE, OTHER):
        of_it = [
            u["user_id"]
            for u in users
            if connection in [each["connection"] for each in u["identities"]]
        ]
        assert listed(tenant, connection=connection) == of_it
    for field, key in SORTS.items():
        for sign in ("1", "-1"):
            ordered = sorted(users, key=key, reverse=sign == "-1")
            assert listed(tenant, sort=f"{field}:{sign}") == [u["user_id"] for u in ordered], field
            found = [u["user_id"] for u in ordered if "ada" in text(u, "name").lower()]
            assert listed(tenant, sort=f"{field}:{sign}", q="name:*ada*") == found


def listed(tenant: FakeTenant, **query: str) -> list[str]:
    """The ids on all pages, each of which has the right total."""
    found: list[str] = []
    for number in range(10):
        given = urlencode({**query, "per_page": 100, "page": number, "include_totals": "true"})
        body = tenant.send("GET", f"/api/v2/users?{given}", TOKEN).json()
        found += [user["user_id"] for user in body["users"]]
        if len(body["users"]) < 100:
            assert body["total"] == len(found) or not body["users"]
            return found
    raise AssertionError("more users than pages")


@pytest.mark.parametrize("seed", range(3))
def test_lists_are_what_a_loop_finds_after_every_kind_of_change(seed: int) -> None:
    chance = random.Random(seed)
    tenant = FakeTenant()
    tenant.connections.add(name=OTHER, strategy="auth0")
    tenant.load({"users": [new_user(number, chance) for number in range(700)]})
    mgmt = tenant.management()
    check(tenant)
    before, numbers = tenant.snapshot(), iter(range(1_000, 10_000))
    for _ in range(3):
        for _ in range(30):
            change(tenant, mgmt, next(numbers), chance)
        check(tenant)
    fork = tenant.fork()
    change(fork, fork.management(), next(numbers), chance)
    check(fork)
    check(tenant)
    tenant.restore(before)
    assert len(tenant.users) == 700
    check(tenant)
    for _ in range(30):
        change(tenant, mgmt, next(numbers), chance)
    check(tenant)
    check(fork)
