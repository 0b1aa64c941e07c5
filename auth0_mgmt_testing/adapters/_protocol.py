"""The interface of a tenant that adapters use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..engine.response import Response
from ..state.clock import Clock


class RequestHandler(Protocol):
    """A tenant that responds to raw requests."""

    clock: Clock

    @property
    def domain(self) -> str: ...
    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response: ...
    def reset(self) -> None: ...


class Hosts(Protocol):
    """Finds the tenant of a host name."""

    def tenant(self, host: str | None, port: int | None) -> RequestHandler | None: ...
