"""``auth0-fake operations``: how the fake answers each operation of the contract."""

from __future__ import annotations

from typing import Annotated

import typer


def operations(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array instead of the table.")
    ] = False,
) -> None:
    """List every operation of the contract by the kind of behaviour that answers it.

    "own": a function for this operation (a verb or a view); "generic": shared behaviour of a
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
            **({"reason": found.reason} if found.reason else {}),
        }
        for found in operation_support()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in sorted(rows, key=lambda row: (row["group"], row["kind"])):
        said = [row["group"], row["kind"], row["name"], f"{row['method']} {row['path']}"]
        typer.echo("  ".join(map(str.ljust, said, (11, 11, 56, 0))) + row.get("reason", ""))
    counts = Counter(row["group"] for row in rows)
    told = ", ".join(f"{counts[group]} {group}" for group in ("own", "generic", "unsupported"))
    typer.echo(f"{len(rows)} operations: {told}")
