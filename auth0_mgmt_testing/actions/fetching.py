"""What an action's ``fetch`` reaches: the HTTP client that a test gives, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.store import Doc
from .program import Fetch

if TYPE_CHECKING:
    import httpx

_MOST = 1_048_576
"""Bytes of a response that code is given."""


def fetch_with(client: httpx.Client | None, domain: str, timeout: float) -> Fetch:
    """A `Fetch` through a client; without one, and for the tenant itself, every request fails."""

    def fetch(request: Doc) -> Doc:
        if client is None:
            return _failed(
                "actions of this tenant reach no network: give tenant.actions.http_client"
            )
        return _sent(client, request, domain, timeout)

    return fetch


def _sent(client: httpx.Client, request: Doc, domain: str, timeout: float) -> Doc:
    import httpx

    try:
        url = httpx.URL(str(request["url"]))
        if url.host == domain:
            return _failed("an action cannot call its own tenant while it runs")
        body = request.get("body")
        response = client.request(
            str(request["method"]),
            url,
            headers={str(name): str(value) for name, value in request["headers"].items()},
            content=None if body is None else str(body).encode("utf-8", "replace"),
            timeout=timeout,
        )
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ) as e:
        return _failed(f"{type(e).__name__}: {e}")
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "body": response.text[:_MOST],
        "url": str(response.url),
    }


def _failed(reason: str) -> Doc:
    return {"error": f"fetch failed: {reason}"}
