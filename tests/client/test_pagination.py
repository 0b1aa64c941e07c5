"""Pages of every style."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, Management, PaginationLimitError

from .conftest import Script


def numbered(total: int, size: int, key: str = "users") -> Any:
    """A list that pages by number and tells totals."""

    def answer(request: httpx.Request) -> httpx.Response:
        page, limit = int(request.url.params.get("page", 0)), size
        rows = [{"user_id": f"u{n}"} for n in range(total)][page * limit : (page + 1) * limit]
        body = {"start": page * limit, "limit": limit, "total": total, key: rows}
        return httpx.Response(200, json=body)

    return answer


def sent(script: Script) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in script.calls]


def test_iterating_goes_through_all_pages_without_one_request_too_many(
    mgmt: Management, script: Script
) -> None:
    script.answers = [numbered(total=4, size=2)]
    assert [user.user_id for user in mgmt.users.list(per_page=2)] == ["u0", "u1", "u2", "u3"]
    assert [query.get("page") for query in sent(script)] == [None, "1"]
    assert all(query["include_totals"] == "true" for query in sent(script))


def test_a_page_tells_where_it_stands(mgmt: Management, script: Script) -> None:
    script.answers = [numbered(total=3, size=2)]
    page = mgmt.users.list(per_page=2)
    assert (len(page), page.start, page.limit, page.total, page.has_next) == (2, 0, 2, 3, True)
    assert page.cursor == "1"
    following = page.next_page()
    assert following is not None
    assert (len(following), following.has_next, following.cursor) == (1, False, None)
    assert following.next_page() is None
    assert [len(each) for each in page.pages()] == [2, 1]


def test_the_callers_include_totals_is_left_alone(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(200, json=[{"user_id": "a"}, {"user_id": "b"}])]
    page = mgmt.users.list(per_page=2, include_totals=False)
    assert sent(script) == [{"per_page": "2", "include_totals": "false"}]
    assert page.has_next
    assert page.total is None


def test_a_bare_array_shorter_than_asked_is_the_end(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(200, json=[{"user_id": "a"}])]
    assert not mgmt.users.list(per_page=2, include_totals=False).has_next


def test_a_bare_array_of_unknown_size_goes_on_until_an_empty_page(
    mgmt: Management, script: Script
) -> None:
    script.answers = [
        httpx.Response(200, json=[{"user_id": "a"}]),
        httpx.Response(200, json=[]),
    ]
    assert len(list(mgmt.users.list(include_totals=False))) == 1
    assert len(script.calls) == 2


def test_a_total_below_what_is_here_already_is_not_believed(
    mgmt: Management, script: Script
) -> None:
    script.answers = [
        httpx.Response(200, json={"start": n, "limit": 1, "total": 0, "organizations": items})
        for n, items in enumerate([[{"id": "o1"}], [{"id": "o2"}], []])
    ]
    assert [org.id for org in mgmt.users.organizations.list("auth0|1", per_page=1)] == ["o1", "o2"]


def test_checkpoint_follows_next_and_resumes_from_a_cursor(
    mgmt: Management, script: Script
) -> None:
    script.answers = [
        httpx.Response(200, json={"organizations": [{"id": "o1"}], "next": "c1"}),
        httpx.Response(200, json={"organizations": [], "next": "c2"}),
        httpx.Response(200, json={"organizations": [{"id": "o2"}]}),
    ]
    assert [org.id for org in mgmt.organizations.list(take=1)] == ["o1", "o2"]
    assert [query.get("from") for query in sent(script)] == [None, "c1", "c2"]
    script.requests.clear()
    script.answers = [httpx.Response(200, json={"organizations": [{"id": "o2"}]})]
    assert [org.id for org in mgmt.organizations.list(from_="c1", take=1)] == ["o2"]
    assert sent(script) == [{"from": "c1", "take": "1"}]


def test_a_cursor_that_repeats_ends_the_list(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(200, json={"organizations": [], "next": "same"})]
    assert list(mgmt.organizations.list(take=1)) == []
    assert len(script.calls) == 2


def test_where_both_styles_exist_checkpoint_is_the_default(
    mgmt: Management, script: Script
) -> None:
    script.answers = [httpx.Response(200, json={"organizations": []})]
    mgmt.organizations.list()
    assert sent(script) == [{"take": "50"}]
    script.requests.clear()
    mgmt.organizations.list(per_page=10)
    assert sent(script) == [{"per_page": "10", "include_totals": "true"}]


def test_logs_follow_the_link_header_and_stop_when_nothing_is_new(
    mgmt: Management, script: Script
) -> None:
    link = '<https://tenant.eu.auth0.com/api/v2/logs?from={}&take=2>; rel="next"'
    script.answers = [
        httpx.Response(200, json=[{"log_id": "l1"}, {"log_id": "l2"}], headers={"Link": link.format("L2")}),
        httpx.Response(200, json=[{"log_id": "l3"}], headers={"Link": link.format("L3")}),
        httpx.Response(200, json=[], headers={"Link": link.format("L3")}),
    ]  # fmt: skip
    page = mgmt.logs.list(from_="L0", take=2)
    pages = list(page.pages())
    assert [log.log_id for each in pages for log in each.items] == ["l1", "l2", "l3"]
    assert [query["from"] for query in sent(script)] == ["L0", "L2", "L3"]
    assert pages[-1].cursor == "L3", "where to poll from next"


def test_logs_without_a_link_go_on_from_the_last_id(mgmt: Management, script: Script) -> None:
    script.answers = [
        httpx.Response(200, json=[{"log_id": "l1"}]),
        httpx.Response(200, json=[]),
    ]
    assert len(list(mgmt.logs.list(from_="l0"))) == 1
    assert [query["from"] for query in sent(script)] == ["l0", "l1"]


def test_the_total_of_logs_is_not_taken_for_the_end(mgmt: Management, script: Script) -> None:
    body = {"start": 0, "limit": 1, "length": 1, "total": 1, "logs": [{"log_id": "l1"}]}
    script.answers = [
        httpx.Response(200, json=body),
        httpx.Response(200, json={**body, "start": 1, "logs": []}),
    ]
    assert len(list(mgmt.logs.list(per_page=1))) == 1
    assert len(script.calls) == 2


def test_envelopes_with_page_and_per_page_are_understood(mgmt: Management, script: Script) -> None:
    script.answers = [
        httpx.Response(
            200, json={"total": 3, "page": 0, "per_page": 2, "actions": [{"id": "a"}, {"id": "b"}]}
        ),
        httpx.Response(200, json={"total": 3, "page": 1, "per_page": 2, "actions": [{"id": "c"}]}),
    ]
    assert [action.id for action in mgmt.actions.list()] == ["a", "b", "c"]
    assert len(script.calls) == 2


def test_the_limit_of_1000_records_is_an_error_that_names_the_way_out(
    mgmt: Management, script: Script
) -> None:
    body = {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "You can only page through the first 1000 records.",
        "errorCode": "invalid_paging",
    }
    script.answers = [httpx.Response(400, json=body)]
    with pytest.raises(PaginationLimitError, match=r"use take= .* or export"):
        mgmt.users.list(page=10, per_page=100)


async def test_asynchronous_lists_iterate_and_await(amgmt: AsyncManagement, script: Script) -> None:
    script.answers = [numbered(total=3, size=2)]
    assert [user.user_id async for user in amgmt.users.list(per_page=2)] == ["u0", "u1", "u2"]
    page = await amgmt.users.list(per_page=2)
    assert (page.total, page.has_next) == (3, True)
    following = await page.next_page()
    assert following is not None
    assert [len(each) async for each in amgmt.users.list(per_page=2).pages()] == [2, 1]
    raw = await amgmt.users.with_raw_response.list()
    assert raw.value.total == 3


def test_a_link_that_points_back_ends_the_logs(mgmt: Management, script: Script) -> None:
    """The guard against a cursor that stands still, also with logs on the page."""
    link = '<https://tenant.eu.auth0.com/api/v2/logs?from=L0&take=2>; rel="next"'
    script.answers = [httpx.Response(200, json=[{"log_id": "l1"}], headers={"Link": link})]
    page = mgmt.logs.list(from_="L0", take=2)
    assert not page.has_next
    assert len(list(page)) == len(script.calls) == 1
