"""An entered tenant responds to every HTTP library of the process, not to httpx alone."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import aiohttp
import httpx2
import jwt
import pytest
import requests
import urllib3
import urllib3.connection

from auth0_mgmt_testing import FakeTenant

TOKEN = {"authorization": "Bearer any-token"}
ROLES = "/api/v2/roles"


@pytest.fixture
def tenant() -> Iterator[FakeTenant]:
    with FakeTenant() as entered:
        with entered.management() as mgmt:
            mgmt.roles.create(name="Editor")
        yield entered


def by_http_client(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    host, _, path = url.removeprefix("https://").partition("/")
    connection = http.client.HTTPSConnection(host, timeout=5)
    headers = {**TOKEN, "content-type": "application/json"}
    connection.request(method, f"/{path}", body, headers)
    response = connection.getresponse()
    return response.status, response.read()


def by_urllib(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    headers = {**TOKEN, "content-type": "application/json"}
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def by_urllib3(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    headers = {**TOKEN, "content-type": "application/json"}
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        response = pool.request(method, url, body=body, headers=headers)
        return response.status, response.data


def by_requests(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    headers = {**TOKEN, "content-type": "application/json"}
    response = requests.request(method, url, data=body, headers=headers, timeout=5)
    return response.status_code, response.content


def by_aiohttp(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    async def call() -> tuple[int, bytes]:
        headers = {**TOKEN, "content-type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.request(method, url, data=body) as response,
        ):
            return response.status, await response.read()

    return asyncio.run(call())


def by_httpx2(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    headers = {**TOKEN, "content-type": "application/json"}
    response = httpx2.request(method, url, content=body, headers=headers, timeout=5)
    return response.status_code, response.content


def by_async_httpx2(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    async def call() -> tuple[int, bytes]:
        headers = {**TOKEN, "content-type": "application/json"}
        async with httpx2.AsyncClient(headers=headers, timeout=5) as client:
            response = await client.request(method, url, content=body)
            return response.status_code, response.content

    return asyncio.run(call())


Library = Callable[..., tuple[int, bytes]]
LIBRARIES = [
    by_http_client,
    by_urllib,
    by_urllib3,
    by_requests,
    by_aiohttp,
    by_httpx2,
    by_async_httpx2,
]
each_library = pytest.mark.parametrize("call", LIBRARIES, ids=lambda call: call.__name__[3:])


@each_library
def test_reads_and_writes_the_state_of_the_tenant(tenant: FakeTenant, call: Library) -> None:
    url = f"https://{tenant.domain}{ROLES}"
    status, body = call(url, "POST", b'{"name":"Author"}')
    assert (status, json.loads(body)["name"]) == (200, "Author")
    status, body = call(url + "?name_filter=A")
    assert [role["name"] for role in json.loads(body)] == ["Author"]
    role_id = json.loads(body)[0]["id"]
    assert call(f"{url}/{role_id}", "DELETE")[0] in (200, 204)
    assert call(f"{url}/{role_id}")[0] == 404
    assert call(url, "HEAD") == (200, b"")


@each_library
def test_a_wrong_request_is_refused_as_the_api_refuses_it(
    tenant: FakeTenant, call: Library
) -> None:
    status, body = call(f"https://{tenant.domain}{ROLES}", "POST", b'{"nam":"x"}')
    assert (status, json.loads(body)["errorCode"]) == (400, "invalid_body")


CONNECTION_ERRORS: dict[Library, type[Exception] | tuple[type[Exception], ...]] = {
    by_http_client: (OSError, http.client.HTTPException),
    by_urllib: (OSError, http.client.HTTPException),
    by_urllib3: urllib3.exceptions.HTTPError,
    by_requests: requests.exceptions.RequestException,
    by_aiohttp: (aiohttp.ClientError, asyncio.TimeoutError),
    by_httpx2: httpx2.TransportError,
    by_async_httpx2: httpx2.TransportError,
}


@each_library
@pytest.mark.parametrize(
    ("fault", "takes_effect"),
    [
        ({"drop_connection": True}, False),
        ({"lose_response": True}, True),
        ({"truncate_body": 5}, True),
        ({"latency": 60.0}, True),
    ],
    ids=["dropped", "lost", "cut", "late"],
)
def test_a_fault_raises_the_error_of_the_library(
    tenant: FakeTenant, call: Library, fault: dict[str, Any], takes_effect: bool
) -> None:
    before = tenant.clock.time()
    tenant.faults.add("roles.create", **fault)
    with pytest.raises(CONNECTION_ERRORS[call]):
        call(f"https://{tenant.domain}{ROLES}", "POST", b'{"name":"Author"}')
    assert (len(tenant.roles) == 2) is takes_effect
    if "latency" in fault:
        assert tenant.clock.time() - before == pytest.approx(5, abs=1)


@pytest.fixture
def other_server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "5")
            self.end_headers()
            self.wfile.write(b"other")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@each_library
@pytest.mark.usefixtures("tenant")
def test_other_hosts_are_reached_as_always(other_server: str, call: Library) -> None:
    if call is by_http_client:
        with urllib.request.urlopen(other_server, timeout=5) as response:
            assert response.read() == b"other"
        return
    assert call(other_server) == (200, b"other")


@each_library
def test_of_several_tenants_each_responds_to_its_own_host(call: Library) -> None:
    with FakeTenant("one.eu.auth0.com") as one, FakeTenant("two.eu.auth0.com"):
        call(f"https://one.eu.auth0.com{ROLES}", "POST", b'{"name":"Author"}')
        assert json.loads(call(f"https://two.eu.auth0.com{ROLES}")[1]) == []
        assert [role.name for role in one.roles] == ["Author"]


def patched() -> list[Any]:
    """What an entered tenant replaces, in each library."""
    places: list[tuple[Any, str]] = [
        (http.client.HTTPConnection, "connect"),
        (http.client.HTTPSConnection, "connect"),
        (urllib3.connection.HTTPConnection, "connect"),
        (urllib3.connection.HTTPSConnection, "connect"),
        (aiohttp.TCPConnector, "_create_connection"),
        (httpx2.HTTPTransport, "handle_request"),
        (httpx2.AsyncHTTPTransport, "handle_async_request"),
    ]
    return [getattr(place, name) for place, name in places]


def test_everything_is_as_before_when_the_last_tenant_is_left() -> None:
    before = patched()
    finders = list(sys.meta_path)
    with FakeTenant("one.eu.auth0.com"), FakeTenant("two.eu.auth0.com"):
        assert not any(now is then for now, then in zip(patched(), before, strict=True))
    assert patched() == before
    assert sys.meta_path == finders


def test_a_library_imported_later_is_connected_as_well() -> None:
    program = """
