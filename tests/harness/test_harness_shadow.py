"""The shadow: live answers pass unchanged, and every difference of the fake's is told."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt._json import is_object
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.adapters import proxy, server
from auth0_mgmt_testing.adapters.asgi import ASGIApp, Receive, Scope, Send
from auth0_mgmt_testing.errors import UpstreamError
from auth0_mgmt_testing.recordings.exchange import RecordedResponse
from auth0_mgmt_testing.verification.conditions import Trait
from auth0_mgmt_testing.verification.replay import Outcome
from auth0_mgmt_testing.verification.shadow import Shadow, line, record

COMMAND = [sys.executable, "-m", "auth0_mgmt_testing", "shadow"]
TOKEN = "an-opaque-token-of-the-application"
LIVE = "live-tenant.eu.auth0.com"


@contextmanager
def serving(app: ASGIApp, *, proxy: bool = False) -> Generator[str]:
    with server.listen("127.0.0.1", 0) as listener:
        running = uvicorn.Server(server.configured(app, proxy=proxy))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield server.url(listener)
        finally:
            running.should_exit = True
            thread.join()


Alter = Callable[[Any], None]


def altered(tenant: FakeTenant, alter: Alter) -> ASGIApp:
    """The tenant, but for what is altered in the JSON of its answers."""
    inner = tenant.asgi()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started: dict[str, Any] = {}

        async def changing(message: Any) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
                return
            body = message["body"]
            if body:
                value = json.loads(body)
                alter(value)
                body = json.dumps(value).encode()
            headers = [(n, v) for n, v in started["headers"] if n != b"content-length"]
            length = (b"content-length", b"%d" % len(body))
            await send({**started, "headers": [*headers, length]})
            await send({**message, "body": body})

        await inner(scope, receive, changing)

    return app


class Watched:
    """A live tenant, the proxy before it, and what the shadow told."""

    def __init__(self, url: str, shadow: Shadow, outcomes: list[Outcome], stop: ExitStack) -> None:
        self.url = url
        self.outcomes = outcomes
        self.shadow = shadow
        self._stop = stop

    def told(self) -> list[str]:
        """All differences that count, once everything has been followed."""
        self.close()
        return [line(o) for o in self.outcomes if o.verdict.differences and not o.silent]

    def close(self) -> None:
        """Stop the proxy, so that all exchanges are with the shadow, and let it follow them."""
        self._stop.close()
        self.shadow.close()

    def management(self) -> Management:
        return Management(self.url, auth=TOKEN)


Watch = Callable[..., Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Puts a shadow on an application: ``watch(app)``."""
    with ExitStack() as stack:

        def start(app: ASGIApp, **options: Any) -> Watched:
            outcomes: list[Outcome] = []
            upstream = stack.enter_context(serving(app))
            shadow = Shadow([upstream.partition("//")[2], LIVE], outcomes.append, **options)
            stop = stack.enter_context(ExitStack())
            url = stop.enter_context(serving(proxy.application(upstream, shadow.add), proxy=True))
            return Watched(url, shadow, outcomes, stop)

        yield start


def life_of_a_role(mgmt: Management) -> None:
    role = mgmt.roles.create(name="editor")
    mgmt.roles.update(role.id, description="May edit")
    assert [found.id for found in mgmt.roles.list()] == [role.id]
    mgmt.roles.delete(role.id)
    with pytest.raises(NotFoundError):
        mgmt.roles.get(role.id)


def test_a_tenant_that_answers_as_the_fake_does_shows_no_difference(watch: Watch) -> None:
    live = FakeTenant(LIVE, random_seed="another")
    watched = watch(live.asgi())
    with watched.management() as mgmt:
        life_of_a_role(mgmt)
        mgmt.users.create(
            connection="Username-Password-Authentication",
            email="a@example.com",
            password="Xy12!abc",
        )
        assert len(mgmt.users.list(q="email:a@example.com").items) == 1
    assert watched.told() == []
    assert len(watched.outcomes) == 7


ALTERED: list[tuple[Alter, str]] = [
    (lambda value: value.update(extra=1), "shape at extra: 1 ≠ absent"),
    (lambda value: value.update(name="EDITOR"), "value at name: 'EDITOR' ≠ 'editor'"),
    (lambda value: value.pop("name"), "shape at name: absent ≠ 'editor'"),
]


@pytest.mark.parametrize(("alter", "told"), ALTERED)
def test_differences_are_found(watch: Watch, alter: Alter, told: str) -> None:
    watched = watch(altered(FakeTenant(LIVE, random_seed="another"), alter))
    with watched.management() as mgmt:
        mgmt.roles.create(name="editor")
    (only,) = watched.told()
    assert only == f"POST /api/v2/roles (post_roles): {told}"
    written = json.loads(record(watched.outcomes[0]))
    assert (written["operation"], written["preexisting"]) == ("post_roles", False)
    assert len(written["differences"]) == 1


