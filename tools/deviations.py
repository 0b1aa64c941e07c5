"""Count the recorded exchanges that support each deviation from the published contract.

    python -m tools.deviations RECORDINGS

leaves out one entry of ``deviations.toml`` after the other, and counts the successful recorded
exchanges, and the scenarios that they are of, whose request or response the contract then refuses. A
line is an entry: exchanges, scenarios, years, targets. ``--check`` compares the scenarios with the
``recorded`` of each entry; exit code 1: they differ.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import ResponseContractError, contract
from auth0_mgmt_testing.contract.router import Router
from auth0_mgmt_testing.engine import response_validation
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.validation import RequestValidator
from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.recordings.importers import find, load

KINDS = ("deviation", "response")
BASE = "/api/v2"
Row = dict[str, Any]
File = dict[str, list[Row]]


@dataclass(frozen=True)
class Recorded:
    """A successful exchange with its operation and scenario."""

    operation: Operation[Any]
    arguments: dict[str, str]
    exchange: Exchange
    scenario: str
    year: str

    @cached_property
    def body(self) -> Any:
        """The response's JSON; None where it has none."""
        try:
            return json.loads(self.exchange.response.body)
        except ValueError:
            return None

    def fits(self, requests: RequestValidator) -> bool:
        """Whether request and response are what the contract, as it is now, declares."""
        request, response = self.exchange.request, self.exchange.response
        query = parse_qsl(request.query, keep_blank_values=True)
        media = request.headers.get("content-type", "")
        partial = any(name == "fields" for name, _ in query)
        try:
            requests.check(self.operation.id, self.arguments, query, media, request.body)
            response_validation.ResponseValidator().check(
                self.operation, response.status, self.body, partial=partial
            )
        except (APIError, ResponseContractError):
            return False
        return True


def recorded(folder: Path, known: Sequence[Operation[Any]]) -> Iterator[Recorded]:
    """The successful exchanges below a folder."""
    router = Router(known)
    for path, source in find([folder]):
        for scenario in load(path, source):
            when = scenario.recorded_at
            for exchange in scenario.exchanges:
                request = exchange.request
                found = router.find(request.method, request.path.removeprefix(BASE))
                if (
                    found
                    and request.path.startswith(BASE)
                    and 200 <= exchange.response.status < 300
                ):
                    name = f"{scenario.source}:{scenario.name}"
                    year = str(when.year) if when else "?"
                    yield Recorded(found[0], found[1], exchange, name, year)


def put(read: Callable[[], File]) -> RequestValidator:
    """Let the contract read its deviations so; returns a new validator of requests."""
    setattr(contract, "_deviations_file", read)  # noqa: B010 - private
    for name in ("deviations", "_targets", "_responses", "_schema_document"):
        vars(contract)[name].cache_clear()
    vars(response_validation)["_compiled"].cache_clear()
    return RequestValidator()


def without(file: File, row: Row) -> RequestValidator:
    """Put the deviations in, without one."""
    rows = {kind: [each for each in found if each is not row] for kind, found in file.items()}
    return put(lambda: rows)


def touches(row: Row, operation: Operation[Any]) -> bool:
    """Whether an entry is of the family of an operation."""
    if "operations" in row:
        return operation.name in row["operations"]
    names = contract.of_operation(operation.id).names()
    return any(fnmatchcase(name, target) for name in names for target in row["targets"])


def supported(row: Row, validator: RequestValidator, all_: Iterable[Recorded]) -> list[Recorded]:
    """The exchanges that the contract refuses without the entry."""
    return [each for each in all_ if not each.fits(validator)]


def count(folder: Path) -> Iterator[tuple[Row, list[Recorded]]]:
    """Each entry with the exchanges that it alone makes fit."""
    known = operations()
    read: Callable[[], File] = vars(contract)["_deviations_file"]
    file = read()
    every = RequestValidator()
    fitting = [each for each in recorded(folder, known) if each.fits(every)]
    try:
        for kind in KINDS:
            for row in file[kind]:
                concerned = {op.name for op in known if touches(row, op)}
                validator = without(file, row)
                rest = (each for each in fitting if each.operation.name in concerned)
                yield row, supported(row, validator, rest)
    finally:
        put(read)


def main() -> int:
    """Print the counts; 1 where ``--check`` finds another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    differing = 0
    for row, found in count(given.recordings):
        scenarios = {each.scenario for each in found}
        years = sorted({each.year for each in found if each.year != "?"})
        span = "-".join(dict.fromkeys((years[0], years[-1]))) if years else ""
        names = ", ".join(row.get("targets") or row["operations"])
        places = " ".join(row.get("pointers", ()))
        if given.check and len(scenarios) == row.get("recorded", 0):
            continue
        differing += 1
        print(f"{len(found):5} {len(scenarios):4} {span:9} {names[:60]} {places[:60]}")
    return int(given.check and differing > 0)


if __name__ == "__main__":
    raise SystemExit(main())
