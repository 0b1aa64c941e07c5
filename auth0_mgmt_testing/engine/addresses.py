"""Where a request reached its tenant: for issuers, endpoints and links that users can follow."""

from __future__ import annotations

from .context import RequestContext
from .tokens import is_loopback

PREFIX_HEADER = "x-forwarded-prefix"
"""Set by a server whose tenant is found by a path prefix, such as ``/t/acme``."""


def base_url(context: RequestContext) -> str:
    """Scheme, host and path prefix by which the request came, without a slash at the end.

    Of the tenant's own domain, a host that a server accepts for it, a loopback address or a
    verified custom domain; any other host name is taken for the tenant's domain.
    """
    host = context.headers.get("host", "")
    place = host + context.headers.get(PREFIX_HEADER, "")
    if host == context.domain and ":" not in host:
        return f"https://{place}"
    if is_loopback(host) or place in context.world.aliases:
        scheme = context.headers.get("x-forwarded-proto", "http")
        return f"{'https' if scheme == 'https' else 'http'}://{place}"
    for custom in context.tx.all("custom_domains"):
        if custom.get("domain") == host and custom.get("status") == "ready":
            return f"https://{host}"
    return f"https://{context.domain}"


def issuer(context: RequestContext) -> str:
    """The ``iss`` of tokens that this request issues."""
    return f"{base_url(context)}/"
