"""Domains by which organizations are discovered."""

from __future__ import annotations

from typing import Any

from ..behaviours import CollectionBehaviour, Missing, Parent, Unique, item_response
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .organizations import MISSING as NO_ORGANIZATION
from .organizations import require_organization

family = Family()


def _domain(context: RequestContext, doc: Doc) -> Doc:
    """What the owner of a domain must publish to prove it."""
    from hashlib import md5

    host = f"_ss-verification.{context.path['id']}.{doc['domain']}"
    proof = md5(context.secret().encode(), usedforsecurity=False).hexdigest()
    return {**doc, "verification_host": host, "verification_txt": proof}


DOMAINS = CollectionBehaviour(
    "discovery_domains",
    new_id=id_forms.ORGANIZATION_DISCOVERY_DOMAIN,
    missing=Missing("No organization domain found by that id"),
    unique=(
        Unique(
            ("_organizations", "domain"),
            "A discovery domain with this name already exists.",
            "discovery_domain_conflict",
            fold=True,
        ),
    ),
    defaults={"status": "pending", "use_for_organization_discovery": True},
    parent=Parent("organizations", "id", NO_ORGANIZATION),
    prepare=_domain,
    idempotent_delete=True,
)
DOMAINS.bind(
    family,
    list="organizations.discovery_domains.list",
    create="organizations.discovery_domains.create",
    get="organizations.discovery_domains.get",
    update="organizations.discovery_domains.update",
    delete="organizations.discovery_domains.delete",
)


@family.operation("organizations.discovery_domains.get_by_name", kind="view")
def domain_by_name(context: RequestContext) -> Any:
    """The discovery domain of a name."""
    place = (require_organization(context).lower(), context.path["discovery_domain"].lower())
    found = context.tx.find("discovery_domains", "unique:_organizations,domain", place)
    if not found:
        raise DOMAINS.missing.problem()
    return item_response(context, found[0])
