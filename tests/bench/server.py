"""How soon ``auth0-fake serve`` is ready, and the load that a tenant of 1,000 users takes.

``python -m tests.bench.server``. The server is a process of its own; figures are requests per
second and the 99th percentile. ``--moto`` measures moto's Cognito, the nearest peer, in turns with
it; what has a peer is printed side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auth0_mgmt_testing import FakeTenant

Make = Callable[[], bytes]


async def load(
    port: int,
    make: Make,
    connections: int,
    seconds: float,
    most: int = sys.maxsize,
    statuses: bytes = b"2",
) -> list[float]:
    """Latencies of requests, at most so many, each connection sending its next after a response.

    ``statuses``: the first digits of those that may come.

    A connection that the server closes is opened again for the next request.
    """
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end and len(latencies) < most:
            writer.write(make())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head[9:10] in statuses, head
            lower = head.lower()
            length = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - begun)
            if b"connection: close" in lower:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
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
            used = processor(process.pid)
            process.terminate()
        found.append((wall, used))
    wall, cpu = (statistics.median(values) for values in zip(*found[1:], strict=True))
    print(f"  {'ready (target <= 0.5 s)':28} {wall:8.2f} s   processor {cpu:5.2f} s")


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 where the system does not say."""
    stat = Path(f"/proc/{pid}/stat")
    ticks = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else []
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") if ticks else 0.0


def resident(process: subprocess.Popen[str]) -> float:
    """Resident memory of a server in MB; 0 where the system does not say."""
    path = Path(f"/proc/{process.pid}/statm")
    return int(path.read_text().split()[1]) * 4096 / 2**20 if path.exists() else 0.0


def measured(side: Side, seconds: float) -> str:
    """Requests per second and the 99th percentile, as text; of both processes the time for each."""
    server, own = processor(side.pid), time.process_time()
    found = sorted(asyncio.run(load(side.port, side.make, side.connections, seconds)))
    late = found[int(len(found) * 0.99)] * 1e3
    server, own = ((processor(side.pid) - server), (time.process_time() - own))
    shown = f"{len(found) / seconds:8.0f}/s   p99 {late:7.1f} ms"
    if not side.pid:
        return shown
    each = 1e6 / len(found)
    return f"{shown}   processor: server {server * each:4.0f} us, load {own * each:4.0f} us"


@dataclass(frozen=True)
class Side:
    """One kind of request to a server."""

    port: int
    make: Make
    connections: int = 10
    pid: int = 0
    """The server's process, if its processor time is shown."""


def compare(ours: Mapping[str, Side], peers: Mapping[str, Side], seconds: float) -> None:
    """Measure each side right before its peer, where there is one."""
    for name, side in ours.items():
        found = measured(side, seconds)
        peer = next((peers[known] for known in peers if name.startswith(known)), None)
        beside = "" if peer is None else f"   moto {measured(peer, seconds)}"
        print(f"  {name:36} {found}{beside}", flush=True)


def ours(seconds: float, requests: int, peers: Mapping[str, Side]) -> None:
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        port = int(urlsplit(str(url)).port or 0)
        with FakeTenant.connect(url) as tenant:
            users = [
                {"user_id": f"auth0|{number}", "email": f"u{number}@example.com"}
                for number in range(1_000)
            ]
            tenant.load({"users": users})
        numbers = count()
        path = "/users/auth0%7C500"
        sides: dict[str, Side] = {
            "list of 50 (target >= 3,000)": Side(
                port, lambda: request("GET", "/users?per_page=50")
            ),
            "by id (target >= 8,000)": Side(port, lambda: request("GET", path)),
            "POST /roles (target >= 3,000)": Side(
                port, lambda: request("POST", "/roles", {"name": f"r{next(numbers)}"})
            ),
            "PATCH /users/{id}": Side(
                port, lambda: request("PATCH", path, {"user_metadata": {"n": next(numbers)}})
            ),
            "POST /users (target >= 3,000)": Side(
                port, lambda: request("POST", "/users", new_user(next(numbers)))
            ),
            "1,000 connections, by id": Side(port, lambda: request("GET", path), 1_000),
        }
        known = {name: replace(side, pid=process.pid) for name, side in sides.items()}
        compare(known, peers, seconds)

        def mixed() -> bytes:
            number = next(numbers)
            body = {"user_metadata": {"n": number}}
            return request("GET", path) if number % 10 else request("PATCH", path, body)

        if requests:
            sizes: list[float] = []
            for _ in range(5):  # the first fifth fills what is kept up to a bound
                asyncio.run(load(port, mixed, 10, 3_600, requests // 5))
                sizes.append(resident(process))
            shown = ", ".join(f"{size:.1f}" for size in sizes)
            print(
                f"  resident MB after each fifth of {requests:,} requests, a tenth writes: {shown}"
            )
    finally:
        process.terminate()
        process.wait()


def new_user(number: int) -> dict[str, str]:
    name = "Username-Password-Authentication"
    return {"connection": name, "email": f"n{number}@example.com", "password": "Pa55-word!"}


@contextmanager
def moto(interpreter: str) -> Generator[dict[str, Side]]:
    """Cognito's peers by moto_server, for an interpreter that has ``moto[server]``."""
    port = 15_021
    command = [interpreter, "-m", "moto.server", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sign = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/cognito-idp/aws4_request"
    target = "AWSCognitoIdentityProviderService"

    def call(action: str, body: Any) -> bytes:
        content = json.dumps(body).encode()
        return (
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: {target}.{action}\r\n"
            f"Authorization: {sign}, SignedHeaders=host, Signature=0\r\n"
            f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content

    def send(action: str, body: Any) -> Any:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(call(action, body))
            response = http.client.HTTPResponse(connection)
            response.begin()
            return json.loads(response.read())

    try:
        for _ in range(100):
            try:
                created = send("CreateUserPool", {"PoolName": "bench"})
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise TimeoutError("moto_server does not start")
        here = {"UserPoolId": created["UserPool"]["Id"]}
        for number in range(1_000):
            send("AdminCreateUser", {**here, "Username": f"u{number}"})
        numbers = count()
        one = {**here, "Username": "u500"}
        yield {
            "list of 50": Side(port, lambda: call("ListUsers", {**here, "Limit": 50})),
            "by id": Side(port, lambda: call("AdminGetUser", one)),
            "POST /users": Side(
                port, lambda: call("AdminCreateUser", {**here, "Username": f"n{next(numbers)}"})
            ),
        }
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--requests", type=int, default=200_000, help="for the growth of memory")
    options.add_argument("--moto", metavar="PYTHON", help="interpreter that has moto[server]")
    given = options.parse_args()
    ready_times()
    peers: AbstractContextManager[dict[str, Side]] = nullcontext({})
    if given.moto:
        peers = moto(given.moto)
    with peers as found:
        ours(given.seconds, given.requests, found)


if __name__ == "__main__":
    main()
