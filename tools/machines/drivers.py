"""How a machine calls a tenant: one function for the synchronous and the asynchronous client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import reduce
from typing import Any, Protocol

from auth0_mgmt import AsyncManagement, Management


class Driver(Protocol):
    """Calls operations by name; lists are read to their end."""

    def __call__(self, name: str, /, *args: Any, **params: Any) -> Any: ...


def _method(client: Any, name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = reduce(getattr, name.split("."), client)
    return method


class SyncDriver:
    """Calls through `auth0_mgmt.Management`."""

    def __init__(self, client: Management) -> None:
        self._client = client

    def __call__(self, name: str, /, *args: Any, **params: Any) -> Any:
        value = _method(self._client, name)(*args, **params)
        return list(value) if name.endswith(".list") else value


class AsyncDriver:
    """Calls through `auth0_mgmt.AsyncManagement`, on an event loop of its own."""

    def __init__(self, client: AsyncManagement) -> None:
        self._client = client
        self._runner = asyncio.Runner()

    def __call__(self, name: str, /, *args: Any, **params: Any) -> Any:
        return self._runner.run(self._call(name, args, params))

    async def _call(self, name: str, args: Any, params: Any) -> Any:
        value = _method(self._client, name)(*args, **params)
        if name.endswith(".list"):
            pages: AsyncIterator[Any] = aiter(value)
            return [item async for item in pages]
        return await value

    def close(self) -> None:
        """Close the client, then its loop."""
        self._runner.run(self._client.close())
        self._runner.close()
