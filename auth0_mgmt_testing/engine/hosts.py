"""Host names of this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of the loopback interface, without brackets."""


def is_loopback_url(url: str) -> bool:
    """Whether a URL leads to this machine; names below ``.localhost`` do (RFC 6761)."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in LOOPBACK or host.endswith(".localhost")


TENANT_PATH = "/t/"
"""What a server's path begins with, before a tenant's name, for the tenants that it has by path."""
