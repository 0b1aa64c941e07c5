"""What live tenants accepted passes the judge; what they found invalid does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract.router import Router
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.validation import request_validator

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
BASE = "/api/v2"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings are not beside the project"
)


@cache
def exchanges() -> tuple[dict[str, Any], ...]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[dict[str, Any]] = []
    for path in sorted(RECORDINGS.rglob("*.yaml")):
        found += yaml.load(path.read_text("utf-8"), loader)["interactions"]
    return tuple(found)


def judged(exchange: dict[str, Any], router: Router) -> APIError | None:
    request = exchange["request"]
    url = urlsplit(str(request["url"]))
    found = router.find(request["method"], url.path.removeprefix(BASE))
    if not url.path.startswith(BASE) or found is None:
        return None
    headers: dict[str, list[str]] = request.get("headers") or {}
    media = headers.get("Content-Type", [""])[0]
    query = parse_qsl(url.query, keep_blank_values=True)
    try:
        request_validator().check(
            found[0].id, found[1], query, media, (request.get("body") or "").encode()
        )
    except APIError as problem:
        return problem
    return None


def answered(lowest: int, highest: int) -> Iterator[dict[str, Any]]:
    return (e for e in exchanges() if lowest <= e["response"]["code"] <= highest)


def test_what_a_live_tenant_accepted_is_accepted() -> None:
    router = Router(operations())
    refused = [
        f"{exchange['request']['method']} {urlsplit(str(exchange['request']['url'])).path}: {problem}"
        for exchange in answered(200, 299)
        if (problem := judged(exchange, router)) is not None
    ]
    assert refused == []


def test_what_a_live_tenant_found_invalid_is_refused_in_its_words() -> None:
    router = Router(operations())
    wordings: list[tuple[str, str]] = []
    for exchange in answered(400, 400):
        answer = json.loads(exchange["response"]["body"])
        if "validation error" in answer.get("message", ""):
            problem = judged(exchange, router)
            # A tenant adds the property's documentation in parentheses; the fake carries no prose.
            said = re.sub(r" \([^)]*\)\.$", ".", answer["message"])
            wordings.append((said, problem.message if problem else "accepted"))
    # What a check of one property against another refuses is not the contract's to see.
    beyond = "Action type of `redirect` requires a `redirect_uri`"
    wordings = [pair for pair in wordings if beyond not in pair[0]]
    assert [said for said, _ in wordings] == [ours for _, ours in wordings]
