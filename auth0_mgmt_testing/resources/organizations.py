"""Organizations themselves; what hangs on them has modules of its own."""

from __future__ import annotations

from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    End,
    Listing,
    Missing,
    Unique,
    item_response,
    list_response,
    merged,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

MISSING = Missing("No organization found by that id or name")

_NOT_BY_NAME = ("is_app_entitlement_active",)


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """Emptied metadata are gone."""
    emptied = {"metadata": None} if patch.get("metadata") == {} else {}
    changed: Doc = merged(old, {**patch, **emptied})
    return without_nulls(changed)


ORGANIZATIONS = CollectionBehaviour(
    "organizations",
    new_id=id_forms.ORGANIZATION,
    missing=MISSING,
    unique=(
        Unique("name", "An organization with this name already exists.", "organization_conflict"),
    ),
    defaults={"third_party_client_access": "block", "is_app_entitlement_active": False},
    drop_nulls=True,
    change=_change,
    listing=Listing(sort=True),
)
ORGANIZATIONS.bind(
    family,
    get="organizations.get",
    update="organizations.update",
    delete="organizations.delete",
)
SELF = End("organizations", MISSING)


@family.operation("organizations.search", kind="view")
def search(context: RequestContext) -> Any:
    """Organizations by a query."""
    names = {name: name for name in ("name", "display_name", "created_at")}
    listing = Listing(search="organizations", sort_names=names)
    return list_response(context, ORGANIZATIONS.docs(context), listing)


@family.operation("organizations.get_by_name", kind="view")
def by_name(context: RequestContext) -> Any:
    """The organization of a name; found so, it shows fewer members."""
    found: list[Doc] = context.tx.find("organizations", "unique:name", (context.path["name"],))
    if not found:
        raise MISSING.problem()
    return item_response(context, {k: v for k, v in found[0].items() if k not in _NOT_BY_NAME})


def require_organization(context: RequestContext) -> str:
    """The key of the path's organization, which must be there."""
    key = context.path.get("id") or context.path["organization_id"]
    SELF.require(context, key)
    return key
