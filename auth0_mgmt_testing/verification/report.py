"""A verification report for people (terminal, HTML) and for programs (JSON)."""

from __future__ import annotations

import html
import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from .causes import causes
from .compare import Difference
from .replay import Outcome
from .scores import Scores, Tally, by_year, row_of
from .verify import Report

if TYPE_CHECKING:
    from rich.console import Console

_LEVELS = ("status", "shape", "value")
_COLUMNS = (
    "exchanges", "scenarios", "aged", "preexisting", "superseded", "handmade", *_LEVELS, "newest",
)  # fmt: skip
_SHOWN_DIFFERENCES = 12


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least scores that pass."""

    status: float = 0.99
    shape: float = 0.97
    value: float = 0.93

    def met(self, scores: Scores | None) -> bool:
        """Whether all are reached; without exchanges of the contract none is."""
        return scores is not None and all(
            score >= least for score, least in zip(astuple(scores), astuple(self), strict=True)
        )


def show(
    report: Report, console: Console, *, thresholds: Thresholds | None = None, diff: int = 0
) -> None:
    """Print the table, worst operation first, then some of the exchanges that differ."""
    from rich.table import Table

    thresholds = thresholds or Thresholds()
    table = Table(box=None, pad_edge=False)
    table.add_column("operation", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for tally in _rows(report):
        table.add_row(*_cells(tally))
    if diff:
        for outcome in _differing(report)[:diff]:
            console.print(
                _heading(outcome), style="bold", markup=False, highlight=False, soft_wrap=True
            )
            for difference in outcome.verdict.differences[:_SHOWN_DIFFERENCES]:
                console.print(f"  {difference}", markup=False, highlight=False, soft_wrap=True)
            more = len(outcome.verdict.differences) - _SHOWN_DIFFERENCES
            if more > 0:
                console.print(f"  … and {more} more", markup=False, highlight=False)
        console.print()
    console.print(table)
    console.print()
    console.print(
        f"{len(report.outcomes)} exchanges of {report.scenarios} scenarios, "
        f"{len(report.evidence.operations)} operations",
        highlight=False,
    )
    authentication = report.evidence.authentication
    if authentication is not None:
        console.print(_figures(authentication), highlight=False)
    scores = report.evidence.scores
    if scores is None:
        console.print("no exchange is in the contract", style="red")
        return
    for level, score, least in zip(_LEVELS, astuple(scores), astuple(thresholds), strict=True):
        good = score >= least
        console.print(
            f"{level:7} {score:.4f}  {'reaches' if good else 'is below'} {least}",
            style="green" if good else "red",
            highlight=False,
        )


def _figures(tally: Tally) -> str:
    """One row in words."""
    figures = zip(_LEVELS, astuple(tally.scores) if tally.scores else (), strict=False)
    shown = "  ".join(f"{level} {score:.4f}" for level, score in figures)
    return f"{tally.operation}: {tally.exchanges} exchanges  {shown}".rstrip()


def show_years(report: Report, console: Console) -> None:
    """Print the scores by the year of the recordings."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("year", "exchanges", "operations", *_LEVELS):
        table.add_column(name, justify="right")
    for year, evidence in by_year(report.outcomes).items():
        scored = [tally for tally in evidence.operations if tally.exchanges]
        known = ["-"] * len(_LEVELS)
        if evidence.scores is not None:
            known = [f"{score:.4f}" for score in astuple(evidence.scores)]
        exchanges = sum(tally.exchanges for tally in scored)
        table.add_row(year, str(exchanges), str(len(scored)), *known)
    console.print(table)
    console.print()


