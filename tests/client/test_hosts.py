"""Other hosts and other libraries: nothing of the caller's goes where it does not belong."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import httpx2
import pytest

from auth0_mgmt import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncManagement,
    DecodingError,
    JobFailedError,
    Management,
    ManagementError,
    NotFoundError,
    RedirectError,
    ResponseTooLargeError,
)

from .conftest import DOMAIN

FILES = "files.example.com"
JOB = {"id": "j", "status": "completed", "location": f"https://{FILES}/x?sig=s3cret"}


class Tenant:
    """Answers with a job and its file, and remembers the requests."""

    def __init__(self, library: Any, answer: Any = None) -> None:
        self.library, self.requests = library, list[Any]()
        self.answer = answer or library.Response(200, content=b"data")

    def __call__(self, request: Any) -> Any:
        self.requests.append(request)
        if request.url.host == FILES:
            if isinstance(self.answer, Exception):
                raise self.answer
            found = self.answer
            return self.library.Response(
                found.status_code, headers=dict(found.headers), content=found.content
            )
        return self.library.Response(200, json=JOB)


def own(library: Any, tenant: Tenant, kind: str) -> Any:
    """A client of the caller's own with everything that could leak."""
    return getattr(library, kind)(
        transport=library.MockTransport(tenant),
        headers={"x-own": "s3cret", "authorization": "Basic s3cret"},
        cookies={"session": "s3cret"},
        params={"key": "s3cret"},
        auth=("user", "s3cret"),
        follow_redirects=True,
    )


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
async def test_the_host_of_a_jobs_file_learns_nothing(library: Any) -> None:
    tenant = Tenant(library)
    mgmt = Management(DOMAIN, "token", http_client=own(library, tenant, "Client"))
    assert mgmt.jobs.download("j") == b"data"
    twin = AsyncManagement(DOMAIN, "token", http_client=own(library, tenant, "AsyncClient"))
    assert await twin.jobs.download("j") == b"data"
    files = [request for request in tenant.requests if request.url.host == FILES]
    assert len(files) == 2
    for request in files:
        assert str(request.url) == JOB["location"]
        assert set(request.headers) == {"host", "accept", "accept-encoding", "user-agent"}
        assert request.extensions["timeout"]["read"] == 30.0


def test_the_tenant_gets_the_callers_headers_and_our_token() -> None:
    tenant = Tenant(httpx)
    Management(DOMAIN, "token", http_client=own(httpx, tenant, "Client")).jobs.get("j")
    assert tenant.requests[0].headers["x-own"] == "s3cret"
    assert tenant.requests[0].headers["authorization"] == "Bearer token"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(302, headers={"location": "https://elsewhere/"}), RedirectError),
        (httpx.Response(404), NotFoundError),
        (httpx.Response(403, text="<Error>s3cret</Error>"), APIStatusError),
        (httpx.ReadTimeout("slow"), APITimeoutError),
        (httpx.ReadError("reset"), APIConnectionError),
        (httpx.Response(200, content=gzip.compress(b"x" * 999)[:-9]), DecodingError),
        (httpx.Response(200, content=b"\x1f\x8bnonsense"), DecodingError),
        (httpx.Response(200, content=gzip.compress(bytes(99_999))), ResponseTooLargeError),
    ],
)
async def test_trouble_with_the_file_is_a_typed_error(answer: Any, kind: type[Exception]) -> None:
    options: Any = {"max_response_bytes": 2_000}
    transport = httpx.MockTransport(Tenant(httpx, answer))
    with pytest.raises(kind) as caught:
        Management(DOMAIN, "token", transport=transport, **options).jobs.download("j")
    assert "s3cret" not in str(caught.value) + repr(vars(caught.value))
    with pytest.raises(kind):
        await AsyncManagement(DOMAIN, "token", transport=transport, **options).jobs.download("j")


