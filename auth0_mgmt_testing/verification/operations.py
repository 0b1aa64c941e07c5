"""The operation of a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation

from .._registry import contract_lookup, router
from ..contract.router import BASE
from ..recordings.exchange import NOT_JSON, Exchange, parse_body


def row(method: str, path: str) -> Operation[Any] | None:
    """The operation; None for a request outside of the contract.

    ``path`` is the encoded path with or without a query.
    """
    path = path.partition("?")[0]
    if not path.startswith(BASE + "/"):
        return None
    found = router().find(method, path)
    return found[0] if found else None


def match(method: str, path: str) -> str | None:
    """The operation's id, likewise."""
    found = row(method, path)
    return found.id if found else None


_VARIANTS = ("strategy", "app_type", "type", "kind")


def request_kind(exchange: Exchange) -> str:
    """Return the kind of a request, to compare only requests of the same kind.

    The JSON type of the request's body, and the members that decide how a document is completed
    (``strategy``, ``app_type``, …), of the request or else of the response.
    """
    sent, returned = parse_body(exchange.request.body), parse_body(exchange.response.body)
    parts = ["none" if sent is NOT_JSON else type(sent).__name__]
    for key in _VARIANTS:
        found = [
            value
            for body in (sent, returned)
            if is_object(body) and isinstance(value := body.get(key), str)
        ]
        if found:
            parts.append(f"{key}={found[0]}")
    return " ".join(parts)


def variants(thing: object) -> Iterator[str]:
    """Return the members that decide how a document is completed, as in `request_kind`."""
    if is_object(thing):
        for key in _VARIANTS:
            if isinstance(value := thing.get(key), str):
                yield f"{key}={value}"


def operation_id(name: str) -> str | None:
    """Return the id of the contract's operation of any name; None where there is none."""
    found = contract_lookup().find(name)
    return None if found is None else found.id


def lists_made_things(operation: Operation[Any]) -> bool:
    """Whether an operation lists resources created by requests: one deletes an item."""
    return contract_lookup().is_collection(operation.path)
