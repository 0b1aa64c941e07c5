"""The inspector: one page that shows the requests and state of a served tenant, and controls it.

The page loads nothing from elsewhere and needs no build; all that it shows comes from the control
API, with secrets redacted.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from auth0_mgmt import __version__

from ...engine.response import Response
from ...simulation.rate_limits import PLANS

if TYPE_CHECKING:
    from jinja2 import Template


def page(domain: str) -> Response:
    """The page of a tenant. Only its own script and style run, and no other page may frame it."""
    nonce = secrets.token_urlsafe(16)
    text = _template().render(domain=domain, version=__version__, plans=list(PLANS), nonce=nonce)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(200, text.encode(), headers)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__name__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    return environment.get_template("page.html")
