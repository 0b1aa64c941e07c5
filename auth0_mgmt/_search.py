"""A helper for the search syntax."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r'([+\-!(){}\[\]^"~*?:\\/]|&&|\|\|)')


def quote(value: object) -> str:
    """A value as one quoted term of the Lucene query syntax, safe whatever it holds.

    ``f"email:{quote(address)}"`` matches exactly the address and never changes the query.
    Source: https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escape(value: str) -> str:
    """A value with the special characters escaped, for use before a trailing ``*``.

    ``f"name:{escape(start)}*"`` finds what begins with the text.
    """
    return _SPECIAL.sub(r"\\\1", value).replace(" ", "\\ ")
