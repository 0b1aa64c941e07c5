"""Faulty responses: an extra member, a dropped one, a wrong type, in every operation's response.

The contract suite runs once, to learn which tests call an operation and what it responds with. Then
each faulty response is put in, in this process, and tests that call the operation run until one
fails. The fake validates its responses meanwhile.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.engine.context import Reply, RequestContext
from auth0_mgmt_testing.tenant import CHECK_VARIABLE

EXTRA = "member_that_nobody_declared"
TESTS = 8
"""Tests of an operation that may notice a faulty response, the first ones that call it."""
QUIET = (
    "-q",
    "--assert=plain",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
    "-p",
    "no:xdist",
)

Change = Callable[[dict[str, Any]], dict[str, Any]]


def extra(body: dict[str, Any]) -> dict[str, Any]:
    """A member that the contract does not declare."""
    return {**body, EXTRA: True}


def dropped(body: dict[str, Any]) -> dict[str, Any]:
    """Without its first member in alphabetical order."""
    gone = min(body)
    return {name: value for name, value in body.items() if name != gone}


def mistyped(body: dict[str, Any]) -> dict[str, Any]:
    """The first member in alphabetical order has a value of another type."""
    name = min(body)
    wrong = "text" if isinstance(body[name], dict | list) else [{"wrong": 1}]
    return {**body, name: wrong}


CHANGES: dict[str, Change] = {"extra": extra, "dropped": dropped, "mistyped": mistyped}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one faulty response; ``noticed_by`` is empty where it survived."""

    operation: str
    change: str
    noticed_by: str = ""


@dataclass
class Calls:
    """A pytest plugin: which tests call which operation and get an object (or a list of them)."""

    tests: dict[str, list[str]] = field(default_factory=dict)
    _current: str = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._current = nodeid

    def note(self, operation: str, value: Any) -> None:
        if _object(value) is None:
            return
        tests = self.tests.setdefault(operation, [])
        if self._current and self._current not in tests:
            tests.append(self._current)


@dataclass
class _Failed:
    """A pytest plugin: the first test that failed."""

    test: str = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid


def _object(value: Any) -> dict[str, Any] | None:
    """The object of a response that is changed: itself, or the first item of its list."""
    if isinstance(value, dict):
        for item in value.values():
            if isinstance(item, list) and item and isinstance(item[0], dict) and len(value) < 6:
                return item[0]
        return value or None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value[0] or None
    return None


def _changed(value: Any, change: Change) -> Any:
    """The response with its object changed in place of a copy."""
    copy = deepcopy(value)
    found = _object(copy)
    if found:
        wrong = change(found)
        found.clear()
        found.update(wrong)
    return copy


def _wrapped(respond: Callable[[Any], Any]) -> Callable[[Any], Callable[[RequestContext], Any]]:
    """Handlers whose value, bare or in a `Reply`, goes through ``respond``."""

    def wrap(handler: Any) -> Callable[[RequestContext], Any]:
        def wrong(context: RequestContext) -> Any:
            value = handler(context)
            if not context.is_request:
                return value
            if isinstance(value, Reply):
                return replace(value, value=respond(value.value))
            return respond(value)

        return wrong

    return wrap


@contextlib.contextmanager
def _behaviours(wraps: dict[str, Callable[[Any], Any]]) -> Iterator[None]:
    """Put handlers in; the right ones are back afterwards."""
    behaviours = registry().behaviours
    faulty = {
        name: replace(behaviours[name], handler=wrap(behaviours[name].handler))
        for name, wrap in wraps.items()
    }
    with patch.dict(behaviours, faulty):
        yield


def _pytest(arguments: Iterable[str], plugin: object, *, validate: bool = True) -> int:
    """Run in this process, silently; ``validate`` responses against the contract."""
    output = io.StringIO()
    with (
        patch.dict(os.environ, {CHECK_VARIABLE: "1" if validate else ""}),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        return int(pytest.main([*QUIET, *arguments], plugins=[plugin]))


def _passing(tests: list[str], *, validate: bool) -> list[str]:
    """The tests that pass on the fake as it is."""
    failed = _Failed()
    while tests and _pytest(["-x", *tests], failed, validate=validate):
        if failed.test not in tests:
            return []
        tests, failed = [test for test in tests if test != failed.test], _Failed()
    return tests


def learn(suite: str) -> dict[str, list[str]]:
    """By operation: the tests of the suite that call it and get an object."""
    calls = Calls()

    def noting(name: str) -> Callable[[Any], Any]:
        def respond(value: Any) -> Any:
            calls.note(name, value)
            return value

        return _wrapped(respond)

    names = list(registry().behaviours)
    with _behaviours({name: noting(name) for name in names}):
        _pytest([suite], calls, validate=False)
    return {name: tests for name, tests in sorted(calls.tests.items()) if tests}


def outcomes(suite: str, names: Iterable[str] = ()) -> Iterator[Outcome]:
    """Every faulty response (of the named operations, or all), and which test noticed it.

    A test that fails on the fake as it is notices nothing: it is left out. Where all do because
    some other response goes beyond the contract, they run without validation.
    """
    wanted = set(names)
    for name, tests in learn(suite).items():
        if wanted and name not in wanted:
            continue
        validate = True
        usable = _passing(tests[:TESTS], validate=True)
        if not usable:
            validate, usable = False, _passing(tests[:TESTS], validate=False)
        for label, change in CHANGES.items():
            failed = _Failed()
            faulty = _wrapped(partial(_changed, change=change))
            with _behaviours({name: faulty}):
                if usable:
                    _pytest(["-x", *usable], failed, validate=validate)
            yield Outcome(name, label, failed.test)
