"""A verification report for other tools: JUnit, SARIF, annotations of GitHub workflows, HAR."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auth0_mgmt import __version__

from ..recordings.exchange import Scenario
from ..recordings.har import as_har
from .causes import causes
from .replay import Outcome
from .scores import row_of
from .verify import Report

_RULES = {
    "status": "The status differs from the recorded one.",
    "shape": "Members or JSON types differ from the recorded ones.",
    "value": "A value differs from the recorded one.",
}
_LEVELS = {"status": "error", "shape": "error", "value": "warning"}
_SHOWN = 20


def as_junit(report: Report) -> str:
    """JUnit's XML: a suite per operation, a test case per exchange; silent ones are skipped."""
    by_operation: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in report.outcomes:
        by_operation[row_of(outcome)].append(outcome)
    root = Element("testsuites", name="auth0-fake verify")
    for operation, outcomes in sorted(by_operation.items()):
        failed = sum(bool(o.verdict.differences) and not o.silent for o in outcomes)
        suite = SubElement(
            root,
            "testsuite",
            name=operation,
            tests=str(len(outcomes)),
            failures=str(failed),
            errors="0",
            skipped=str(sum(bool(o.silent) for o in outcomes)),
        )
        for outcome in outcomes:
            name = f"{outcome.scenario} #{outcome.position}"
            case = SubElement(suite, "testcase", classname=operation, name=name, time="0")
            if outcome.silent:
                SubElement(case, "skipped", message=outcome.silent)
            elif outcome.verdict.differences:
                lines = list(map(_printable, _lines(outcome)))
                SubElement(case, "failure", message=lines[0]).text = "\n".join(lines)
    indent(root)
    return tostring(root, "unicode", xml_declaration=True) + "\n"


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0: a result per exchange and kind of difference, at the recording's file."""
    results: list[dict[str, Any]] = []
    for outcome in _differing(report):
        kinds = {difference.kind: None for difference in outcome.verdict.differences}
        for kind in kinds:
            found = [str(d) for d in outcome.verdict.differences if d.kind == kind]
            results.append(
                {
                    "ruleId": kind,
                    "level": _LEVELS[kind],
                    "message": {"text": f"{_heading(outcome)}\n" + "\n".join(found[:_SHOWN])},
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": _uri(outcome)}}}
                    ],
                }
            )
    rules = [{"id": kind, "shortDescription": {"text": text}} for kind, text in _RULES.items()]
    driver = {"name": "auth0-fake verify", "version": __version__, "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def as_github(report: Report) -> Iterator[str]:
    """Workflow commands of GitHub Actions: an annotation per cause, statuses first."""
    sources = {(o.scenario, o.position): o for o in report.outcomes}
    for cause in causes(report.outcomes):
        outcome = sources[cause.scenario, cause.position]
        title = _property(f"{cause.operation} differs in {cause.kind}")
        text = f"{cause.what} ({cause.exchanges} exchanges); {cause.example}"
        yield f"::{_LEVELS[cause.kind]} file={_property(outcome.source)},title={title}::{_data(text)}"


def as_har_archive(report: Report, scenarios: Iterable[Scenario]) -> str:
    """The replayed scenarios as HAR; the comment of an exchange says what differs."""
    remarks = {
        (outcome.scenario, outcome.position): "\n".join(_lines(outcome)[:_SHOWN])
        for outcome in _differing(report)
    }
    return as_har(scenarios, remarks)


def _differing(report: Report) -> Iterable[Outcome]:
    return (
        outcome
        for outcome in report.outcomes
        if outcome.verdict.differences and not outcome.silent and outcome.operation
    )


def _heading(outcome: Outcome) -> str:
    name = row_of(outcome)
    return f"{name}: {outcome.method} {outcome.target} ({outcome.scenario} #{outcome.position})"


def _lines(outcome: Outcome) -> list[str]:
    return [str(difference) for difference in outcome.verdict.differences]


def _uri(outcome: Outcome) -> str:
    return quote(outcome.source or outcome.scenario)


def _printable(text: str) -> str:
    """The text without control characters, which XML does not allow."""
    return "".join(
        char if char.isprintable() or char in "\t\n" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
