"""``auth0-fake shadow``: a proxy to a live tenant that compares the fake with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import ServerStartError, UpstreamError

BAD_INPUT = 2
_FILE_WIDTH = 140


def shadow(
    upstream: Annotated[str, typer.Option(metavar="URL", help="The live tenant.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8401,
    report: Annotated[
        Path | None, typer.Option(help="Write every difference to this file, as JSON lines.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write the summary as one HTML file.")
    ] = None,
) -> None:
    """Forward requests to a live tenant, repeat them on the fake, and report differences.

    Point an application at the printed URL. Only the live tenant responds to it; the fake
    receives each request afterwards. Differences are printed at once, a summary at the end
    (Ctrl-C or SIGTERM). Secrets and personal data show as pseudonyms. Exits with 2 if it cannot
    start.
    """
    from contextlib import ExitStack
    from urllib.parse import urlsplit

    from rich.console import Console

    from ..adapters import proxy, server
    from ..state.files import open_private, write_private
    from ..verification import report as reports
    from ..verification.replay import Outcome
    from ..verification.shadow import Shadow, line, record

    with ExitStack() as stack:
        try:
            url = proxy.upstream_url(upstream)
            listener = stack.enter_context(server.listen("127.0.0.1", port))
            file = stack.enter_context(open_private(report)) if report else None
        except (UpstreamError, ServerStartError, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(BAD_INPUT) from error
        domain = proxy.domain_of(url)
        if domain is None:
            typer.echo(f"{url} does not respond now: until it does, the response is 502", err=True)

        def notify(outcome: Outcome) -> None:
            if not outcome.verdict.differences:
                return
            if not outcome.silent:
                typer.echo(line(outcome))
            if file is not None:
                file.write(record(outcome) + "\n")
                file.flush()

        hosts = [host for host in (urlsplit(url).netloc, domain) if host]
        following = Shadow(hosts, notify)
        place = server.url(listener)
        server.serve(
            proxy.application(url, following.add),
            listener,
            lambda: typer.echo(f"{place} forwards to {url}"),
            proxy=True,
        )
        result = following.close()
    if result.outcomes:
        screen = Console()
        if not screen.is_terminal:
            screen.width = _FILE_WIDTH
        reports.show(result, screen)
        if html_file is not None:
            write_private(html_file, reports.as_html(result, reports.Thresholds()).encode())
    typer.echo(
        f"{len(result.outcomes)} exchanges compared; {following.refused} that the tenant rejected "
        f"or failed at and {following.lost} that could not be followed are left out"
    )
