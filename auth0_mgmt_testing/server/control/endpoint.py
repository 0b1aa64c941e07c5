"""An endpoint of the control API, and what its handler is given."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from ...tenant import FakeTenant, Snapshot


CONTROL = "/__fake/"


class TenantDirectory(Protocol):
    """The interface of a server's tenants for control."""

    @property
    def names(self) -> list[str]: ...
    def tenant(self, name: str) -> FakeTenant: ...
    def put(self, name: str, tenant: FakeTenant) -> None: ...
    def remove(self, name: str) -> None: ...
    def environment(self, name: str = "", url: str = "") -> dict[str, str]: ...
    def name_of(self, tenant: FakeTenant) -> str: ...


@dataclass(slots=True)
class _Held:
    """The control state of one tenant."""

    snapshots: dict[str, Snapshot] = field(default_factory=dict[str, Any])
    times: dict[str, float] = field(default_factory=dict[str, float])
    taken: int = 0


_HELD: weakref.WeakKeyDictionary[FakeTenant, _Held] = weakref.WeakKeyDictionary()


@dataclass(slots=True)
class ControlRequest:
    """One request to the control API, decoded."""

    tenant: FakeTenant
    directory: TenantDirectory | None
    url: str
    """What the client reaches the tenant by; empty if unknown."""
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]

    @property
    def held(self) -> _Held:
        return _HELD.setdefault(self.tenant, _Held())

    def tenants(self) -> TenantDirectory:
        if self.directory is None:
            raise LookupError("this application has one tenant only: serve it to have more")
        return self.directory


Handler = Callable[[ControlRequest], Any]
F = TypeVar("F", bound=Handler)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the control API."""

    method: str
    path: str
    """Below `CONTROL`, with parameters in braces."""
    summary: str
    handler: Handler
    body: Mapping[str, Any] | None
    """JSON Schemas of the body's members; None: no body."""
    required: tuple[str, ...]
    query: Mapping[str, str]
    """Query parameters and what they do."""
    status: int


ENDPOINTS: list[Endpoint] = []


def endpoint(
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    required: tuple[str, ...] = (),
    query: Mapping[str, str] | None = None,
    status: int = 200,
) -> Callable[[F], F]:
    def add(handler: F) -> F:
        summary = (handler.__doc__ or "").strip()
        made = Endpoint(method, path, summary, handler, body, required, query or {}, status)
        ENDPOINTS.append(made)
        return handler

    return add


ANYTHING: Mapping[str, Any] = {"*": {}}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
TEXTS = {"type": "array", "items": TEXT}
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}
BOOLEAN = {"type": "boolean"}
OBJECT = {"type": "object"}
SECRETS = {"secrets": "true: with secrets"}
