"""Modules that actions share, and their published versions."""

from __future__ import annotations

from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    Listing,
    Missing,
    Parent,
    Unique,
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

MISSING = Missing("That module does not exist.")
_CONTENT = ("code", "dependencies", "secrets")


def _secrets(context: RequestContext, given: list[Doc]) -> list[Doc]:
    return [{"name": secret["name"], "updated_at": context.now()} for secret in given]


def _resolved(context: RequestContext, doc: Doc) -> Doc:
    known = {k: v for k, v in doc.items() if k not in ("publish", "api_version")}
    return {**known, "secrets": _secrets(context, doc["secrets"])} if "secrets" in doc else known


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    return {**_resolved(context, doc), "_published": False}


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    return {**merged(old, _resolved(context, patch)), "_published": False}


def _uses(context: RequestContext, module: Doc) -> list[Doc]:
    """The actions that use a module, with the version that each uses."""
    return [
        {
            "action_id": action["id"],
            "action_name": action["name"],
            "module_version_id": use["module_version_id"],
            "module_version_number": use["module_version_number"],
        }
        for action in context.tx.all("actions")
        for use in action.get("modules") or ()
        if use["module_id"] == module["id"]
    ]


def _versions(context: RequestContext, module: Doc) -> list[Doc]:
    return context.tx.find("action_module_versions", "parent", module["id"])


def _counted(context: RequestContext, module: Doc) -> Doc:
    return {
        **module,
        "all_changes_published": module["_published"],
        "actions_using_module_total": len(_uses(context, module)),
    }


def _view(context: RequestContext, module: Doc) -> Doc:
    shown = _counted(context, module)
    if versions := _versions(context, module):
        kept = ("id", "version_number", *_CONTENT)
        shown["latest_version"] = {key: versions[-1][key] for key in kept}
    return shown


def _listed(context: RequestContext, module: Doc) -> Doc:
    versions = _versions(context, module)
    latest = {"latest_version_number": versions[-1]["version_number"]} if versions else {}
    return {**_counted(context, module), **latest}


def _unused(context: RequestContext, module: Doc) -> None:
    if _uses(context, module):
        raise APIError(412, "The module is used by actions.")


MODULES = CollectionBehaviour(
    "action_modules",
    new_id=id_forms.ACTION,
    missing=MISSING,
    unique=(Unique("name", "A module with the same name already exists."),),
    defaults={"dependencies": [], "secrets": []},
    stamps=True,
    prepare=_prepare,
    change=_change,
    view=_view,
    listed=_listed,
    before_delete=_unused,
)
MODULES.bind(
    family,
    list="actions.modules.list",
    get="actions.modules.get",
    update="actions.modules.update",
    delete="actions.modules.delete",
)

VERSIONS = CollectionBehaviour(
    "action_module_versions",
    new_id=id_forms.ACTION,
    missing=Missing("That module version does not exist."),
    parent=Parent("action_modules", "id", MISSING),
    listing=Listing(reverse=True),
)
VERSIONS.bind(family, list="actions.modules.versions.list", get="actions.modules.versions.get")


def _publish(context: RequestContext, module: Doc) -> Doc:
    version = VERSIONS.add(
        context,
        {
            "module_id": module["id"],
            "version_number": len(_versions(context, module)) + 1,
            **{key: module[key] for key in _CONTENT},
            "created_at": context.now(),
            "_action_modules": module["id"],
        },
    )
    context.tx.put("action_modules", module["id"], {**module, "_published": True})
    return version


@family.operation("actions.modules.create", kind="collection")
def create_module(context: RequestContext) -> Any:
    """Create, and publish a first version where that is requested."""
    module = MODULES.add(context, dict(context.body))
    if context.body.get("publish"):
        _publish(context, module)
    return visible(_view(context, MODULES.require(context, module["id"])))


@family.operation("actions.modules.versions.create")
def publish_version(context: RequestContext) -> Reply:
    """Publish what the module says now; 409 where that is published already."""
    module = MODULES.require(context)
    if module["_published"]:
        raise APIError(409, "The module has no changes to publish.")
    return Reply(200, visible(_publish(context, module)))


@family.operation("actions.modules.rollback")
def roll_back(context: RequestContext) -> Any:
    """Make the draft what a published version says."""
    module = MODULES.require(context)
    version = VERSIONS.require(context, context.body["module_version_id"])
    content = {key: version[key] for key in _CONTENT}
    if all(module[key] == value for key, value in content.items()):
        raise APIError(409, "The version is what the draft says already.")
    restored = {**module, **content, "updated_at": context.now(), "_published": False}
    return visible(_view(context, context.tx.put("action_modules", module["id"], restored)))


@family.operation("actions.modules.list_actions", kind="view")
def list_actions(context: RequestContext) -> Any:
    """The actions that use the module."""
    return list_response(context, _uses(context, MODULES.require(context)), Listing())
