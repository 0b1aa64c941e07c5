"""Which members the responses of each operation have: none goes, and none comes, unseen.

The contract requires hardly any member of a response, so a fake that forgets one would still conform.
`FILE` therefore holds, for each operation and each object in its responses, the sets of members that
the contract suite has seen (a line each, so that a change is seen in review). A response of
another shape fails the test that received it. ``make shapes`` writes the file from what the suite
sees: look at the difference before committing it.

Objects below a free-form member (`FREE_FORM`) have the members that a test gave them: none is noted.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt_testing.engine.response_validation import ResponseValidator

FILE = Path(__file__).parent / "contract" / "response_shapes.txt"
FREE_FORM = frozenset({
    "app_metadata", "attributes", "client_metadata", "configuration", "data", "details",
    "domain_metadata", "metadata", "oidc_metadata", "overrides", "parameters", "params", "payload",
    "presentation", "query", "refresh_token_metadata", "session_metadata", "user_attributes",
    "user_metadata",
})  # fmt: skip
"""Members whose own members are the user's, or data of the vendor's own."""
_DEPTH = 3
"""Objects within objects that are looked into."""

Shape = tuple[str, ...]
Shapes = dict[str, set[Shape]]


def shapes_of(place: str, value: Any, depth: int = _DEPTH) -> Iterator[tuple[str, Shape]]:
    """Each object of a response: where it is (``clients.list clients[]``), and its members."""
    if is_array(value):
        for item in value:
            yield from shapes_of(f"{place}[]", item, depth)
    elif is_object(value) and depth:
        yield place, tuple(sorted(value))
        for name in value.keys() - FREE_FORM:
            yield from shapes_of(f"{place} {name}", value[name], depth - 1)


def read(file: Path = FILE) -> Shapes:
    """The shapes that a file holds."""
    found: Shapes = {}
    for line in file.read_text("utf-8").splitlines():
        place, _, members = line.partition(":")
        found.setdefault(place, set()).add(tuple(members.split()))
    return found


def lines(shapes: Shapes) -> set[str]:
    """Shapes as lines: the place, and the members in alphabetical order."""
    return {
        f"{place}: {' '.join(shape)}".rstrip() for place, each in shapes.items() for shape in each
    }


def write(shapes: Shapes, file: Path = FILE) -> None:
    """Write shapes in alphabetical order."""
    file.write_text("".join(f"{line}\n" for line in sorted(lines(shapes))), encoding="utf-8")


class ResponseShapes:
    """Compares the responses that the fake validates with the known shapes, or collects them."""

    def __init__(self, known: Shapes, *, collect: bool = False) -> None:
        self.known = known
        self.collect = collect
        self.seen: Shapes = {}
        self._unknown: list[str] = []

    def note(self, operation: str, value: Any, *, partial: bool = False) -> None:
        """Take notice of a response's body; ``partial``: with selected members only."""
        for place, shape in shapes_of(operation, value):
            if not partial:
                self.seen.setdefault(place, set()).add(shape)
            if not self.collect and (said := self._difference(place, shape, partial=partial)):
                self._unknown.append(said)

    def _difference(self, place: str, shape: Shape, *, partial: bool) -> str:
        """What sets a shape apart from the known one that is nearest; empty where it is known."""
        known = self.known.get(place, set())
        members = set(shape)
        if shape in known or (partial and members.issubset(*map(set, [sum(known, ())]))):
            return ""
        nearest = min(known, key=lambda each: len(members ^ set(each)), default=())
        more, less = sorted(members - set(nearest)), sorted(set(nearest) - members)
        parts = [f"shows also {', '.join(more)}"] * bool(more) + [
            f"lacks {', '.join(less)}"
        ] * bool(less)
        return f"{place}: {' and '.join(parts) or 'is an empty object'}"

    def unknown(self) -> list[str]:
        """What responses had that no known shape has, since the last call."""
        found, self._unknown = self._unknown, []
        return found

    @contextmanager
    def watching(self) -> Generator[None]:
        """See each response that a fake tenant validates, in process or behind HTTP."""
        check = ResponseValidator.check

        @wraps(check)
        def watched(
            validator: ResponseValidator,
            operation: Operation[Any],
            status: int,
            value: Any,
            *,
            partial: bool = False,
        ) -> None:
            check(validator, operation, status, value, partial=partial)
            self.note(operation.name, value, partial=partial)

        with patch.object(ResponseValidator, "check", watched):
            yield


class _WholeRun:
    """Writes what a run has seen, or fails where the file has more; xdist's workers hand it over."""

    def __init__(self, config: pytest.Config, shapes: ResponseShapes) -> None:
        self._config = config
        self._shapes = shapes
        self._unseen: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        for place, shapes in getattr(node, "workeroutput", {}).get("response_shapes", {}).items():
            self._shapes.seen.setdefault(place, set()).update(map(tuple, shapes))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        seen = self._shapes.seen
        worker = getattr(self._config, "workeroutput", None)
        if worker is not None:
            worker["response_shapes"] = {
                place: list(map(list, each)) for place, each in seen.items()
            }
        elif self._shapes.collect:
            write(seen)
        else:
            self._unseen = sorted(lines(self._shapes.known) - lines(seen))
            if self._unseen and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._unseen:
            terminalreporter.section(f"{FILE.name} has what no response was like: make shapes")
            for line in self._unseen:
                terminalreporter.line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--response-shapes",
        choices=("write", "whole"),
        help=f"of a run of the whole contract suite: write {FILE.name}, or fail where it has shapes "
        "that no response had",
    )


SHAPES: pytest.StashKey[ResponseShapes] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    purpose = config.getoption("--response-shapes")
    collect = purpose == "write"
    shapes = ResponseShapes({} if collect else read(), collect=collect)
    config.stash[SHAPES] = shapes
    if purpose is not None:
        config.pluginmanager.register(_WholeRun(config, shapes), "response-shapes-of-the-run")
