"""Actions, their versions, and the triggers that they are bound to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    Listing,
    Missing,
    Parent,
    Unique,
    contains,
    list_response,
    merged,
    visible,
)
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

MISSING = Missing("That action does not exist.")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One version of a trigger: how actions are bound to it, and what they run on."""

    id: str
    version: str
    binding_policy: str
    default_runtime: str
    runtimes: tuple[str, ...]
    compatible: tuple[tuple[str, str], ...] = ()
    """Other versions (id, version) whose actions may be bound to it, too."""

    @property
    def current(self) -> bool:
        """Whether it is the newest version; the others are deprecated."""
        return self is _CURRENT[self.id]


TRIGGERS: tuple[Trigger, ...] = (
    Trigger(
        "post-login",
        "v3",
        "trigger-bound",
        "node22",
        ("node18-actions", "node22"),
        (("post-login", "v2"),),
    ),
    Trigger("post-login", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger("post-login", "v2", "trigger-bound", "node16", ("node18", "node22"), ()),
    Trigger(
        "credentials-exchange", "v2", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger("credentials-exchange", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger(
        "pre-user-registration", "v2", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger("pre-user-registration", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger("post-user-registration", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger(
        "post-user-registration", "v2", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger("post-change-password", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger(
        "post-change-password", "v2", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger(
        "send-phone-message", "v2", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger("send-phone-message", "v1", "trigger-bound", "node12", ("node22",), ()),
    Trigger(
        "password-reset-post-challenge",
        "v1",
        "trigger-bound",
        "node22",
        ("node18-actions", "node22"),
        (),
    ),
    Trigger(
        "custom-phone-provider", "v1", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger(
        "custom-email-provider", "v1", "trigger-bound", "node22", ("node18-actions", "node22"), ()
    ),
    Trigger("custom-token-exchange", "v1", "entity-bound", "node22", ("node18", "node22"), ()),
    Trigger("event-stream", "v1", "entity-bound", "node22", ("node22",), ()),
    Trigger("password-hash-migration", "v1", "entity-bound", "node22", ("node22",), ()),
    Trigger("mcp-tool", "v1", "entity-bound", "node22", ("node22",), ()),
)
"""Every version of every trigger that a tenant lists (2026-08)."""
_CURRENT = {
    trigger.id: max((t for t in TRIGGERS if t.id == trigger.id), key=lambda t: t.version)
    for trigger in TRIGGERS
}
_VERSIONS = {(trigger.id, trigger.version): trigger for trigger in TRIGGERS}

RUNTIME = "node22"
"""What actions run on where the trigger's version does not say otherwise."""
_SUMMARY = ("id", "name", "supported_triggers", "created_at")
_VERSIONED = (
    "code",
    "dependencies",
    "secrets",
    "_secrets",
    "modules",
    "runtime",
    "supported_triggers",
)


# --- actions -----------------------------------------------------------------------------------


def _secrets(context: RequestContext, old: list[Doc], given: list[Doc]) -> list[Doc]:
    """Names and times of secrets; one that comes without a value keeps its time."""
    times = {secret["name"]: secret["updated_at"] for secret in old}
    return [
        {
            "name": secret["name"],
            "updated_at": context.now()
            if secret.get("value") is not None
            else times.get(secret["name"], context.now()),
        }
        for secret in given
    ]


def _secret_values(old: Doc, given: list[Doc]) -> Doc:
    """What code is given of secrets; one that comes without a value keeps its value."""
    values = {
        secret["name"]: secret["value"]
        if secret.get("value") is not None
        else old.get(secret["name"], "")
        for secret in given
    }
    return {name: str(value) for name, value in values.items()}


def _modules(context: RequestContext, given: list[Doc]) -> list[Doc]:
    """The module versions that an action uses, by name and number."""
    found: list[Doc] = []
    for use in given:
        module = context.tx.get("action_modules", use["module_id"])
        version = context.tx.get("action_module_versions", use["module_version_id"])
        if module is None or version is None:
            raise APIError(400, "The module version does not exist.", "invalid_body")
        found.append(
            {
                "module_id": module["id"],
                "module_name": module["name"],
                "module_version_id": version["id"],
                "module_version_number": version["version_number"],
            }
        )
    return found


def _resolved(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    changed = {key: value for key, value in patch.items() if key != "deploy"}
    if "secrets" in patch:
        given: list[Doc] = patch["secrets"] or []
        changed["secrets"] = _secrets(context, old.get("secrets", []), given)
        changed["_secrets"] = _secret_values(old.get("_secrets", {}), given)
    if "modules" in patch:
        changed["modules"] = _modules(context, patch["modules"] or [])
    return changed


def _defaults(context: RequestContext, doc: Doc) -> Doc:
    """An action runs on the default runtime of its trigger's version."""
    named = [_version_of(supported) for supported in doc["supported_triggers"]]
    runtime = next((trigger.default_runtime for trigger in named if trigger), RUNTIME)
    return {"code": "", "dependencies": [], "runtime": runtime, "secrets": []}


def _version_of(supported: Doc) -> Trigger | None:
    """The trigger's version that an action supports: the current one where it names none."""
    if supported.get("version") is None:
        return _CURRENT.get(supported["id"])
    return _VERSIONS.get((supported["id"], supported["version"]))


def _built(doc: Doc) -> Doc:
    """What a build leaves of the dependencies: where they came from is no longer shown."""
    found = [{k: v for k, v in d.items() if k != "registry_url"} for d in doc["dependencies"]]
    return {**doc, "dependencies": found}


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    return {
        **{key: value for key, value in doc.items() if key != "deploy"},
        **_resolved(context, {}, doc),
        "_deployed": None,
        **_building(context),
    }


def _building(context: RequestContext) -> Doc:
    """A changed draft has changes to deploy, and is built after the tenant's build delay."""
    return {"_changed": True, "_ready": context.time() + context.world.build_delay}


def _is_built(context: RequestContext, action: Doc) -> bool:
    return bool(context.time() >= action["_ready"])


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    return {**merged(old, _resolved(context, old, patch)), **_building(context)}


def _versions_of(context: RequestContext, action: Doc) -> tuple[Doc, ...]:
    version = context.tx.get("action_versions", action["_deployed"] or "")
    return () if version is None else (version,)


def _deployed(version: Doc, *, built: bool) -> Doc:
    """What an action says of the version that it is deployed in."""
    times = {"built_at": version["built_at"]} if built else {}
    state = {"deployed": True, "status": "built" if built else "pending"}
    return {**visible(version), **times, **state}


def _current(version: Doc, *, built: bool) -> Doc:
    kept = ("id", "code", "runtime", "number", "created_at", "updated_at")
    return {
        **{key: version[key] for key in kept if key in version},
        "status": "BUILT" if built else "PENDING",
        **({"build_time": version["built_at"]} if built else {}),
    }


def _state(context: RequestContext, action: Doc, *, built: bool = True) -> Doc:
    """The current and the deployed version, where there is one."""
    found: Doc = {}
    for version in _versions_of(context, action):
        shown = version if built else {k: v for k, v in version.items() if k != "built_at"}
        found["current_version"] = _current(version, built=built)
        found["deployed_version"] = _deployed(shown, built=built)
    return found


def _view(context: RequestContext, action: Doc, *, built: bool, version_built: bool = True) -> Doc:
    """An action: whether its draft is built, and whether the deployed version is."""
    return {
        **action,
        "status": "built" if built else "pending",
        **_state(context, action, built=version_built),
        "all_changes_deployed": not action["_changed"],
    }


def _listed(context: RequestContext, action: Doc) -> Doc:
    """An action as reads show it: pending is what a write says, building what follows it."""
    if _is_built(context, action):
        return _view(context, action, built=True)
    return {**_view(context, action, built=False), "status": "building"}


def _read(context: RequestContext, action: Doc) -> Doc:
    return _listed(context, _built(action) if _is_built(context, action) else action)


def _of_trigger(doc: Doc, trigger: Any) -> bool:
    return any(entry["id"] == trigger for entry in doc["supported_triggers"])


def _is_deployed(doc: Doc, wanted: Any) -> bool:
    return (doc["_deployed"] is not None) == bool(wanted)


def _is_installed(doc: Doc, wanted: Any) -> bool:
    return ("installed_integration_id" in doc) == bool(wanted)


def _unbound(context: RequestContext, action: Doc) -> None:
    bound = context.tx.find("action_bindings", "action", action["id"])
    if not context.query.get("force", False) and bound:
        raise APIError(409, "The action is bound to a trigger; unbind it or use force.")


ACTIONS = CollectionBehaviour(
    "actions",
    new_id=id_forms.ACTION,
    missing=MISSING,
    unique=(Unique("name", "An action with the same name already exists."),),
    defaults=_defaults,
    stamps=True,
    prepare=_prepare,
    change=_change,
    view=_read,
    listed=_listed,
    before_delete=_unbound,
    listing=Listing(
        filters={
            "triggerId": _of_trigger,
            "actionName": contains("name"),
            "deployed": _is_deployed,
            "installed": _is_installed,
        }
    ),
)
ACTIONS.bind(family, list="actions.list", get="actions.get", delete="actions.delete")


@family.operation("actions.create", kind="collection")
def create_action(context: RequestContext) -> Any:
    """Create, and deploy at once where that is requested."""
    action = ACTIONS.add(context, dict(context.body))
    if context.body.get("deploy"):
        _deploy(context, action)
        action = ACTIONS.require(context, action["id"])
    # The response comes before the builds have ended.
    return visible(_view(context, action, built=False, version_built=False))


@family.operation("actions.update", kind="collection")
def update_action(context: RequestContext) -> Any:
    action = ACTIONS.save(context, ACTIONS.require(context), context.body or {})
    return visible(_view(context, action, built=False))


# --- versions ----------------------------------------------------------------------------------


def _summary(action: Doc) -> Doc:
    return {
        **{key: action[key] for key in _SUMMARY},
        "updated_at": action["created_at"],
        "all_changes_deployed": False,
    }


def _version_view(context: RequestContext, version: Doc) -> Doc:
    action = ACTIONS.require(context, version["_actions"])
    deployed = action["_deployed"] == version["id"]
    return {**version, "deployed": deployed, "status": "built", "action": _summary(action)}


VERSIONS = CollectionBehaviour(
    "action_versions",
    new_id=id_forms.ACTION,
    missing=Missing("That action version does not exist."),
    parent=Parent("actions", "actionId", MISSING),
    stamps=True,
    view=_version_view,
    listing=Listing(reverse=True),
)
VERSIONS.bind(family, list="actions.versions.list", get="actions.versions.get")


def _deploy(context: RequestContext, action: Doc) -> Reply:
    """A new version of what the action says now becomes the deployed one.

    The response shows it as it is at that time: built, and not yet in service.
    """
    number = len(context.tx.find("action_versions", "parent", action["id"])) + 1
    content = {key: action[key] for key in _VERSIONED if key in action}
    posted = {
        **_built(content),
        "number": number,
        "built_at": context.now(),
        "_actions": action["id"],
    }
    version = VERSIONS.add(context, posted)
    context.tx.put(
        "actions", action["id"], {**action, "_deployed": version["id"], "_changed": False}
    )
    shown = {key: value for key, value in version.items() if key != "built_at"}
    state = {"deployed": False, "status": "built", "action": _summary(action)}
    return Reply(200, {**visible(shown), **state})


@family.operation("actions.deploy")
def deploy(context: RequestContext) -> Reply:
    action = ACTIONS.require(context)
    if not _is_built(context, action):
        raise APIError(400, "A draft must be in the 'built' state before it can be deployed.")
    return _deploy(context, action)


@family.operation("actions.versions.deploy")
def roll_back(context: RequestContext) -> Any:
    """Deploy an older version again, as a new one; the draft follows where that is requested."""
    version = VERSIONS.require(context)
    draft = ACTIONS.require(context, context.path["actionId"])
    content = {key: version[key] for key in _VERSIONED if key in version}
    shown = _deploy(context, {**draft, **content}).value
    body: Doc = context.body or {}
    if not body.get("update_draft"):
        deployed = ACTIONS.require(context, draft["id"])["_deployed"]
        context.tx.put("actions", draft["id"], {**draft, "_deployed": deployed, "_changed": True})
    return shown


# --- triggers and bindings ---------------------------------------------------------------------


@family.operation("actions.triggers.list", kind="view")
def list_triggers(context: RequestContext) -> Any:
    """Every version of every trigger."""
    return {
        "triggers": [
            {
                "id": trigger.id,
                "version": trigger.version,
                "status": "CURRENT" if trigger.current else "DEPRECATED",
                "runtimes": list(trigger.runtimes),
                "default_runtime": trigger.default_runtime,
                "binding_policy": trigger.binding_policy,
                "compatible_triggers": [
                    {"id": id, "version": version} for id, version in trigger.compatible
                ],
            }
            for trigger in TRIGGERS
        ]
    }


def _bound(context: RequestContext, binding: Doc) -> Doc:
    action = ACTIONS.require(context, binding["_action"])
    shown = {**_summary(action), **_state(context, action)}
    return {**binding, "action": shown}


def _bindings(context: RequestContext) -> list[Doc]:
    return context.tx.find("action_bindings", "trigger", context.path["triggerId"])


family.index("action_bindings", "trigger", lambda doc: [doc["trigger_id"]])
family.index("action_bindings", "action", lambda doc: [doc["_action"]])
family.cascade("action_bindings", "action", of="actions")


@family.operation("actions.triggers.bindings.list", kind="view")
def list_bindings(context: RequestContext) -> Any:
    """The actions bound to a trigger, in the order that they run."""
    return list_response(context, _bindings(context), Listing(), _bound)


def _referred(context: RequestContext, wanted: Doc) -> Doc:
    """The deployed action that a wanted binding means, by its id, name or former binding."""
    ref: Doc = wanted.get("ref") or {"type": "binding_id", "value": wanted.get("id")}
    value = str(ref["value"])
    found: Doc | None = None
    if ref["type"] == "action_id":
        found = context.tx.get("actions", value)
    elif ref["type"] == "action_name":
        found = next(iter(context.tx.find("actions", "unique:name", (value,))), None)
    else:
        binding = context.tx.get("action_bindings", value)
        found = context.tx.get("actions", binding["_action"]) if binding else None
    if found is None:
        raise MISSING.problem()
    if found["_deployed"] is None:
        raise APIError(400, "The action must be deployed before it is bound.", "invalid_body")
    return found


@family.operation("actions.triggers.bindings.update_many")
def replace_bindings(context: RequestContext) -> Any:
    """Bind these actions, in this order, and no others."""
    body: Doc = context.body or {}
    wanted = [(entry, _referred(context, entry)) for entry in body.get("bindings", ())]
    if not all(_of_trigger(action, context.path["triggerId"]) for _, action in wanted):
        message = "Trying to create a binding between an incompatible action and trigger."
        raise APIError(400, message)
    for binding in _bindings(context):
        context.tx.delete("action_bindings", binding["id"])
    bound: list[Doc] = []
    for entry, action in wanted:
        binding = {
            "id": context.new_id(id_forms.ACTION),
            "trigger_id": context.path["triggerId"],
            "created_at": context.now(),
            "updated_at": context.now(),
            "display_name": entry.get("display_name") or action["name"],
            "_action": action["id"],
        }
        bound.append(context.tx.put("action_bindings", binding["id"], binding))
    return {"bindings": [visible(_bound(context, binding)) for binding in bound]}
