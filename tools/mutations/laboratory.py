"""Runs tests of one pytest session again and again, in this process: a test takes milliseconds so."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

QUIET = ("-q", "--assert=plain", "--no-header", "-p", "no:cacheprovider", "-p", "no:schemathesis",
         "-p", "no:xdist")  # fmt: skip


@dataclass(eq=False)  # pytest puts plugins in sets
class Laboratory:
    """A pytest plugin that has collected tests and runs those that it is given.

    ``current`` is the test that runs.
    """

    items: dict[str, pytest.Item] = field(default_factory=dict[str, pytest.Item])
    current: str = ""
    _failed: str = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.current = nodeid

    def pytest_runtest_logfinish(self) -> None:
        self.current = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed = self._failed or report.nodeid

    def run(self, tests: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Run tests; yield each with whether it passed."""
        chosen = [self.items[test] for test in tests]
        for item, following in zip(chosen, [*chosen[1:], None], strict=True):
            self._failed = ""
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            yield item.nodeid, not self._failed

    def first_failure(self, tests: Iterable[str]) -> str:
        """The first of the tests that fails; empty where all pass. The others are not run."""
        for test in tests:
            for name, passed in self.run([test]):
                if not passed:
                    return name
        return ""


def experiment(tests: Sequence[str], work: Callable[[Laboratory], None]) -> None:
    """Collect tests and do the work with them, silently; raises RuntimeError where none are found."""

    class _Session(Laboratory):
        error: BaseException | None = None

        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            self.items = {item.nodeid: item for item in session.items}
            try:
                work(self)
            except BaseException as error:  # pytest would only print it
                self.error = error
            return True

    plugin, output = _Session(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        pytest.main([*QUIET, *tests], plugins=[plugin])
    if plugin.error is not None:
        raise plugin.error
    if not plugin.items:
        raise RuntimeError(f"pytest collected nothing\n{output.getvalue()}")
