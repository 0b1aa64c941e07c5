"""``auth0-fake env``: environment variables for tools that use a served fake tenant."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import ControlError
from ..server.environments import Syntax, Tool, default_syntax, for_tool, render

BAD_INPUT = 2


def env(
    tool: Annotated[
        Tool | None,
        typer.Argument(help="Whose variables, under its own names; all if none."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            envvar="AUTH0_FAKE_URL",
            help="Where the tenant is served; by default at port 8400 here, with TLS or without.",
        ),
    ] = None,
    syntax: Annotated[
        Syntax | None,
        typer.Option("--shell", help="By default the current shell."),
    ] = None,
    dotenv: Annotated[bool, typer.Option("--dotenv", help="Same as --shell dotenv.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Same as --shell json.")] = False,
) -> None:
    """Print the environment variables with which a tool uses a served tenant.

    For a shell: eval "$(auth0-fake env node)". Exits with 2 if no tenant is served there.
    """
    from ..adapters.health import served_at
    from ..adapters.local_authority import ca_files
    from ..server.authority import trust_variables
    from ..tenant import FakeTenant

    chosen: Syntax = "json" if as_json else "dotenv" if dotenv else syntax or default_syntax()
    try:
        url = served_at(url)
        with FakeTenant.connect(url) as remote:
            variables = remote.environment()
    except (ControlError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    if url.startswith("https://") and (files := ca_files(url)) is not None:
        variables |= trust_variables(*files)
    if tool is not None:
        variables = for_tool(variables, tool)
    typer.echo(render(variables, chosen))
