"""Helpers for the search syntax."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r'([+\-!(){}\[\]^"~*?:\\/]|&&|\|\|)')


def quote_query(value: object) -> str:
    """Return a value as one quoted term of the Lucene query syntax, safe whatever it holds.

    ``f"email:{quote_query(address)}"`` matches exactly the address and never changes the query.
    Source: https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escape_query(value: str) -> str:
    """Return a value with the special characters escaped, for use before a trailing ``*``.

    ``f"name:{escape_query(start)}*"`` finds what begins with the string.
    """
    return _SPECIAL.sub(r"\\\1", value).replace(" ", "\\ ")
