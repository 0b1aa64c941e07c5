"""The client beside the vendor's SDK and bare httpx, in one run: ``python -m tests.bench.client``.

Every figure is the median of many short interleaved rounds, in processor time, so that a noisy
machine disturbs all sides alike; the ratios are what to read.
"""

from __future__ import annotations

import compileall
import gc
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import auth0
import httpx
from auth0.management import Auth0
from pydantic import BaseModel, TypeAdapter, create_model

import auth0_mgmt
from auth0_mgmt.models import users as models

ROUNDS = 41
USER = {
    "user_id": "auth0|5f00000000000000000000a1",
    "email": "ada@example.com",
    "email_verified": False,
    "created_at": "2024-01-02T03:04:05.678Z",
    "updated_at": "2024-01-02T03:04:05.678Z",
    "last_login": "2024-01-02T03:04:05.678Z",
    "identities": [
        {
            "connection": "Username-Password-Authentication",
            "user_id": "5f00000000000000000000a1",
            "provider": "auth0",
            "isSocial": False,
        }
    ],
    "name": "Ada Lovelace",
    "nickname": "ada",
    "picture": "https://s.gravatar.com/avatar/00000000000000000000000000000000?s=480",
    "user_metadata": {"plan": "gold"},
    "app_metadata": {"roles": ["a", "b"]},
    "last_ip": "203.0.113.7",
    "logins_count": 3,
}
ONE = json.dumps(USER).encode()
PAGE = json.dumps(
    {"start": 0, "limit": 100, "length": 100, "total": 100, "users": [USER] * 100}
).encode()
HEADERS = {"content-type": "application/json"}


def respond(request: httpx.Request) -> httpx.Response:
    content = PAGE if request.url.path.endswith("/users") else ONE
    return httpx.Response(200, content=content, headers=HEADERS)


