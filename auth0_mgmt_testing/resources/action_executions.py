"""Runs what a tenant has bound to a trigger, and records it; test runs of single actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auth0_mgmt._json import is_object

from ..actions.effects import Effects
from ..actions.event import Event, TriggerName
from ..actions.event_object import event_object, with_effects
from ..actions.fetching import fetch_with
from ..actions.program import ActionError, Limits, Program, platform_error
from ..actions.runner import ActionRun, CachedValue, run_program
from ..actions.triggers import TRIGGERS
from ..behaviours import CollectionBehaviour, Missing
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..errors import MissingExtraError
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.ids import uuid
from ..state.store import Doc
from .actions import ACTIONS

family = Family()

TABLE = "action_executions"
KEPT = 1_000
"""Executions that a tenant keeps; beyond, the oldest fiftieth goes."""
_CACHE = "__action_cache"
_FAILED = "actions_execution_failed"


@dataclass(frozen=True, slots=True)
class _Bound:
    """An action as it runs for a trigger."""

    binding_id: str
    name: str
    content: Doc
    """The deployed version, or the draft of a test run."""


# --- what runs -----------------------------------------------------------------------------------


def program_of(context: RequestContext, content: Doc) -> Program:
    """The code of an action or of one of its versions, with the modules that it uses."""
    modules: dict[str, str] = {}
    for use in content.get("modules") or ():
        version = context.tx.get("action_module_versions", use["module_version_id"])
        if version is not None:
            modules[str(use["module_name"])] = str(version["code"])
    dependencies = {
        str(d["name"]): str(d.get("version", "")) for d in content["dependencies"] or ()
    }
    return Program(str(content["code"]), content.get("_secrets") or {}, modules, dependencies)


def run_content(
    context: RequestContext,
    content: Doc,
    trigger: TriggerName,
    event: Doc,
    before: Effects | None = None,
    *,
    resumed: bool = False,
) -> ActionRun:
    """Run an action's draft or version for a trigger; nothing takes effect."""
    settings = context.world.actions
    cached = {
        str(kept["key"]): CachedValue(kept["value"], kept["expires_at"])
        for kept in context.tx.find(_CACHE, "trigger", trigger)
        if kept["expires_at"] > context.time()
    }
    return run_program(
        program_of(context, content),
        trigger,
        event,
        now=context.time(),
        fetch=fetch_with(
            settings.http_client,
            lambda request: context.world.call(context, request),
            settings.time_limit,
            trusted=settings.trusted,
        ),
        limits=Limits(settings.time_limit, settings.memory_limit),
        cached=cached,
        before=before,
        resumed=resumed,
        trusted=settings.trusted,
    )


family.index(_CACHE, "trigger", lambda doc: [doc["trigger"]])


def is_bound(context: RequestContext, trigger: TriggerName) -> bool:
    """Whether anything runs for a trigger."""
    return bool(context.tx.keys("action_bindings", "trigger", trigger))


def deployed_for(context: RequestContext, trigger: TriggerName) -> str | None:
    """The id of the newest action for a trigger that is deployed; None where none is."""
    found = [
        str(action["id"])
        for action in context.tx.all("actions")
        if action["_deployed"] and trigger_of(action) == trigger
    ]
    return found[-1] if found else None


def _bound(context: RequestContext, trigger: TriggerName) -> list[_Bound]:
    found: list[_Bound] = []
    for binding in context.tx.find("action_bindings", "trigger", trigger):
        action = context.tx.get("actions", binding["_action"])
        if action is not None and (bound := _deployed(context, action, binding["id"])) is not None:
            found.append(bound)
    return found


def _deployed(context: RequestContext, action: Doc, binding_id: str) -> _Bound | None:
    version = context.tx.get("action_versions", action["_deployed"] or "")
    return None if version is None else _Bound(binding_id, str(action["name"]), version)


