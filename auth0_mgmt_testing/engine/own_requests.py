"""Requests that the code of an action sends to its own tenant, while the tenant waits for the action.

They are responded to at once, in the state as it was before the request that runs the action; that
request goes on with what they changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from ..state.store import Doc, State
from .addresses import PREFIX_HEADER
from .context import RequestContext
from .hosts import TENANT_PATH
from .response import Response

Respond: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Response]
"""Responds to a raw request: method, target, headers and body."""

DEPTH = 3
"""Actions that may wait for each other, each for a request of the one before."""


def own_target(url: str, domain: str, aliases: Iterable[str]) -> tuple[str, str, str] | None:
    """The host, the prefix and the target of a URL of the tenant; None for any other URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.lower()
    place = f"{host}{parts.path}"
    fitting = (known for known in (domain, *aliases) if _begins(place, known.lower()))
    found = max(fitting, key=len, default=None)
    if found is None:
        return None
    path = place[len(found) :] or "/"
    prefix = found[len(host) :]
    if path.startswith(TENANT_PATH) and not prefix:
        return None
    return parts.netloc, prefix, f"{path}?{parts.query}" if parts.query else path


def _begins(place: str, known: str) -> bool:
    return place == known or place.startswith(f"{known}/")


class OwnRequests:
    """Responds to what actions of one tenant send to it."""

    def __init__(self, respond: Respond, committed: Callable[[], State]) -> None:
        self._respond = respond
        self._committed = committed
        self._depth = 0

    def call(
        self, context: RequestContext, request: Doc, swap: Callable[[State], None]
    ) -> Doc | None:
        """Respond to a request; None for what goes to somebody else. The caller holds the lock.

        ``swap`` replaces the newest state.
        """
        world, url = context.world, str(request.get("url", ""))
        target = own_target(url, world.domain, world.aliases)
        if target is None:
            return None
        if self._depth >= DEPTH:
            return {"error": "fetch failed: actions of this tenant wait for each other"}
        before = self._committed()
        # Ids derive from the counter: those of both requests must differ.
        swap(State(before.tables, max(before.counter, context.tx.counter)))
        self._depth += 1
        try:
            response = self._respond(*_sent(context, request, target))
        finally:
            self._depth -= 1
            context.tx = context.tx.rebased(self._committed())
        if response.transport_fault is not None and response.transport_fault.drop:
            return {"error": "fetch failed: a fault dropped the connection"}
        body = response.read().decode("utf-8", "replace")
        return {"status": response.status, "headers": response.headers, "body": body, "url": url}


def _sent(
    context: RequestContext, request: Doc, target: tuple[str, str, str]
) -> tuple[str, str, dict[str, str], bytes]:
    host, prefix, path = target
    headers = {str(name).lower(): str(value) for name, value in request["headers"].items()}
    headers |= {"host": host, "x-forwarded-proto": urlsplit(str(request["url"])).scheme}
    if prefix:
        headers[PREFIX_HEADER] = prefix
    body = request.get("body")
    sent = b"" if body is None else str(body).encode("utf-8", "replace")
    return str(request["method"]), path, headers, sent
