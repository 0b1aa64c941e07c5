"""Whether a fake tenant is served at a URL, and where one is if no URL is given."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ControlError
from .local_authority import explain_distrust, trust

DEFAULT_URLS = ("http://127.0.0.1:8400", "https://127.0.0.1:8400")
"""Where ``auth0-fake serve`` listens by default, without TLS and with it."""
_TIMEOUT = 3.0


def served_at(url: str | None) -> str:
    """Return the URL itself; of none the default one at which a tenant is served.

    Raises `ControlError` where neither is.
    """
    return url if url is not None else first_served(DEFAULT_URLS)


def first_served(urls: Sequence[str]) -> str:
    """Return the first of some URLs at which a tenant is served.

    Raises `ControlError`, of the first one, where none is.
    """
    problems: list[str] = []
    for each in urls:
        if (problem := problem_at(each)) is None:
            return each
        problems.append(problem)
    raise ControlError(problems[0])


def problem_at(url: str) -> str | None:
    """Return why no fake tenant responds at a URL; None if one does."""
    import httpx

    address = f"{url.rstrip('/')}/__fake/health"
    try:
        response = httpx.get(address, verify=trust(url), trust_env=False, timeout=_TIMEOUT)
        if response.json()["status"] == "ok":
            return None
        return f"{url} is not a fake tenant"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return explain_distrust(url, error) or (
            f"no fake tenant responds at {url} ({error}); start one: auth0-fake serve"
        )
    except ControlError as error:
        return str(error)
    except (ValueError, KeyError, TypeError):
        return f"{url} is not a fake tenant"
