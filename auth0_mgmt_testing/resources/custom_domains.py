"""Custom domains: names under which a tenant is reached, and their verification."""

from __future__ import annotations

from typing import Any

from ..behaviours import Check, CollectionBehaviour, Listing, Missing, Unique, visible
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.ids import uuid
from ..state.store import Doc

family = Family()

DNS = "dns"
"""The table of domains whose verification record DNS contains."""


def publish_dns(context: RequestContext, domain: str) -> None:
    """Let DNS answer for a domain from now on."""
    context.tx.put(DNS, domain.lower(), {"domain": domain.lower()})


_MANAGED = "auth0_managed_certs"
_CERTIFICATE_DAYS = 90
_ONLY_FOR = {"tls_policy": _MANAGED, "custom_client_ip_header": "self_managed_certs"}
"""Settings that go with one kind of certificate only."""


def _origin(context: RequestContext, doc: Doc) -> str:
    """Where the tenant serves a domain: what its CNAME record names."""
    label = doc["custom_domain_id"].replace("_", "-").lower()
    tenant, _, region = context.domain.partition(".")
    return f"{tenant}-{label}.edge.tenants.{region}"


def _defaults(context: RequestContext, doc: Doc) -> Doc:
    """The first domain of a tenant is its primary one."""
    first = not len(context.tx.table("custom_domains"))
    return {"primary": first, "is_default": False, "status": "pending_verification"}


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    """A managed certificate is verified by a CNAME record, an own one by a TXT record."""
    name: str = doc["domain"]
    if doc["type"] == _MANAGED:
        method = {"name": "CNAME", "record": _origin(context, doc), "domain": name}
        doc.setdefault("tls_policy", "recommended")
    else:
        host = f"_cf-custom-hostname.{name}"
        method = {"name": "TXT", "record": context.new_id(uuid), "domain": host}
        doc.setdefault("custom_client_ip_header", None)
    return {
        **{key: value for key, value in doc.items() if key != "verification_method"},
        "verification": {"methods": [method]},
        "created_at": context.now(),
    }


def _misplaced(doc: Doc) -> str | None:
    """A setting that does not go with the domain's kind of certificate."""
    return next(
        (
            name
            for name, kind in _ONLY_FOR.items()
            if doc.get(name) is not None and doc["type"] != kind
        ),
        None,
    )


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """Null takes a setting away; metadata keys are merged, null takes one away."""
    new: Doc = {**old, **patch}
    if patch.get("domain_metadata") is not None:
        new["domain_metadata"] = {
            key: value
            for key, value in {**old.get("domain_metadata", {}), **new["domain_metadata"]}.items()
            if value is not None
        }
    return {k: v for k, v in new.items() if v is not None or k == "custom_client_ip_header"}


def _detailed(context: RequestContext, doc: Doc) -> Doc:
    """A domain with how verification and certificate stand, where the tenant manages it."""
    if doc["type"] != _MANAGED:
        return doc
    verification: Doc = {**doc["verification"], "status": "pending"}
    certificate: Doc = {"certificate_authority": "letsencrypt"}
    if (since := doc.get("_verified")) is not None:
        verification |= {"status": "verified", "last_verified_at": _seconds(since)}
        end = since + _CERTIFICATE_DAYS * 86_400
        certificate |= {"status": "provisioned", "renews_before": _seconds(end)}
    return {**doc, "verification": verification, "certificate": certificate}


def _seconds(time: float) -> str:
    return f"{format_timestamp(time)[:19]}Z"


def _view(context: RequestContext, doc: Doc) -> Doc:
    """The details are shown once there is something to tell; of the default domain always."""
    return _detailed(context, doc) if "_verified" in doc else doc


def _forget(context: RequestContext, doc: Doc) -> None:
    if doc["is_default"]:
        raise APIError(409, "The default custom domain cannot be deleted.")


DOMAINS = CollectionBehaviour(
    "custom_domains",
    id="custom_domain_id",
    new_id=id_forms.CUSTOM_DOMAIN,
    missing=Missing("The custom domain {id} does not exist", "inexistent_custom_domain"),
    unique=(Unique("domain", "Custom domain already exists.", "custom_domain_conflict", True),),
    defaults=_defaults,
    drop_nulls=True,
    idempotent_delete=True,
    view=_view,
    prepare=_prepare,
    change=_change,
    before_delete=_forget,
    checks=(
        Check(
            lambda context, new, old: _misplaced(new) is not None,
            lambda new: f"{_misplaced(new)} cannot be set on a domain with {new['type']}.",
        ),
    ),
    listing=Listing(search="custom_domains", sort=True, order=lambda doc: doc["domain"]),
)
DOMAINS.bind(
    family,
    list="custom_domains.list",
    create="custom_domains.create",
    get="custom_domains.get",
    update="custom_domains.update",
    delete="custom_domains.delete",
)


def has_ready(context: RequestContext) -> bool:
    """Whether the tenant has a verified domain."""
    return any(doc["status"] == "ready" for doc in context.tx.all("custom_domains"))


@family.operation("custom_domains.get_default", kind="view")
def get_default(context: RequestContext) -> Any:
    """The domain that mails and tickets use: a custom one, or the tenant's own."""
    for doc in context.tx.all("custom_domains"):
        if doc["is_default"]:
            return visible(_detailed(context, doc))
    return {"domain": context.domain}


@family.operation("custom_domains.set_default")
def set_default(context: RequestContext) -> Any:
    """Only a verified custom domain, or the tenant's own domain, can be the default."""
    wanted = context.body["domain"]
    docs = list(context.tx.all("custom_domains"))
    ready = {context.domain, *(doc["domain"] for doc in docs if doc["status"] == "ready")}
    if wanted not in ready:
        raise APIError(
            400, "The domain must be verified before it can be set as default.", "invalid_body"
        )
    for doc in docs:
        DOMAINS.store(context, {**doc, "is_default": doc["domain"] == wanted}, doc)
    return get_default(context)


@family.operation("custom_domains.verify")
def verify(context: RequestContext) -> Any:
    """Look for the domain's record; the domain is ready once DNS contains it.

    Until `FakeTenant.publish_dns` was called for the domain, it stays ``pending_verification``.
    """
    doc = DOMAINS.require(context, context.path["id"])
    if doc["status"] == "ready":
        raise APIError(400, "The custom domain has already been verified.", "invalid_body")
    if context.tx.get(DNS, doc["domain"].lower()) is None:
        return {k: v for k, v in visible(doc).items() if k not in ("is_default", "created_at")}
    ready: Doc = {
        **doc,
        "status": "ready",
        "origin_domain_name": _origin(context, doc),
        "_verified": context.time(),
    }
    DOMAINS.store(context, ready, doc)
    shown = {k: v for k, v in visible(ready).items() if k not in ("is_default", "created_at")}
    if doc["type"] != _MANAGED:
        # The proxy in front of an own certificate authenticates itself with this key, shown once.
        shown["cname_api_key"] = context.secret(64)
    return shown


@family.operation("custom_domains.test")
def test(context: RequestContext) -> Any:
    """Whether the domain is reachable: it is once it is verified."""
    doc = DOMAINS.require(context, context.path["id"])
    if doc["status"] != "ready":
        raise APIError(409, "The custom domain is not ready.")
    return {"success": True}
