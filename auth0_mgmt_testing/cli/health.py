"""``auth0-fake health``: whether a fake tenant is served."""

from __future__ import annotations

from typing import Annotated

import typer

NOT_SERVED = 1
_PAUSE = 0.1


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

    from ..adapters.health import DEFAULT_URLS, first_served
    from ..errors import ControlError

    deadline = time.monotonic() + wait
    while True:
        try:
            first_served(DEFAULT_URLS if url is None else (url,))
        except ControlError as error:
            if time.monotonic() >= deadline:
                typer.echo(str(error), err=True)
                raise typer.Exit(NOT_SERVED) from None
        else:
            return
        time.sleep(_PAUSE)
