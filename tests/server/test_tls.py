"""TLS by a local authority, and the proxy door."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import ControlError, FakeTenant
from auth0_mgmt_testing.adapters import health
from auth0_mgmt_testing.adapters.local_authority import trust
from auth0_mgmt_testing.server.authority import Authority
from auth0_mgmt_testing.server.environments import for_tool

from .conftest import Serve

BEARER = {"authorization": "Bearer any"}


def test_https_is_served_by_an_authority_that_is_kept(serve: Serve, home: Path) -> None:
    server = serve(tls=True)
    assert server.url.startswith("https://127.0.0.1:")
    assert server.authority is not None
    context = ssl.create_default_context(cafile=str(server.authority.certificate_file))
    assert httpx.get(f"{server.url}/api/v2/roles", headers=BEARER, verify=context).json() == []
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(server.url)
    again = serve(tls=True)
    assert httpx.get(f"{again.url}/__fake/health", verify=context).status_code == 200
    assert server.authority.certificate_file.parent == home


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_the_authoritys_key_is_its_owners(home: Path) -> None:
    Authority()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes["authority-key.pem"] == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_bundle_trusts_what_the_system_does_and_the_authority(home: Path) -> None:
    authority = Authority()
    own = authority.certificate_file.read_bytes()
    assert own in authority.bundle_file.read_bytes()
    context = ssl.create_default_context(cafile=str(authority.bundle_file))
    assert context.cert_store_stats()["x509_ca"] >= 1


@pytest.mark.parametrize("name", ["localhost", "acme.localhost", "acme.test"])
def test_each_name_has_a_certificate(serve: Serve, name: str) -> None:
    server = serve(tls=True)
    assert server.authority is not None
    port = server.url.rpartition(":")[2]
    request = httpx.Request(
        "GET",
        f"https://127.0.0.1:{port}/__fake/health",
        headers={"host": f"{name}:{port}"},
        extensions={"sni_hostname": name},
    )
    with httpx.Client(verify=server.authority.client_context()) as http:
        assert http.send(request).json()["status"] == "ok"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_served_tenant_is_controlled_over_https(serve: Serve, host: str) -> None:
    server = serve(tls=True)
    with FakeTenant.connect(server.url.replace("127.0.0.1", host)) as remote:
        remote.load({"roles": [{"name": "editor"}]})
        with remote.management() as mgmt, remote.tenant("acme").management() as other:
            assert [role.name for role in mgmt.roles.list()] == ["editor"]
            assert list(other.roles.list()) == []
    assert len(server.tenant.export()["tables"]["roles"]) == 1


def test_the_given_trust_is_the_only_one(serve: Serve) -> None:
    server = serve(tls=True)
    with pytest.raises(ControlError, match=r"is not trusted.*SSL_CERT_FILE"):
        FakeTenant.connect(server.url, verify=ssl.create_default_context())


def test_an_untrusted_certificate_is_an_error_that_names_the_cure(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve(tls=True)
    assert server.authority is not None
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path / "another"))
    with pytest.raises(ControlError, match=r"is not trusted.*SSL_CERT_FILE.*cafile"):
        FakeTenant.connect(server.url)
    certificate = str(server.authority.certificate_file)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    FakeTenant.connect(server.url).close()
    done = run("env", "--url", server.url, "--json")
    assert json.loads(done.stdout)["NODE_EXTRA_CA_CERTS"] == certificate
    Authority()  # one of this user, which did not issue it, changes nothing
    assert run("env", "--url", server.url, "--json").stdout == done.stdout


def test_a_ca_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(ControlError, match=r"SSL_CERT_FILE \(/nowhere/ca.pem\) .* No such file"):
        FakeTenant.connect("https://127.0.0.1:9")


def test_env_names_the_users_authority(serve: Serve, home: Path) -> None:
    server = serve(tls=True)
    found = json.loads(run("env", "node", "--url", server.url, "--json").stdout)
    assert found["NODE_EXTRA_CA_CERTS"] == str(home / "authority.pem")


def test_a_server_is_healthy_or_not(serve: Serve) -> None:
    for server in (serve(tls=True), serve()):
        assert run("health", "--url", server.url).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = run("health", "--url", url, "--wait", "0.3")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"no fake tenant responds at {url}")


def test_the_certificate_is_valid_for_other_addresses_that_it_is_reached_by(serve: Serve) -> None:
    server = serve(tls=True, host="0.0.0.0", allow_remote=True, allowed_hosts=("192.0.2.7",))
    assert server.authority is not None
    port = server.url.rpartition(":")[2]
    with (
        socket.create_connection(("127.0.0.1", int(port))) as raw,
        server.authority.client_context().wrap_socket(raw, server_hostname="192.0.2.7") as secure,
    ):
        assert secure.getpeercert()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "auth0_mgmt_testing", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://localhost:8400", True),
        ("https://acme.localhost:8400/t/x", True),
        ("https://127.0.0.7", True),
        ("https://[::1]:8400", True),
        ("https://acme.test", True),
        ("https://acme.eu.auth0.com", False),
        ("https://localhost.example.com", False),
        ("https://192.168.0.7:8400", False),
    ],
)
def test_the_users_authority_is_trusted_for_hosts_of_this_machine(url: str, trusted: bool) -> None:
    Authority()
    usual = httpx.create_ssl_context().cert_store_stats()["x509_ca"]
    context = trust(url)
    assert isinstance(context, ssl.SSLContext)
    assert context.cert_store_stats()["x509_ca"] == usual + trusted


def test_a_tool_that_knows_only_auth0s_domains_comes_through_the_proxy(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, pytestconfig: Any
) -> None:
    guard = pytestconfig.pluginmanager.get_plugin("auth0-run")._guard
    if (
        guard is not None
    ):  # installed by another test of this process; it stops such a tool, rightly
        monkeypatch.setattr(guard, "_domains", ())
    server = serve(proxy_port=0)
    assert server.authority is not None
    assert server.proxy_url is not None
    context = server.authority.client_context()
    with httpx.Client(proxy=server.proxy_url, verify=context, headers=BEARER) as http:
        made = http.post("https://acme.eu.auth0.com/api/v2/roles", json={"name": "editor"})
        assert made.status_code == 200
        config = http.get("https://acme.eu.auth0.com/.well-known/openid-configuration").json()
        assert config["issuer"] == "https://acme.eu.auth0.com/"
        with pytest.raises(httpx.ProxyError, match="403"):
            http.get("https://example.com/")
    assert [each.name for each in server.app.tenant("acme.eu.auth0.com").roles] == ["editor"] or (
        len(server.app.tenant("acme.eu.auth0.com").export()["tables"]["roles"]) == 1
    )
    assert server.environment()["HTTPS_PROXY"] == server.proxy_url


@pytest.mark.parametrize(
    ("tool", "variable"),
    [
        ("python", "SSL_CERT_FILE"),
        ("node", "NODE_EXTRA_CA_CERTS"),
        ("go", "SSL_CERT_FILE"),
        ("terraform", "SSL_CERT_FILE"),
        ("deploy-cli", "NODE_EXTRA_CA_CERTS"),
    ],
)
def test_each_tool_is_told_whom_to_trust(serve: Serve, tool: str, variable: str) -> None:
    server = serve(tls=True)
    found = for_tool(server.environment(), tool)  # type: ignore[arg-type]
    assert Path(found[variable]).is_file()
    assert found["AUTH0_DOMAIN"] == server.tenant.domain


@pytest.mark.parametrize("tls", [False, True])
def test_commands_find_a_server_at_its_default_port_with_tls_or_without(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    server = serve(tls=tls)
    port = server.url.rpartition(":")[2]
    urls = (f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port}")
    monkeypatch.setattr(health, "DEFAULT_URLS", urls)
    assert health.served_at(None) == server.url
    server.close()
    with pytest.raises(ControlError, match="start one: auth0-fake serve"):
        health.served_at(None)
