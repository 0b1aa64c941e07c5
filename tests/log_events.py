"""The vendor's schema of tenant log events, where it is beside the repository, and the fake's events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from auth0_mgmt import Management
from auth0_mgmt_testing.resources.log_deliveries import as_sent
from auth0_mgmt_testing.resources.log_types import LOG_TYPES

_PLACE = Path("shared", "openapi", "tenant-logs.json")
SCHEMA = next(
    (above / _PLACE for above in Path(__file__).parents if (above / _PLACE).is_file()), None
)
"""The file; None where it is not there."""
REASON = f"no ../{_PLACE}: the vendor's schema of tenant log events"
ALIKE = {"fapi": "sapi", "sepotpft": "sepft"}
"""Types that the vendor uses and does not describe -> the type whose schema theirs is like."""


@cache
def described() -> dict[str, Any]:
    assert SCHEMA is not None, REASON
    known: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return known


@cache
def _validator(type: str) -> Any:
    known = described()
    schema = {**known["types"][ALIKE.get(type, type)]["schema"], "$defs": known["$defs"]}
    if type in ALIKE:
        schema["properties"] = {**schema["properties"], "type": {"const": type}}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def faults(event: dict[str, Any]) -> list[str]:
    """What is wrong with an event as streams send it."""
    code = event["type"]
    if code not in LOG_TYPES:
        return [f"{code}: not in the table of types"]
    found = _validator(code).iter_errors(event)
    return [f"{code} {'/'.join(map(str, each.instance_path))}: {each.message}" for each in found]


def faults_of(events: Iterable[Any], tenant_name: str = "tenant") -> list[str]:
    """What is wrong with events that the Management API lists."""
    sent = (as_sent(event.to_dict(), tenant_name, "tenant.example.com") for event in events)
    return sorted({fault for event in sent for fault in faults(event)})


def faults_in_log(mgmt: Management) -> list[str]:
    """What is wrong with the events of a tenant's log."""
    return faults_of(mgmt.logs.list())
