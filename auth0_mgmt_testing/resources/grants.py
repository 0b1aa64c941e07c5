"""Grants (what users consented to) and device credentials."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Listing, Missing, equals
from ..state.ids import letters
from ..state.store import Doc

family = Family()

GRANTS = Collection(
    "grants",
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
GRANTS.bind(family, list="get_grants", delete="delete_grants_by_id")
family.index("grants", "user", lambda doc: [doc["user_id"]])


@family.verb("delete_grants_by_user_id")
def delete_grants_of_user(call: Call) -> Any:
    call.tx.delete_where("grants", "user", call.query["user_id"])


def _id_only(call: Call, doc: Doc) -> Doc:
    return {"id": doc["id"]}


def _without_value(call: Call, doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if key != "value"}


DEVICE_CREDENTIALS = Collection(
    "device_credentials",
    new_id=letters(16, "dcr_"),
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
    list="get_device-credentials",
    create="post_device-credentials",
    delete="delete_device-credentials_by_id",
)
