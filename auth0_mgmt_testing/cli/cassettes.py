"""``auth0-fake cassettes``: maintenance of cassettes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

FOUND = 1
BAD_INPUT = 2


def cassettes(
    action: Annotated[Literal["check"], typer.Argument(help="check: look for secrets in them.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Cassettes, or folders of them [cassettes].")
    ] = None,
) -> None:
    """Scan cassettes for secrets, personal data and the hosts of live tenants.

    Prints the place and kind of each finding, never its value. Exits with 1 if there is any, with 2
    if there is nothing to scan. What the ini option ``auth0_cassette_allow`` lets a recording keep
    is printed as allowed.
    """
    from ..cassettes.check import check, files

    given = paths or [Path("cassettes")]
    for path in given:
        if not path.exists():
            typer.echo(f"{path}: no such file or folder", err=True)
            raise typer.Exit(BAD_INPUT)
    scanned = list(files(given))
    if not scanned:
        typer.echo(f"there are no cassettes in {', '.join(map(str, given))}", err=True)
        raise typer.Exit(BAD_INPUT)
    everything = list(check(scanned))
    for finding in everything:
        typer.echo(f"{finding} (allowed)" if finding.allowed else str(finding))
    found = [finding for finding in everything if not finding.allowed]
    allowed = len(everything) - len(found)
    also = f", {allowed} allowed" if allowed else ""
    typer.echo(f"{len(scanned)} cassettes scanned, {len(found)} findings{also}")
    if found:
        raise typer.Exit(FOUND)
