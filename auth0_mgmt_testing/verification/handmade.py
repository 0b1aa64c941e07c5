"""Recordings that were written or edited by hand, recognised by identifiers that no tenant issues.

An id with the prefix of generated ones and not as many characters after it (``cd_selfmanaged``),
or one that repeats a single character (``111111111111``); or a refusal that holds a token. Such
a scenario shows an expectation of its author, so it is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from auth0_mgmt._json import is_array, is_object

from .._secrets import identifying_key
from ..recordings.exchange import Exchange, parse_body

_INVENTED = re.compile(r"(?:cd|cgr|con|lst|org|rol|tep|uinv)_(?!\w{16}$)\w+|(.)\1{9,}")


def is_handmade(exchanges: Iterable[Exchange]) -> bool:
    """Whether a response of the scenario contains what no tenant issues."""
    exchanges = list(exchanges)
    return any(_refuses_with_a_token(exchange) for exchange in exchanges) or any(
        _INVENTED.fullmatch(value)
        for exchange in exchanges
        if exchange.response.status < 400
        for value in _ids(parse_body(exchange.response.body))
    )


def _refuses_with_a_token(exchange: Exchange) -> bool:
    body = parse_body(exchange.response.body)
    return exchange.response.status >= 400 and is_object(body) and "access_token" in body


def _ids(value: Any, key: str = "") -> Iterator[str]:
    if is_object(value):
        for name, item in value.items():
            yield from _ids(item, name)
    elif is_array(value):
        for item in value:
            yield from _ids(item, key)
    elif isinstance(value, str) and identifying_key(key):
        yield value
