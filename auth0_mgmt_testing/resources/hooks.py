"""Hooks and their secrets (superseded by actions)."""

from __future__ import annotations

import re
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, equals, merged
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def _kebab(name: str) -> str:
    """A hook's name as the API keeps it: its words in lower case, joined by hyphens."""
    return "-".join(_WORDS.findall(name)).lower()


def _named(context: RequestContext, doc: Doc) -> Doc:
    return {**doc, "name": _kebab(doc["name"])}


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    return _named(context, merged(old, patch))


HOOKS = CollectionBehaviour(
    "hooks",
    new_id=id_forms.HOOK,
    missing=Missing("The hook does not exist", "inexistent_hook"),
    defaults={"dependencies": {}, "enabled": False},
    listing=Listing(filters={"enabled": equals("enabled"), "triggerId": equals("triggerId")}),
    prepare=_named,
    change=_change,
    idempotent_delete=True,
)
HOOKS.bind(
    family,
    list="hooks.list",
    create="hooks.create",
    get="hooks.get",
    delete="hooks.delete",
)


@family.operation("hooks.update", kind="collection")
def update_hook(context: RequestContext) -> Reply:
    """A live tenant responds 200, where its document says 201."""
    return Reply(200, HOOKS.update(context))


def _secrets(context: RequestContext) -> tuple[Doc, Doc]:
    hook = HOOKS.require(context, context.path["id"])
    return hook, hook.get("_secrets", {})


def _keep(context: RequestContext, hook: Doc, secrets: Doc) -> None:
    context.tx.put("hooks", hook["id"], {**hook, "_secrets": secrets})


@family.operation("hooks.secrets.get", kind="view")
def read_secrets(context: RequestContext) -> Any:
    """The names of a hook's secrets; values are masked."""
    return dict.fromkeys(_secrets(context)[1], "_VALUE_NOT_SHOWN_")


@family.operation("hooks.secrets.create")
def add_secrets(context: RequestContext) -> Any:
    """Add secrets; 409 for a name that there is."""
    hook, secrets = _secrets(context)
    for name in context.body:
        if name in secrets:
            raise APIError(409, f"A secret named {name} already exists", "hook_secret_conflict")
    _keep(context, hook, {**secrets, **context.body})
    return {}


@family.operation("hooks.secrets.update")
def change_secrets(context: RequestContext) -> Any:
    """Give secrets other values; 404 for a name that there is not."""
    hook, secrets = _secrets(context)
    for name in context.body:
        if name not in secrets:
            raise APIError(404, f"The secret {name} does not exist", "inexistent_hook_secret")
    _keep(context, hook, {**secrets, **context.body})
    return {}


@family.operation("hooks.secrets.delete")
def delete_secrets(context: RequestContext) -> Any:
    hook, secrets = _secrets(context)
    _keep(
        context, hook, {name: value for name, value in secrets.items() if name not in context.body}
    )
