"""Which operations the tests called: ``pytest --auth0-operations=FILE``.

Taken from the requests themselves, so nothing is declared by hand and every mode counts alike.
The file says for each operation which tests had it succeed and which had it refused::

    {"get_users_by_id": {"tests": ["tests/contract/test_users.py::…"], "negative": […]}}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mgmt.resources import operations
from auth0_mgmt_testing.verification.operations import match

Called = dict[str, dict[str, list[str]]]
_UNKNOWN = 501
"""A tenant that does not know an operation has not shown anything of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--auth0-operations",
        metavar="FILE",
        help="write which operations each test called, as JSON, and report those never called",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--auth0-operations"):
        config.pluginmanager.register(OperationsCalled(config), "auth0-operations-called")


class OperationsCalled:
    """Notes the requests of each test; with xdist each worker hands its notes to the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._file = Path(str(config.getoption("--auth0-operations")))
        self._called: Called = {}
        self._test = ""
        self._patch = pytest.MonkeyPatch()
        self._watch()

    def _watch(self) -> None:
        """See every request that an httpx client sends, whatever it is sent through."""
        send, send_async = httpx.Client.send, httpx.AsyncClient.send

        def watched(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
            response = send(client, request, **options)
            self._note(request, response)
            return response

        async def watched_async(
            client: httpx.AsyncClient, request: httpx.Request, **options: Any
        ) -> httpx.Response:
            response = await send_async(client, request, **options)
            self._note(request, response)
            return response

        self._patch.setattr(httpx.Client, "send", watched)
        self._patch.setattr(httpx.AsyncClient, "send", watched_async)

    def _note(self, request: httpx.Request, response: httpx.Response) -> None:
        operation = match(request.method, request.url.raw_path.decode())
        if operation and self._test and response.status_code != _UNKNOWN:
            kind = "tests" if response.status_code < 400 else "negative"
            self._add(operation, kind, [self._test])

    def _add(self, operation: str, kind: str, tests: list[str]) -> None:
        kinds = self._called.setdefault(operation, {"tests": [], "negative": []})
        kinds[kind] = sorted({*kinds[kind], *tests})

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """What fixtures arrange counts too: the test fails where it fails."""
        self._test = item.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """What is removed afterwards does not count: no test looks at it."""
        self._test = ""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        for operation, kinds in getattr(node, "workeroutput", {}).get("operations", {}).items():
            for kind, tests in kinds.items():
                self._add(operation, kind, tests)

    def pytest_sessionfinish(self) -> None:
        worker = getattr(self._config, "workeroutput", None)
        if worker is not None:
            worker["operations"] = self._called
        else:
            text = json.dumps(self._called, indent=1, sort_keys=True)
            self._file.write_text(text + "\n", encoding="utf-8")

    def pytest_unconfigure(self) -> None:
        self._patch.undo()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        known = {row.id: row.name for row in operations()}
        succeeded = {id for id, kinds in self._called.items() if kinds["tests"]}
        refused = sum(bool(kinds["negative"]) for kinds in self._called.values())
        terminalreporter.section("operations called")
        terminalreporter.line(
            f"{len(succeeded)} of {len(known)} succeeded in a test, {refused} were refused in one"
        )
        for id in sorted(known.keys() - succeeded, key=known.__getitem__):
            terminalreporter.line(f"never succeeded: {known[id]} ({id})")
