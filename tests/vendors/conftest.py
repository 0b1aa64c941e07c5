"""A plain ``auth0-fake serve --tls``, and the vendor's tools as npm has them (`make vendors`)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


@dataclass(frozen=True)
class Served:
    """A served tenant, in a process of its own."""

    url: str
    domain: str
    client_id: str
    client_secret: str
    ca_file: str
    ca_bundle: str
    proxy: str | None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a tool."""
        return {
            **os.environ,
            "AUTH0_DOMAIN": self.domain,
            "AUTH0_CLIENT_ID": self.client_id,
            "AUTH0_CLIENT_SECRET": self.client_secret,
            "NODE_EXTRA_CA_CERTS": self.ca_file,
            "SSL_CERT_FILE": self.ca_bundle,
            "REQUESTS_CA_BUNDLE": self.ca_bundle,
            "NO_COLOR": "1",
            **({} if self.proxy is None else {"HTTPS_PROXY": self.proxy, "NO_PROXY": "localhost"}),
        }


@contextmanager
def serving(home: Path, *options: str) -> Generator[Served, None, None]:
    """``auth0-fake serve --tls``, as a user starts it."""
    command = [sys.executable, "-m", "auth0_mgmt_testing", "serve"]
    process = subprocess.Popen(
        [*command, "--tls", "--port", "0", "--json", "--quiet", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "AUTH0_FAKE_HOME": str(home)},
    )
    try:
        assert process.stdout is not None
        found = json.loads(process.stdout.readline())
        yield Served(**{name: found[name] for name in Served.__dataclass_fields__})
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A fresh tenant in a server of its own."""
    with serving(tmp_path_factory.mktemp("home")) as tenant:
        yield tenant


def need_node(package: str) -> Path:
    """The folder of an installed npm package; skips where it cannot be run."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (MODULES / package).is_dir():
        pytest.skip(f"npm {package} is not installed: run `make vendors`")
    return MODULES / package


def run_node(served: Served, script: Path, *arguments: str, timeout: float = 400) -> str:
    """What a script of node prints; its failure is the test's."""
    done = subprocess.run(
        ["node", str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env=served.variables,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def lines(text: str) -> Sequence[dict[str, object]]:
    """The objects of JSON lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
