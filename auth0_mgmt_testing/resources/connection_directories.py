"""Directory provisioning of connections: its configuration, groups and synchronizations."""

from __future__ import annotations

from typing import Any

from ..behaviours import AttachmentBehaviour, Listing, Missing, list_response
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
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
        raise APIError(400, "Directory provisioning is not supported for this connection strategy.")


@family.operation("connections.directory_provisioning.get_default_mapping", kind="view")
def default_mapping(context: RequestContext) -> Any:
    """The mapping that a new directory provisioning gets."""
    _supported(require_connection(context))
    return {"mapping": [{"auth0": auth0, "idp": idp} for auth0, idp in _MAPPING]}


def _begin(context: RequestContext, connection: Doc) -> Doc:
    return {
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        **default_mapping(context),
        "synchronize_automatically": False,
        "synchronize_groups": "off",
    }


PROVISIONINGS = AttachmentBehaviour(
    "directory_provisionings",
    PARENT,
    missing=Missing("Not Found"),
    taken="Directory provisioning already exists for this connection.",
    begin=_begin,
    along=("synchronized_groups",),
)
PROVISIONINGS.bind(
    family,
    list="connections.directory_provisioning.list",
    create="connections.directory_provisioning.create",
    get="connections.directory_provisioning.get",
    update="connections.directory_provisioning.update",
    delete="connections.directory_provisioning.delete",
)


@family.operation("connections.directory_provisioning.synchronizations.create")
def synchronize(context: RequestContext) -> Any:
    """Starts a synchronization, not more often than every half hour.

    The fake has no directory to read from: it is done at once. Groups that were chosen become
    groups of the connection; nobody is in them.
    """
    doc = PROVISIONINGS.require(context)
    if context.time() - doc.get("_synchronized", 0) < _PAUSE:
        raise APIError(
            400, "The connection was synchronized within the last 30 minutes.", "invalid_operation"
        )
    done: Doc = {
        **doc,
        "last_synchronization_at": context.now(),
        "last_synchronization_status": "completed",
        "_synchronized": context.time(),
    }
    context.tx.put("directory_provisionings", doc["connection_id"], done)
    if doc["synchronize_groups"] != "off":
        _bring_groups(context, doc["connection_id"])
    return {
        "connection_id": doc["connection_id"],
        "synchronization_id": context.new_id(id_forms.DIRECTORY_SYNCHRONIZATION),
        "status": "in_progress",
    }


def _bring_groups(context: RequestContext, connection: str) -> None:
    known = {doc["external_id"] for doc in context.tx.find("groups", "connection", connection)}
    for chosen in context.tx.find("synchronized_groups", "parent", connection):
        if chosen["id"] not in known:
            group: Doc = {
                "name": chosen.get("name") or chosen["id"],
                "external_id": chosen["id"],
                "connection_id": connection,
                "tenant_name": context.tenant_name,
            }
            GROUPS.add(context, group)


# --- groups ------------------------------------------------------------------------------------


def _put_groups(context: RequestContext) -> None:
    for group in context.body["groups"]:
        place = (context.path["id"], group["id"])
        context.tx.put("synchronized_groups", place, {**group, PARENT.field: place[0]})


@family.operation("connections.directory_provisioning.list_synchronized_groups", kind="view")
def list_groups(context: RequestContext) -> Any:
    """The groups chosen for synchronisation."""
    PROVISIONINGS.require(context)
    found = context.tx.find("synchronized_groups", "parent", context.path["id"])
    return list_response(context, found, Listing(filters={"q": _named}))


def _named(group: Doc, wanted: str) -> bool:
    return any(wanted.lower() in str(group.get(name, "")).lower() for name in ("name", "email"))


@family.operation("connections.directory_provisioning.add_synchronized_group_selections")
def add_groups(context: RequestContext) -> Any:
    PROVISIONINGS.require(context)
    _put_groups(context)
    return None


@family.operation("connections.directory_provisioning.set")
def replace_groups(context: RequestContext) -> Any:
    PROVISIONINGS.require(context)
    context.tx.delete_where("synchronized_groups", "parent", context.path["id"])
    _put_groups(context)
    return None


@family.operation("connections.directory_provisioning.delete_synchronized_group_selections")
def remove_groups(context: RequestContext) -> Any:
    PROVISIONINGS.require(context)
    for group in context.body["groups"]:
        context.tx.delete("synchronized_groups", (context.path["id"], group["id"]))
    return None
