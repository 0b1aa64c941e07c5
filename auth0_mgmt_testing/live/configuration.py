"""The configuration of a live tenant, required by every tool before it calls one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import LiveModeError

if TYPE_CHECKING:
    from .._credentials import Credentials

DOMAIN_VARIABLE = "AUTH0_DOMAIN"
ALLOW_VARIABLE = "AUTH0_ALLOW_LIVE"
CLIENT_VARIABLE = "AUTH0_CLIENT_ID"
SECRET_VARIABLE = "AUTH0_CLIENT_SECRET"  # noqa: S105 - the name of a variable
TOKEN_VARIABLE = "AUTH0_TOKEN"  # noqa: S105 - the name of a variable
AUDIENCE_VARIABLE = "AUTH0_AUDIENCE"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def allowed(domain: str, environment: Mapping[str, str]) -> bool:
    """Whether the tenant is repeated in ``AUTH0_ALLOW_LIVE``, which allows changes."""
    return environment.get(ALLOW_VARIABLE) == domain


def live_credentials(environment: Mapping[str, str]) -> Credentials:
    """Return credentials of the live tenant that the environment names and confirms.

    Raises LiveModeError, which lists everything that is missing or wrong.
    """
    missing = list(_missing(environment))
    if missing:
        raise LiveModeError("a live tenant is touched only on purpose: " + "; ".join(missing))
    from auth0_mgmt._client import base_url

    from .._credentials import Credentials

    named = environment[DOMAIN_VARIABLE]
    try:
        url = base_url(_with_scheme(named))
    except ValueError as error:
        raise LiveModeError(f"{DOMAIN_VARIABLE}: {error}") from None
    domain = urlsplit(url).netloc
    token = environment.get(TOKEN_VARIABLE, "")
    return Credentials(
        domain=domain,
        url=url,
        audience=environment.get(AUDIENCE_VARIABLE) or f"https://{domain}/api/v2/",
        client_id="" if token else environment[CLIENT_VARIABLE],
        client_secret="" if token else environment[SECRET_VARIABLE],
        token=token,
    )


def _missing(environment: Mapping[str, str]) -> Iterator[str]:
    domain = environment.get(DOMAIN_VARIABLE)
    if not domain:
        yield f"set {DOMAIN_VARIABLE} to the tenant's host name"
        yield f"name the same host again in {ALLOW_VARIABLE}"
    elif not allowed(domain, environment):
        other = environment.get(ALLOW_VARIABLE)
        instead = f", which now names {other!r}" if other else ""
        yield f"name {domain} again in {ALLOW_VARIABLE}{instead}"
    if not environment.get(TOKEN_VARIABLE):
        absent = [n for n in (CLIENT_VARIABLE, SECRET_VARIABLE) if not environment.get(n)]
        if absent:
            yield f"set {' and '.join(absent)}, or {TOKEN_VARIABLE}"


def host(domain: str) -> str:
    """The host name in a domain that may be given with a scheme and a port."""
    parts = urlsplit(domain if "://" in domain else f"//{domain}")
    return (parts.hostname or "").lower()


def _with_scheme(domain: str) -> str:
    """Whether plain HTTP is used: on loopback, where a server replaces a live tenant."""
    if "://" not in domain and host(domain) in LOOPBACK:
        return f"http://{domain}"
    return domain
