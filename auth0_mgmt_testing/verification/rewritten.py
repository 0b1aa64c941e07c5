"""Client documents that a recorder rewrote.

Some recorders pass client documents through a struct of their SDK before they write them, to hide
secrets. That drops members which the struct does not know, and members that are null. Such a
document is recognised by its content: tenants always name themselves in a client (``tenant``), unless
the request selects fields. Members that it lacks do not count, unless another document of the
same scenario shows that the struct knows the member and the target's value is not null. Redacted
secrets do not count either: the recorder adds them to every client.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from auth0_mgmt._json import is_array, is_object

from ..contract.router import BASE
from ..recordings.exchange import Exchange, parse_body
from .callers import given
from .compare import Comparison, Difference
from .identity import REDACTED

_CLIENTS = re.compile(re.escape(BASE) + r"/clients(?:/cimd/register|/[^/]+(?:/rotate-secret)?)?")
_LABEL = re.compile(r"\[[^\]]*\]")
_LISTED = re.compile(r"^(?:clients)?\[\]\.?")


class RewrittenClients:
    """The known members that one scenario's recorder keeps in client documents."""

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        exchanges = list(exchanges)
        self._rewrites = any(map(is_rewritten, exchanges))
        self._kept = frozenset(
            path
            for exchange in exchanges
            if is_rewritten(exchange)
            for document in _documents(exchange)
            for path in _members(document)
        )

    def without_dropped(self, exchange: Exchange, comparison: Comparison) -> Comparison:
        """The comparison without members that the recorder may have dropped."""
        if not comparison.differences:
            return comparison
        # Selected fields do not show this; the scenario's recorder treats all clients alike.
        selected = self._rewrites and _selects(exchange) and bool(_documents(exchange))
        if not selected and not is_rewritten(exchange):
            return comparison
        return Comparison(
            tuple(each for each in comparison.differences if not self._may_be_the_recorders(each))
        )

    def _may_be_the_recorders(self, difference: Difference) -> bool:
        if not difference.invented:
            # The recorder writes redacted secrets into every client, also where there are none.
            return difference.actual == "absent" and REDACTED in difference.recorded
        path = _LISTED.sub("", _LABEL.sub("[]", difference.path))
        return bool(path) and (path not in self._kept or difference.actual == "None")


def without_dropped_id_token(exchange: Exchange, comparison: Comparison) -> Comparison:
    """The comparison without an ID token that a recorder left out.

    Who is granted ``openid`` is always given one (OpenID Connect Core 1.0, 3.1.3.3).
    """
    if exchange.request.path != "/oauth/token" or not comparison.differences:
        return comparison
    body = parse_body(exchange.response.body)
    if not is_object(body) or "access_token" not in body or "id_token" in body:
        return comparison
    granted = str(body.get("scope") or given(exchange.request).get("scope") or "").split()
    if "openid" not in granted:
        return comparison
    return Comparison(tuple(each for each in comparison.differences if each.path != "id_token"))


def is_rewritten(exchange: Exchange) -> bool:
    """Whether a response holds client documents, of which none names its tenant."""
    if _selects(exchange):
        return False
    documents = _documents(exchange)
    return bool(documents) and not any("tenant" in document for document in documents)


def _selects(exchange: Exchange) -> bool:
    """Whether a request selects fields."""
    return "fields" in parse_qs(exchange.request.query)


def _documents(exchange: Exchange) -> list[Mapping[str, Any]]:
    """The client documents of a successful response of the clients' operations."""
    if exchange.response.status >= 400 or not _CLIENTS.fullmatch(exchange.request.path):
        return []
    body = parse_body(exchange.response.body)
    listed = body.get("clients") if is_object(body) and "clients" in body else body
    items = listed if is_array(listed) else [listed]
    return [item for item in items if is_object(item) and "client_id" in item]


def _members(value: Any, path: str = "") -> Iterator[str]:
    if is_object(value):
        for key, item in value.items():
            here = f"{path}.{key}" if path else key
            yield here
            yield from _members(item, here)
    elif is_array(value):
        for item in value:
            yield from _members(item, f"{path}[]")
