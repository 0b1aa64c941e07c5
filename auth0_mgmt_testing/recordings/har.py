"""Recordings as HAR 1.2, for browsers and proxies."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt import __version__

from .exchange import Exchange, Scenario
from .scrubbing import Known, scrub

_HOST = "tenant.example"
"""Stands for every recorded tenant."""
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = -1
"""How the format writes a size that is not known."""


def as_har(
    scenarios: Iterable[Scenario], remarks: Mapping[tuple[str, int], str] | None = None
) -> str:
    """The scenarios as pages, their exchanges as entries, without secrets and personal data.

    ``remarks`` are comments of entries, by the scenario's name and the exchange's position.
    """
    remarks = remarks or {}
    pages: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for scenario in scenarios:
        day = scenario.recorded_at or _UNDATED
        pages.append(
            {
                "startedDateTime": day.isoformat(),
                "id": scenario.name,
                "title": scenario.name,
                "pageTimings": {},
            }
        )
        hosts = sorted({each.request.host for each in scenario.exchanges if each.request.host})
        for position, exchange in enumerate(scrub(scenario.exchanges, Known(_HOST, hosts))):
            duration = scenario.exchanges[position].duration
            entry = _entry(exchange, exchange.recorded_at or day, duration)
            entry["pageref"] = scenario.name
            if remark := remarks.get((scenario.name, position)):
                entry["comment"] = remark
            entries.append(entry)
    log = {
        "version": "1.2",
        "creator": {"name": "auth0-fake", "version": __version__},
        "pages": pages,
        "entries": entries,
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1) + "\n"


def _entry(exchange: Exchange, when: datetime, seconds: float) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    har_request: dict[str, Any] = {
        "method": request.method,
        "url": f"https://{_HOST}{request.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(request.query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        media = request.headers.get("content-type", "application/json")
        har_request["postData"] = {"mimeType": media, "text": request.body.decode(errors="replace")}
    return {
        "startedDateTime": when.isoformat(),
        "time": round(seconds * 1000, 3),
        "request": har_request,
        "response": {
            "status": response.status,
            "statusText": responses.get(response.status, ""),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(response.headers),
            "content": _content(response.body, response.headers.get("content-type", "")),
            "redirectURL": response.headers.get("location", ""),
            "headersSize": _UNKNOWN,
            "bodySize": len(response.body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(seconds * 1000, 3), "receive": 0},
    }


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _content(body: bytes, media: str) -> dict[str, Any]:
    content: dict[str, Any] = {"size": len(body), "mimeType": media or "application/json"}
    try:
        return {**content, "text": body.decode()}
    except UnicodeDecodeError:
        return {**content, "text": base64.b64encode(body).decode(), "encoding": "base64"}
