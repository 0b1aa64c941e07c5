"""One run of pytest: its mode, its backend, and its report.

Light on purpose: every pytest run with the plugin imports this. Backends, guards and whatever they
need are imported when the first tenant is requested, or when a mode is named.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from . import modes

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from ..live.network_guard import NetworkGuard
    from .cassette import Shelf
    from .handle import Backend

WRITES = "auth0_writes"
"""The user property of a report with the writes of a dry run."""
URL_VARIABLE = "AUTH0_FAKE_URL"
"""The environment variable with the URL of a server for mode ``server``."""
CASSETTE_AGE = 365
"""The default maximum age of a cassette in days."""
UNFINISHED = pytest.StashKey[bool]()
"""Whether a test has failed or was interrupted: its requests may be incomplete."""


class PluginSession:
    """The settings from options, environment and ini file, and the backend that they choose.

    Raises pytest.UsageError for settings that contradict each other.
    """

    def __init__(self, config: pytest.Config) -> None:
        try:
            named = modes.chosen(
                config.getoption("--auth0"), os.environ, config.getini("auth0_mode")
            )
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
        self.mode: modes.Mode = named or "fake"
        self.dry = bool(config.getoption("--auth0-dry-run"))
        if self.dry and self.mode != "live":
            raise pytest.UsageError("--auth0-dry-run requires --auth0=live")
        self._config = config
        self._named = named is not None
        self._backend: Backend | None = None
        self._guard: NetworkGuard | None = None
        if self.live:
            self._begin_live()

    @property
    def live(self) -> bool:
        """Whether a live tenant is used."""
        from_live = self._config.getoption("--auth0-record-from") == "live"
        return self.mode == "live" or (self.mode == "record" and from_live)

    def _begin_live(self) -> None:
        from ..errors import LiveModeError
        from ..live.run_hooks import LiveRun

        try:
            self.backend()
        except LiveModeError as error:
            raise pytest.UsageError(f"mode {self.mode}: {error}") from None
        self._config.pluginmanager.register(LiveRun(), "auth0-live-run")

    @property
    def entitlements(self) -> frozenset[str] | None:
        """The entitlements of the live tenant's plan; None where not given."""
        option: str | None = self._config.getoption("--auth0-entitlements")
        if option is not None:
            return frozenset(name.strip() for name in option.split(",") if name.strip())
        entitlements: list[str] = self._config.getini("auth0_entitlements")
        return frozenset(entitlements) if entitlements else None

    def backend(self) -> Backend:
        """The backend of this process's tenants; from now on requests to real ones are blocked."""
        if self._backend is None:
            from .factories import make_backend, make_live_backend

            shelf = self._shelf() if self.mode in ("cassette", "record") else None
            if self.live:
                self._backend = make_live_backend(self.mode, os.environ, dry=self.dry, shelf=shelf)
            else:
                self._backend = make_backend(self.mode, shelf, self.server_url)
            self.guard()
        return self._backend

    @property
    def server_url(self) -> str:
        """Where mode ``server`` finds a server that is there already; empty: it starts one."""
        option: str | None = self._config.getoption("--auth0-url")
        given = option or os.environ.get(URL_VARIABLE) or self._config.getini("auth0_url")
        return str(given or "")

    def _shelf(self) -> Shelf:
        """The folder of the cassettes, their maximum age, and what they may hold."""
        from datetime import timedelta

        from ..recordings.allowed import AllowList
        from .cassette import Shelf

        given: int | None = self._config.getoption("--auth0-cassette-age")
        try:
            days = int(self._config.getini("auth0_cassette_age") if given is None else given)
        except ValueError:
            raise pytest.UsageError("auth0_cassette_age must be a number of days") from None
        folder = self._config.rootpath / str(self._config.getini("auth0_cassettes"))
        allow: list[str] = self._config.getini("auth0_cassette_allow")
        try:
            AllowList(allow)
        except ValueError as error:
            raise pytest.UsageError(f"auth0_cassette_allow: {error}") from None
        return Shelf(folder, timedelta(days=days) if days else None, tuple(allow))

    def guard(self) -> None:
        """Block requests to real tenants from now on; a live run may call its own."""
        if self._guard is not None:
            return
        from ..live.configuration import DOMAIN_VARIABLE, LOOPBACK, host
        from ..live.network_guard import NetworkGuard

        live = self.live and not self.dry
        named = {host(os.environ.get(DOMAIN_VARIABLE, ""))} - {"", *LOOPBACK}
        domains: set[str] = {*self._config.getini("auth0_domains"), *named}
        self._guard = NetworkGuard(self.mode, domains, but=named if live else ())
        self._guard.install()

    # Hooks.

    def pytest_report_header(self) -> str | None:
        dry = ", a dry run on the fake" if self.dry else ""
        return f"auth0: mode {self.mode}{dry}" if self._named else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        if self._named:
            self.guard()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        item.stash[UNFINISHED] = True  # until a report changes it: after Ctrl-C there is none
        if any(item.iter_markers()) or "auth0_fake" in getattr(item, "fixturenames", ()):
            from .markers import reason_to_skip

            reason = reason_to_skip(item, self.mode, self.live, self.entitlements)
            if reason:
                pytest.skip(reason)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed or report.skipped or report.when == "call":
            item.stash[UNFINISHED] = report.failed
        return report

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if not self.dry:
            return
        terminalreporter.section("what a live run would write")
        for test, writes in _written(terminalreporter):
            terminalreporter.line(test)
            for line in writes:
                terminalreporter.line(f"  {line}")

    def pytest_unconfigure(self) -> None:
        if self._backend is not None:
            self._backend.close()
        if self._guard is not None:
            self._guard.remove()


def _written(reporter: TerminalReporter) -> Generator[tuple[str, list[str]], None, None]:
    for reports in reporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "teardown":
                for name, value in report.user_properties:
                    if name == WRITES and isinstance(value, str):
                        yield report.nodeid, value.splitlines()
