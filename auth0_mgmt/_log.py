"""Logging under ``auth0_mgmt``, with nothing secret in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ._redact import is_secret, redacted, subject

logger = logging.getLogger("auth0_mgmt")
logger.addHandler(logging.NullHandler())

_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "dpop"})


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with credentials blotted out, names in lower case."""
    return {
        name.lower(): "[REDACTED]"
        if name.lower() in _HEADERS or is_secret(name.replace("-", "_"))
        else value
        for name, value in headers.items()
    }


def safe_url(url: str) -> str:
    """A URL without user information and with the values of secret parameters blotted out."""
    base, mark, query = url.partition("?")
    scheme, separator, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    base = scheme + separator + host.rpartition("@")[2] + slash + path if separator else base
    if not mark:
        return base
    pairs = [
        (name, "[REDACTED]" if is_secret(name) or name == "q" else value)
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    return f"{base}?{urlencode(pairs, safe='[]')}"


def safe_body(content: bytes, content_type: str = "", url: str = "") -> Any:
    """A body to or from a URL as it may be shown: parsed and redacted; else by its size only."""
    if not content:
        return None
    if "form-urlencoded" in content_type:
        return redacted(dict(parse_qsl(content.decode("utf-8", "replace"))))
    try:
        return redacted(json.loads(content), subject(url))
    except ValueError:
        return f"<{len(content)} bytes>"
