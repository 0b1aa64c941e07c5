"""What event streams and log streams send: caught, sent to this machine, tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant, Outgoing

HOOK = "https://hooks.example.com/auth0"
AUTHORIZATIONS: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"method": "bearer", "token": "the-token"}, ("authorization", "Bearer the-token")),
    (
        {"method": "basic", "username": "ada", "password": "pw"},
        ("authorization", "Basic YWRhOnB3"),
    ),
    (
        {"method": "custom_header", "header_key": "x-key", "header_value": "the-value"},
        ("x-key", "the-value"),
    ),
]


@pytest.fixture
def tenant() -> FakeTenant:
    clock = Clock()
    clock.freeze("2026-03-01T12:00:00Z")
    return FakeTenant(clock=clock)


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Iterator[Management]:
    with tenant.management() as client:
        yield client


def event_stream(
    mgmt: Management, url: str = HOOK, authorization: dict[str, str] | None = None, **fields: Any
) -> str:
    body: Any = {
        "name": f"stream {url}",
        "subscriptions": [{"event_type": "user.created"}, {"event_type": "user.deleted"}],
        "destination": {
            "type": "webhook",
            "configuration": {
                "webhook_endpoint": url,
                "webhook_authorization": authorization or AUTHORIZATIONS[0][0],
            },
        },
        **fields,
    }
    stream = mgmt.event_streams.create(**body)
    assert stream.id is not None
    return stream.id


def log_stream(mgmt: Management, url: str = HOOK, **fields: Any) -> str:
    sink = {"httpEndpoint": url, **fields.pop("sink", {})}
    body: Any = {"name": f"logs {url}", "type": "http", "sink": sink, **fields}
    stream = mgmt.log_streams.create(**body)
    assert stream.id is not None
    return stream.id


def create_ada(mgmt: Management) -> str:
    user = mgmt.users.create(
        connection="Username-Password-Authentication",
        email="ada@example.com",
        password="Long-enough-1!",
    )
    return user.user_id


class Receiver:
    """Remembers what it was sent, and responds with a list of statuses, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[Outgoing] = []
        self.statuses = list(statuses)

    def __call__(self, request: Outgoing) -> int:
        self.received.append(request)
        return self.statuses.pop(0) if self.statuses else 200


def test_what_streams_would_send_is_caught(tenant: FakeTenant, mgmt: Management) -> None:
    events, logs = event_stream(mgmt), log_stream(mgmt)
    user_id = create_ada(mgmt)
    [created] = tenant.deliveries.of(events)
    assert (created.type, created.url, created.status) == ("user.created", HOOK, "pending")
    assert created.event["data"]["object"]["user_id"] == user_id
    logged = tenant.deliveries.of(logs)[-1]
    assert (logged.type, logged.destination) == ("sapi", "http")
    assert logged.event["data"]["description"] == "Create a user"
    assert tenant.deliveries.latest("user.created") == created
    with pytest.raises(LookupError, match=r"nothing of type 'user.updated' was sent"):
        tenant.deliveries.latest("user.updated")
    tenant.deliveries.clear()
    assert len(tenant.deliveries) == 0


@pytest.mark.parametrize(("authorization", "header"), AUTHORIZATIONS, ids=lambda v: str(v)[:20])
def test_a_webhook_is_sent_with_its_authorization(
    tenant: FakeTenant, mgmt: Management, authorization: dict[str, str], header: tuple[str, str]
) -> None:
    receiver = Receiver()
    tenant.deliveries.forward("https://hooks.example.com", receiver)
    stream = event_stream(mgmt, authorization=authorization)
    create_ada(mgmt)
    assert tenant.deliveries.send() == 0, "the first attempt comes a second after the event"
    tenant.clock.advance(1)
    assert tenant.deliveries.send() == 1
    [request] = receiver.received
    assert request.url == HOOK
    assert request.headers[header[0]] == header[1]
    assert request.json()["type"] == "user.created"
    assert header[1] not in repr(request)
    assert tenant.deliveries.of(stream)[0].status == "delivered"
    [delivered, failed] = mgmt.event_streams.stats.get(stream).metrics or []
    assert (delivered.window_total, failed.window_total) == (1, 0)
    assert tenant.deliveries.send() == 0


def test_a_failed_delivery_is_tried_again_and_again(tenant: FakeTenant, mgmt: Management) -> None:
    receiver = Receiver(500, 503)
    tenant.deliveries.forward(HOOK, receiver)
    stream = event_stream(mgmt)
    create_ada(mgmt)
    sent: list[int] = []
    for seconds in (1, 1, 2, 4):
        tenant.clock.advance(seconds)
        sent.append(tenant.deliveries.send())
    assert sent == [1, 1, 1, 0]
    [delivery] = tenant.deliveries.of(stream)
    assert delivery.status == "delivered"
    assert [attempt["timestamp"] for attempt in delivery.attempts] == [
        "2026-03-01T12:00:01.000Z",
        "2026-03-01T12:00:02.000Z",
    ]
    assert list(mgmt.event_streams.deliveries.list(stream)) == []


def test_after_the_last_attempt_it_has_failed_until_it_is_sent_once_more(
    tenant: FakeTenant, mgmt: Management
) -> None:
    receiver = Receiver(500, 500, 500, 500)
    tenant.deliveries.forward(HOOK, receiver)
    stream = event_stream(mgmt)
    create_ada(mgmt)
    tenant.clock.advance(60)
    assert tenant.deliveries.send() == 4
    [failed] = mgmt.event_streams.deliveries.list(stream)
    assert failed.id is not None
    assert (failed.status, len(failed.attempts or ())) == ("failed", 4)
    mgmt.event_streams.redeliveries.create_by_id(stream, failed.id)
    tenant.clock.advance(1)
    assert tenant.deliveries.send() == 1
    assert tenant.deliveries.of(stream)[0].status == "delivered"


