"""Slips are told by what was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, InvalidRequestError, Management, ManagementError
from auth0_mgmt._operation import Operation
from auth0_mgmt.models.users import User
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import contract

from .conftest import DOMAIN, Script


@pytest.mark.parametrize(
    ("name", "meant"),
    [("get_all", "list"), ("add", "create"), ("patch", "update"), ("remove", "delete"),
     ("fetch", "get"), ("lisst", "list"), ("identites", "identities")],
)  # fmt: skip
def test_a_method_that_does_not_exist_names_the_one_that_does(name: str, meant: str) -> None:
    for client in (Management(DOMAIN, "t"), AsyncManagement(DOMAIN, "t")):
        with pytest.raises(
            AttributeError, match=f"has no attribute '{name}'; did you mean '{meant}'"
        ):
            getattr(client.users, name)
        with pytest.raises(AttributeError, match="did you mean 'users'"):
            getattr(client, "user")  # noqa: B009
        assert not hasattr(client.users, "zzz")


def test_a_field_that_does_not_exist_names_the_one_that_does() -> None:
    user = User.model_validate({"email": "a@b.example", "custom": 1})
    with pytest.raises(AttributeError, match="no attribute 'emial'; did you mean 'email'"):
        getattr(user, "emial")  # noqa: B009
    with pytest.raises(AttributeError, match="no field 'emial'; did you mean 'email'"):
        user.emial = "x"
    user.custom = 2
    user.something_new = 3
    assert user.to_dict() == {"email": "a@b.example", "custom": 2, "something_new": 3}


async def test_the_wrong_kind_of_with_names_the_right_one() -> None:
    twin: Any = AsyncManagement(DOMAIN, "t")
    with pytest.raises(TypeError, match="use `async with`"), twin:
        pass
    mgmt: Any = Management(DOMAIN, "t")
    with pytest.raises(TypeError, match="use `with`"):
        await mgmt.__aenter__()


UNSENDABLE: list[Callable[[Management], object]] = [
    lambda mgmt: mgmt.users.get("\ud800"),
    lambda mgmt: mgmt.users.list(q="\ud800"),
    lambda mgmt: mgmt.users.create(connection="\ud800"),
    lambda mgmt: mgmt.users.create(connection="c", user_metadata={"x": float("nan")}),
    lambda mgmt: mgmt.users.create(connection="c", user_metadata={"x": float("inf")}),
    lambda mgmt: mgmt.users.create(connection="c", user_metadata=_circle()),
    lambda mgmt: mgmt.users.create(connection="c", user_metadata=_deep()),
    lambda mgmt: mgmt.request("GET", "/x", query={"a": "\ud800"}),
    lambda mgmt: mgmt.users.list(page=10**5_000),
    lambda mgmt: mgmt.jobs.wait("j", interval=0),
    lambda mgmt: mgmt.jobs.wait("j", timeout=-1),
    lambda mgmt: mgmt.with_options(max_attempts=0),
    lambda mgmt: mgmt.with_options(timeout=float("inf")),
    lambda mgmt: mgmt.with_options(deadline=float("nan")),
    lambda mgmt: mgmt.with_options(custom_domain="a\nb"),
]


@pytest.mark.parametrize("call", UNSENDABLE)
def test_what_cannot_be_sent_is_our_own_error_and_a_value_error(
    mgmt: Management, script: Script, call: Callable[[Management], object]
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        call(mgmt)
    assert isinstance(caught.value, ManagementError)
    assert isinstance(caught.value, ValueError)
    assert script.requests == []


MISTYPED: list[tuple[Callable[[Any], Any], str]] = [
    (lambda mgmt: mgmt.users.create(connection=b"c"), "type bytes cannot be sent as JSON"),
    (lambda mgmt: mgmt.roles.create(name=bytearray(1)), "bytearray cannot be sent as JSON"),
    (lambda mgmt: mgmt.users.list(q={"a": 1}), "type dict cannot be sent in a query"),
    (lambda mgmt: mgmt.users.list(q=b"a"), "type bytes cannot be sent in a query"),
    (lambda mgmt: mgmt.users.get("u", request_options="x"), "options must be a mapping"),
]


@pytest.mark.parametrize(("call", "said"), MISTYPED)
async def test_values_of_a_wrong_type_are_type_errors_and_not_sent(
    mgmt: Management, amgmt: AsyncManagement, script: Script, call: Any, said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        call(mgmt)
    with pytest.raises(TypeError, match=said):
        await call(amgmt)
    assert script.requests == []


def _circle() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


def _deep() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(100_000):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2), "2026-01-02T00:00:00Z"),
        (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00Z"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime.min, "0001-01-01T00:00:00Z"),
    ],
)
async def test_times_in_a_query_fit_into_the_20_characters_that_the_contract_allows(
    mgmt: Management, amgmt: AsyncManagement, script: Script, value: Any, sent: str
) -> None:
    script.answers = [httpx.Response(400, json={})]
    with pytest.raises(ManagementError):
        next(iter(mgmt.events.subscribe(from_timestamp=value)))
    assert script.last.url.params["from_timestamp"] == sent
    with pytest.raises(ManagementError):
        await anext(aiter(amgmt.events.subscribe(from_timestamp=value)))
    assert script.last.url.params["from_timestamp"] == sent
    with pytest.raises(ManagementError):
        mgmt.event_streams.deliveries.list("est_1", date_from=value, date_to=value)
    assert script.last.url.params["date_from"] == script.last.url.params["date_to"] == sent
    with pytest.raises(ManagementError):
        await amgmt.event_streams.stats.get("est_1", date_from=value)
    assert script.last.url.params["date_from"] == sent


@pytest.mark.parametrize("value", [date(2026, 1, 2), datetime(2026, 1, 2, 3), "20260102"])
async def test_days_of_the_statistics_are_written_without_hyphens(
    mgmt: Management, amgmt: AsyncManagement, script: Script, value: Any
) -> None:
    script.answers = [httpx.Response(200, json=[])]
    mgmt.stats.get_daily(from_=value)
    assert script.last.url.params["from"] == "20260102"
    await amgmt.stats.get_daily(to=value)
    assert script.last.url.params["to"] == "20260102"


def test_every_time_in_a_query_is_typed_as_one() -> None:
    """Or else a date goes out as no tenant takes it: all are declared for the generator."""
    named = {
        (operation.name, name)
        for operation in operations()
        for name, schema in _query(operation).items()
        if "format" in schema or "date" in name or "timestamp" in name
    }
    typed = {
        (operation.name, name)
        for operation in operations()
        for name, schema in _query(operation).items()
        if schema.get("format") in ("date-time", "yyyymmdd") or name in operation.days
    }
    assert len(typed) == 7
    assert named <= typed


def _query(operation: Operation[Any]) -> dict[str, Any]:
    row = contract.of_operation(operation.id).operation(operation.id) or {}
    return dict(row.get("query", {}))