@pytest.mark.parametrize("location", [None, "", "ftp://x/y", "javascript:x", 5])
def test_a_file_that_has_no_address_is_a_typed_error(location: Any) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**JOB, "location": location})

    with pytest.raises(JobFailedError, match="no result to download"):
        Management(DOMAIN, "token", transport=httpx.MockTransport(reply)).jobs.download("j")


@pytest.mark.parametrize(
    "path",
    ["/../../x", "/..", "/users/../../..", "/%2e%2e/x", "/users/%2E%2E/%2e./x", "/..\\x", "/users/./x",
     "/users%2f..%2f..%2fx", "/a b", "/a\nb", "/ä", "/users?x=1", "/users#x", "//../x"],
)  # fmt: skip
def test_a_path_stays_below_the_api(path: str) -> None:
    with pytest.raises(ManagementError):
        Management(DOMAIN, "token", transport=httpx.MockTransport(Tenant(httpx))).request(
            "GET", path
        )


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\nx: y", "G\x00T"])
def test_a_method_is_a_word(method: str) -> None:
    with pytest.raises(ManagementError, match="not an HTTP method"):
        Management(DOMAIN, "token").request(method, "/x")


@pytest.mark.parametrize("host", ["a\\b", "a%2fb.com", "[::1", "a\u202eb.com"])
def test_a_domain_of_odd_characters_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        Management(host, "token")


# httpx2.


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
@pytest.mark.parametrize(
    ("name", "kind", "attempts"),
    [
        ("ConnectError", APIConnectionError, 3),
        ("ReadError", APIConnectionError, 3),
        ("RemoteProtocolError", APIConnectionError, 3),
        ("ConnectTimeout", APITimeoutError, 3),
        ("PoolTimeout", APITimeoutError, 3),
        ("LocalProtocolError", APIConnectionError, 1),
        ("UnsupportedProtocol", APIConnectionError, 1),
        ("InvalidURL", APIConnectionError, 1),
        ("StreamError", APIConnectionError, 3),
    ],
)
async def test_every_error_of_a_library_is_ours_and_retried_alike(
    library: Any, name: str, kind: type[Exception], attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def reply(request: Any) -> Any:
        calls.append(request)
        raise getattr(library, name)("broken")

    def no_time(seconds: float) -> None: ...

    async def no_time_either(seconds: float) -> None: ...

    transport = library.MockTransport(reply)
    mgmt = Management(DOMAIN, "t", transport=transport, max_attempts=3)
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", no_time)
    with pytest.raises(kind) as caught:
        mgmt.roles.get("r")
    assert type(caught.value) is kind
    assert len(calls) == attempts
    http = library.AsyncClient(transport=transport)
    twin = AsyncManagement(DOMAIN, "t", http_client=http, max_attempts=3)
    monkeypatch.setattr(twin._dispatcher.http, "sleep", no_time_either)
    with pytest.raises(kind):
        await twin.roles.get("r")
    assert len(calls) == 2 * attempts
    with pytest.raises(kind):
        mgmt.roles.create(name="r")
    assert len(calls) == 2 * attempts + 1, "a POST is not repeated"


@pytest.mark.parametrize(
    "error", [OSError("s3cret"), EOFError(), OverflowError(), UnicodeEncodeError("a", "b", 0, 1, "c"),
              RecursionError(), ConnectionResetError()]
)  # fmt: skip
def test_what_a_transport_lets_through_is_ours(error: Exception) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(APIConnectionError):
        Management(DOMAIN, "t", transport=httpx.MockTransport(reply), max_attempts=1).roles.get("r")


async def test_a_client_of_the_wrong_kind_is_refused() -> None:
    for http in (httpx.AsyncClient(), httpx2.AsyncClient(), object()):
        with pytest.raises(TypeError, match=r"expected an httpx\.Client"):
            Management(DOMAIN, "t", http_client=http)  # type: ignore[arg-type]
    for twin in (httpx.Client(), httpx2.Client(), object()):
        with pytest.raises(TypeError, match=r"expected an httpx\.AsyncClient"):
            AsyncManagement(DOMAIN, "t", http_client=twin)  # type: ignore[arg-type]