def test_an_exception_of_a_receiver_is_a_failed_attempt(
    tenant: FakeTenant, mgmt: Management
) -> None:
    def broken(request: Outgoing) -> int:
        raise RuntimeError("boom")

    tenant.deliveries.forward(HOOK, broken)
    stream = event_stream(mgmt)
    create_ada(mgmt)
    tenant.clock.advance(1)
    tenant.deliveries.send()
    [delivery] = tenant.deliveries.of(stream)
    assert len(delivery.attempts) == 1
    assert delivery.attempts[0]["error_message"].startswith(f'Post "{HOOK}')


def test_other_machines_are_never_called(tenant: FakeTenant, mgmt: Management) -> None:
    stream = event_stream(mgmt)
    create_ada(mgmt)
    tenant.clock.advance(60)
    assert tenant.deliveries.send() == 0
    assert tenant.deliveries.of(stream)[0].status == "failed"
    with pytest.raises(ValueError, match="is not on this machine: give a URL such as"):
        tenant.deliveries.forward(HOOK, "https://other.example.com/")


FORMS: dict[str, Callable[[bytes], list[Any]]] = {
    "JSONARRAY": json.loads,
    "JSONLINES": lambda body: [json.loads(line) for line in body.splitlines()],
    "JSONOBJECT": lambda body: [json.loads(body)],
}


@pytest.mark.parametrize("form", FORMS)
def test_log_events_are_sent_in_the_form_of_the_sink(
    tenant: FakeTenant, mgmt: Management, form: str
) -> None:
    receiver = Receiver()
    tenant.deliveries.forward(HOOK, receiver)
    log_stream(
        mgmt,
        sink={
            "httpContentFormat": form,
            "httpContentType": "application/x-logs",
            "httpAuthorization": "Bearer abc",
            "httpCustomHeaders": [{"header": "X-Team", "value": "blue"}],
        },
    )
    tenant.deliveries.clear()
    for number in range(3):
        mgmt.roles.create(name=f"role {number}")
    tenant.clock.advance(1)
    assert tenant.deliveries.send() == (3 if form == "JSONOBJECT" else 1)
    events = [event for request in receiver.received for event in FORMS[form](request.body)]
    assert [event["data"]["type"] for event in events] == ["sapi"] * 3
    assert all(event["log_id"] == event["data"]["log_id"] for event in events)
    assert receiver.received[0].headers == {
        "content-type": "application/x-logs",
        "authorization": "Bearer abc",
        "x-team": "blue",
    }


def test_a_log_stream_takes_the_categories_of_its_filters(
    tenant: FakeTenant, mgmt: Management
) -> None:
    stream = log_stream(mgmt, filters=[{"type": "category", "name": "management.fail"}])
    mgmt.roles.create(name="fine")
    with pytest.raises(Exception, match="400"):
        mgmt.request("POST", "/roles", json={"nam": "wrong"})
    assert {each.type for each in tenant.deliveries.of(stream)} <= {"fapi"}


def test_personal_members_are_masked_where_the_stream_asks(
    tenant: FakeTenant, mgmt: Management
) -> None:
    stream = log_stream(mgmt, pii_config={"log_fields": ["email"], "method": "mask"})
    create_ada(mgmt)
    delivery = tenant.deliveries.of(stream)[-1]
    assert '"email": "*****"' in json.dumps(delivery.event)
    assert '"email": "ada@example.com"' not in json.dumps(delivery.event)


def test_a_paused_stream_sends_nothing_and_a_deleted_one_is_forgotten(
    tenant: FakeTenant, mgmt: Management
) -> None:
    stream = log_stream(mgmt)
    mgmt.log_streams.update(stream, status="paused")
    tenant.deliveries.clear()
    mgmt.roles.create(name="unseen")
    assert tenant.deliveries.of(stream) == []
    mgmt.log_streams.update(stream, status="active")
    mgmt.roles.create(name="seen")
    assert tenant.deliveries.of(stream)
    mgmt.log_streams.delete(stream)
    assert len(tenant.deliveries) == 0


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    received: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", received
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.mark.parametrize("entered", [False, True], ids=["alone", "entered"])
def test_it_is_really_sent_over_http(
    tenant: FakeTenant,
    mgmt: Management,
    server: tuple[str, list[tuple[str, dict[str, str], bytes]]],
    entered: bool,
) -> None:
    url, received = server
    tenant.deliveries.forward("https://hooks.example.com", f"{url}/in")
    event_stream(mgmt)
    create_ada(mgmt)
    tenant.clock.advance(1)
    if entered:
        with tenant:
            assert tenant.deliveries.send() == 1
    else:
        assert tenant.deliveries.send() == 1
    [(path, headers, body)] = received
    assert path == "/in/auth0"
    assert headers["authorization"] == "Bearer the-token"
    assert json.loads(body)["data"]["object"]["email"] == "ada@example.com"


def test_a_receiver_that_is_down_is_a_failed_attempt(tenant: FakeTenant, mgmt: Management) -> None:
    stream = event_stream(mgmt, "https://127.0.0.1:9/hook")
    create_ada(mgmt)
    assert tenant.deliveries.of(stream)[0].status == "pending"
    tenant.clock.advance(60)
    assert tenant.deliveries.of(stream)[0].status == "pending", "it waits for being sent"
    assert tenant.deliveries.send() == 4
    assert tenant.deliveries.of(stream)[0].status == "failed"
