"""Directory provisioning of connections: its configuration, groups and synchronizations."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Attachment, Listing, Missing
from ..state.ids import base58
from ..state.store import Doc
from .connections import PARENT, require_connection
from .groups import GROUPS

family = Family()

_SUPPORTED = ("google-apps",)
_PAUSE = 30 * 60
"""Seconds between one synchronization and the next."""

_MAPPING = (
    ("app_metadata.external_id", "id"),
    ("email", "primaryEmail"),
    ("primaryEmail", "primaryEmail"),
    ("name", "name.fullName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("isAdmin", "isAdmin"),
    ("is_admin", "isAdmin"),
    ("isDelegatedAdmin", "isDelegatedAdmin"),
    ("agreedToTerms", "agreedToTerms"),
    ("tou_accepted", "agreedToTerms"),
    ("suspended", "suspended"),
    ("is_suspended", "suspended"),
    ("blocked", "suspended"),
    ("suspensionReason", "suspensionReason"),
    ("archived", "archived"),
    ("ipWhitelisted", "ipWhitelisted"),
    ("is_ipWhitelisted", "ipWhitelisted"),
    ("kind", "kind"),
    ("etag", "etag"),
    ("customerId", "customerId"),
    ("orgUnitPath", "orgUnitPath"),
    ("emails", "emails"),
    ("phones", "phones"),
    ("externalIds", "externalIds"),
    ("aliases", "aliases"),
    ("addresses", "addresses"),
    ("organizations", "organizations"),
    ("nonEditableAliases", "nonEditableAliases"),
    ("relations", "relations"),
    ("languages", "languages"),
    ("posixAccounts", "posixAccounts"),
    ("notes", "notes"),
    ("websites", "websites"),
    ("locations", "locations"),
    ("keywords", "keywords"),
    ("gender", "gender"),
    ("ims", "ims"),
    ("creationTime", "creationTime"),
    ("lastLoginTime", "lastLoginTime"),
    ("changePasswordAtNextLogin", "changePasswordAtNextLogin"),
    ("isMailboxSetup", "isMailboxSetup"),
    ("includeInGlobalAddressList", "includeInGlobalAddressList"),
    ("thumbnailPhotoUrl", "thumbnailPhotoUrl"),
    ("thumbnailPhotoEtag", "thumbnailPhotoEtag"),
    ("isEnrolledIn2Sv", "isEnrolledIn2Sv"),
    ("isEnforcedIn2Sv", "isEnforcedIn2Sv"),
    ("recoveryEmail", "recoveryEmail"),
    ("recoveryPhone", "recoveryPhone"),
    ("sshPublicKeys", "sshPublicKeys"),
    ("customSchemas", "customSchemas"),
)


def _supported(connection: Doc) -> None:
    """Refuse a connection to what is no directory that can be provisioned from."""
    if connection["strategy"] not in _SUPPORTED:
        raise Problem(400, "Directory provisioning is not supported for this connection strategy.")


@family.verb("get_directory_provisioning_default_mapping", kind="view")
def default_mapping(call: Call) -> Any:
    """The mapping that a new directory provisioning gets."""
    _supported(require_connection(call))
    return {"mapping": [{"auth0": auth0, "idp": idp} for auth0, idp in _MAPPING]}


def _begin(call: Call, connection: Doc) -> Doc:
    return {
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        **default_mapping(call),
        "synchronize_automatically": False,
        "synchronize_groups": "off",
    }


PROVISIONINGS = Attachment(
    "directory_provisionings",
    PARENT,
    missing=Missing("Not Found"),
    taken="Directory provisioning already exists for this connection.",
    begin=_begin,
    along=("synchronized_groups",),
)
PROVISIONINGS.bind(
    family,
    list="get_connections-directory-provisionings",
    create="post_directory-provisioning",
    get="get_directory-provisioning",
    update="patch_directory-provisioning",
    delete="delete_directory-provisioning",
)


@family.verb("post_synchronizations")
def synchronize(call: Call) -> Any:
    """Starts a synchronization, not more often than every half hour.

    The fake has no directory to read from: it is done at once. Groups that were chosen become
    groups of the connection; nobody is in them.
    """
    doc = PROVISIONINGS.require(call)
    if call.time() - doc.get("_synchronized", 0) < _PAUSE:
        raise Problem(
            400, "The connection was synchronized within the last 30 minutes.", "invalid_operation"
        )
    done: Doc = {
        **doc,
        "last_synchronization_at": call.now(),
        "last_synchronization_status": "completed",
        "_synchronized": call.time(),
    }
    call.tx.put("directory_provisionings", doc["connection_id"], done)
    if doc["synchronize_groups"] != "off":
        _bring_groups(call, doc["connection_id"])
    return {
        "connection_id": doc["connection_id"],
        "synchronization_id": call.new_id(base58(22, "sync_")),
        "status": "in_progress",
    }


def _bring_groups(call: Call, connection: str) -> None:
    known = {doc["external_id"] for doc in call.tx.find("groups", "connection", connection)}
    for chosen in call.tx.find("synchronized_groups", "parent", connection):
        if chosen["id"] not in known:
            group: Doc = {
                "name": chosen.get("name") or chosen["id"],
                "external_id": chosen["id"],
                "connection_id": connection,
                "tenant_name": call.domain.split(".")[0],
            }
            GROUPS.add(call, group)


# --- groups ------------------------------------------------------------------------------------


def _put_groups(call: Call) -> None:
    for group in call.body["groups"]:
        place = (call.path["id"], group["id"])
        call.tx.put("synchronized_groups", place, {**group, PARENT.field: place[0]})


@family.verb("get_synchronized-groups", kind="view")
def list_groups(call: Call) -> Any:
    """The groups chosen for synchronisation."""
    PROVISIONINGS.require(call)
    found = call.tx.find("synchronized_groups", "parent", call.path["id"])
    return answer(call, found, Listing(filters={"q": _named}))


def _named(group: Doc, wanted: str) -> bool:
    return any(wanted.lower() in str(group.get(name, "")).lower() for name in ("name", "email"))


@family.verb("post_synchronized-groups")
def add_groups(call: Call) -> Any:
    PROVISIONINGS.require(call)
    _put_groups(call)
    return None


@family.verb("put_synchronized-groups")
def replace_groups(call: Call) -> Any:
    PROVISIONINGS.require(call)
    call.tx.delete_where("synchronized_groups", "parent", call.path["id"])
    _put_groups(call)
    return None


@family.verb("delete_synchronized-groups")
def remove_groups(call: Call) -> Any:
    PROVISIONINGS.require(call)
    for group in call.body["groups"]:
        call.tx.delete("synchronized_groups", (call.path["id"], group["id"]))
    return None
