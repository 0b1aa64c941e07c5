"""What an action's ``fetch`` reaches: this machine, or what an HTTP client of a test's reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..engine.hosts import is_loopback_url
from ..state.store import Doc
from .program import TRUST, Fetch

if TYPE_CHECKING:
    import httpx

_MOST = 1_048_576
"""Bytes of a response that code is given."""


def fetch_with(
    client: httpx.Client | None,
    own: Callable[[Doc], Doc | None],
    timeout: float,
    *,
    trusted: bool,
) -> Fetch:
    """A `Fetch` through a client; without one, to this machine if code is trusted.

    ``own``: what the tenant responds to a request to itself; None for any other request.
    """

    def fetch(request: Doc) -> Doc:
        url = str(request.get("url", ""))
        if (response := own(request)) is not None:
            return response
        if client is not None:
            return _sent(client, request, timeout)
        if not trusted:
            return _failed(f"this server's actions send no requests; {TRUST}")
        if not is_loopback_url(url):
            return _failed(
                f"actions of this tenant reach this machine only, not {url}: "
                "give tenant.actions.http_client"
            )
        import httpx

        with httpx.Client(trust_env=False) as local:
            return _sent(local, request, timeout)

    return fetch


def _sent(client: httpx.Client, request: Doc, timeout: float) -> Doc:
    import httpx

    try:
        body = request.get("body")
        response = client.request(
            str(request["method"]),
            str(request["url"]),
            headers={str(name): str(value) for name, value in request["headers"].items()},
            content=None if body is None else str(body).encode("utf-8", "replace"),
            timeout=timeout,
        )
    except (
        httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, KeyError, AttributeError,
    ) as error:  # fmt: skip
        return _failed(f"{type(error).__name__}: {error}")
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "body": response.text[:_MOST],
        "url": str(response.url),
    }


def _failed(reason: str) -> Doc:
    return {"error": f"fetch failed: {reason}"}
