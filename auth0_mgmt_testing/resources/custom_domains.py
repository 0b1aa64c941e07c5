"""Custom domains: names under which a tenant answers, and their verification."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, Unique, visible
from ..state.ids import letters, uuid
from ..state.store import Doc

family = Family()


def _prepare(call: Call, doc: Doc) -> Doc:
    """A managed certificate is verified by a CNAME record, an own one by a TXT record."""
    name: str = doc["domain"]
    if doc["type"] == "auth0_managed_certs":
        label = doc["custom_domain_id"].replace("_", "-").lower()
        method = {
            "name": "CNAME",
            "record": f"{call.domain}-{label}.edge.tenants.us.auth0.com",
            "domain": name,
        }
        doc.setdefault("tls_policy", "recommended")
    else:
        method = {
            "name": "TXT",
            "record": call.new_id(uuid),
            "domain": f"_cf-custom-hostname.{name}",
        }
    return {**doc, "verification": {"methods": [method]}, "created_at": call.now()}


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    """Null takes a setting away; metadata keys are merged, null takes one away."""
    new: Doc = {**old, **patch}
    if patch.get("domain_metadata") is not None:
        new["domain_metadata"] = {
            key: value
            for key, value in {**old.get("domain_metadata", {}), **new["domain_metadata"]}.items()
            if value is not None
        }
    return {key: value for key, value in new.items() if value is not None}


def _view(call: Call, doc: Doc) -> Doc:
    """The default domain also tells how verification and certificate stand."""
    if call.operation.id not in ("get_default", "patch_default"):
        return doc
    ready = doc["status"] == "ready"
    verification = {**doc["verification"], "status": "verified" if ready else "pending"}
    shown: Doc = {**doc, "verification": verification}
    if doc["type"] == "auth0_managed_certs":
        shown["certificate"] = {"certificate_authority": "letsencrypt"}
        if ready:
            shown["certificate"]["status"] = "provisioned"
    return shown


DOMAINS = Collection(
    "custom_domains",
    id="custom_domain_id",
    new_id=letters(16, "cd_"),
    missing=Missing("The custom domain does not exist", "inexistent_custom_domain"),
    unique=(Unique("domain", "Custom domain already exists.", "custom_domain_conflict", True),),
    defaults={"primary": False, "is_default": False, "status": "pending_verification"},
    drop_nulls=True,
    idempotent_delete=True,
    view=_view,
    prepare=_prepare,
    change=_change,
    listing=Listing(sort=True),
)
DOMAINS.bind(
    family,
    list="get_custom-domains",
    create="post_custom-domains",
    get="get_custom-domains_by_id",
    update="patch_custom-domains_by_id",
    delete="delete_custom-domains_by_id",
)


@family.verb("get_default", kind="view")
def get_default(call: Call) -> Any:
    """The domain that mails and tickets use: a custom one, or the tenant's own."""
    for doc in call.tx.all("custom_domains"):
        if doc["is_default"]:
            return visible(_view(call, doc))
    return {"domain": call.domain}


@family.verb("patch_default")
def set_default(call: Call) -> Any:
    """Only a verified custom domain, or the tenant's own domain, can be the default."""
    wanted = call.body["domain"]
    for doc in list(call.tx.all("custom_domains")):
        if doc["domain"] == wanted and doc["status"] != "ready":
            raise Problem(
                400, "The domain must be verified before it can be set as default.", "invalid_body"
            )
        DOMAINS.store(call, {**doc, "is_default": doc["domain"] == wanted}, doc)
    return get_default(call) if wanted != call.domain else {"domain": wanted}


@family.verb("post_verify")
def verify(call: Call) -> Any:
    """The record is always found: the domain becomes ready."""
    doc = DOMAINS.require(call, call.path["id"])
    label = doc["custom_domain_id"].replace("_", "-").lower()
    origin = f"{call.domain}-{label}.edge.tenants.us.auth0.com"
    ready: Doc = {**doc, "status": "ready", "origin_domain_name": origin}
    if doc["type"] == "self_managed_certs":
        ready["_cname_api_key"] = doc.get("_cname_api_key") or call.secret(64)
    DOMAINS.store(call, ready, doc)
    shown = visible(ready)
    key = ready.get("_cname_api_key")
    return shown if key is None else {**shown, "cname_api_key": key}


@family.verb("post_test_domain")
def test(call: Call) -> Any:
    """Whether the domain answers: it does once it is verified."""
    doc = DOMAINS.require(call, call.path["id"])
    if doc["status"] == "ready":
        return {"success": True}
    return {"success": False, "message": "The custom domain is not ready."}
