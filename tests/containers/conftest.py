"""Containers of the project's image, where there is a daemon and the image: `make containers`."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from secrets import token_hex

import httpx
import pytest

IMAGE = "auth0-fake"
Run = Callable[..., "Container"]


def docker(*arguments: str) -> str:
    """What the command prints; its failure is the test's."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session", autouse=True)
def image() -> str:
    """The image's name; skips where no container of it can be run."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    done = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip("no docker daemon runs")
    done = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"there is no image {IMAGE}: run `make containers`")
    return IMAGE


class Container:
    """A container that runs, with its port published."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = docker("port", name, "8400/tcp").splitlines()[0].rpartition(":")[2]

    def inspect(self, template: str) -> str:
        return docker("inspect", "--format", template, self.name)

    def wait_for(self, url: str, verify: str | None = None) -> httpx.Response:
        """The first response of the health check."""
        import ssl

        context = ssl.create_default_context(cafile=verify)
        for _ in range(100):
            try:
                with httpx.Client(verify=context, trust_env=False) as http:
                    return http.get(f"{url}/__fake/health")
            except httpx.HTTPError:
                assert self.inspect("{{.State.Running}}") == "true", docker("logs", self.name)
                time.sleep(0.1)
        raise AssertionError(docker("logs", self.name))


@pytest.fixture
def run(image: str) -> Iterator[Run]:
    """Runs containers: ``run("serve", "--tls", docker=["--user", "1"])``."""
    names: list[str] = []

    def start(*command: str, docker_options: Sequence[str] = ()) -> Container:
        names.append(f"auth0-fake-test-{token_hex(4)}")
        docker(
            *("run", "--detach", "--name", names[-1], "--publish", "127.0.0.1::8400"),
            *docker_options,
            image,
            *command,
        )
        return Container(names[-1])

    yield start
    for name in names:
        docker("rm", "--force", "--volumes", name)


@pytest.fixture
def volume() -> Iterator[str]:
    name = docker("volume", "create")
    yield name
    docker("volume", "rm", "--force", name)
