"""``auth0-fake serve``: a fake tenant at a loopback address."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import ServerStartError

BAD_INPUT = 2


def serve(
    host: Annotated[str, typer.Option(help="Loopback address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8400,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON instead of the environment.")
    ] = False,
) -> None:
    """Serve a fake tenant until Ctrl-C or SIGTERM.

    Prints what a client needs: the URL, the tenant's domain, and a client that may ask for every
    scope of the Management API. POST /__fake/reset brings a fresh tenant, GET /__fake/health
    answers. Exits with 2 if it cannot listen there.
    """
    import json

    from ..adapters import server
    from ..engine.tokens import management_audience

    try:
        listener = server.listen(host, port)
    except ServerStartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    with listener:
        tenant = server.ServedTenant()
        place = {
            "url": server.url(listener),
            "domain": tenant.domain,
            "client_id": tenant.credentials.client_id,
            "client_secret": tenant.credentials.client_secret,
        }
        environment = {
            "AUTH0_URL": place["url"],
            "AUTH0_DOMAIN": place["domain"],
            "AUTH0_CLIENT_ID": place["client_id"],
            "AUTH0_CLIENT_SECRET": place["client_secret"],
            "AUTH0_AUDIENCE": management_audience(tenant.domain),
        }
        exports = "\n".join(f"export {name}={value}" for name, value in environment.items())
        text = json.dumps(place) if as_json else exports
        server.run(tenant, listener, ready=lambda: typer.echo(text))
