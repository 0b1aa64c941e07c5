"""The fake beside the cheapest mocks that there are, in one run: ``python -m tests.bench.fake``.

The two sides of a pair take turns, so that a noisy machine disturbs both alike, and each figure is
the median of its rounds, in processor time; the ratios are what to read.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import respx

from auth0_mgmt_testing import FakeTenant

ROUNDS = 21
DATABASE = "Username-Password-Authentication"
HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}


def medians(sides: dict[str, Callable[[], Any]], inner: int) -> dict[str, float]:
    """Microseconds per call of each side: medians of interleaved rounds of ``inner`` calls."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for call in sides.values():
        for _ in range(inner // 4 + 1):
            call()
    gc.collect()
    for _ in range(ROUNDS):
        for name, call in sides.items():
            begin = time.process_time()
            for _ in range(inner):
                call()
            times[name].append((time.process_time() - begin) / inner * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def told(what: str, figure: str, met: bool, target: str) -> None:
    print(f"  {what:44} {figure:>12}   {'ok  ' if met else 'MISS'} (target {target})")


def ask(tenant: FakeTenant, method: str, path: str, body: Any = None) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    answer = tenant.send(method, f"/api/v2{path}", HEADERS, content)
    assert answer.status < 300, answer.body
    return answer.json()


def add_users(tenant: FakeTenant, count: int) -> list[str]:
    """Create users by requests; gives their ids."""
    made = []
    for number in range(count):
        body = {"connection": DATABASE, "email": f"u{number}@example.com", "password": "Pa55-word!"}
        made.append(ask(tenant, "POST", "/users", body)["user_id"])
    return made


def ratio(what: str, found: dict[str, float], target: float) -> None:
    """Print how many times the second side takes as long as the first."""
    (_, base), (_, ours) = found.items()
    value = ours / base
    told(what, f"{value:.2f} x", value <= target, f"<= {target} x")


# --- the parts -----------------------------------------------------------------------------------


def doors() -> None:
    """One call through an httpx client: the fake, and a mock that always says the same."""
    tenant = FakeTenant()
    user = add_users(tenant, 1)[0]
    url = f"https://{tenant.domain}/api/v2/users/{user.replace('|', '%7C')}"
    answer = tenant.send("GET", f"/api/v2/users/{user}", HEADERS)
    constant = httpx.MockTransport(
        lambda request: httpx.Response(200, headers=answer.headers, content=answer.body)
    )
    mocked = httpx.Client(transport=constant, headers=HEADERS)
    faked = httpx.Client(transport=tenant.transport(), headers=HEADERS)
    print("one call (GET /users/{id}) through an httpx client")
    sides: dict[str, Callable[[], Any]] = {
        "constant": lambda: mocked.get(url),
        "fake": lambda: faked.get(url),
    }
    ratio("transport, beside httpx.MockTransport", medians(sides, 200), 2.0)

    client = httpx.Client(headers=HEADERS)

    def through(router: Any, inner: int = 60) -> float:
        with router:
            begin = time.process_time()
            for _ in range(inner):
                client.get(url)
            return (time.process_time() - begin) / inner * 1e6

    def catch_all() -> respx.MockRouter:
        router = respx.MockRouter(assert_all_called=False)
        reply = httpx.Response(200, headers=answer.headers, content=answer.body)
        router.route().mock(return_value=reply)
        return router

    times: dict[str, list[float]] = {"catch-all": [], "fake": []}
    for _ in range(ROUNDS):
        times["catch-all"].append(through(catch_all()))
        times["fake"].append(through(tenant))
    found = {name: statistics.median(values) for name, values in times.items()}
    ratio("respx, beside one catch-all route", found, 1.4)


def lists() -> None:
    tenant = FakeTenant()
    add_users(tenant, 1_000)
    target = "/api/v2/users?per_page=50&include_totals=true"
    found = medians({"list": lambda: tenant.send("GET", target, HEADERS)}, 40)["list"] / 1e3
    print("in process")
    told("a list of 50 of 1,000 users", f"{found:.3f} ms", found <= 0.5, "<= 0.5 ms")


def states() -> None:
    FakeTenant()
    tenant = FakeTenant()
    add_users(tenant, 10_000)
    moment = tenant.snapshot()
    found = medians(
        {
            "a new tenant": FakeTenant,
            "restoring a snapshot": lambda: tenant.restore(moment),
            "forking a tenant of 10,000 users": tenant.fork,
        },
        300,
    )
    for name, limit in zip(found, (0.2, 0.2, 0.1), strict=True):
        value = found[name] / 1e3
        told(name, f"{value:.4f} ms", value <= limit, f"<= {limit} ms")
    seeds = count()
    first = medians({"new": lambda: FakeTenant(random_seed=f"bench {next(seeds)}")}, 3)["new"] / 1e3
    print(f"  {'a new tenant whose seed nobody had before':44} {first:9.2f} ms")


def sizes(many: int) -> None:
    """What does not grow with the number of users."""
    few, lot = FakeTenant(), FakeTenant()
    ids = {"few": add_users(few, 1_000)}
    before = resident()
    gc.collect()
    ids["many"] = add_users(lot, many)
    grown = (resident() - before) / many
    print(f"{many:,} users beside 1,000")
    for what, path in (
        ("get by id", "/users/{id}"),
        ("get by email", "/users-by-email?email=u500@example.com"),
        ("exact-match search", "/users?q=email:%22u500@example.com%22"),
    ):
        sides: dict[str, Callable[[], Any]] = {
            key: partial(tenant.send, "GET", "/api/v2" + path.format(id=ids[key][500]), HEADERS)
            for key, tenant in (("few", few), ("many", lot))
        }
        ratio(what, medians(sides, 100), 2.0)
    if grown:
        print(f"  {'memory, resident':44} {grown / 1024:9.2f} kB   per user with its indexes")


def resident() -> int:
    """Bytes of resident memory; 0 where the system does not tell."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0


def flatness(requests: int) -> None:
    """Memory over many requests: quick reads and writes that leave the tenant as it was."""
    tenant = FakeTenant()
    user = add_users(tenant, 1)[0]
    body = json.dumps({"user_metadata": {"n": 1}}).encode()

    def some(count: int, writes: int) -> None:
        """So many requests; every ``writes``-th of them is one."""
        for number in range(count):
            if number % writes:
                tenant.send("GET", f"/api/v2/users/{user}", HEADERS)
            else:
                tenant.send("PATCH", f"/api/v2/users/{user}", HEADERS, body)

    tracemalloc.start()
    # First all that is kept up to a bound (journal, logs, events) is filled and replaced once.
    some(25_000, writes=1)
    gc.collect()
    first = tracemalloc.get_traced_memory()[0]
    begun = time.perf_counter()
    some(requests, writes=10)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    took = time.perf_counter() - begun
    tracemalloc.stop()
    print(f"memory over {requests:,} requests, a tenth of them writes ({took:.0f} s, traced)")
    million = grown / requests * 1e6 / 2**20
    told("objects alive, extrapolated to a million", f"{million:+.2f} MB", million <= 5, "<= 5 MB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=100_000, help="of the large tenant")
    options.add_argument("--requests", type=int, default=200_000, help="for the flatness of memory")
    options.add_argument("--only", choices=["doors", "lists", "states", "sizes", "flatness"])
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"the fake, Python {sys.version.split()[0]}")
    parts: dict[str, Callable[[], None]] = {
        "doors": doors,
        "lists": lists,
        "states": states,
        "sizes": lambda: sizes(given.users),
        "flatness": lambda: flatness(given.requests),
    }
    for name, part in parts.items():
        if given.only in (None, name):
            part()


if __name__ == "__main__":
    main()
