"""Grants (what users consented to) and device credentials."""

from __future__ import annotations

from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, equals
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .users import USERS

family = Family()

GRANTS = CollectionBehaviour(
    "grants",
    new_id=id_forms.USER_GRANT,
    missing=Missing("The grant does not exist.", "inexistent_grant"),
    idempotent_delete=True,
    listing=Listing(
        filters={
            "user_id": equals("user_id"),
            "client_id": equals("clientID"),
            "audience": equals("audience"),
        }
    ),
)
GRANTS.bind(family, list="user_grants.list", delete="user_grants.delete")
for _table in ("grants", "device_credentials"):
    family.index(_table, "user", lambda doc: [doc["user_id"]] if "user_id" in doc else [])
    family.cascade(_table, "user", of="users")


def consent(
    context: RequestContext, user_id: str, client_id: str, audience: str, scope: list[str]
) -> Doc:
    """Keep what a user consented to; scopes of an earlier consent stay.

    Raises the 404 for a user or client that there is not.
    """
    USERS.require(context, user_id)
    if context.tx.get("clients", client_id) is None:
        raise APIError(404, "The client does not exist.", "inexistent_client")
    about = {"clientID": client_id, "user_id": user_id, "audience": audience}
    for old in context.tx.find("grants", "user", user_id):
        if all(old.get(name) == value for name, value in about.items()):
            scopes = list(dict.fromkeys([*old["scope"], *scope]))
            return context.tx.put("grants", old["id"], {**old, "scope": scopes})
    return GRANTS.add(context, {**about, "scope": scope})


@family.operation("user_grants.delete_by_user_id")
def delete_grants_of_user(context: RequestContext) -> Any:
    context.tx.delete_where("grants", "user", context.query["user_id"])


def _id_only(context: RequestContext, doc: Doc) -> Doc:
    return {"id": doc["id"]}


def _without_value(context: RequestContext, doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if key != "value"}


DEVICE_CREDENTIALS = CollectionBehaviour(
    "device_credentials",
    new_id=id_forms.DEVICE_CREDENTIAL,
    unique=(Unique("value", "This public key is enrolled already.", "device_credential_conflict"),),
    missing=Missing("The device credential does not exist.", "inexistent_device_credential"),
    idempotent_delete=True,
    created=_id_only,
    listed=_without_value,
    listing=Listing(
        filters={
            "user_id": equals("user_id"),
            "client_id": equals("client_id"),
            "type": equals("type"),
        }
    ),
)
DEVICE_CREDENTIALS.bind(
    family,
    list="device_credentials.list",
    create="device_credentials.create_public_key",
    delete="device_credentials.delete",
)


def _refresh_token(doc: Doc) -> list[str]:
    """The refresh token that a credential stands for: of the two neither outlives the other."""
    return [doc["_refresh_token"]] if "_refresh_token" in doc else []


family.index("device_credentials", "refresh_token", _refresh_token)
family.cascade("device_credentials", "refresh_token", of="refresh_tokens")
family.index("refresh_tokens", "id", lambda doc: [doc["id"]])
family.cascade(
    "refresh_tokens", "id", of="device_credentials", by=lambda doc: doc.get("_refresh_token")
)
