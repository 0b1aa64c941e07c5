"""The asynchronous client: the same flows, awaited."""

from __future__ import annotations

import asyncio

import pytest

from auth0_mgmt import AsyncManagement, ConflictError, NotFoundError
from auth0_mgmt_testing import Factory


async def test_a_role_is_created_changed_and_deleted(
    auth0_async_mgmt: AsyncManagement, auth0_factory: Factory
) -> None:
    roles = auth0_async_mgmt.roles
    name = auth0_factory.name("role")
    made = await roles.create(name=name, description="Made by a test")
    id = made.id or ""
    auth0_factory.add_cleanup(auth0_factory.mgmt.roles.delete, id)
    with pytest.raises(ConflictError):
        await roles.create(name=name)
    changed = await roles.update(id, description="Changed by a test")
    assert (changed.name, changed.description) == (name, "Changed by a test")
    assert (await roles.get(id)).description == "Changed by a test"
    await roles.delete(id)
    with pytest.raises(NotFoundError, match="role does not exist"):
        await roles.get(id)


async def test_lists_are_walked_by_page_and_by_checkpoint(
    auth0_async_mgmt: AsyncManagement, auth0_factory: Factory
) -> None:
    made = {auth0_factory.client().client_id for _ in range(3)}
    clients = auth0_async_mgmt.clients
    by_page = [client.client_id async for client in clients.list(page=0, per_page=2)]
    by_checkpoint = [client.client_id async for client in clients.list(take=2)]
    assert made <= set(by_page) == set(by_checkpoint)
    assert len(set(by_page)) == len(by_page)
    first = await clients.list(page=0, per_page=1, include_totals=True)
    assert (len(first), first.total) == (1, len(by_page))


async def test_many_calls_at_once_lose_nothing(
    auth0_async_mgmt: AsyncManagement, auth0_factory: Factory
) -> None:
    user = auth0_factory.user()
    users = auth0_async_mgmt.users
    await asyncio.gather(
        *(users.update(user.user_id, user_metadata={f"key{n}": n}) for n in range(5))
    )
    read = await users.get(user.user_id)
    assert read.user_metadata == {f"key{n}": n for n in range(5)}
