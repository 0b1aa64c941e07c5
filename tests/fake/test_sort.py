"""``sort=field:1|-1``."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.query.sort import order_of
from auth0_mgmt_testing.state.selection import Part


def order(sort: str, docs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = order_of(sort)
    done = found.sort(Part(docs))
    assert done == sorted(docs, key=found.key, reverse=found.descending)
    return done


def test_sorts_up_and_down() -> None:
    docs = [{"n": 2}, {"n": 1}, {"n": 3}]
    assert order("n:1", docs) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert order("n:-1", docs) == [{"n": 3}, {"n": 2}, {"n": 1}]


def test_a_missing_field_comes_first_and_types_do_not_clash() -> None:
    docs: list[dict[str, Any]] = [{"n": "a"}, {"n": 1}, {}, {"n": True}, {"n": [1]}]
    assert order("n:1", docs)[0] == {}
    assert order("n:1", docs)[-1] == {"n": [1]}


def test_a_dotted_field_reaches_into_objects() -> None:
    docs = [{"a": {"b": 2}}, {"a": {"b": 1}}]
    assert order("a.b:1", docs) == [{"a": {"b": 1}}, {"a": {"b": 2}}]


@pytest.mark.parametrize("sort", ["name", "name:2", "name:desc", ":1", "", "a:1,b:1"])
def test_another_form_is_refused(sort: str) -> None:
    with pytest.raises(APIError) as refused:
        order_of(sort)
    assert refused.value.status == 400
    assert refused.value.error_code == "invalid_query_string"
