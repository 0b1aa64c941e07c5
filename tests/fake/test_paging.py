"""Pages of lists: offset, checkpoint, and logs; envelopes as the contract names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import ANY

import pytest

from auth0_mgmt import BadRequestError
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import Clock, FakeTenant
from auth0_mgmt_testing.engine.context import Params
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.query.paging import paginate

from .conftest import BEARER

ROWS: list[dict[str, Any]] = [{"id": n} for n in range(120)]
OPERATIONS = {row.id: row for row in operations()}


def page(operation: str, rows: list[dict[str, Any]] = ROWS, **query: Any) -> Any:
    asked = {name.rstrip("_"): value for name, value in query.items()}
    found = paginate(rows, asked, OPERATIONS[operation])
    return found.envelope(found.items)


def refused(operation: str, **query: Any) -> APIError:
    with pytest.raises(APIError) as caught:
        page(operation, **query)
    return caught.value


def beside(answer: Mapping[str, Any], items: str) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != items}


def test_a_list_is_an_array_of_fifty_unless_told_otherwise() -> None:
    assert page("get_roles") == ROWS[:50]
    assert page("get_roles", page=2, per_page=50) == ROWS[100:]
    assert page("get_roles", page=3) == []


def test_totals_make_it_an_object() -> None:
    answer = page("get_roles", page=1, per_page=10, include_totals=True)
    assert answer["roles"] == ROWS[10:20]
    assert beside(answer, "roles") == {"start": 10, "limit": 10, "total": 120}


def test_users_count_their_page_too() -> None:
    answer = page("get_users", page=1, per_page=100, include_totals=True)
    assert beside(answer, "users") == {"start": 100, "limit": 100, "length": 20, "total": 120}


def test_a_total_of_logs_is_of_the_page() -> None:
    answer = page("get_logs", per_page=10, include_totals=True)
    assert answer["total"] == 10


def test_lists_of_actions_leave_zeros_out() -> None:
    assert beside(page("get_actions"), "actions") == {"per_page": 50, "total": 120}
    assert beside(page("get_actions", page=3), "actions") == {"page": 3, "per_page": 50}


def test_nobody_pages_beyond_a_thousand_records() -> None:
    many = [{"id": n} for n in range(1_100)]
    assert len(page("get_roles", many, page=9, per_page=100)) == 100
    problem = refused("get_roles", page=10, per_page=100)
    assert (problem.status, problem.error_code) == (400, "invalid_paging")
    assert problem.message.startswith("You can only page through the first 1000 records.")


def test_where_checkpoints_exist_the_limit_points_at_them() -> None:
    assert refused("get_organizations", page=10, per_page=100).message == (
        "Requesting page 10 exceeds the allowed maximum of 1000 records. To fetch results beyond "
        "1000, use the checkpoint pagination method."
    )


def test_checkpoints_lead_through_the_whole_list() -> None:
    seen: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    answer: dict[str, Any] = {}
    for _ in range(10):
        answer = page("get_organizations", take=50, include_totals=True, **cursor)
        seen += answer["organizations"]
        if "next" not in answer:
            break
        cursor = {"from_": answer["next"]}
    assert seen == ROWS
    assert list(answer) == ["organizations"]


def test_take_wins_over_page() -> None:
    assert len(page("get_organizations", take=3, page=1, per_page=5)["organizations"]) == 3


def test_without_take_a_list_of_both_styles_pages_by_offset() -> None:
    assert page("get_organizations", per_page=5) == ROWS[:5]


def test_whether_a_checkpoint_list_may_be_an_array_is_the_contract_s_word() -> None:
    assert page("get_custom-domains", ROWS[:3]) == ROWS[:3]
    assert page("get_event-streams", ROWS[:3]) == {"eventStreams": ROWS[:3]}


@pytest.mark.parametrize("cursor", ["x", "", "bm90anNvbg", "WyJ4Iiwx", "é"])
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    assert refused("get_organizations", from_=cursor, take=5).status == 400


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = page("get_organizations", take=5)["next"]
    assert refused("get_clients", from_=cursor, take=5).status == 400


def test_a_list_goes_on_at_the_right_place_though_items_went() -> None:
    first = page("get_organizations", take=5)
    left = ROWS[3:]  # the first three went meanwhile
    assert page("get_organizations", left, from_=first["next"], take=2) == page(
        "get_organizations", ROWS[5:], take=2
    ) | {"next": ANY}
    assert (
        page("get_organizations", ROWS[5:], from_=first["next"], take=2)["organizations"]
        == (ROWS[5:7])
    )


def test_a_cursor_is_good_for_a_day() -> None:
    clock = Clock()
    clock.freeze()
    tenant = FakeTenant(clock=clock)
    for name in ("a", "b", "c"):
        tenant.organizations.add(name=name)
    with tenant.management() as mgmt:
        first = mgmt.request("GET", "/organizations", query={"take": 1})
        onward = {"take": 1, "from": first["next"]}
        clock.advance(86_399)
        assert mgmt.request("GET", "/organizations", query=onward)["organizations"]
        clock.advance(1)
        with pytest.raises(BadRequestError, match="Invalid 'from' parameter"):
            mgmt.request("GET", "/organizations", query=onward)


def test_logs_are_a_tail_that_the_link_header_follows() -> None:
    tenant = FakeTenant()
    with tenant.management() as mgmt:
        for name in ("a", "b", "c"):
            mgmt.roles.create(name=name)

        def follow(target: str) -> tuple[list[str], str]:
            answer = tenant.send("GET", target, BEARER)
            onward = answer.headers["link"].partition(tenant.domain)[2].partition(">")[0]
            return [event["details"]["request"]["body"]["name"] for event in answer.json()], onward

        first, onward = follow("/api/v2/logs?take=2")
        second, onward = follow(onward)
        nothing, same = follow(onward)
        assert (first, second, nothing) == (["a", "b"], ["c"], [])
        assert same == onward
        mgmt.roles.create(name="d")
        assert follow(onward)[0] == ["d"]


def test_logs_after_one_come_oldest_first_as_an_array() -> None:
    logs = [{"log_id": f"{n:03}"} for n in reversed(range(10))]
    assert page("get_logs", logs, from_="006", take=2) == [{"log_id": "007"}, {"log_id": "008"}]
    assert page("get_logs", logs, from_="009") == []


def test_a_list_that_does_not_page_is_whole() -> None:
    assert page("get_signing_keys", per_page=5) == ROWS


def test_every_paging_parameter_counts_as_looked_at() -> None:
    query = Params({"take": 5, "page": 1, "per_page": 2, "include_totals": True})
    paginate(ROWS, query, OPERATIONS["get_organizations"])
    assert list(query.unseen()) == []


@pytest.mark.parametrize("page", range(4))
def test_a_page_of_a_search_is_cut_from_all_that_matches(page: int) -> None:
    """A search stops at the end of its page; what it gives is the same."""
    tenant = FakeTenant()
    for number in range(30):
        tenant.users.add(email=f"{'even' if number % 2 == 0 else 'odd'}{number}@example.com")
    with tenant.management() as mgmt:
        every = [user.email for user in mgmt.users.list(q="email:even*", per_page=100)]
        assert len(every) == 15
        target = f"/api/v2/users?q=email:even*&per_page=5&page={page}"
        found = tenant.send("GET", target, {"authorization": "Bearer any"}).json()
        assert [user["email"] for user in found] == every[page * 5 : page * 5 + 5]
        counted = tenant.send(
            "GET", f"{target}&include_totals=true", {"authorization": "Bearer any"}
        ).json()
        assert counted["total"] == (15 if page < 3 else counted["total"])