def run_trigger(
    context: RequestContext,
    trigger: TriggerName,
    event: Event,
    *,
    resume: Effects | None = None,
    action_id: str | None = None,
) -> Effects:
    """Run what is bound to a trigger, in its order, and return what it wants to happen.

    What an action sets is seen by those after it. A denial, a failure, a redirect and a form stop the
    order; ``resume`` continues after one of the last two, from the effects that it ended with. ``action_id``: the action
    of a trigger that is bound to entities. The execution is recorded, also where the request is
    rejected then.
    """
    if action_id is not None:
        action = context.tx.get("actions", action_id)
        one = None if action is None else _deployed(context, action, "")
        bound = [] if one is None else [one]
    elif is_bound(context, trigger):
        bound = _bound(context, trigger)
    else:
        bound = []
    if resume is not None:
        pending = resume.pending
        bound = [each for each in bound if each.binding_id in pending]
    if not bound:
        return Effects() if resume is None else _continuing(resume)
    return _Execution(context, trigger, event, resume).run(bound)


def _continuing(effects: Effects) -> Effects:
    """The effects of a log-in that continues after its redirect; metadata is stored by then."""
    kept = Effects.from_json(effects.to_json())
    return replace(kept, redirect=None, prompt=None, pending=[], user_metadata={}, app_metadata={})


class _Execution:
    """One execution of a trigger: its actions in their order, and the record of it."""

    def __init__(
        self, context: RequestContext, trigger: TriggerName, event: Event, resume: Effects | None
    ) -> None:
        self._context = context
        self._trigger: TriggerName = trigger
        self._event = event
        known = None if resume is None else context.tx.get(TABLE, resume.executions[-1])
        self._resumed = resume is not None
        self._effects = Effects() if resume is None else _continuing(resume)
        now = context.now()
        self._record: Doc = known or {
            "id": context.new_id(uuid),
            "trigger_id": trigger,
            "status": "final",
            "results": [],
            "created_at": now,
            "updated_at": now,
            "_actions": [],
        }
        if known is None:
            self._effects.executions = [self._record["id"]]

    def run(self, bound: Sequence[_Bound]) -> Effects:
        context, kind = self._context, TRIGGERS[self._trigger]
        seen = with_effects(event_object(context, self._trigger, self._event), self._effects)
        cached: dict[str, CachedValue | None] = {}
        failures: list[Doc] = []
        status = "final"
        for position, action in enumerate(bound):
            resumed = self._resumed and position == 0
            run = self._run_one(action, seen, resumed=resumed)
            self._effects = run.effects
            cached |= run.cached
            if run.error is not None:
                failures.append(self._failure(action, run.error))
                if kind.blocking:
                    self._effects.deny(run.error.message, kind.failure_code)
            if self._effects.denied is not None:
                break
            if self._effects.suspends:
                self._effects.pending = [each.binding_id for each in bound[position:]]
                status = "suspended"
                break
            seen = with_effects(seen, self._effects)
        self._keep(
            {**self._record, "status": status, "updated_at": context.now()}, cached, failures
        )
        return self._effects

    def _run_one(self, action: _Bound, seen: Doc, *, resumed: bool) -> ActionRun:
        context = self._context
        began = context.time()
        try:
            run = run_content(
                context, action.content, self._trigger, seen, self._effects, resumed=resumed
            )
        except MissingExtraError as error:
            run = ActionRun(self._effects, {}, (), platform_error(str(error)), 0.0)
        result: Doc = {
            "action_name": action.name,
            "started_at": format_timestamp(began),
            "ended_at": format_timestamp(began + run.duration),
        }
        if run.error is not None:
            result["error"] = {"id": run.error.kind, "msg": str(run.error), "url": ""}
        more: Doc = {"console": list(run.console), "duration": run.duration}
        self._record = {
            **self._record,
            "results": [*self._record["results"], result],
            "_actions": [*self._record["_actions"], more],
        }
        return run

    def _failure(self, action: _Bound, error: ActionError) -> Doc:
        event, version = self._event, action.content
        client, connection, user = event.client or {}, event.connection or {}, event.user or {}
        about: Doc = {
            "client_id": client.get("client_id", ""),
            "client_name": client.get("name", ""),
            "connection": connection.get("name", ""),
            "connection_id": connection.get("id", ""),
            "strategy": connection.get("strategy", ""),
            "strategy_type": "",
            "hostname": self._context.domain,
            "ip": event.ip or "127.0.0.1",
            "user_agent": event.user_agent,
            "details": {
                "trigger_id": self._trigger,
                "execution_id": self._record["id"],
                "action_id": version.get("_actions", ""),
                "action_name": action.name,
                "version_id": version["id"],
                "binding_id": action.binding_id,
                "error_class": error.kind,
                "action_error": {
                    "name": error.name,
                    "message": error.message,
                    "code": "",
                    "stack": error.stack,
                },
            },
        }
        if "user_id" in user:
            about |= {"user_id": user["user_id"], "user_name": user.get("email") or user["user_id"]}
        return about

    def _keep(
        self, record: Doc, cached: Mapping[str, CachedValue | None], failures: Sequence[Doc]
    ) -> None:
        """Record the execution, and whatever becomes of the request."""
        trigger = self._trigger

        def effect(context: RequestContext) -> None:
            context.tx.put(TABLE, record["id"], record)
            context.tx.trim(TABLE, KEPT)
            for key, value in cached.items():
                _cache(context, trigger, key, value)
            for failure in failures:
                context.log(_FAILED, "Execution of an Action failed", **failure)

        self._context.keep(effect)


