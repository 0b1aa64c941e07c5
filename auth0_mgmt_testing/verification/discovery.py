"""What a tenant read from an outside issuer while a connection was created or changed.

A connection that names a discovery document, of an issuer that is not part of the scenario, shows
that document (``options.oidc_metadata``) and the endpoints in it. A target cannot know what the
document held that day. What differs there says nothing, unless the scenario itself wrote it.
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
_LABEL = re.compile(r"\[[^\]]*\]")
_PLACE = re.compile(r"(?:^|\.)options\.(\w+)")


class OutsideDiscovery:
    """Follows one scenario: which options of connections its requests wrote themselves."""

    def __init__(self) -> None:
        self._written: set[str] = set()

    def follow(self, exchange: Exchange) -> None:
        """Take in what a request writes."""
        body = parse_body(exchange.request.body)
        options = body.get("options") if is_object(body) else None
        if is_object(options):
            self._written.update(map(str, options))

    def without_discovered(self, exchange: Exchange, comparison: Comparison) -> Comparison:
        """The comparison without what only the outside issuer's document tells."""
        if not comparison.differences or not _discovered(parse_body(exchange.response.body)):
            return comparison
        return Comparison(
            tuple(each for each in comparison.differences if not self._is_discovered(each))
        )

    def _is_discovered(self, difference: Difference) -> bool:
        place = _PLACE.search(_LABEL.sub("[]", difference.path))
        if place is None or place[1] in self._written:
            return False
        return place[1] == _METADATA or place[1] in _READ_FROM_ISSUER


def _discovered(body: Any) -> bool:
    """Whether a connection in a response shows a discovery document."""
    return any(_METADATA in options for options in _options(body))


def _options(body: Any) -> Iterator[dict[str, Any]]:
    listed: Iterable[Any] = [body]
    if is_array(body):
        listed = body
    elif is_object(body) and is_array(body.get("connections")):
        listed = body["connections"]
    for item in listed:
        options = item.get("options") if is_object(item) else None
        if is_object(options):
            yield options
