"""Network ACLs: rules on who may reach the tenant, in order of priority."""

from __future__ import annotations

import re

from ..behaviours import Check, CollectionBehaviour, Missing, Unique, get_path
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

_CURATED = ("auth0.low_reputation", "auth0.icloud_relay_proxy")


def _unknown_lists(doc: Doc) -> list[str]:
    """The curated lists that a rule names and the tenant does not have."""
    return [
        name
        for side in ("match", "not_match")
        for name in get_path(doc, f"rule.{side}.auth0_managed") or ()
        if name not in _CURATED
    ]


_CHECKS = (
    Check(
        lambda context, new, old: _unknown_lists(new),
        lambda new: (
            f"Invalid curated list name(s): {', '.join(_unknown_lists(new))}. "
            f"Allowed curated list names are: {', '.join(_CURATED)}"
        ),
    ),
    Check(
        lambda context, new, old: (
            get_path(new, "rule.action.redirect") and not get_path(new, "rule.action.redirect_uri")
        ),
        "Payload validation error: Action type of `redirect` requires a `redirect_uri`",
    ),
)


def _view(context: RequestContext, doc: Doc) -> Doc:
    """A single read shows more than a write or a list does."""
    if context.operation.name != "network_acls.get":
        return doc
    return {"tenant_id": context.tenant_name, "deleted_at": None, **doc}


_ID = re.compile(r"acl_[1-9A-HJ-NP-Za-km-z]{22}")


class _Acls(CollectionBehaviour):
    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        if not _ID.fullmatch(self.key(context)):
            raise APIError(
                400,
                f"Network ACL id is not a valid ACL ID in the form 'acl_{'X' * 22}'",
                "invalid_uri",
                hint="an id begins with acl_ and has 22 characters after it, without 0, O, I and l",
            )
        return super().find(context, key)


ACLS = _Acls(
    "network_acls",
    new_id=id_forms.NETWORK_ACL,
    missing=Missing("NetworkACL with this ID was not found"),
    unique=(
        Unique(
            "priority",
            "A network ACL with the same priority already exists.",
            "duplicate_priority",
        ),
    ),
    stamps=True,
    view=_view,
    checks=_CHECKS,
)
ACLS.bind(
    family,
    list="network_acls.list",
    create="network_acls.create",
    get="network_acls.get",
    update="network_acls.update",
    replace="network_acls.set",
)


@family.operation("network_acls.delete", kind="collection")
def delete(context: RequestContext) -> Reply:
    """Deletes; the live tenant says so with a 200 and an inner 204."""
    ACLS.remove(context, ACLS.require(context))
    return Reply(200, {"code": 204, "object": ""})
