"""Modules that actions share, and their published versions."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, Parent, Unique, merged, visible
from ..state.ids import uuid
from ..state.store import Doc

family = Family()

MISSING = Missing("That module does not exist.")
_CONTENT = ("code", "dependencies", "secrets")


def _secrets(call: Call, given: list[Doc]) -> list[Doc]:
    return [{"name": secret["name"], "updated_at": call.now()} for secret in given]


def _resolved(call: Call, doc: Doc) -> Doc:
    known = {k: v for k, v in doc.items() if k not in ("publish", "api_version")}
    return {**known, "secrets": _secrets(call, doc["secrets"])} if "secrets" in doc else known


def _prepare(call: Call, doc: Doc) -> Doc:
    return {**_resolved(call, doc), "_published": False}


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    return {**merged(old, _resolved(call, patch)), "_published": False}


def _uses(call: Call, module: Doc) -> list[Doc]:
    """The actions that use a module, with the version that each uses."""
    return [
        {
            "action_id": action["id"],
            "action_name": action["name"],
            "module_version_id": use["module_version_id"],
            "module_version_number": use["module_version_number"],
        }
        for action in call.tx.all("actions")
        for use in action.get("modules") or ()
        if use["module_id"] == module["id"]
    ]


def _versions(call: Call, module: Doc) -> list[Doc]:
    return call.tx.find("action_module_versions", "parent", module["id"])


def _counted(call: Call, module: Doc) -> Doc:
    return {
        **module,
        "all_changes_published": module["_published"],
        "actions_using_module_total": len(_uses(call, module)),
    }


def _view(call: Call, module: Doc) -> Doc:
    shown = _counted(call, module)
    if versions := _versions(call, module):
        kept = ("id", "version_number", *_CONTENT)
        shown["latest_version"] = {key: versions[-1][key] for key in kept}
    return shown


def _listed(call: Call, module: Doc) -> Doc:
    versions = _versions(call, module)
    latest = {"latest_version_number": versions[-1]["version_number"]} if versions else {}
    return {**_counted(call, module), **latest}


def _forget(call: Call, module: Doc) -> None:
    if _uses(call, module):
        raise Problem(412, "The module is used by actions.")
    call.tx.delete_where("action_module_versions", "parent", module["id"])


MODULES = Collection(
    "action_modules",
    new_id=uuid,
    missing=MISSING,
    unique=(Unique("name", "A module with the same name already exists."),),
    defaults={"dependencies": [], "secrets": []},
    stamps=True,
    prepare=_prepare,
    change=_change,
    view=_view,
    listed=_listed,
    before_delete=_forget,
)
MODULES.bind(
    family,
    list="get_action_modules",
    get="get_action_module",
    update="patch_action_module",
    delete="delete_action_module",
)

VERSIONS = Collection(
    "action_module_versions",
    new_id=uuid,
    missing=Missing("That module version does not exist."),
    parent=Parent("action_modules", "id", MISSING),
    listing=Listing(reverse=True),
)
VERSIONS.bind(family, list="get_action_module_versions", get="get_action_module_version")


def _publish(call: Call, module: Doc) -> Doc:
    version = VERSIONS.add(
        call,
        {
            "module_id": module["id"],
            "version_number": len(_versions(call, module)) + 1,
            **{key: module[key] for key in _CONTENT},
            "created_at": call.now(),
            "_action_modules": module["id"],
        },
    )
    call.tx.put("action_modules", module["id"], {**module, "_published": True})
    return version


@family.verb("post_action_module", kind="collection")
def create_module(call: Call) -> Any:
    """Create, and publish a first version where that is asked for."""
    module = MODULES.add(call, dict(call.body))
    if call.body.get("publish"):
        _publish(call, module)
    return visible(_view(call, MODULES.require(call, module["id"])))


@family.verb("post_action_module_version")
def publish_version(call: Call) -> Reply:
    """Publish what the module says now; 409 where that is published already."""
    module = MODULES.require(call)
    if module["_published"]:
        raise Problem(409, "The module has no changes to publish.")
    return Reply(200, visible(_publish(call, module)))


@family.verb("post_action_module_rollback")
def roll_back(call: Call) -> Any:
    """Make the draft what a published version says."""
    module = MODULES.require(call)
    version = VERSIONS.require(call, call.body["module_version_id"])
    content = {key: version[key] for key in _CONTENT}
    if all(module[key] == value for key, value in content.items()):
        raise Problem(409, "The version is what the draft says already.")
    restored = {**module, **content, "updated_at": call.now(), "_published": False}
    return visible(_view(call, call.tx.put("action_modules", module["id"], restored)))


@family.verb("get_action_module_actions", kind="view")
def list_actions(call: Call) -> Any:
    """The actions that use the module."""
    return answer(call, _uses(call, MODULES.require(call)), Listing())
