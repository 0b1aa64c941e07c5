"""Domains by which organizations are discovered."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing, Parent, Unique, answer_one
from ..state.ids import base58
from ..state.store import Doc
from .organizations import MISSING as NO_ORGANIZATION
from .organizations import require_organization

family = Family()


def _domain(call: Call, doc: Doc) -> Doc:
    """What the owner of a domain must publish to prove it."""
    from hashlib import md5

    host = f"_ss-verification.{call.path['id']}.{doc['domain']}"
    proof = md5(call.secret().encode(), usedforsecurity=False).hexdigest()
    return {**doc, "verification_host": host, "verification_txt": proof}


DOMAINS = Collection(
    "discovery_domains",
    new_id=base58(22, "ord_"),
    missing=Missing("The discovery domain does not exist", "inexistent_discovery_domain"),
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
)
DOMAINS.bind(
    family,
    list="get_discovery-domains",
    create="post_discovery-domains",
    get="get_discovery-domains_by_discovery_domain_id",
    update="patch_discovery-domains_by_discovery_domain_id",
    delete="delete_discovery-domains_by_discovery_domain_id",
)


@family.verb("get_name_by_discovery_domain", kind="view")
def domain_by_name(call: Call) -> Any:
    """The discovery domain of a name."""
    place = (require_organization(call).lower(), call.path["discovery_domain"].lower())
    found = call.tx.find("discovery_domains", "unique:_organizations,domain", place)
    if not found:
        raise DOMAINS.missing.problem()
    return answer_one(call, found[0])
