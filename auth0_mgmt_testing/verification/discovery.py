"""External documents that a tenant fetched for a connection or a client.

A connection that names a discovery document, of an issuer that is not part of the scenario, shows
that document (``options.oidc_metadata``) and the endpoints in it. A target cannot know what the
document contained that day. Differences there do not count, unless the scenario itself wrote it. The
same applies to a client's metadata document (``external_client_id``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from auth0_mgmt._json import is_array, is_object

from ..recordings.exchange import Exchange, parse_body
from .compare import Comparison, Difference

_METADATA: Final = "oidc_metadata"
_READ_FROM_ISSUER: Final = frozenset({
    "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "issuer",
})  # fmt: skip
_CLIENT: Final = "external_client_id"
_READ_FROM_CLIENT: Final = frozenset({
    "app_type", "callbacks", "client_uri", "grant_types", "logo_uri", "name",
    "token_endpoint_auth_method",
})  # fmt: skip
_LABEL = re.compile(r"\[[^\]]*\]")
_MAPPED = re.compile(r"(?:mapped_fields\.|(?:clients)?\[\]\.)?(\w+)(?:\[\])?")
_PLACE = re.compile(r"(?:^|\.)options\.(\w+)")


class OutsideDiscovery:
    """Follows one scenario: which members of connections and clients its requests wrote."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        self._written_of_clients: set[str] = set()

    def follow(self, exchange: Exchange) -> None:
        """Record what a request writes."""
        body = parse_body(exchange.request.body)
        options = body.get("options") if is_object(body) else None
        if is_object(options):
            self._written.update(str(k) for k, value in options.items() if value is not None)
        if is_object(body) and "/clients/" in exchange.request.path:
            self._written_of_clients.update(map(str, body))

    def without_discovered(self, exchange: Exchange, comparison: Comparison) -> Comparison:
        """Return the comparison without differences due to an external document."""
        if not comparison.differences:
            return comparison
        body = parse_body(exchange.response.body)
        outside = [
            explains
            for explains, shown in (
                (self._is_discovered, _discovered(body)),
                (self._is_of_client, any(map(_describes_itself, _items(body, "clients")))),
            )
            if shown
        ]
        return Comparison(
            tuple(
                each
                for each in comparison.differences
                if not any(explains(each) for explains in outside)
            )
        )

    def _is_of_client(self, difference: Difference) -> bool:
        place = _MAPPED.fullmatch(_LABEL.sub("[]", difference.path))
        if place is None or place[1] in self._written_of_clients:
            return False
        return place[1] in _READ_FROM_CLIENT

    def _is_discovered(self, difference: Difference) -> bool:
        place = _PLACE.search(_LABEL.sub("[]", difference.path))
        if place is None or place[1] in self._written:
            return False
        return place[1] == _METADATA or place[1] in _READ_FROM_ISSUER


def _discovered(body: Any) -> bool:
    """Whether a connection in a response shows a discovery document."""
    return any(_METADATA in options for options in _options(body))


def _describes_itself(client: dict[str, Any]) -> bool:
    """Whether a client, or the preview of one, comes from a metadata document."""
    mapped = client.get("mapped_fields")
    return _CLIENT in (mapped if is_object(mapped) else client)


def _items(body: Any, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a response: of a list, bare or under a name, or the only one."""
    listed: Iterable[Any] = [body]
    if is_array(body):
        listed = body
    elif is_object(body) and is_array(body.get(name)):
        listed = body[name]
    yield from filter(is_object, listed)


def _options(body: Any) -> Iterator[dict[str, Any]]:
    for item in _items(body, "connections"):
        options = item.get("options")
        if is_object(options):
            yield options
