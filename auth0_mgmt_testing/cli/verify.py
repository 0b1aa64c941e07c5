"""``auth0-fake verify``: replay recordings of live tenants and report the differences."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

BELOW_THRESHOLD = 1
BAD_INPUT = 2
_FILE_WIDTH = 140


def verify(
    paths: Annotated[list[Path], typer.Argument(help="Recording files, or folders of them.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report as JSON to this file.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write the report as one HTML file.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write the report as JUnit's XML to this file.")
    ] = None,
    sarif_file: Annotated[
        Path | None, typer.Option("--sarif", help="Write the report as SARIF to this file.")
    ] = None,
    har_file: Annotated[
        Path | None,
        typer.Option("--har", help="Write the recordings, without secrets, as HAR to this file."),
    ] = None,
    github: Annotated[
        bool, typer.Option("--github", help="Print annotations for GitHub Actions.")
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(help="Fail if an operation is worse than in this file; written if missing."),
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Rewrite the baseline file.")
    ] = False,
    min_status: Annotated[float, typer.Option(min=0, max=1, help="Least status score.")] = 0.99,
    min_shape: Annotated[float, typer.Option(min=0, max=1, help="Least shape score.")] = 0.97,
    min_value: Annotated[float, typer.Option(min=0, max=1, help="Least value score.")] = 0.93,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Report these operations only (names or ids, by comma or repeated)."),
    ] = None,
    scenario: Annotated[str, typer.Option(help="Only scenarios whose name fits this glob.")] = "*",
    diff: Annotated[int, typer.Option(help="Show this many exchanges that differ.")] = 0,
    causes: Annotated[
        bool, typer.Option("--causes", help="Show all remaining differences, grouped by cause.")
    ] = False,
    years: Annotated[
        bool, typer.Option("--years", help="Show the scores by the year of the recordings.")
    ] = False,
    uncounted: Annotated[
        bool, typer.Option("--uncounted", help="Show the exchanges that do not count, and why.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Count recordings from this day on only."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="URL", help="Replay on the tenant at this URL instead.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Give the fake what was there before, and count old forms, too."
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; by default up to two.")] = min(
        2, os.cpu_count() or 1
    ),
) -> None:
    """Replay recordings on the fake tenant and compare its responses with the recorded ones.

    Reads recordings of vcrpy, go-vcr, Ruby VCR, nock, HAR and WireMock. Exits with 1 if a score is
    below its threshold or the baseline, with 2 if the input is wrong.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..errors import RecordingFormatError, TargetError
    from ..state.files import write_private
    from ..verification import baseline as baselines
    from ..verification import exports, operations, report
    from ..verification.verify import VerifyOptions, chosen_scenarios
    from ..verification.verify import verify as run

    errors = Console(stderr=True)

    def refuse(reason: object) -> typer.Exit:
        errors.print(str(reason), style="red", markup=False, highlight=False, soft_wrap=True)
        return typer.Exit(BAD_INPUT)

    wanted: set[str] = set()
    for name in sorted({name for given in only or () for name in given.split(",") if name}):
        found = operations.operation_id(name)
        if found is None:
            raise refuse(f"{name} is not an operation of the contract")
        wanted.add(found)
    day = None if since is None else since.date()
    plan = VerifyOptions(frozenset(wanted), scenario, against, strict, since=day)
    bar = Progress(
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
    try:
        with bar:
            task = bar.add_task("replaying", total=None)
            result = run(
                paths,
                plan,
                jobs=jobs,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except (RecordingFormatError, TargetError) as error:
        raise refuse(error) from error
    if not result.outcomes:
        raise refuse("there is nothing to replay: no exchange matches")

    thresholds = report.Thresholds(min_status, min_shape, min_value)
    screen = Console()
    if not screen.is_terminal:
        screen.width = _FILE_WIDTH
    if causes:
        report.show_causes(result, screen)
    if uncounted:
        report.show_uncounted(result, screen)
    if years:
        report.show_years(result, screen)
    report.show(result, screen, thresholds=thresholds, diff=diff)
    renderers: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (json_file, lambda: report.as_json(result, thresholds)),
        (html_file, lambda: report.as_html(result, thresholds)),
        (junit_file, lambda: exports.as_junit(result)),
        (sarif_file, lambda: exports.as_sarif(result)),
        (har_file, lambda: exports.as_har_archive(result, chosen_scenarios(paths, plan))),
    )
    for file, render in renderers:
        if file is not None:
            try:
                write_private(file, render().encode())
            except OSError as error:
                raise refuse(f"{file}: {error.strerror}") from error
    if github:
        for line in exports.as_github(result):
            typer.echo(line)
    regressions: list[str] = []
    if baseline is not None:
        try:
            if update_baseline or not baseline.exists():
                baseline.write_text(baselines.as_baseline(result.evidence), "utf-8")
            else:
                known = baselines.read_baseline(baseline)
                regressions = list(baselines.worse(result.evidence, known))
        except (OSError, ValueError) as error:
            raise refuse(f"{baseline}: {error}") from error
        for line in regressions:
            errors.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    if regressions or not thresholds.met(result.evidence.scores):
        raise typer.Exit(BELOW_THRESHOLD)
