"""The guard in front of a live tenant: a transport that lets only harmless requests through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation

from .._registry import operation_lookup
from ..contract.router import BASE
from ..errors import LiveWriteBlockedError
from .created_resources import CreatedResources, found, read_body

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_NOTED = frozenset({"POST", "DELETE"})
_RESTORABLE = frozenset({"PATCH", "PUT"})
_GONE = frozenset({404, 410})
_TOKENS = "/oauth/token"


@dataclass
class _Kept:
    """Settings as they were before a test changed them."""

    operation: Operation[Any]
    path: str
    before: Mapping[str, Any]
    touched: set[str] = field(default_factory=set[str])

    def undo(self) -> dict[str, Any]:
        """Return the body that restores them."""
        if self.operation.method == "PUT":
            names = self.operation.body or self.before.keys()
            return {name: self.before[name] for name in names if name in self.before}
        return {name: self.before.get(name) for name in sorted(self.touched)}

    def is_unchanged(self, now: Any) -> bool:
        """Whether the settings are unchanged; empty counts as missing."""
        return is_object(now) and all(
            now.get(name) == self.before.get(name) or not (now.get(name) or self.before.get(name))
            for name in self.touched
        )


class WriteGuard:
    """Checks the requests of one test.

    ``allow_changes``: operations (as `OperationLookup` finds them) that the test may use on what it
    did not create. Settings are read before their first change and put back by `restore`.
    """

    def __init__(
        self, created: CreatedResources, allow_changes: frozenset[str] = frozenset()
    ) -> None:
        self._created = created
        self._allow_changes = {operation_lookup().get(name).id for name in allow_changes}
        self._kept: dict[str, _Kept] = {}
        self._open = False

    def check(self, request: httpx.Request) -> httpx.Request | None:
        """Block a request, or return another to be sent first, which reads the present value.

        Raises LiveWriteBlockedError, with what would have been changed and what to do.
        """
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        if self._open or request.method in _READING or path == _TOKENS:
            return None
        match = found(request.method, path)
        if match is None:
            raise LiveWriteBlockedError(
                f"{request.method} {path} was not sent: the contract does not have it"
            )
        operation, params = match
        body = read_body(request.headers.get("content-type", ""), request.content)
        if self._created.allows(operation, params, body):
            return None
        if operation.id not in self._allow_changes:
            raise LiveWriteBlockedError(
                _refusal(operation, path, "mark it with " + _mark(operation))
            )
        if path in self._kept:
            self._kept[path].touched |= body.keys()
            return None
        if operation.method not in _RESTORABLE:
            if operation.method == "DELETE":
                raise LiveWriteBlockedError(
                    _refusal(operation, path, "nothing deleted can be put back")
                )
            return None
        if found("GET", path) is None:
            raise LiveWriteBlockedError(
                _refusal(operation, path, "it cannot be read, so it could not be put back")
            )
        headers = {"authorization": request.headers.get("authorization", "")}
        return httpx.Request("GET", request.url, headers=headers, extensions=request.extensions)

    def keep(self, request: httpx.Request, before: httpx.Response) -> None:
        """Keep what was read before a change. Raises LiveWriteBlockedError if it was not read."""
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        match = found(request.method, path)
        document = before.json() if before.is_success else None
        if match is None or not is_object(document):
            raise LiveWriteBlockedError(
                f"{request.method} {path} was not sent: the present value could not be read "
                f"({before.status_code}), so it could not be put back"
            )
        body = read_body(request.headers.get("content-type", ""), request.content)
        self._kept[path] = _Kept(match[0], path, document, set(body))

    def record_response(self, request: httpx.Request, status: int, content: bytes) -> None:
        """Record what a response shows as created."""
        match = found(request.method, request.url.raw_path.decode("ascii").partition("?")[0])
        if match is None:
            return
        operation, params = match
        if request.method == "DELETE" and (status < 300 or status in _GONE):
            self._created.removed(params)
        elif request.method == "POST":
            self._created.record(operation, status, content)

    def add(self, *ids: str) -> None:
        """Record ids as created by this run."""
        self._created.add(*ids)

    def remove_created(self, mgmt: Management) -> None:
        """Delete what the test created and did not delete, the newest first; all are tried."""
        failures: list[Exception] = []
        for id, created_by in self._created.remaining():
            path = f"{created_by.path}/{quote(id, safe='')}"
            try:
                mgmt.request("DELETE", path)
            except NotFoundError:
                pass
            except Exception as error:
                error.add_note(f"{created_by.name} created what could not be deleted")
                failures.append(error)
            self._created.removed({"id": id})
        if failures:
            raise ExceptionGroup("what the test created could not be deleted", failures)

    def restore(self, mgmt: Management) -> None:
        """Put back what the test changed, the last change first; all are tried."""
        self._open = True
        try:
            failures = list(self._restored(mgmt))
        finally:
            self._open = False
        if failures:
            raise ExceptionGroup("settings of the live tenant could not be put back", failures)

    def _restored(self, mgmt: Management) -> Iterator[Exception]:
        for path, kept in reversed(self._kept.items()):
            address = path.removeprefix(BASE)
            try:
                if not kept.is_unchanged(mgmt.request("GET", address)):
                    mgmt.request(kept.operation.method, address, json=kept.undo())
            except Exception as error:
                error.add_note(f"{kept.operation.method} {path} with {sorted(kept.undo())}")
                yield error


def _mark(operation: Operation[Any]) -> str:
    return (
        f"@pytest.mark.auth0_allow_changes({operation.name!r}), and it is put back after the test"
    )


def _refusal(operation: Operation[Any], path: str, remedy: str) -> str:
    return (
        f"{operation.method} {path} ({operation.name}) was not sent: it would change what this run did not "
        f"create at a live tenant; {remedy}"
    )


class GuardedTransport(httpx.BaseTransport):
    """Checks every request with a guard."""

    def __init__(self, inner: httpx.BaseTransport, guard: WriteGuard) -> None:
        self._inner = inner
        self._guard = guard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        first = self._guard.check(request)
        if first is not None:
            before = self._inner.handle_request(first)
            before.read()
            self._guard.keep(request, before)
        response = self._inner.handle_request(request)
        if request.method in _NOTED:
            self._guard.record_response(request, response.status_code, response.read())
        return response

    def close(self) -> None:
        self._inner.close()


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """The asynchronous variant."""

    def __init__(self, inner: httpx.AsyncBaseTransport, guard: WriteGuard) -> None:
        self._inner = inner
        self._guard = guard

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        first = self._guard.check(request)
        if first is not None:
            before = await self._inner.handle_async_request(first)
            await before.aread()
            self._guard.keep(request, before)
        response = await self._inner.handle_async_request(request)
        if request.method in _NOTED:
            self._guard.record_response(request, response.status_code, await response.aread())
        return response


def guard_client(client: httpx.Client | httpx.AsyncClient, guard: WriteGuard) -> None:
    """Put a guard in front of an HTTP client of the test's own, by its event hooks.

    Settings are read before their first change over a connection of the guard's own.
    """
    if isinstance(client, httpx.AsyncClient):

        async def check_async(request: httpx.Request) -> None:
            await request.aread()
            _check_by_hook(guard, request)

        async def record_async(response: httpx.Response) -> None:
            if response.request.method in _NOTED:
                content = await response.aread()
                guard.record_response(response.request, response.status_code, content)

        client.event_hooks = {
            "request": [*client.event_hooks["request"], check_async],
            "response": [*client.event_hooks["response"], record_async],
        }
        return

    def check(request: httpx.Request) -> None:
        request.read()
        _check_by_hook(guard, request)

    def record(response: httpx.Response) -> None:
        if response.request.method in _NOTED:
            guard.record_response(response.request, response.status_code, response.read())

    client.event_hooks = {
        "request": [*client.event_hooks["request"], check],
        "response": [*client.event_hooks["response"], record],
    }


def _check_by_hook(guard: WriteGuard, request: httpx.Request) -> None:
    first = guard.check(request)
    if first is not None:
        with httpx.Client() as client:
            guard.keep(request, client.send(first))
