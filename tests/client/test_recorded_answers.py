"""Every answer recorded from live tenants decodes through the models and comes back unchanged."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt import _codec
from auth0_mgmt._json import is_array, is_object
from auth0_mgmt.models._base import Model
from auth0_mgmt.resources import operations

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "recordings"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="recordings of live tenants are not at hand (public: go-auth0 at tag v1.45.0 and the"
    " Terraform provider, test/data/recordings)",
)


def _routes() -> list[tuple[str, re.Pattern[str], Any]]:
    rows = sorted(operations(), key=lambda op: op.path.count("{"))
    return [
        (op.method, re.compile("/api/v2" + re.sub(r"\{[^}]+\}", "[^/]+", op.path) + "$"), op)
        for op in rows
    ]


def _exchanges() -> list[tuple[str, str, str, int, str]]:
    import yaml

    found: list[tuple[str, str, str, int, str]] = []
    for path in sorted(RECORDINGS.rglob("*.yaml")):
        cassette = yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for entry in cassette["interactions"]:
            request, response = entry["request"], entry["response"]
            target = request["url"].partition("://")[2].partition("?")[0]
            found.append(
                (
                    path.name,
                    request["method"],
                    "/" + target.partition("/")[2],
                    response["code"],
                    response.get("body") or "",
                )
            )
    return found


def _shown(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    return [_shown(item) for item in value] if is_array(value) else value


def test_every_recorded_answer_round_trips_through_its_model() -> None:
    routes, modelled, checked = _routes(), 0, Counter[str]()
    for name, method, path, status, body in _exchanges():
        op = next((op for m, rx, op in routes if m == method and rx.match(path)), None)
        if op is None or status >= 300 or not body.strip():
            continue
        sent = json.loads(body)
        if op.pagination:
            items, envelope = _codec.read_items(op, body.encode())
            back: Any = [_shown(item) for item in items]
            if is_object(sent):
                key: str = (
                    op.items_key
                    if op.items_key in sent
                    else next(k for k, v in sent.items() if is_array(v))
                )
                back = {**envelope, key: back}
        else:
            value = _codec.read(op, status, body.encode())
            back = _shown(value)
        modelled += op.response_model is not None
        assert back == sent, f"{name}: {op.name}"
        assert json.dumps(back, sort_keys=True) == json.dumps(sent, sort_keys=True), name
        checked[op.id] += 1
    assert sum(checked.values()) > 4000
    assert modelled > 4000
