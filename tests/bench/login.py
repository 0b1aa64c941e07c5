"""What a log-in costs a served tenant: ``python -m tests.bench.login``.

A code flow over loopback, as a browser and a web application do it: ``/authorize``, the page, the form
with identifier and password (on one page or two), ``/oauth/token`` with PKCE. The fake's time is the
processor time of the server's process; the flow's is that of the clock on the wall, the client's
included. The same follows with an action that is bound to it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from auth0_mgmt_testing import FakeTenant, RemoteTenant

from .fake import PLAN, show
from .server import SERVE

CALLBACK = "https://app.example.com/callback"
EMAIL = "ada@example.com"
PASSWORD = "A-long-Pa55word!"
VERIFIER = "v" * 43
_DIGEST = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
AUTHORIZE = {
    "client_id": "bench",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile email",
    "state": "s",
    "code_challenge": _DIGEST.rstrip("="),
    "code_challenge_method": "S256",
}
FORM = {"content-type": "application/x-www-form-urlencoded"}
MOST = 15.0
"""Milliseconds of the fake's time that a whole flow may take."""
MOST_OF_AN_ACTION = 2.0
_TICK = 10.0
"""Milliseconds of a tick in which the system counts processor time."""


class Flow:
    """A browser and an application with one connection to the tenant, new cookies for each log-in."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("localhost", port)
        self.requests = 0

    def run(self, *, pages: int) -> dict[str, Any]:
        """Log in, with the password on a page of its own where there are two; the tokens."""
        cookie, target = "", f"/authorize?{urlencode(AUTHORIZE)}"
        text = ""
        while not text:
            cookie, target, text = self._open("GET", target, cookie)
        forms = [{"username": EMAIL}, {"password": PASSWORD}]
        for given in forms if pages == 2 else [{**forms[0], **forms[1]}]:
            hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
            cookie, target, text = self._open("POST", target, cookie, {**hidden, **given})
            while not text and not target.startswith(CALLBACK):
                cookie, target, text = self._open("GET", target, cookie)
        code = parse_qs(urlsplit(target).query)["code"][0]
        given = {
            "grant_type": "authorization_code",
            "client_id": "bench",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        _, _, tokens = self._open("POST", "/oauth/token", "", given)
        return dict(json.loads(tokens))

    def _open(
        self, method: str, target: str, cookie: str, form: Mapping[str, str] | None = None
    ) -> tuple[str, str, str]:
        """Cookie, address and text after a request; no text where it leads elsewhere."""
        headers = {**FORM, **({"cookie": cookie} if cookie else {})}
        self._connection.request(method, target, urlencode(form or {}) or None, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        self.requests += 1
        assert response.status < 400, text
        new = response.headers.get("set-cookie")
        cookie = cookie if new is None else new.partition(";")[0]
        location = response.headers.get("location")
        return (cookie, target, text) if location is None else (cookie, location, "")


def spent(process: subprocess.Popen[str]) -> float:
    """Milliseconds of processor time that a process had; 0 where the system does not say."""
    path = Path(f"/proc/{process.pid}/stat")
    ticks = path.read_text().rpartition(")")[2].split()[11:13] if path.exists() else []
    return sum(map(int, ticks)) * _TICK


@dataclass
class Side:
    """A served tenant and what its log-ins took."""

    process: subprocess.Popen[str]
    flow: Flow
    tenant: RemoteTenant
    pages: int
    own: float = 0.0
    """Milliseconds of the server's processor time."""
    walls: list[float] = field(default_factory=list[float])

    def run(self, flows: int) -> None:
        begun = spent(self.process)
        for _ in range(flows):
            start = time.perf_counter()
            self.flow.run(pages=self.pages)
            self.walls.append((time.perf_counter() - start) * 1e3)
        self.own += spent(self.process) - begun

    @property
    def wall(self) -> float:
        return statistics.median(self.walls)

    @property
    def each(self) -> float:
        """Milliseconds of the fake's time for one flow."""
        return self.own / len(self.walls) or self.wall


@contextmanager
def serving(*, pages: int) -> Generator[Side, None, None]:
    """A served tenant with a client and a user, of a process of its own."""
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = str(json.loads(process.stdout.readline())["url"])
        with FakeTenant.connect(url) as tenant:
            _furnish(tenant, pages)
            yield Side(process, Flow(int(urlsplit(url).port or 0)), tenant, pages)
    finally:
        process.terminate()
        process.wait()


def _furnish(tenant: RemoteTenant, pages: int) -> None:
    tenant.clients.add(
        client_id="bench",
        name="Bench",
        app_type="spa",
        token_endpoint_auth_method="none",
        callbacks=[CALLBACK],
        grant_types=["authorization_code"],
    )
    tenant.users.add(
        email=EMAIL, email_verified=True, password=PASSWORD, app_metadata={"plan": "gold"}
    )
    mgmt = tenant.management()
    mgmt.prompts.update_settings(identifier_first=pages == 2)
    [database] = mgmt.connections.list(strategy=["auth0"])
    mgmt.connections.clients.update(str(database.id), body=[{"client_id": "bench", "status": True}])


def bind_action(side: Side) -> float:
    """Bind an action; returns the milliseconds of the log-in that runs it first."""
    action = side.tenant.actions.add(
        name="plan", supported_triggers=[{"id": "post-login", "version": "v3"}], code=PLAN
    )
    side.tenant.actions.bind("post-login", action)
    begun = time.perf_counter()
    tokens = side.flow.run(pages=side.pages)
    took = (time.perf_counter() - begun) * 1e3
    payload = tokens["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["https://example.com/plan"] == "gold"
    return took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flows", type=int, default=300, help="log-ins of each kind (300)")
    flows = options.parse_args().flows
    rounds = 6
    print(f"a log-in by the code flow over loopback, {flows} of each kind, in turns")
    with serving(pages=2) as two, serving(pages=1) as one, serving(pages=1) as acting:
        for side in (two, one, acting):
            assert "id_token" in side.flow.run(pages=side.pages)
        first = bind_action(acting)
        sizes = [side.flow.requests for side in (two, one)]
        for _ in range(rounds):
            for side in (two, one, acting):
                side.run(max(flows // rounds, 1))
    for side, size, kind in zip((two, one), sizes, ("two pages", "one page"), strict=True):
        what = f"{kind}, {size} requests: the fake's time"
        show(what, f"{side.each:.1f} ms", side.each <= MOST, f"<= {MOST:.0f} ms")
        print(f"  {'  on the wall, the client included':44} {side.wall:9.1f} ms")
    print(f"  {'with an action, its first run: on the wall':44} {first:9.1f} ms")
    added = acting.each - one.each
    what = "what its next runs add to the fake's time"
    show(what, f"{added:.1f} ms", added <= MOST_OF_AN_ACTION, f"<= {MOST_OF_AN_ACTION:.0f} ms")
    sys.exit(0 if max(two.each, one.each) <= MOST else 1)


if __name__ == "__main__":
    main()