def _cache(context: RequestContext, trigger: str, key: str, value: CachedValue | None) -> None:
    place = (trigger, key)
    if value is None:
        context.tx.delete(_CACHE, place)
        return
    kept: Doc = {"trigger": trigger, "key": key}
    context.tx.put(_CACHE, place, {**kept, "value": value.value, "expires_at": value.expires_at})
    context.tx.trim(_CACHE, KEPT)


# --- operations ----------------------------------------------------------------------------------


@family.operation("actions.test")
def test_action(context: RequestContext) -> Any:
    """Run the draft with the event of the payload; nothing takes effect."""
    action = ACTIONS.require(context)
    body: Doc = context.body or {}
    payload: Doc = body.get("payload") or {}
    given: Any = payload.get("event")
    trigger = trigger_of(action)
    if trigger is None:
        name = action["supported_triggers"][0]["id"]
        run = None
        message = f"The fake tenant does not run code of the trigger {name}"
        shown: Doc = {"name": "Error", "message": message, "stack": f"Error: {message}"}
    else:
        run = run_content(context, action, trigger, given if is_object(given) else {})
        error = run.error
        shown = (
            {}
            if error is None
            else {"name": error.name, "message": error.message, "stack": error.stack}
        )
    milliseconds = 0 if run is None else round(run.duration * 1000)
    stats: Doc = {
        "total_request_duration_ms": milliseconds,
        "total_runtime_execution_duration_ms": milliseconds,
        "runtime_processing_duration_ms": 0,
        "action_duration_ms": milliseconds,
        "runtime_external_call_duration_ms": 0,
        "boot_duration_ms": 0,
        "network_duration_ms": 0,
    }
    return {"payload": {**({"error": shown} if shown else {}), "stats": stats}}


def trigger_of(action: Doc) -> TriggerName | None:
    """The trigger that an action is for; None where code of it does not run here."""
    name = action["supported_triggers"][0]["id"]
    return next((trigger for trigger in TRIGGERS if trigger == name), None)


EXECUTIONS = CollectionBehaviour(
    TABLE,
    new_id=id_forms.ACTION_EXECUTION,
    missing=Missing("That execution does not exist."),
    defaults={"status": "final", "results": ()},
    stamps=True,
)
"""Log-ins and other flows create them; tests may add more (``tenant.action_executions``)."""
EXECUTIONS.bind(family, get="actions.executions.get")