import sys
from auth0_mgmt_testing import FakeTenant
with FakeTenant() as tenant:
    assert "urllib3" not in sys.modules and "aiohttp" not in sys.modules
    import requests, urllib3.connection
    got = requests.get(f"https://{tenant.domain}/api/v2/roles", headers={"authorization": "Bearer x"})
    assert got.json() == [], got.text
    assert urllib3.connection.__spec__.loader is urllib3.connection.__loader__
    assert "Loader" in type(urllib3.connection.__loader__).__name__
print("connected")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == "connected\n", done.stderr


def test_through_a_proxy_the_tenant_responds_before_the_proxy(
    tenant: FakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    url = f"https://{tenant.domain}{ROLES}"
    for call in (by_urllib, by_requests):
        assert call(url)[0] == 200
    proxied = urllib3.ProxyManager("http://127.0.0.1:9", retries=False)
    assert proxied.request("GET", url, headers=TOKEN).status == 200


def test_a_session_keeps_working_over_many_requests(tenant: FakeTenant) -> None:
    url = f"https://{tenant.domain}{ROLES}"
    with requests.Session() as session:
        session.headers.update(TOKEN)
        statuses = [session.get(url).status_code for _ in range(5)]
        assert statuses == [200] * 5

    async def many() -> list[int]:
        async with aiohttp.ClientSession(headers=TOKEN) as session:

            async def one() -> int:
                async with session.get(url) as response:
                    return response.status

            return list(await asyncio.gather(*(one() for _ in range(20))))

    assert asyncio.run(many()) == [200] * 20


def test_files_and_streams_are_uploaded(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt:
        connection = mgmt.connections.create(name="Users", strategy="auth0")
    users = json.dumps([{"email": f"u{n}@example.com"} for n in range(3)]).encode()
    url = f"https://{tenant.domain}/api/v2/jobs/users-imports"
    form = {"connection_id": connection.id}
    sent = requests.post(
        url, data=form, files={"users": ("users.json", io.BytesIO(users))}, headers=TOKEN, timeout=5
    )
    assert sent.json()["status"] == "pending"

    async def upload() -> Any:
        data = aiohttp.FormData(form)
        data.add_field("users", users, filename="users.json")
        async with (
            aiohttp.ClientSession(headers=TOKEN) as session,
            session.post(url, data=data) as response,
        ):
            return await response.json()

    assert asyncio.run(upload())["status"] == "pending"

    def parts() -> Iterator[bytes]:
        yield b'{"name":'
        yield b'"Author"}'

    chunked = requests.post(
        f"https://{tenant.domain}{ROLES}",
        data=parts(),
        headers={**TOKEN, "content-type": "application/json"},
        timeout=5,
    )
    assert chunked.json()["name"] == "Author"


def test_pyjwkclient_verifies_a_token_of_the_tenant(tenant: FakeTenant) -> None:
    token = tenant.token("read:roles")
    keys = jwt.PyJWKClient(f"https://{tenant.domain}/.well-known/jwks.json")
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],
        audience=f"https://{tenant.domain}/api/v2/",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert claims["scope"] == "read:roles"
