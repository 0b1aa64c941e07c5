"""The server's HTTP: connections, broken requests, hosts, origins."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest

from auth0_mgmt_testing.server.http import Connection
from auth0_mgmt_testing.server.launch import TenantServer

from .conftest import Serve

BEARER = {"authorization": "Bearer any"}


def connect(server: TenantServer) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def head(server: TenantServer, *lines: str, method: str = "POST") -> bytes:
    host = urlsplit(server.url).netloc
    names = [
        f"{method} /api/v2/roles HTTP/1.1", f"Host: {host}", "Authorization: Bearer any",
        "Content-Type: application/json", *lines, "", "",
    ]  # fmt: skip
    return "\r\n".join(names).encode()


@pytest.mark.parametrize(
    "sent",
    [
        (["Content-Length: 500"], b'{"name":"editor"}'),
        (["Transfer-Encoding: chunked"], b'11\r\n{"name":"editor"}\r\n'),
        (["Content-Length: 17"], b'{"name":"editor"'),
    ],
)
def test_a_request_that_is_cut_short_takes_no_effect(
    server: TenantServer, sent: tuple[list[str], bytes]
) -> None:
    lines, body = sent
    with connect(server) as connection:
        connection.sendall(head(server, *lines) + body)
        connection.shutdown(socket.SHUT_WR)
        assert received(connection) == b""
    assert httpx.get(f"{server.url}/api/v2/roles", headers=BEARER).json() == []
    assert [each.method for each in server.tenant.requests] == ["GET"]


def test_requests_in_one_packet_are_answered_in_their_order(server: TenantServer) -> None:
    server.tenant.faults.add("roles.list", status=503, latency=0.02)
    listing = head(server, method="GET")
    last = head(server, "Connection: close", method="GET")
    with connect(server) as connection:
        connection.sendall(listing + last)
        found = received(connection).decode()
    assert re.findall(r"HTTP/1.1 (\d+)", found) == ["503", "200"]


def test_what_is_no_http_is_refused(server: TenantServer) -> None:
    with connect(server) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.1 400 ")


def test_headers_have_a_limit(server: TenantServer) -> None:
    with connect(server) as connection:
        connection.sendall(head(server, f"X-Large: {'x' * 70_000}"))
        assert received(connection).startswith(b"HTTP/1.1 431 ")


def test_an_idle_connection_is_kept_five_minutes_and_an_unfinished_request_one(
    server: TenantServer,
) -> None:
    with connect(server) as idle, connect(server) as unfinished:
        idle.sendall(head(server, method="GET"))
        assert idle.recv(65536).startswith(b"HTTP/1.1 200 ")
        unfinished.sendall(b"GET /api/v2/roles HTTP/1.1\r\nHost: ")
        connections: set[Connection] = server.server.connections
        while sum(each._begun > 0 for each in list(connections)) < 1:  # it has arrived
            time.sleep(0.01)
        now = server.server.now()
        assert [each.expired(now + 300) for each in list(connections) if not each._begun] == [False]
        assert [each.expired(now + 61) for each in list(connections) if each._begun] == [True]


def test_head_is_answered_as_get_without_a_body(server: TenantServer) -> None:
    found = httpx.head(f"{server.url}/api/v2/roles", headers=BEARER)
    assert (found.status_code, found.content) == (200, b"")
    assert found.headers["content-length"] == "2"


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.com", "", "rebind.net:80"])
def test_a_host_that_is_not_the_servers_is_refused(server: TenantServer, host: str) -> None:
    for path in ("/api/v2/roles", "/__fake/state"):
        found = httpx.get(server.url + path, headers={**BEARER, "host": host})
        assert found.status_code == 421
        assert "--allow-host" in found.json()["message"]


def test_a_host_is_answered_that_is_allowed(serve: Serve) -> None:
    server = serve(allowed_hosts=("fake", ".ci.internal"))
    for host in ("fake:8400", "a.ci.internal"):
        found = httpx.get(f"{server.url}/api/v2/roles", headers={**BEARER, "host": host})
        assert found.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.com"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_control_is_not_for_pages_of_others(server: TenantServer, headers: dict[str, str]) -> None:
    server.tenant.send("POST", "/api/v2/roles", BEARER, b'{"name":"editor"}')
    found = httpx.post(f"{server.url}/__fake/reset", headers=headers)
    assert found.status_code == 403
    assert "access-control-allow-origin" not in found.headers
    roles = httpx.get(f"{server.url}/api/v2/roles", headers=BEARER).json()
    assert [role["name"] for role in roles] == ["editor"]


def test_control_is_for_pages_of_the_server(server: TenantServer) -> None:
    found = httpx.post(f"{server.url}/__fake/reset", headers={"origin": server.url})
    assert found.status_code == 204


def test_the_api_may_be_called_from_web_pages(server: TenantServer) -> None:
    origin = {"origin": "https://app.example.com"}
    asked = {
        **origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, content-type",
    }
    allowed = httpx.options(f"{server.url}/api/v2/users/x", headers=asked)
    assert allowed.status_code == 204
    assert "PATCH" in allowed.headers["access-control-allow-methods"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    found = httpx.get(f"{server.url}/api/v2/roles", headers={**BEARER, **origin})
    assert found.headers["access-control-allow-origin"] == "https://app.example.com"
    assert (
        "access-control-allow-origin"
        not in httpx.get(f"{server.url}/api/v2/roles", headers=BEARER).headers
    )


def test_a_404_says_what_the_fake_knows(server: TenantServer) -> None:
    api = f"{server.url}/api/v2/roles"
    id = httpx.post(api, headers=BEARER, json={"name": "editor"}).json()["id"]
    never = httpx.get(f"{api}/rol_0000000000000000", headers=BEARER)
    assert "no request so far used" in never.headers["x-fake-explanation"]
    httpx.delete(f"{api}/{id}", headers=BEARER)
    gone = httpx.get(f"{api}/{id}", headers=BEARER)
    assert gone.headers["x-fake-explanation"] == f"{id} was deleted by request 3 (roles.delete)"


def test_faults_break_connections(server: TenantServer) -> None:
    faults = server.tenant.faults
    faults.add("roles.list", drop_connection=True)
    faults.add("roles.list", truncate_body=1)
    url = f"{server.url}/api/v2/roles"
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        httpx.get(url, headers=BEARER)
    faults.clear()
    faults.add("roles.list", truncate_body=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        httpx.get(url, headers=BEARER)
    assert httpx.get(url, headers=BEARER).json() == []
