"""How soon ``auth0-fake serve`` is ready, and the load that a tenant of 1,000 users takes.

``python -m tests.bench.server``. The server is a process of its own; figures are requests per
second and the 99th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auth0_mgmt_testing import FakeTenant

Make = Callable[[], bytes]


async def load(port: int, make: Make, connections: int, seconds: float) -> list[float]:
    """Latencies of requests over kept connections, each sending its next after a response."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end:
            writer.write(make())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head[9:10] == b"2", head
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return latencies


def request(method: str, path: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    return (
        f"{method} /api/v2{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer any\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode() + content


SERVE = [sys.executable, "-m", "auth0_mgmt_testing", "serve", "--port", "0", "--json", "--quiet"]


def ready_times(rounds: int = 7) -> None:
    """Wall and processor time until the server prints where it is reached, with warm bytecode."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    found: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        with subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            wall = time.perf_counter() - begun
            stat = Path(f"/proc/{process.pid}/stat")
            ticks = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else []
            process.terminate()
        found.append((wall, sum(map(int, ticks)) / 100))
    wall, cpu = (statistics.median(values) for values in zip(*found[1:], strict=True))
    print(f"  {'ready (target <= 0.5 s)':28} {wall:8.2f} s   processor {cpu:5.2f} s")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=5)
    seconds = options.parse_args().seconds
    ready_times()
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        port = int(urlsplit(url).port or 0)
        with FakeTenant.connect(url) as tenant:
            users = [
                {"user_id": f"auth0|{number}", "email": f"u{number}@example.com"}
                for number in range(1_000)
            ]
            tenant.load({"users": users})
        numbers = count()
        sides: dict[str, tuple[Make, int]] = {
            "list of 50": (lambda: request("GET", "/users?per_page=50"), 10),
            "by id": (lambda: request("GET", "/users/auth0%7C500"), 10),
            "POST /roles": (lambda: request("POST", "/roles", {"name": f"r{next(numbers)}"}), 10),
            "by id, 1,000 connections": (lambda: request("GET", "/users/auth0%7C500"), 1_000),
        }
        for name, (make, connections) in sides.items():
            found = sorted(asyncio.run(load(port, make, connections, seconds)))
            late = found[int(len(found) * 0.99)] * 1e3
            print(f"  {name:28} {len(found) / seconds:8.0f}/s   p99 {late:7.1f} ms")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
