"""``auth0-fake health``: whether a fake tenant is served."""

from __future__ import annotations

from typing import Annotated

import typer

NOT_SERVED = 1
_PAUSE = 0.1
_TIMEOUT = 3.0


def health(
    url: Annotated[
        str | None,
        typer.Option(
            envvar="AUTH0_FAKE_URL",
            help="Where it should be served; by default at port 8400 here, with TLS or without.",
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait so long until it is.")
    ] = 0.0,
) -> None:
    """Say whether a fake tenant is served: for the health checks of containers, and scripts.

    Exits with 0 if it is, with 1 if not.
    """
    import time

    urls = ["http://127.0.0.1:8400", "https://127.0.0.1:8400"] if url is None else [url]
    deadline = time.monotonic() + wait
    while True:
        problems: list[str] = []
        for each in urls:
            if (problem := _problem(each)) is None:
                return
            problems.append(problem)
        if time.monotonic() >= deadline:
            typer.echo(problems[0], err=True)
            raise typer.Exit(NOT_SERVED)
        time.sleep(_PAUSE)


def _problem(url: str) -> str | None:
    """Why no fake tenant responds at a URL; None if one does."""
    import httpx

    from ..adapters.local_authority import explain_distrust, trust
    from ..errors import ControlError

    address = f"{url.rstrip('/')}/__fake/health"
    try:
        response = httpx.get(address, verify=trust(url), trust_env=False, timeout=_TIMEOUT)
        if response.json()["status"] == "ok":
            return None
        return f"{url} is not a fake tenant"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return explain_distrust(url, error) or f"no fake tenant responds at {url}: {error}"
    except ControlError as error:
        return str(error)
    except (ValueError, KeyError, TypeError):
        return f"{url} is not a fake tenant"
