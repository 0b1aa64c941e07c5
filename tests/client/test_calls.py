"""Building requests and reading answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, DecodingError, Management, Model
from auth0_mgmt.models.clients import Client

from .conftest import Script


def test_a_create_sends_what_was_given_and_gives_the_model(
    mgmt: Management, script: Script
) -> None:
    script.answers = [httpx.Response(201, json={"client_id": "c1", "name": "My"})]
    app = mgmt.clients.create(name="My", app_type="spa", callbacks=["https://a.example/cb"])
    assert script.last.method == "POST"
    assert script.last.url.path == "/api/v2/clients"
    assert script.body() == {"name": "My", "app_type": "spa", "callbacks": ["https://a.example/cb"]}
    assert (app.client_id, app.name) == ("c1", "My")


def test_null_is_sent_and_what_is_not_given_is_not(mgmt: Management, script: Script) -> None:
    mgmt.users.update("auth0|1", nickname=None, user_metadata={"plan": None})
    assert script.body() == {"nickname": None, "user_metadata": {"plan": None}}


def test_an_id_is_percent_encoded_whatever_it_holds(mgmt: Management, script: Script) -> None:
    mgmt.users.get("samlp|corp/ada@x y")
    assert script.last.url.raw_path == b"/api/v2/users/samlp%7Ccorp%2Fada%40x%20y"


def test_lists_in_a_query_are_repeated_but_fields_are_joined(
    mgmt: Management, script: Script
) -> None:
    script.answers = [httpx.Response(200, json=[])]
    mgmt.resource_servers.list(identifiers=["a", "b"], per_page=5)
    assert script.last.url.params.get_list("identifiers") == ["a", "b"]
    mgmt.request("GET", "/users", query={"fields": ["email", "name"], "include_fields": True})
    assert script.last.url.query == b"fields=email%2Cname&include_fields=true"


def test_models_datetimes_and_tuples_are_sent_as_json(mgmt: Management, script: Script) -> None:
    nested = Client.model_validate({"name": "x", "unknown": 1})
    when = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    mgmt.request("POST", "/anything", json={"model": nested, "when": when, "many": (1, 2)})
    assert script.body() == {
        "model": {"name": "x", "unknown": 1},
        "when": "2026-01-02T03:04:05.678Z",
        "many": [1, 2],
    }


def test_a_body_that_is_a_list_is_one_argument(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(204)]
    mgmt.connections.clients.update("con_1", [{"client_id": "c", "status": True}])
    assert script.body() == [{"client_id": "c", "status": True}]


def test_an_answer_without_a_body_is_none(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(204)]
    assert mgmt.roles.delete("rol_1") is None  # type: ignore[func-returns-value]
    assert script.last.headers.get("content-type") is None


@pytest.mark.parametrize("bad", ["", "  ", ".", ".."])
def test_an_id_that_names_nothing_is_refused_before_anything_is_sent(
    mgmt: Management, script: Script, bad: str
) -> None:
    with pytest.raises(ValueError, match=r"users\.get\(\): id must not be"):
        mgmt.users.get(bad)
    assert script.requests == []


def test_wrong_keywords_are_told_by_name(mgmt: Management, script: Script) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'nam'; did you mean 'name'"):
        mgmt.clients.create(nam="x")  # type: ignore[call-arg]
    with pytest.raises(
        TypeError, match=r"clients\.create\(\) is missing the keyword argument 'name'"
    ):
        mgmt.clients.create()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"page .* or take .* not both"):
        mgmt.connections.list(page=1, take=2)
    with pytest.raises(TypeError, match="id must be a str, not int"):
        mgmt.users.get(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="object cannot be sent as JSON"):
        mgmt.users.create(connection="c", user_metadata={"x": object()})
    assert script.requests == []


def test_an_answer_that_is_not_json_is_a_decoding_error(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(200, text="<html>")]
    with pytest.raises(DecodingError, match=r"users\.get: the response 200 is not JSON") as caught:
        mgmt.users.get("auth0|1")
    assert caught.value.response.status_code == 200
    with pytest.raises(DecodingError):
        mgmt.users.list()


def test_options_of_a_call_win_over_those_of_the_client(mgmt: Management, script: Script) -> None:
    copy = mgmt.with_options(headers={"x-a": "client", "x-b": "client"}, timeout=3.0)
    copy.roles.create(
        name="r", request_options={"headers": {"x-a": "call"}, "query": {"q": 1}, "body": {"z": 2}}
    )
    assert (script.last.headers["x-a"], script.last.headers["x-b"]) == ("call", "client")
    assert script.last.url.params["q"] == "1"
    assert script.body() == {"name": "r", "z": 2}
    assert script.last.extensions["timeout"]["read"] == 3.0
    mgmt.roles.create(name="r")
    assert "x-a" not in script.last.headers
    with pytest.raises(TypeError, match="unknown request option 'retries'"):
        mgmt.with_options(retries=3)  # type: ignore[call-arg]


def test_a_copy_shares_the_connections_and_closing_it_leaves_them_open(mgmt: Management) -> None:
    copy = mgmt.with_options(max_attempts=1)
    assert copy._dispatcher.http is mgmt._dispatcher.http
    copy.close()
    assert mgmt.users.get("auth0|1") is not None


def test_a_raw_response_tells_status_headers_and_rate_limit(
    mgmt: Management, script: Script
) -> None:
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "99"}
    script.answers = [httpx.Response(200, json={"name": "r"}, headers=headers)]
    raw = mgmt.roles.with_raw_response.get("rol_1")
    assert (raw.status_code, raw.value.name) == (200, "r")
    assert raw.rate_limit is not None
    assert (raw.rate_limit.limit, raw.rate_limit.remaining, raw.rate_limit.reset) == (10, 9, 99)
    assert mgmt.roles.get("rol_1").name == "r"


def test_raw_responses_reach_nested_sub_clients(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(204)]
    raw: object = mgmt.users.with_raw_response
    assert raw is not mgmt.users
    assert mgmt.users.roles.with_raw_response.assign("auth0|1", roles=["r"]).status_code == 204


def test_an_operation_that_the_contract_lacks_can_be_called(
    mgmt: Management, script: Script
) -> None:
    class Thing(Model):
        name: str | None = None

    script.answers = [httpx.Response(200, json={"name": "new", "more": 1})]
    thing = mgmt.request("POST", "/some/new/path", json={"a": 1}, response=Thing)
    assert thing.name == "new"
    assert thing.to_dict() == {"name": "new", "more": 1}
    assert mgmt.request("GET", "/plain") == {"name": "new", "more": 1}
    for path in ("users", "https://elsewhere/x", "/api/v2/users"):
        with pytest.raises(ValueError, match="must begin with / and be below /api/v2"):
            mgmt.request("GET", path)


def test_the_custom_domain_goes_only_where_it_is_taken(mgmt: Management, script: Script) -> None:
    client = mgmt.with_options(custom_domain="login.example.com")
    client.users.create(connection="c", email="a@b.example")
    assert script.last.headers["auth0-custom-domain"] == "login.example.com"
    client.users.get("auth0|1")
    assert "auth0-custom-domain" not in script.last.headers


def test_telemetry_can_be_turned_off(script: Script) -> None:
    transport = httpx.MockTransport(script)
    with Management("t.auth0.com", auth="token", transport=transport) as client:
        client.roles.get("r")
        assert "auth0-client" in script.last.headers
    with Management("t.auth0.com", auth="token", transport=transport, telemetry=False) as client:
        client.roles.get("r")
        assert "auth0-client" not in script.last.headers


def test_a_client_of_ones_own_is_used_and_not_closed(script: Script) -> None:
    with httpx.Client(transport=httpx.MockTransport(script), headers={"x-own": "1"}) as http:
        with Management("t.auth0.com", auth="token", http_client=http) as client:
            client.roles.get("r")
        assert script.last.headers["x-own"] == "1"
        assert not http.is_closed


@pytest.mark.parametrize(
    ("domain", "complaint"),
    [
        ("", "must name the tenant's host"),
        ("https://", "host name alone"),
        ("tenant.auth0.com/api/v2", "without a path"),
        ("https://tenant.auth0.com/api/v2/", "without a path"),
        ("tenant auth0.com", "host name alone"),
        ("https://user:pw@tenant.auth0.com", "host name alone"),
        ("http://tenant.auth0.com", "must use https"),
        ("ftp://tenant.auth0.com", "must use https"),
        ("tenant.auth0.com:x", "not a number"),
        (None, "must name the tenant's host"),
    ],
)
def test_a_domain_that_cannot_be_right_is_refused(domain: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Management(domain, auth="token")


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        ("tenant.auth0.com", "https://tenant.auth0.com"),
        ("https://tenant.auth0.com/", "https://tenant.auth0.com"),
        ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
        ("http://[::1]:8400", "http://[::1]:8400"),
    ],
)
def test_a_domain_may_be_given_in_any_clean_form(domain: str, origin: str) -> None:
    assert Management(domain, auth="token")._dispatcher.core.origin == origin


async def test_the_asynchronous_client_does_the_same(
    amgmt: AsyncManagement, script: Script
) -> None:
    script.answers = [httpx.Response(201, json={"client_id": "c1", "name": "My"})]
    assert (await amgmt.clients.create(name="My")).client_id == "c1"
    raw = await amgmt.clients.with_raw_response.get("c1")
    assert (raw.status_code, raw.value.name) == (201, "My")
    assert await amgmt.request("GET", "/plain") == {"client_id": "c1", "name": "My"}
    with pytest.raises(ValueError, match="must not be empty"):
        await amgmt.users.get("")
    with pytest.raises(TypeError, match="did you mean"):
        amgmt.users.list(per_pag=1)  # type: ignore[call-arg]