def test_another_status_is_a_difference(watch: Watch) -> None:
    live = FakeTenant(LIVE)
    live.faults.add("roles.create", status=400)
    watched = watch(live.asgi())
    answer = httpx.post(
        f"{watched.url}/api/v2/roles",
        json={"name": "editor"},
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == 400
    assert "status at the body: 400 ≠ 20" in watched.told()[0]


def test_what_the_live_tenant_held_before_is_no_difference(watch: Watch) -> None:
    live = FakeTenant(LIVE, random_seed="another")
    with live.management() as earlier:
        role = earlier.roles.create(name="old")
    watched = watch(live.asgi())
    with watched.management() as mgmt:
        assert mgmt.roles.get(role.id).name == "old"
        assert [found.name for found in mgmt.roles.list()] == ["old"]
        mgmt.roles.update(role.id, name="new")
    assert watched.told() == []
    assert watched.outcomes[0].silent == "preexisting"


def test_secrets_and_personal_data_are_not_told(watch: Watch) -> None:
    def alter(value: Any) -> None:
        if is_object(value) and "email" in value:
            value |= {"email": "other@navy.mil", "more": {"password": "hunter2hunter2"}}

    watched = watch(altered(FakeTenant(LIVE), alter))
    with watched.management() as mgmt:
        mgmt.users.create(
            connection="Username-Password-Authentication",
            email="grace@navy.mil",
            password="Xy12!abcdefg",
        )
        mgmt.users.list_users_by_email(email="grace@navy.mil")
    text = "\n".join([*watched.told(), *map(record, watched.outcomes)])
    assert "scrubbed" in text
    for hidden in ("navy", "hunter2", "Xy12", TOKEN):
        assert hidden not in text


def test_a_fake_that_breaks_is_a_finding_and_the_application_does_not_notice(
    watch: Watch,
) -> None:
    class Broken:
        domain = "fake.example.com"

        def reset(
            self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
        ) -> None: ...

        def restore(self, *_: Any) -> bool:
            return False

        def admit(self, *_: Any) -> None: ...

        def issue(self, *_: Any) -> None: ...

        def authorization(self, withheld: Sequence[str] = ()) -> str:
            return "Bearer replay"

        def advance(self, seconds: float | None) -> None: ...

        def send(self, *_: Any) -> RecordedResponse:
            raise RuntimeError("out of order")

        def close(self) -> None: ...

    watched = watch(FakeTenant(LIVE).asgi(), target=Broken())
    with watched.management() as mgmt:
        assert mgmt.roles.create(name="editor").name == "editor"
    (only,) = watched.told()
    assert "RuntimeError('out of order')" in only


def test_what_the_tenant_refused_is_not_asked_of_the_fake(watch: Watch) -> None:
    live = FakeTenant(LIVE)
    live.faults.add("roles.create", status=429, times=None)
    watched = watch(live.asgi())
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = httpx.post(f"{watched.url}/api/v2/roles", json={"name": "x"}, headers=headers)
    assert answer.status_code == 429
    watched.close()
    assert (watched.outcomes, watched.shadow.refused) == ([], 1)


# --- the proxy -----------------------------------------------------------------------------------


class Upstream:
    """Keeps what it was asked, and answers from a function."""

    def __init__(self, answer: Callable[[Send], Awaitable[None]]) -> None:
        self.answer = answer
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.target = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = list(scope["headers"])
        self.target = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        await self.answer(send)


async def plain(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        (b"x-ratelimit-limit", b"5"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"connection", b"x-own"),
        (b"x-own", b"1"),
    ]
    await send({"type": "http.response.start", "status": 207, "headers": headers})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


@contextmanager
def proxied(app: ASGIApp) -> Generator[tuple[str, list[Any]]]:
    heard: list[Any] = []
    with (
        serving(app) as upstream,
        serving(proxy.application(upstream, heard.append), proxy=True) as url,
    ):
        yield url, heard


def test_requests_and_answers_pass_unchanged_but_for_the_connections_own_headers() -> None:
    upstream = Upstream(plain)
    headers = {
        "authorization": "Bearer t",
        "connection": "x-mine, keep-alive",
        "x-mine": "1",
        "te": "trailers",
        "x-other": "2",
    }
    with proxied(upstream) as (url, heard):
        answer = httpx.post(
            f"{url}/api/v2/users/auth0%7C1?q=a%20b&x=%2F", content=b"{}", headers=headers
        )
    assert (answer.status_code, answer.content) == (207, b"hello")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-ratelimit-limit"] == "5"
    assert "x-own" not in answer.headers
    assert upstream.target == "/api/v2/users/auth0%7C1?q=a%20b&x=%2F"
    assert upstream.body == b"{}"
    sent = dict(upstream.headers)
    assert (sent[b"authorization"], sent[b"x-other"]) == (b"Bearer t", b"2")
    assert not {b"x-mine", b"te"} & sent.keys()
    assert sent[b"host"] != url.partition("//")[2].encode()
    (exchange,) = heard
    assert "authorization" not in exchange.request.headers
    assert "set-cookie" not in exchange.response.headers
    assert (exchange.request.body, exchange.response.body) == (b"{}", b"hello")


def test_bodies_of_unknown_length_are_streamed_on() -> None:
    upstream = Upstream(plain)

    def parts() -> Iterator[bytes]:
        yield b"a" * 70_000
        yield b"b"

    with proxied(upstream) as (url, _):
        assert httpx.post(url, content=parts()).status_code == 207
    assert upstream.body == b"a" * 70_000 + b"b"
    assert (b"transfer-encoding", b"chunked") in upstream.headers


def test_an_answer_arrives_while_the_tenant_still_writes_it() -> None:
    begun = threading.Event()

    async def events(send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await asyncio.to_thread(begun.wait, 10)
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    with (
        proxied(Upstream(events)) as (url, heard),
        httpx.stream("GET", f"{url}/api/v2/events") as answer,
    ):
        parts = answer.iter_raw()
        assert next(parts) == b"data: 1\n\n"
        begun.set()
        assert b"".join(parts) == b"data: 2\n\n"
    assert heard == []


def test_a_tenant_that_does_not_answer_is_a_502() -> None:
    with server.listen("127.0.0.1", 0) as taken:
        nobody = server.url(taken)
    with serving(proxy.application(nobody, lambda _: None), proxy=True) as url:
        answer = httpx.get(f"{url}/api/v2/roles")
    assert answer.status_code == 502
    assert answer.json()["message"] == "127.0.0.1 did not respond: ConnectError"


def test_an_answer_that_breaks_off_breaks_off_here(watch: Watch) -> None:
    live = FakeTenant(LIVE)
    live.faults.add("roles.list", truncate_body=1)
    watched = watch(live.asgi())
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{watched.url}/api/v2/roles", headers={"authorization": f"Bearer {TOKEN}"})
    watched.close()
    assert watched.outcomes == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://tenant.eu.auth0.com", "must use https"),
        ("tenant.eu.auth0.com", "is not the URL"),
        ("ftp://127.0.0.1", "is not the URL"),
        ("https://tenant.eu.auth0.com/api/v2", "a host alone"),
        ("https://me:pw@tenant.eu.auth0.com", "a host alone"),
    ],
)
def test_only_a_tenant_reached_safely_is_taken(url: str, why: str) -> None:
    with pytest.raises(UpstreamError, match=why):
        proxy.upstream_url(url)