def show_uncounted(report: Report, console: Console) -> None:
    """Print the exchanges that do not count, each with the reason."""
    for outcome in report.outcomes:
        if outcome.silent:
            console.print(
                f"{outcome.silent:12} {_heading(outcome)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    console.print()


def show_causes(report: Report, console: Console) -> None:
    """Print remaining differences, grouped by cause: exchanges, scenarios, operation, place, an example."""
    for cause in causes(report.outcomes):
        console.print(
            f"{cause.exchanges:5} {len(cause.scenarios):4}  {cause.kind:6} {cause.operation}: "
            f"{cause.what}\n{'':20}e.g. {cause.example}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    console.print()


def as_json(report: Report, thresholds: Thresholds) -> str:
    """The whole report, with every difference."""
    evidence = report.evidence
    document: dict[str, Any] = {
        "scores": _scores(evidence.scores),
        "thresholds": dict(zip(_LEVELS, astuple(thresholds), strict=True)),
        "passed": thresholds.met(evidence.scores),
        "scenarios": report.scenarios,
        "exchanges": len(report.outcomes),
        "operations": [tally.as_json() for tally in evidence.worst_first()],
        "outside": evidence.outside.as_json() if evidence.outside else None,
        "authentication": evidence.authentication and evidence.authentication.as_json(),
        "years": {year: _scores(each.scores) for year, each in by_year(report.outcomes).items()},
        "causes": [cause.as_json() for cause in causes(report.outcomes)],
        "differing": [
            {
                "scenario": outcome.scenario,
                "position": outcome.position,
                "operation": outcome.operation,
                "method": outcome.method,
                "target": outcome.target,
                "differences": list(map(as_difference, outcome.verdict.differences)),
            }
            for outcome in _differing(report)
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_difference(difference: Difference) -> dict[str, str]:
    """A difference as JSON."""
    return {
        "path": difference.path,
        "kind": difference.kind,
        "recorded": difference.recorded,
        "actual": difference.actual,
    }


def as_html(report: Report, thresholds: Thresholds) -> str:
    """One self-contained page: the scores, the table, and the folded differences."""
    text = html.escape
    scores = report.evidence.scores
    summary = "".join(
        f'<li class="{"good" if score >= least else "bad"}">{level} <b>{score:.4f}</b>'
        f" (at least {least})</li>"
        for level, score, least in (
            zip(_LEVELS, astuple(scores), astuple(thresholds), strict=True) if scores else ()
        )
    )
    by_row: dict[str, list[Outcome]] = {}
    for outcome in _differing(report):
        by_row.setdefault(row_of(outcome), []).append(outcome)
    rows: list[str] = []
    for tally in _rows(report):
        name, *figures = _cells(tally)
        found = by_row.get(name, [])
        details = "".join(
            f"<p>{text(_heading(outcome))}</p><ul>"
            + "".join(
                f"<li><i>{text(d.kind)}</i> {text(d.path or 'the body')}: "
                f"<del>{text(d.recorded)}</del> <ins>{text(d.actual)}</ins></li>"
                for d in outcome.verdict.differences
            )
            + "</ul>"
            for outcome in found
        )
        cell = f"<details><summary>{text(name)}</summary>{details}</details>" if found else name
        rows.append(f"<tr><td>{cell}</td>{''.join(f'<td>{f}</td>' for f in figures)}</tr>")
    heads = "".join(f"<th>{h}</th>" for h in ("operation", *_COLUMNS))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Recordings verified</title>'
        f"<style>{_STYLE}</style><h1>Recordings verified</h1><ul>{summary}</ul>"
        f"<p>{len(report.outcomes)} exchanges of {report.scenarios} scenarios</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></html>\n"
    )


_STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:80rem;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "th,td{padding:.2rem .6rem;text-align:right;vertical-align:top;"
    "border-bottom:1px solid #8884}th:first-child,td:first-child{text-align:left}"
    "li{overflow-wrap:anywhere}.good b{color:#1a7f37}.bad b,del{color:#cf222e}ins{color:#1a7f37}"
)


def _rows(report: Report) -> list[Tally]:
    evidence = report.evidence
    others = (evidence.authentication, evidence.outside)
    return [*evidence.worst_first(), *(tally for tally in others if tally is not None)]


def _cells(tally: Tally) -> tuple[str, ...]:
    known = tally.scores
    scores = ["-"] * len(_LEVELS) if known is None else [f"{s:.3f}" for s in astuple(known)]
    newest = tally.newest.date().isoformat() if tally.newest else "-"
    counts = (
        tally.exchanges,
        len(tally.scenarios),
        tally.aged,
        tally.preexisting,
        tally.superseded,
        tally.handmade,
    )
    return (tally.operation, *map(str, counts), *scores, newest)


def _differing(report: Report) -> list[Outcome]:
    """Statuses first, then shapes, then values; outside of the contract last."""
    return sorted(
        (o for o in report.outcomes if o.verdict.differences and not o.silent),
        key=lambda o: (o.operation is None, o.verdict.shape, o.verdict.status),
    )


def _heading(outcome: Outcome) -> str:
    where = f"{outcome.scenario} #{outcome.position}"
    return f"{row_of(outcome)}: {outcome.method} {outcome.target} ({where})"


def _scores(scores: Scores | None) -> dict[str, float] | None:
    if scores is None:
        return None
    return dict(zip(_LEVELS, (round(score, 6) for score in astuple(scores)), strict=True))
