"""Organizations themselves; what hangs on them has modules of its own."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.query.lists import answer
from ..semantics import Collection, End, Listing, Missing, Unique, answer_one
from ..state.ids import letters
from ..state.store import Doc

family = Family()

MISSING = Missing("No organization found by that id or name", "inexistent_organization")

_NOT_BY_NAME = ("third_party_client_access", "is_app_entitlement_active")

ORGANIZATIONS = Collection(
    "organizations",
    new_id=letters(16, "org_"),
    missing=MISSING,
    unique=(
        Unique("name", "An organization with this name already exists.", "organization_conflict"),
    ),
    defaults={"third_party_client_access": "block", "is_app_entitlement_active": False},
    drop_nulls=True,
    listing=Listing(sort=True),
)
ORGANIZATIONS.bind(
    family,
    get="get_organizations_by_id",
    update="patch_organizations_by_id",
    delete="delete_organizations_by_id",
)
SELF = End("organizations", MISSING)


@family.verb("get_organizations_search", kind="view")
def search(call: Call) -> Any:
    """Organizations by a query."""
    names = {name: name for name in ("name", "display_name", "created_at")}
    listing = Listing(search="organizations", sort_names=names)
    return answer(call, ORGANIZATIONS.docs(call), listing)


@family.verb("get_name_by_name", kind="view")
def by_name(call: Call) -> Any:
    """The organization of a name; found so, it tells less of itself."""
    found: list[Doc] = call.tx.find("organizations", "unique:name", (call.path["name"],))
    if not found:
        raise MISSING.problem()
    return answer_one(call, {k: v for k, v in found[0].items() if k not in _NOT_BY_NAME})


def require_organization(call: Call) -> str:
    """The key of the path's organization, which must be there."""
    key = call.path.get("id") or call.path["organization_id"]
    SELF.require(call, key)
    return key
