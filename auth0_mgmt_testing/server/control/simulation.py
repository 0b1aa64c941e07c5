"""Control: logged requests, faults, clock, rate limits, settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from ...state.clock import format_timestamp
from ..http import LiveResponse
from .endpoint import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    ControlRequest,
    endpoint,
)
from .shown import shown_request

if TYPE_CHECKING:
    from ...observation.request_log import RequestLog
    from ...simulation.faults import Fault
    from ...tenant import FakeTenant

_EVENT_SECONDS = 0.1
"""How often events are sent."""
_WAITS_A_COMMENT = 150


@endpoint(
    "GET",
    "requests",
    query={
        "after": "only requests with a greater number",
        "operation": "only requests of this operation",
    },
)
def _requests(request: ControlRequest) -> Any:
    """The newest requests, oldest first; secrets are redacted."""
    after = int(request.query.get("after", 0))
    entries = list(request.tenant.requests)
    if (operation := request.query.get("operation")) is not None:
        entries = request.tenant.requests.for_operation(operation)
    return [shown_request(entry) for entry in entries if entry.number > after]


@endpoint(
    "GET", "requests/stream", query={"after": "only requests with a greater number than this one's"}
)
def _stream_requests(request: ControlRequest) -> Any:
    """Requests as they come, as server-sent events: each a list, as ``GET requests`` has it."""
    headers = {"content-type": "text/event-stream", "cache-control": "no-store"}
    events = _events(request.tenant, int(request.query.get("after", 0)))
    return LiveResponse(200, headers=headers, parts=events)


async def _events(tenant: FakeTenant, after: int) -> AsyncGenerator[bytes, None]:
    """The requests of a tenant since one, in events; now and then a comment, which keeps proxies awake."""
    waits = 0
    while True:
        log = tenant.requests
        found = [entry for entry in log if entry.number > after] if _newest(log) > after else []
        if found:
            after, waits = found[-1].number, 0
            yield b"data: %b\n\n" % json.dumps([shown_request(each) for each in found]).encode()
        else:
            waits += 1
            yield b": nothing new\n\n" if waits % _WAITS_A_COMMENT == 1 else b""
        await asyncio.sleep(_EVENT_SECONDS)


def _newest(log: RequestLog) -> int:
    return log[-1].number if len(log) else 0


@endpoint("GET", "requests/{number}")
def _request(request: ControlRequest) -> Any:
    """One request with its response and the documents that it changed, redacted."""
    wanted = int(request.path["number"])
    for entry in request.tenant.requests:
        if entry.number == wanted:
            changes = [change.shown() for change in entry.changes]
            return {**shown_request(entry), "changes": changes, "response": entry.response}
    raise LookupError(f"no request {wanted} in the log, which keeps the newest")


@endpoint("DELETE", "requests")
def _clear_requests(request: ControlRequest) -> Any:
    """Forget all requests, and the scopes that they required."""
    request.tenant.requests.clear()


@endpoint("GET", "required-scopes")
def _required_scopes(request: ControlRequest) -> Any:
    """The smallest set of scopes that allows every operation that was requested."""
    return list(request.tenant.required_scopes())


# --- simulation ----------------------------------------------------------------------------------

_FAULT = {
    "operation": TEXT,
    "status": INTEGER,
    "error_code": TEXT,
    "message": TEXT,
    "headers": OBJECT,
    "body": TEXT,
    "skip": INTEGER,
    "times": {"type": ["integer", "null"]},
    "latency": NUMBER,
    "drop_connection": BOOLEAN,
    "truncate_body": INTEGER,
    "lose_response": BOOLEAN,
}


@endpoint("GET", "faults")
def _faults(request: ControlRequest) -> Any:
    """The current faults, and how often each hit."""
    return [_shown_fault(fault) for fault in request.tenant.faults]


@endpoint("POST", "faults", body=_FAULT, required=("operation",), status=201)
def _add_fault(request: ControlRequest) -> Any:
    """Let calls of an operation fail, as `Faults.add` does."""
    options = dict(request.body)
    fault = request.tenant.faults.add(str(options.pop("operation")), **options)
    return _shown_fault(fault)


@endpoint("DELETE", "faults")
def _clear_faults(request: ControlRequest) -> Any:
    """Remove all faults."""
    request.tenant.faults.clear()


def _shown_fault(fault: Fault) -> dict[str, Any]:
    return {
        "id": f"{id(fault):x}",
        "operation": fault.operation.name,
        "status": fault.status,
        "skip": fault.skip,
        "times": fault.times,
        "latency": fault.latency,
        "drop_connection": fault.drop_connection,
        "truncate_body": fault.truncate_body,
        "lose_response": fault.lose_response,
        "calls": fault.calls,
        "hits": fault.hits,
    }


@endpoint("GET", "clock")
def _clock(request: ControlRequest) -> Any:
    """The tenant's time."""
    clock = request.tenant.clock
    time = clock.time()
    return {"time": time, "now": format_timestamp(time), "frozen": clock.frozen}


_CLOCK = {"freeze": {"type": ["string", "boolean"]}, "advance": NUMBER, "resume": BOOLEAN}


@endpoint("PATCH", "clock", body=_CLOCK)
def _set_clock(request: ControlRequest) -> Any:
    """Freeze the clock (true: now; or a timestamp), advance it by seconds, or let it run on."""
    clock = request.tenant.clock
    if freeze := request.body.get("freeze"):
        clock.freeze(None if freeze is True else str(freeze))
    if (seconds := request.body.get("advance")) is not None:
        clock.advance(float(seconds))
    if request.body.get("resume"):
        clock.resume()
    return _clock(request)


@endpoint("GET", "rate-limits")
def _rate_limits(request: ControlRequest) -> Any:
    """Whether requests are limited."""
    return {"enabled": request.tenant.rate_limits.enabled}


_LIMITS = {"plan": TEXT_OR_NULL, "limit": INTEGER, "per_second": INTEGER}


@endpoint("PUT", "rate-limits", body=_LIMITS)
def _enable_limits(request: ControlRequest) -> Any:
    """Limit requests as a plan does, or by one bucket."""
    request.tenant.rate_limits.enable(**request.body)


@endpoint("DELETE", "rate-limits")
def _disable_limits(request: ControlRequest) -> Any:
    """Limit nothing."""
    request.tenant.rate_limits.disable()


@endpoint("POST", "rate-limits/reset")
def _reset_limits(request: ControlRequest) -> Any:
    """Fill every bucket."""
    request.tenant.rate_limits.reset()


_SETTINGS = {
    "search_delay": NUMBER,
    "build_delay": NUMBER,
    "require_issued_tokens": BOOLEAN,
    "unsupported_parameters": {"enum": ["warn", "error"]},
}


@endpoint("GET", "settings")
def _settings(request: ControlRequest) -> Any:
    """How the fake behaves."""
    return {name: getattr(request.tenant, name) for name in _SETTINGS}


@endpoint("PATCH", "settings", body=_SETTINGS)
def _set_settings(request: ControlRequest) -> Any:
    """Change how the fake behaves."""
    if request.body.get("unsupported_parameters", "warn") not in ("warn", "error"):
        raise ValueError("unsupported_parameters must be 'warn' or 'error'")
    for name, value in request.body.items():
        present: Any = getattr(request.tenant, name)
        number = _SETTINGS[name] is NUMBER
        if not isinstance(value, (int, float) if number else present.__class__):
            raise ValueError(f"{name}: {value!r} is of a wrong type")
        setattr(request.tenant, name, value)
    return _settings(request)
