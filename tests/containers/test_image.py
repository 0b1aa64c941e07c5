"""The project's image: what `docker run` of it does."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import Run, docker

BEARER = {"authorization": "Bearer any-token"}


def test_a_container_serves_at_its_published_port(run: Run) -> None:
    container = run()
    url = f"http://localhost:{container.port}"
    assert container.wait_for(url).json()["status"] == "ok"
    with FakeTenant.connect(url) as tenant:
        found = tenant.environment()
    assert (found["AUTH0_URL"], found["AUTH0_DOMAIN"]) == (url, url.removeprefix("http://"))
    grant = {
        "grant_type": "client_credentials",
        "client_id": found["AUTH0_CLIENT_ID"],
        "client_secret": found["AUTH0_CLIENT_SECRET"],
        "audience": f"{url}/api/v2/",
    }
    assert httpx.post(f"{url}/oauth/token", json=grant).status_code == 200


def test_it_runs_as_a_user_without_rights(run: Run) -> None:
    container = run()
    container.wait_for(f"http://localhost:{container.port}")
    assert docker("exec", container.name, "id", "--user") != "0"
    assert docker("exec", container.name, "cat", "/proc/1/status").splitlines()[8].split()[1] != "0"


@pytest.mark.parametrize("options", [(), ("serve", "--tls")])
def test_it_is_healthy_with_and_without_tls(run: Run, options: tuple[str, ...]) -> None:
    container = run(*options)
    for _ in range(300):
        if container.inspect("{{.State.Health.Status}}") != "starting":
            break
        time.sleep(0.1)
    assert container.inspect("{{.State.Health.Status}}") == "healthy"


@pytest.mark.parametrize(("signal", "code"), [("TERM", "0"), ("INT", "0")])
def test_a_signal_ends_it_at_once(run: Run, signal: str, code: str) -> None:
    container = run()
    container.wait_for(f"http://localhost:{container.port}")
    docker("kill", "--signal", signal, container.name)
    assert docker("wait", container.name) == code


def test_a_signal_ends_it_while_it_starts(run: Run, tmp_path: Path) -> None:
    users = tmp_path / "users.ndjson"
    lines = (f'{{"user_id": "auth0|{n}", "email": "u{n}@example.com"}}\n' for n in range(50_000))
    users.write_text("".join(lines))
    users.chmod(0o644)
    tmp_path.chmod(0o755)
    container = run(
        "serve", "--load", "/users.ndjson", docker_options=["--volume", f"{users}:/users.ndjson:ro"]
    )
    time.sleep(0.7)
    docker("kill", "--signal", "TERM", container.name)
    assert docker("wait", container.name) in ("143", "0")  # loading, or served already


def test_its_state_and_its_authority_last_in_a_volume(
    volume: str, run: Run, tmp_path: Path
) -> None:
    def start() -> tuple[str, str]:
        options = ["--volume", f"{volume}:/data"]
        container = run("serve", "--tls", "--state", "tenant.sqlite", docker_options=options)
        url = f"https://localhost:{container.port}"
        ca = tmp_path / container.name
        for _ in range(100):
            if "Inspector" in docker("logs", container.name) or _logged(container.name):
                break
            time.sleep(0.1)
        docker("cp", f"{container.name}:/data/authority.pem", str(ca))
        container.wait_for(url, str(ca))
        return container.name, url

    name, url = start()
    first = (tmp_path / name).read_text()
    with _client(tmp_path / name) as http:
        assert http.post(f"{url}/api/v2/roles", json={"name": "kept"}).status_code == 200
    docker("kill", "--signal", "KILL", name)
    name, url = start()
    assert (tmp_path / name).read_text() == first
    with _client(tmp_path / name) as http:
        assert [role["name"] for role in http.get(f"{url}/api/v2/roles").json()] == ["kept"]


def _logged(name: str) -> bool:
    import subprocess

    done = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
    return "Inspector" in done.stderr


def _client(ca: Path) -> httpx.Client:
    import ssl

    context = ssl.create_default_context(cafile=ca)
    return httpx.Client(verify=context, headers=BEARER, trust_env=False)


def test_other_options_keep_it_reachable(run: Run, tmp_path: Path) -> None:
    seed = tmp_path / "team.yaml"
    seed.write_text("roles: [{name: admin}]")
    seed.chmod(0o644)
    tmp_path.chmod(0o755)
    container = run(
        *("serve", "--load", "/team.yaml", "--tenant", "acme"),
        docker_options=["--volume", f"{seed}:/team.yaml:ro", "--user", "1234"],
    )
    url = f"http://localhost:{container.port}"
    container.wait_for(url)
    [role] = httpx.get(f"{url}/api/v2/roles", headers=BEARER).json()
    assert role["name"] == "admin"
    tenants = httpx.get(f"{url}/__fake/tenants").json()
    assert [tenant["name"] for tenant in tenants] == ["", "acme"]
    named = httpx.get(f"{url}/t/acme/__fake/environment").json()
    assert named["AUTH0_DOMAIN"] == f"acme.localhost:{container.port}"


def test_its_address_in_the_network_is_a_host_of_it_and_other_names_are_not(run: Run) -> None:
    container = run()
    container.wait_for(f"http://localhost:{container.port}")
    address = container.inspect("{{.NetworkSettings.IPAddress}}")
    url = f"http://localhost:{container.port}/.well-known/jwks.json"
    statuses = {
        host: httpx.get(url, headers={"host": f"{host}:8400"}).status_code
        for host in (address, "auth0", "evil.example.com")
    }
    assert statuses == {address: 200, "auth0": 200, "evil.example.com": 421}