def medians(sides: dict[str, Callable[[], Any]], inner: int) -> dict[str, float]:
    """Microseconds per call of each side: the median of interleaved rounds."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for call in sides.values():
        for _ in range(20):
            call()
    gc.collect()
    for _ in range(ROUNDS):
        for name, call in sides.items():
            begin = time.process_time()
            for _ in range(inner):
                call()
            times[name].append((time.process_time() - begin) / inner * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def calls() -> None:
    transport = httpx.MockTransport(respond)
    bare = httpx.Client(transport=transport)
    ours = auth0_mgmt.Management("t.auth0.com", "token", transport=transport)
    vendor = Auth0(
        base_url="https://t.auth0.com/api/v2",
        token="token",
        httpx_client=httpx.Client(transport=transport),
    )
    url = "https://t.auth0.com/api/v2/users/auth0%7C1"
    found = medians(
        {
            "bare": lambda: json.loads(bare.get(url).content),
            "ours": lambda: ours.users.get("auth0|1"),
            "vendor": lambda: vendor.users.get("auth0|1"),
        },
        inner=100,
    )
    print("one call (users.get), microseconds")
    print(f"  bare httpx + json.loads  {found['bare']:8.1f}")
    for name in ("ours", "vendor"):
        more = found[name] - found["bare"]
        print(f"  {name:23}  {found[name]:8.1f}   overhead {more:+7.1f}")
    ratio = (found["vendor"] - found["bare"]) / max(1.0, found["ours"] - found["bare"])
    print(f"  the vendor's overhead is {ratio:.1f} x ours (budget: ours <= 45 microseconds)")


def plain(model: type[BaseModel]) -> type[BaseModel]:
    """The same fields as plain pydantic, with datetimes."""
    members: dict[str, Any] = dict.fromkeys(
        ("connection", "user_id", "provider"), (str | bool | None, None)
    )
    identity: Any = create_model("Identity", **members, isSocial=(bool | None, None))
    kinds: dict[str, Any] = {"identities": list[identity]}
    for name in ("created_at", "updated_at", "last_login"):
        kinds[name] = datetime
    fields: dict[str, Any] = {
        name: (kinds.get(name, type(USER[name])) | None, None)
        if name in USER
        else (str | None, None)
        for name in model.model_fields
    }
    return create_model("Plain", **fields)


def pages() -> None:
    from auth0.management.types import ListUsersOffsetPaginatedResponseContent as Theirs

    from auth0_mgmt.models._base import read_page

    users: Any = list.__class_getitem__(plain(models.User))
    wrapper = create_model(
        "Wrapper",
        start=(int, 0), limit=(int, 0), length=(int, 0), total=(int, 0),
        users=(users, ...),
    )  # fmt: skip
    adapter = TypeAdapter(wrapper)
    from auth0.management.core.pydantic_utilities import parse_obj_as

    found = medians(
        {
            "plain": lambda: adapter.validate_json(PAGE),
            "ours": lambda: read_page(models.User, "users", PAGE),
            "vendor": lambda: parse_obj_as(type_=Theirs, object_=json.loads(PAGE)),
        },
        inner=10,
    )
    print("a page of 100 users, microseconds")
    for name, value in found.items():
        print(f"  {name:23}  {value:8.0f}   {value / found['plain']:5.2f} x plain pydantic")
    print("  (budget: ours <= 0.95 x)")


FLOOR = "import httpx; from pydantic import BaseModel"
STARTS = {
    "ours": "from auth0_mgmt import Management; Management('t.auth0.com', 'x').users",
    "vendor": "from auth0.management import Auth0;"
    "Auth0(base_url='https://t.auth0.com/api/v2', token='x').users",
}
PROBE = """
import time, resource
{floor}
begin = time.process_time()
before = int(open('/proc/self/statm').read().split()[1])
{start}
after = int(open('/proc/self/statm').read().split()[1])
print((time.process_time() - begin) * 1e3, (after - before) * resource.getpagesize() / 2**20)
"""


def starts() -> None:
    """Import, client and ``.users`` in fresh processes, above the floor of httpx and pydantic."""
    if not Path("/proc/self/statm").exists():
        print("start-up is measured on Linux only")
        return
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in STARTS}
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(12):
        for name, start in STARTS.items():
            code = PROBE.format(floor=FLOOR, start=start)
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
            )
            milliseconds, megabytes = map(float, done.stdout.split())
            found[name].append((milliseconds, megabytes))
    print("import + client + .users above httpx + pydantic (warm bytecode)")
    typical = {
        name: [statistics.median(figures) for figures in zip(*values[1:], strict=True)]
        for name, values in found.items()
    }
    for name, (took, grew) in typical.items():
        time_ratio, space_ratio = took / typical["vendor"][0], grew / typical["vendor"][1]
        print(
            f"  {name:23}  {took:8.1f} ms  {grew:6.1f} MB"
            f"   {time_ratio:.2f} and {space_ratio:.2f} of the vendor's"
        )
    print("  (budget: ours <= 20 ms, <= 6 MB)")


def sizes() -> None:
    """Disk space of each package as pip installs it, with bytecode."""

    def installed(package: Path) -> float:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, package.name)
            shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
            compileall.compile_dir(copy, quiet=2)
            files = [*copy.rglob("*"), copy]
            return sum(file.stat().st_blocks * 512 for file in files) / 2**20

    ours = installed(Path(auth0_mgmt.__file__).parent)
    testing = installed(Path(auth0_mgmt.__file__).parents[1] / "auth0_mgmt_testing")
    theirs = installed(Path(auth0.__file__).parent)
    print("installed with bytecode, MB")
    print(f"  ours                       {ours:6.1f}   {ours / theirs:.3f} of the vendor's")
    print(f"  ours, testing package      {testing:6.1f}")
    print(f"  vendor                     {theirs:6.1f}   (target: ours < 0.1)")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for part in (calls, pages, starts, sizes):
        part()
