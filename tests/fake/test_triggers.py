"""The table of triggers: what the vendor has, and what of it runs here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.actions.event import TriggerName
from auth0_mgmt_testing.actions.triggers import TRIGGERS

_PLACE = Path("shared", "facts", "triggers-2026-08-10.json")
FACTS = next(
    (above / _PLACE for above in Path(__file__).parents if (above / _PLACE).is_file()), None
)
NOT_RUN = {"event-stream", "password-hash-migration", "mcp-tool"}
"""Triggers whose code nothing calls: see docs/actions.md."""
UNMODELLED = [
    (trigger, path)
    for trigger, kind in TRIGGERS.items()
    for path, method in kind.api.items()
    if method.unsupported
]


def test_every_trigger_that_is_named_has_its_kind() -> None:
    assert set(TRIGGERS) == set(get_args(TriggerName))


@pytest.mark.skipif(FACTS is None, reason=f"no ../{_PLACE}: the vendor's triggers")
def test_the_triggers_of_the_vendor_run_but_for_some() -> None:
    assert FACTS is not None
    known = {each["id"] for each in json.loads(FACTS.read_text("utf-8"))["triggers"]}
    assert known == {*TRIGGERS, *NOT_RUN}


def add(tenant: FakeTenant, trigger: Any, body: str) -> Any:
    version = {"post-login": "v3"}.get(trigger, "v2")
    if trigger.startswith("custom") or trigger == "password-reset-post-challenge":
        version = "v1"
    handler = TRIGGERS[trigger].handler
    return tenant.actions.add(
        name="code",
        supported_triggers=[{"id": trigger, "version": version}],
        code=f"exports.{handler} = async (event, api) => {{ {body} }};",
    )


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_each_trigger_is_given_an_event_and_its_api_and_no_other(
    tenant: FakeTenant, trigger: Any
) -> None:
    others = {path for kind in TRIGGERS.values() for path in kind.api} - set(TRIGGERS[trigger].api)
    shown = ", ".join(
        f"[{json.dumps(path)}, typeof api.{path.partition('.')[0]}?.{path.partition('.')[2]}]"
        for path in sorted({*others, *TRIGGERS[trigger].api})
    )
    action = add(tenant, trigger, f"console.log(JSON.stringify([{shown}]), typeof event.tenant.id)")
    done = tenant.actions.run(action)
    assert done.error is None
    text, tenant_id = done.console[0].rsplit(" ", 1)
    assert tenant_id == "string"
    found = {path for path, kind in json.loads(text) if kind == "function"}
    assert found == set(TRIGGERS[trigger].api)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_an_api_does_not_have_is_named_in_the_error(tenant: FakeTenant, trigger: Any) -> None:
    done = tenant.actions.run(add(tenant, trigger, "api.access.denyAll('x')"))
    assert done.error is not None
    assert f"{trigger} has no api.access" in done.error.message


@pytest.mark.parametrize(("trigger", "path"), UNMODELLED)
def test_what_is_not_modelled_is_refused_with_its_reason(
    tenant: FakeTenant, trigger: Any, path: str
) -> None:
    done = tenant.actions.run(add(tenant, trigger, f"api.{path}('x', 'y')"))
    assert done.error is not None
    assert done.error.message.startswith(f"api.{path}: ")
