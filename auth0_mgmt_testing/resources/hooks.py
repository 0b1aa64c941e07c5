"""Hooks and their secrets (superseded by actions)."""

from __future__ import annotations

import re
from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, equals, merged
from ..state.ids import text
from ..state.store import Doc

family = Family()

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def _ulid(raw: bytes) -> str:
    return "01" + text(raw, 24, _CROCKFORD)


def _kebab(name: str) -> str:
    """A hook's name as the API keeps it: its words in lower case, joined by hyphens."""
    return "-".join(_WORDS.findall(name)).lower()


def _named(call: Call, doc: Doc) -> Doc:
    return {**doc, "name": _kebab(doc["name"])}


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    return _named(call, merged(old, patch))


HOOKS = Collection(
    "hooks",
    new_id=_ulid,
    missing=Missing("The hook does not exist", "inexistent_hook"),
    defaults={"dependencies": {}, "enabled": False},
    listing=Listing(filters={"enabled": equals("enabled"), "triggerId": equals("triggerId")}),
    prepare=_named,
    change=_change,
)
HOOKS.bind(
    family,
    list="get_hooks",
    create="post_hooks",
    get="get_hooks_by_id",
    delete="delete_hooks_by_id",
)


@family.verb("patch_hooks_by_id", kind="collection")
def update_hook(call: Call) -> Reply:
    """A live tenant answers 200, where its document says 201."""
    return Reply(200, HOOKS.update(call))


def _secrets(call: Call) -> tuple[Doc, Doc]:
    hook = HOOKS.require(call, call.path["id"])
    return hook, hook.get("_secrets", {})


def _keep(call: Call, hook: Doc, secrets: Doc) -> None:
    call.tx.put("hooks", hook["id"], {**hook, "_secrets": secrets})


@family.verb("get_secrets", kind="view")
def read_secrets(call: Call) -> Any:
    """The names of a hook's secrets; values are masked."""
    return dict.fromkeys(_secrets(call)[1], "_VALUE_NOT_SHOWN_")


@family.verb("post_secrets")
def add_secrets(call: Call) -> Any:
    """Add secrets; 409 for a name that there is."""
    hook, secrets = _secrets(call)
    for name in call.body:
        if name in secrets:
            raise Problem(409, f"A secret named {name} already exists", "hook_secret_conflict")
    _keep(call, hook, {**secrets, **call.body})
    return {}


@family.verb("patch_secrets")
def change_secrets(call: Call) -> Any:
    """Give secrets other values; 404 for a name that there is not."""
    hook, secrets = _secrets(call)
    for name in call.body:
        if name not in secrets:
            raise Problem(404, f"The secret {name} does not exist", "inexistent_hook_secret")
    _keep(call, hook, {**secrets, **call.body})
    return {}


@family.verb("delete_secrets")
def delete_secrets(call: Call) -> Any:
    hook, secrets = _secrets(call)
    _keep(call, hook, {name: value for name, value in secrets.items() if name not in call.body})
