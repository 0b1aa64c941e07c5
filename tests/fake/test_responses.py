"""Bodies of responses: the JSON that a value becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt_testing.engine.response import json_response


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 1.5, True, None, 'é😀\u2028"\\\x00']}, [], {}, "text", 2**70, 1e-7, 1e16],
    ids=repr,
)
def test_a_value_is_encoded_compactly_and_comes_back(value: Any) -> None:
    body = json_response(200, value).body
    assert json.loads(body) == value
    assert b": " not in body
    assert b"\\u00e9" not in body


def test_what_is_nested_deeply_is_encoded() -> None:
    value: Any = 1
    for _ in range(400):
        value = {"a": [value]}
    assert json.loads(json_response(200, value).body) == value
