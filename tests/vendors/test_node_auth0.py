"""npm `auth0`: every call of its own reference, over TLS."""

from __future__ import annotations

import ssl

import httpx

from .conftest import HERE, Served, lines, need_node, run_node


def test_every_call_of_its_reference_reaches_an_operation(served: Served) -> None:
    need_node("auth0")
    calls = lines(run_node(served, HERE / "calls.mjs"))
    assert len(calls) > 400
    troubled = [call for call in calls if not 200 <= int(str(call["status"])) < 500]
    assert troubled == []
    with httpx.Client(verify=ssl.create_default_context(cafile=served.ca_file)) as http:
        logged = http.get(f"{served.url}/__fake/requests").json()
    reached = {entry["operation"] for entry in logged if "/api/v2/" in entry["path"]}
    assert None not in reached
    print(f"{len(calls)} calls, {len(reached)} operations")
    assert len(reached) > 400
