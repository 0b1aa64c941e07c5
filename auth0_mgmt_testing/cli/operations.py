"""``auth0-fake operations``: the fake's behaviour for each operation of the contract."""

from __future__ import annotations

from typing import Annotated

import typer


def operations(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array instead of the table.")
    ] = False,
) -> None:
    """List every operation of the contract with its kind of behaviour and where it is declared.

    "own": a function for this operation (an action or a view); "generic": shared behaviour of a
    collection, settings or a relation; "unsupported": 501, with the reason.
    """
    import json
    from collections import Counter

    from .._registry import operation_support

    rows = [
        {
            "id": found.operation.id,
            "name": found.operation.name,
            "method": found.operation.method,
            "path": found.operation.path,
            "group": found.group,
            "kind": found.kind,
            **({"place": found.place} if found.place else {}),
            **({"reason": found.reason} if found.reason else {}),
        }
        for found in operation_support()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for operation in sorted(rows, key=lambda operation: (operation["group"], operation["kind"])):
        cells = [
            operation["group"],
            operation["kind"],
            operation["name"],
            f"{operation['method']} {operation['path']}",
            operation.get("place") or operation.get("reason", ""),
        ]
        typer.echo("  ".join(map(str.ljust, cells, (11, 11, 56, 72, 0))).rstrip())
    counts = Counter(operation["group"] for operation in rows)
    summary = ", ".join(f"{counts[group]} {group}" for group in ("own", "generic", "unsupported"))
    typer.echo(f"{len(rows)} operations: {summary}")
