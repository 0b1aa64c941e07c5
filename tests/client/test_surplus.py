"""Positional arguments: each method says what is right."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from auth0_mgmt import AsyncManagement, Management
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from .conftest import DOMAIN, Script

CALLS: list[tuple[Callable[[Any], Any], str]] = [
    (
        lambda m: m.roles.create({"name": "admin"}),
        "roles.create() takes keywords only, but was also given a dict;"
        " write roles.create(name=…, …) or roles.create(**{…})",
    ),
    (
        lambda m: m.users.update("auth0|1", {"nickname": "ada"}),
        "users.update() takes only id by position, but was also given a dict;"
        " write users.update(id, nickname=…, …) or users.update(id, **{…})",
    ),
    (
        lambda m: m.users.list("email:a*"),
        "users.list() takes keywords only, but was also given a str; write users.list(page=…)",
    ),
    (
        lambda m: m.roles.delete("rol_1", "rol_2"),
        "roles.delete() takes only id by position, but was also given a str;"
        " write roles.delete(id)",
    ),
    (
        lambda m: m.events.subscribe({"event_type": "user.created"}),
        "events.subscribe() takes keywords only, but was also given a dict;"
        " write events.subscribe(event_type=…, …) or events.subscribe(**{…})",
    ),
    (
        lambda m: m.roles.create(body={"name": "admin"}),
        "roles.create() got an unexpected keyword argument 'body';"
        " give its members by name: **body",
    ),
]


@pytest.mark.parametrize(("call", "said"), CALLS, ids=lambda value: str(value)[:20])
async def test_a_call_with_too_many_positional_arguments_says_what_is_right(
    mgmt: Management, amgmt: AsyncManagement, script: Script, call: Any, said: str
) -> None:
    with pytest.raises(TypeError) as caught:
        call(mgmt)
    assert str(caught.value) == said
    with pytest.raises(TypeError) as caught:
        await _ended(lambda: call(amgmt))
    assert str(caught.value) == said
    assert script.requests == []


async def _ended(call: Callable[[], Any]) -> None:
    """Call, and wait where there is something to wait for."""
    result = call()
    if inspect.isawaitable(result):
        await result


def _method(client: Any, operation: Operation[Any]) -> Any:
    for part in operation.name.split("."):
        client = getattr(client, part)
    return client


async def test_every_method_refuses_a_surplus_dict_by_its_name() -> None:
    clients = (Management(DOMAIN, "t"), AsyncManagement(DOMAIN, "t"))
    for operation in operations():
        ids = ["x"] * operation.path.count("{")
        if operation.body_kind == "value":
            ids.append("body")
        needed = dict.fromkeys(operation.required, "x")
        for client in clients:
            call = partial(_method(client, operation), *ids, {"a": 1}, **needed)
            with pytest.raises(TypeError, match=rf"^{operation.name}\(\) takes .* given a dict"):
                await _ended(call)


def test_a_dict_of_unknown_members_is_shown_by_the_first_known_one(mgmt: Management) -> None:
    create: Any = mgmt.roles.create
    with pytest.raises(TypeError, match=r"write roles.create\(name=…, …\) or roles"):
        create({"nam": "x"})
