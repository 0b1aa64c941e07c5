"""A user's authentication methods: enrolled by the API, shown with their targets masked."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import is_secret

from ..behaviours import CollectionBehaviour, Missing, Parent, visible
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import random_text
from ..state.store import Doc
from .users import MISSING as NO_USER

family = Family()

USER = Parent("users", "id", NO_USER)

_RECOVERY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def masked_email(email: str) -> str:
    """The first four characters of the name (if it is longer) and of the domain are shown."""
    name, _, domain = email.partition("@")
    shown = name[:4] + "*" * (len(name) - 4) if len(name) > 4 else "****"
    return f"{shown}@{domain[:4]}{'*' * (len(domain) - 4)}"


def masked_phone(number: str) -> str:
    """The last four digits are shown."""
    return "X" * (len(number) - 4) + number[-4:]


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    kind = str(doc["type"])
    device = context.new_id(id_forms.AUTHENTICATION_DEVICE)
    hidden = {key for key in doc if is_secret(key) or key == "public_key"}
    secrets = {f"_{key}": doc[key] for key in doc if key in hidden}
    shown = {key: value for key, value in doc.items() if key not in hidden}
    whole: Doc = {"id": f"{kind}|{device}", **shown, **secrets, "created_at": context.now()}
    if kind == "phone":
        preferred = str(doc.get("preferred_authentication_method") or "sms")
        whole["preferred_authentication_method"] = preferred
        whole["authentication_methods"] = [{"id": f"{preferred}|{device}", "type": preferred}]
    return whole


def _masked(context: RequestContext, doc: Doc) -> Doc:
    shown = dict(doc)
    if "email" in doc:
        shown["email"] = masked_email(doc["email"])
    if "phone_number" in doc:
        shown["phone_number"] = masked_phone(doc["phone_number"])
    return shown


def _confirmed(context: RequestContext, doc: Doc) -> Doc:
    return {**_masked(context, doc), "confirmed": doc.get("confirmed", True)}


METHODS = CollectionBehaviour(
    "authentication_methods",
    parent=USER,
    new_id=None,
    missing=Missing(
        "The authentication method does not exist.", "inexistent_authentication_method"
    ),
    prepare=_prepare,
    created=_masked,
    view=_confirmed,
)
METHODS.bind(
    family,
    create="users.authentication_methods.create",
    get="users.authentication_methods.get",
    delete="users.authentication_methods.delete",
)


@family.operation("users.authentication_methods.list", kind="collection")
def list_methods(context: RequestContext) -> Any:
    """The methods of the user; the API writes no total where there are none."""
    found = METHODS.list(context)
    if is_object(found) and not found.get("total"):
        found.pop("total", None)
    return found


@family.operation("users.authentication_methods.update", kind="collection")
def update_method(context: RequestContext) -> Any:
    """A changed method is shown as a new one is: without its confirmation."""
    changed = METHODS.save(context, METHODS.require(context), context.body)
    return visible(_masked(context, changed))


@family.operation("users.authentication_methods.set")
def replace_methods(context: RequestContext) -> Any:
    """All methods at once; the response shows the targets unmasked."""
    who = context.path["id"]
    USER.require(context)
    context.tx.delete_where("authentication_methods", "parent", who)
    added = [METHODS.add(context, {**doc, USER.field: who}) for doc in context.body]
    return [visible(doc) for doc in added]


@family.operation("users.authentication_methods.delete_all")
@family.operation("users.authenticators.delete_all")
def delete_methods(context: RequestContext) -> Any:
    """Forget every method of the user."""
    USER.require(context)
    context.tx.delete_where("authentication_methods", "parent", context.path["id"])


def add_recovery_code(context: RequestContext, user_id: str) -> str:
    """A new recovery code in place of any former one."""
    for method in context.tx.find(METHODS.table, "parent", user_id):
        if method["type"] == "recovery-code":
            context.tx.delete(METHODS.table, method["id"])
    code = context.new_id(lambda raw: random_text(raw, 24, _RECOVERY))
    method = METHODS.add(context, {"type": "recovery-code", USER.field: user_id})
    context.tx.put(METHODS.table, method["id"], {**method, "_recovery_code": code})
    return code


@family.operation("users.regenerate_recovery_code")
def regenerate_recovery_code(context: RequestContext) -> Any:
    """Another recovery code than before; it is shown this once."""
    USER.require(context)
    return {"recovery_code": add_recovery_code(context, context.path["id"])}
