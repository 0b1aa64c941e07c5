"""The request log of a server, on the console."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from .hosting import EXPLANATION

if TYPE_CHECKING:
    from .hosting import Exchanged

_SHOWN = 3
"""The maximum of changed documents that are named."""
_STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_LOGS = "logs"


class RequestConsole:
    """Prints a line for each request: method, path, status, time, what changed.

    Secrets in a query are redacted; bodies are not shown.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, soft_wrap=True, highlight=False)

    def __call__(self, exchanged: Exchanged) -> None:
        request, response = exchanged.request, exchanged.response
        if exchanged.polling:
            return
        path = request.target.partition("?")[0]
        text = Text(f"{request.method:6} {path} ")
        status = str(response.status or "dropped")
        text.append(status, style=_STYLES.get(response.status // 100, "red"))
        text.append(f" {exchanged.seconds * 1e3:.1f} ms", style="dim")
        for line in self._changes(exchanged):
            text.append(f"  {line}", style="bold")
        if summary := response.headers.get(EXPLANATION):
            text.append(f"  {summary}", style="dim")
        self._console.print(text)

    def _changes(self, exchanged: Exchanged) -> list[str]:
        before, after = exchanged.before, exchanged.tenant.state
        if before.tables is after.tables:
            return []
        lines: list[str] = []
        for name in sorted({*before.tables, *after.tables}):
            old, new = before.table(name), after.table(name)
            if old is new or name[:1] == "_" or name == _LOGS:
                continue
            grown = len(new) - len(old)
            if grown > 0:
                added = islice(reversed(new.ordered(len(old))), _SHOWN)
                named = ", ".join(key if isinstance(key, str) else "+".join(key) for key in added)
                lines.append(f"+{grown} {name} ({named})")
            elif grown < 0:
                lines.append(f"{grown} {name}")
            else:
                lines.append(f"~ {name}")
        return lines
