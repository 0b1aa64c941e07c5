"""Recordings written by hand, and a tenant that answers from a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from auth0_mgmt_testing.recordings.exchange import (
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Scenario,
)
from auth0_mgmt_testing.verification.callers import Callers
from auth0_mgmt_testing.verification.conditions import Trait
from auth0_mgmt_testing.verification.earlier import EarlierState
from auth0_mgmt_testing.verification.presupposed import Issued

HOST = "recorded.eu.auth0.com"


class ScriptedTarget:
    """Answers each request with the next line of its script, and keeps what it was sent."""

    domain = "here.example.com"

    def __init__(self, *script: tuple[int, Any]) -> None:
        self.script = list(script)
        self.sent: list[tuple[str, str, Any]] = []
        self.resets = 0
        self.unavailable: frozenset[str] = frozenset()
        self.withheld: list[tuple[str, ...]] = []
        self.waits: list[float | None] = []

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
    ) -> None:
        self.resets += 1
        self.unavailable = unavailable_features

    def restore(self, earlier: EarlierState) -> bool:
        return False

    def admit(self, callers: Callers) -> None:
        pass

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        return None

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        self.withheld.append(tuple(withheld))
        return "Bearer replay"

    def advance(self, seconds: float | None) -> None:
        self.waits.append(seconds)

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        self.sent.append((method, target, json.loads(body) if body else None))
        status, value = self.script[len(self.sent) - 1]
        return answer(status, value)

    def close(self) -> None:
        pass


def answer(status: int, value: Any = None) -> RecordedResponse:
    return RecordedResponse(status, {}, b"" if value is None else json.dumps(value).encode())


def exchange(
    method: str, path: str, body: Any = None, status: int = 200, value: Any = None
) -> Exchange:
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(
        RecordedRequest(method, HOST, f"/api/v2{path}", {}, sent), answer(status, value)
    )


def scenario(*exchanges: Exchange) -> Scenario:
    return Scenario("made up", "here", exchanges)


def go_vcr(*calls: tuple[str, str, Any, int, Any]) -> dict[str, Any]:
    """A go-vcr v3 cassette of (method, path, body, status, answer)."""
    return {
        "version": 2,
        "interactions": [
            {
                "id": number,
                "request": {
                    "method": method,
                    "url": f"https://{HOST}/api/v2{path}",
                    "headers": {"Content-Type": ["application/json"]},
                    "body": "" if body is None else json.dumps(body),
                },
                "response": {
                    "code": status,
                    "status": f"{status} …",
                    "headers": {"Content-Type": ["application/json"]},
                    "body": "" if value is None else json.dumps(value),
                },
            }
            for number, (method, path, body, status, value) in enumerate(calls)
        ],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Write a file: text as it is, other values as YAML or JSON by the name's ending."""

    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        if not isinstance(content, str):
            json_like = path.suffix in (".json", ".har")
            content = json.dumps(content) if json_like else yaml.safe_dump(content)
        path.write_text(content, "utf-8")
        return path

    return write
