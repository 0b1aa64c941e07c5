"""The memory of a served fake over very many requests of every kind: ``python -m tests.bench.memory``.

The first requests fill what is kept up to a bound (request log, tenant logs, events); from then on
the resident memory is to stay as it is. Exits with 1 where it grows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from itertools import count
from urllib.parse import urlsplit

from .server import SERVE, load, new_user, request, resident

ALIVE = 1_000
"""Users that the tenant contains; for each one that is created one is deleted."""
PARTS = 10
GROWTH = 10.0
"""MB by which the memory may grow from the second part to the last."""


class Mix:
    """Requests that leave the tenant as it was: reads, writes, failures, log-ins."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self._numbers = count()
        self._log_in = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }

    def __call__(self) -> bytes:
        number = next(self._numbers)
        turn, kind = divmod(number, 20)
        user = f"/users/auth0%7Cm{max(turn - ALIVE // 2, 0)}"
        match kind:
            case 0 | 1:
                return request("POST", "/users", {**new_user(turn), "user_id": f"m{turn}"})
            case 2 | 3:
                return request("DELETE", f"/users/auth0%7Cm{turn - ALIVE}")
            case 4 | 5 | 6:
                return request("PATCH", user, {"user_metadata": {"n": number}})
            case 7:
                return request("GET", "/users?per_page=50&include_totals=true")
            case 8:
                return request("GET", f"/users?q=name:n{turn % 5_000}*")
            case 9:
                return request("GET", "/users?sort=email:1&per_page=10")
            case 10:
                return request("GET", "/logs?per_page=5")
            case 11:
                return request("POST", "/users", {"nothing": number})
            case 12:
                return request("GET", f"/users/auth0%7Cnobody{number}")
            case 13:
                return request("GET", "/connections")
            case 14:
                return self._token()
            case _:
                return request("GET", user)

    def _token(self) -> bytes:
        path = "/oauth/token"
        return request("POST", "", self._log_in).replace(b"/api/v2", path.encode(), 1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=1_000_000)
    given = options.parse_args()
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        described = json.loads(process.stdout.readline())
        port = int(urlsplit(str(described["url"])).port or 0)
        mix = Mix(described["client_id"], described["client_secret"])
        sizes: list[float] = []
        for part in range(PARTS):
            begun = time.perf_counter()
            most = given.requests // PARTS
            asyncio.run(load(port, mix, 10, 36_000, most, statuses=b"24"))
            sizes.append(resident(process))
            rate = most / (time.perf_counter() - begun)
            print(
                f"  {most * (part + 1):9,} requests  {sizes[-1]:7.1f} MB  {rate:6.0f}/s",
                flush=True,
            )
        grown = sizes[-1] - sizes[1]
        met = grown <= GROWTH
        print(f"  growth {grown:+.1f} MB (limit {GROWTH:.0f} MB): {'ok' if met else 'NOT ok'}")
        sys.exit(0 if met else 1)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