def test_https_and_loopback_are_taken() -> None:
    assert proxy.upstream_url("https://tenant.eu.auth0.com/") == "https://tenant.eu.auth0.com"
    assert proxy.upstream_url("http://127.0.0.1:8400") == "http://127.0.0.1:8400"


# --- the command ---------------------------------------------------------------------------------


@contextmanager
def command(upstream: str, *options: object) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The command at work, and the URL that it printed."""
    process = subprocess.Popen(
        [*COMMAND, "--upstream", upstream, "--port", "0", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[0]
    finally:
        process.kill()
        process.communicate()


def test_the_command_reports_as_it_goes_and_ends_with_a_summary(tmp_path: Any) -> None:
    report, page = tmp_path / "report.jsonl", tmp_path / "report.html"
    report.write_text("of a run before")  # readable by others until now
    live = altered(FakeTenant(LIVE, random_seed="another"), lambda value: value.update(extra=1))
    with (
        serving(live) as upstream,
        command(upstream, "--report", report, "--html", page) as (process, place),
    ):
        with Management(place, auth=TOKEN) as mgmt:
            mgmt.roles.create(name="editor")
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told == "POST /api/v2/roles (post_roles): shape at extra: 1 ≠ absent\n"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert "post_roles" in rest
    assert "1 exchanges compared" in rest
    (written,) = report.read_text("utf-8").splitlines()
    assert json.loads(written)["differences"][0]["path"] == "extra"
    assert "post_roles" in page.read_text("utf-8")
    assert {path.stat().st_mode & 0o777 for path in (report, page)} == {0o600}


def test_the_command_says_that_the_tenant_does_not_answer() -> None:
    with server.listen("127.0.0.1", 0) as taken:
        nobody = server.url(taken)
    with command(nobody) as (process, place):
        assert httpx.get(place).status_code == 502
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert errors.startswith(f"{nobody} does not respond now")
    assert process.returncode == 0


def test_the_command_refuses_a_tenant_without_https() -> None:
    done = subprocess.run(
        [*COMMAND, "--upstream", "http://tenant.eu.auth0.com"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "must use https" in done.stderr
