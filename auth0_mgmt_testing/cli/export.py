"""``auth0-fake export``: a served tenant's configuration or state as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import ControlError, LoadError

BAD_INPUT = 2


def export(
    target: Annotated[Path, typer.Argument(help="The folder, or for the state the file.")],
    layout: Annotated[
        Literal["yaml", "folder", "state"],
        typer.Option(
            "--format",
            help="yaml or folder: the configuration, as auth0-deploy-cli has it; "
            "state: everything with its ids, as JSON or YAML.",
        ),
    ] = "yaml",
    url: Annotated[
        str | None,
        typer.Option(
            envvar="AUTH0_FAKE_URL",
            help="Where the tenant is served; by default at port 8400 here, with TLS or without.",
        ),
    ] = None,
    mappings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Put ##NAME## for these values (JSON, or deploy-cli's)."),
    ] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With secrets, as far as the tenant shows them.")
    ] = False,
) -> None:
    """Write what a served tenant contains.

    A configuration is read again by `serve --load`, and by auth0-deploy-cli. Exits with 2 if no
    tenant is served there, or a file cannot be read or written.
    """
    from ..adapters.health import served_at
    from ..deploy_cli.loading import read_mappings
    from ..tenant import FakeTenant

    try:
        given = None if mappings is None else read_mappings(mappings)
        with FakeTenant.connect(served_at(url)) as remote:
            if layout == "state":
                remote.export(target, secrets=secrets)
            else:
                remote.export_configuration(target, layout=layout, secrets=secrets, mappings=given)
    except (ControlError, LoadError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    typer.echo(f"wrote {target}")
