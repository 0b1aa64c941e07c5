"""Replaying on a URL, and on several processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from auth0_mgmt_testing.errors import TargetError
from auth0_mgmt_testing.verification.targets import UrlTarget
from auth0_mgmt_testing.verification.verify import VerifyOptions, verify

from .conftest import go_vcr

BODIES = {
    "/.well-known/openid-configuration": b'{"issuer": "https://fake.eu.auth0.com/"}',
    "/__fake/health": b'{"status": "ok", "domain": "fake.eu.auth0.com"}',
}


class Handler(BaseHTTPRequestHandler):
    """As much of a fake tenant's server as the harness looks at."""

    seen: list[tuple[str, str, str | None]]

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.seen.append((self.command, self.path, self.headers.get("authorization")))
        body = BODIES.get(self.path, b"[]")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    handler: Any = type("Recorder", (Handler,), {"seen": []})
    with HTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", handler.seen
        http.shutdown()
        thread.join()


def test_a_fake_tenants_server_is_reset_before_each_scenario(write: Any, server: Any) -> None:
    url, seen = server
    path = write("a.yaml", go_vcr(("GET", "/roles", None, 200, [])))
    report = verify([path, path], VerifyOptions(against=url))
    assert report.evidence.scores is not None
    assert report.evidence.scores.value == 1
    assert [(method, target) for method, target, _ in seen].count(("POST", "/__fake/reset")) == 2
    assert all(token for _, target, token in seen if target == "/api/v2/roles")


def test_the_domain_is_what_the_server_says(server: Any) -> None:
    target = UrlTarget(server[0], {})
    assert target.domain == "fake.eu.auth0.com"
    target.close()


def test_a_url_that_does_not_answer_is_refused() -> None:
    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        closed = f"http://127.0.0.1:{http.server_port}"
    with pytest.raises(TargetError, match="does not respond"):
        UrlTarget(closed, {})


def test_several_processes_report_as_one_does(write: Any, tmp_path: Any) -> None:
    for number in range(10):
        write(f"{number}.yaml", go_vcr(("GET", f"/nothing/{number}", None, 200, None)))
    seen: list[tuple[int, int]] = []
    shared = verify([tmp_path], jobs=2, progress=lambda done, total: seen.append((done, total)))
    assert shared == verify([tmp_path])
    assert [outcome.scenario for outcome in shared.outcomes] == [str(n) for n in range(10)]
    assert seen[-1] == (10, 10)
