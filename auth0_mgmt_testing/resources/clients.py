"""Clients (applications): what a tenant fills in, what goes with them, who may see what."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import is_secret

from ..behaviours import (
    Check,
    CollectionBehaviour,
    Listing,
    equals,
    item_response,
    list_response,
    merged,
    non_empty,
    one_of,
    visible,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .client_credentials import NO_CLIENT as MISSING
from .client_credentials import registered, spelled_out
from .client_grants import express_grant
from .relations import CONNECTION_CLIENTS
from .signing_keys import current_signing_certificate

family = Family()


# --- what a tenant fills in --------------------------------------------------------------------

_ALL_GRANTS = ("authorization_code", "implicit", "refresh_token", "client_credentials")
_GRANTS: dict[str, tuple[str, ...]] = {
    "spa": _ALL_GRANTS[:3],
    "native": _ALL_GRANTS[:3],
    "resource_server": (),
    "express_configuration": ("authorization_code", "client_credentials"),
}
_ASYMMETRIC = ("resource_server", "express_configuration")
"""Kinds of clients that are OIDC conformant and sign with RS256 from the start."""


def _express() -> Doc:
    """What a client for express configuration has beside the rest."""
    return {
        "callbacks": ["https://system-admin.okta.com/admin/app/generic/oauth20redirect"],
        "organization_usage": "require",
        "organization_require_behavior": "pre_login_prompt",
        "client_authentication_methods": {"private_key_jwt": {"credentials": []}},
    }


def _defaults(context: RequestContext, doc: Doc) -> Doc:
    kind = doc.get("app_type")
    grants: tuple[str, ...] = _GRANTS.get(str(kind), _ALL_GRANTS)
    if _is_strict(doc):
        grants = ("authorization_code",)
    elif doc.get("token_endpoint_auth_method") == "none":
        grants = tuple(grant for grant in grants if grant != "client_credentials")
    fill: Doc = {
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": kind in _ASYMMETRIC or _is_third_party(doc),
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": list(grants),
        "custom_login_page_on": True,
    }
    if _is_third_party(doc):
        fill["third_party_security_mode"] = "permissive"
    if kind == "express_configuration":
        return {**fill, **_express()}
    return {**fill, "client_secret": context.secret()}


def _is_third_party(client: Doc) -> bool:
    return client.get("is_first_party") is False


def _is_strict(client: Doc) -> bool:
    """Whether a client of somebody else is held to the stricter rules of 2026."""
    return _is_third_party(client) and client.get("third_party_security_mode") == "strict"


def _refresh_token(client: Doc) -> Doc:
    """The refresh-token settings (lifetimes in seconds) of a client.

    They live longest where a secret has to come with them. Tokens of third-party clients expire,
    and rotate where the client has no secret. Whoever chooses expiring tokens gets finite ones.
    """
    given: Doc = client.get("refresh_token") or {}
    method = client.get("token_endpoint_auth_method")
    secret = method is not None and method != "none"
    third_party = _is_third_party(client)
    infinite = given.get("expiration_type") != "expiring"
    fill: Doc = {
        "rotation_type": "rotating" if third_party and not secret else "non-rotating",
        "expiration_type": "expiring" if third_party else "non-expiring",
        "leeway": 0,
        "token_lifetime": 31557600 if secret else 2592000,
        "infinite_token_lifetime": infinite and (secret or not third_party),
        "infinite_idle_token_lifetime": infinite and not third_party,
        "idle_token_lifetime": 2592000 if secret else 1296000,
    }
    return {**fill, **given}


_SESSION_TRANSFER: Doc = {
    "can_create_session_transfer_token": False,
    "allowed_authentication_methods": [],
    "enforce_device_binding": "ip",
    "allow_refresh_token": False,
    "enforce_online_refresh_tokens": True,
    "enforce_cascade_revocation": True,
}


def _completed(client: Doc) -> Doc:
    """A client with its session-transfer settings complete; without an empty login address."""
    result = dict(client)
    if is_object(transfer := client.get("session_transfer")):
        result["session_transfer"] = {**_SESSION_TRANSFER, **without_nulls(transfer)}
    if client.get("initiate_login_uri") == "":
        del result["initiate_login_uri"]
    return result


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    given: Doc | None = doc.get("jwt_configuration")
    if given is None:
        own_alg = doc.get("app_type") in _ASYMMETRIC
        given = {"alg": "RS256"} if own_alg else {"lifetime_in_seconds": 36000}
        if _is_strict(doc):
            given = {"alg": "RS256", "lifetime_in_seconds": 3600}
    groups = {name: doc[name] for name in _MERGED if is_object(doc.get(name))}
    whole: Doc = {
        **_completed({**doc, **{name: without_nulls(group) for name, group in groups.items()}}),
        "jwt_configuration": {"secret_encoded": False, **given},
        "refresh_token": _refresh_token(doc),
    }
    if doc.get("external_client_id"):
        del whole["cross_origin_authentication"]
    return _one_logout(registered(context, whole, doc["client_id"]), doc)


# --- what changes together ---------------------------------------------------------------------

_LOGOUT = ("oidc_logout", "oidc_backchannel_logout")
_MERGED = (
    "addons",
    "client_metadata",
    "fedcm_login",
    "jwt_configuration",
    "mobile",
    "native_social_login",
    "refresh_token",
    "session_transfer",
    "signed_request_object",
)
"""Groups of settings that a PATCH changes member by member; null takes a member away."""
_OPEN = frozenset({"addons", "client_metadata"})
"""Groups whose members the caller names: they may be empty, and only null unsets them."""


def _one_logout(client: Doc, given: Doc) -> Doc:
    """Two names of one setting: what was given under either shows under both.

    The older name shows the addresses only; null under either takes both away.
    """
    named = next((name for name in _LOGOUT if name in given), None)
    if named is None:
        return client
    value: Doc | None = given[named]
    if value is None:
        return {key: item for key, item in client.items() if key not in _LOGOUT}
    result = {**client, "oidc_logout": value}
    if "backchannel_logout_urls" in value:
        urls = value["backchannel_logout_urls"]
        result["oidc_backchannel_logout"] = {"backchannel_logout_urls": urls}
    return result


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    new = merged(old, patch)
    for name in _MERGED:
        if name in patch:
            group = merged(old.get(name), patch[name])
            if is_object(group):
                group = without_nulls(group)
                # A group of fixed members of which nothing is left is unset.
                group = group if group or name in _OPEN else None
            new[name] = group
    new = _one_logout(registered(context, new, old["client_id"]), patch)
    new = _completed(without_nulls(new))
    if "client_authentication_methods" in new and "client_authentication_methods" not in old:
        new.pop("client_secret", None)
    elif "client_authentication_methods" not in new:
        new.setdefault("client_secret", context.secret())
    return new


def _lands_nowhere(context: RequestContext, client: Doc, old: Doc | None) -> bool:
    ours: Doc = client.get("my_organization_configuration") or {}
    landing = ours.get("invitation_landing_client_id")
    return landing is not None and context.tx.get("clients", landing) is None


def _first_party_only(name: str) -> Check:
    """Only first-party clients have a setting that concerns organizations."""
    return Check(
        lambda context, new, old: (
            _is_third_party(new) and new.get(name) not in (None, "deny", "no_prompt")
        ),
        f"Third-party clients must not set {name}",
        "operation_not_supported",
        403,
    )


def _without_secret(client: Doc) -> bool:
    return client.get("token_endpoint_auth_method") == "none"


_CHECKS = (
    Check(_lands_nowhere, MISSING.message, MISSING.code, 404),
    _first_party_only("organization_usage"),
    _first_party_only("organization_require_behavior"),
    Check(
        lambda context, new, old: (
            _without_secret(new) and "client_credentials" in (new.get("grant_types") or ())
        ),
        'Application must not have Token Endpoint Authentication Method set to "none" when '
        "client_credentials grant type is enabled",
    ),
    Check(
        lambda context, new, old: (
            _without_secret(new) and new.get("is_token_endpoint_ip_header_trusted") is True
        ),
        "is_token_endpoint_ip_header_trusted can only be set true on clients that require "
        "authentication",
    ),
)


# --- what goes along with a client -------------------------------------------------------------


def _belong(table: str, field: str) -> None:
    """Documents of a table go with the client that a field of theirs names."""
    family.index(table, "client", non_empty(field))
    family.cascade(table, "client", of="clients")


_belong("client_grants", "client_id")
_belong("grants", "clientID")
_belong("device_credentials", "client_id")
_belong("refresh_tokens", "client_id")


def _not_the_global_one(context: RequestContext, client: Doc) -> None:
    if client.get("_global"):
        raise APIError(400, "The global client cannot be deleted", "operation_not_supported")


def _enabled(context: RequestContext, client_id: str) -> list[Doc]:
    """The connections that are enabled for a client."""
    return CONNECTION_CLIENTS.others(context, clients=client_id)


# --- what a reader sees ------------------------------------------------------------------------

_SUMMARY = frozenset({"client_id", "app_type", "name", "description"})
_CREDENTIALS = frozenset({"encryption_key", "signing_keys", "client_authentication_methods"})


def _is_credential(name: str, value: Any) -> bool:
    return name in _CREDENTIALS or (is_secret(name) and isinstance(value, str))


_FIXED: Doc = {"callback_url_template": False, "cross_origin_auth": False}
"""What every client but the global one shows and nobody sets."""
_LISTS = frozenset({"clients.list", "clients.search"})


def _reads_one(context: RequestContext) -> bool:
    return context.operation.name not in _LISTS


def _view(context: RequestContext, client: Doc) -> Doc:
    """A client as the token's scopes let it be read, with the certificate that its tokens bear.

    A write shows what was written, and not where a client's metadata came from.
    """
    made = current_signing_certificate(context)
    subject = made["subject_dn"] if _reads_one(context) else "deprecated"
    key = {"cert": made["cert"], "pkcs7": made["pkcs"], "subject": subject}
    fixed: Doc = {} if client.get("_global") else _FIXED
    own: Doc = {"tenant": context.tenant_name, "global": bool(client.get("_global"))}
    whole = {**own, **fixed, **client, "signing_keys": [key]}
    if context.operation.method != "GET":
        return {key: value for key, value in whole.items() if key[:9] != "external_"}
    caller = context.caller
    settings = caller.may("read:clients", "read:client_keys")
    secrets = caller.may("read:client_keys", "read:client_credentials")
    if settings and secrets:
        return whole
    return {
        key: value
        for key, value in whole.items()
        if (secrets if _is_credential(key, value) else settings or key in _SUMMARY)
    }


def _created(context: RequestContext, client: Doc) -> Doc:
    """The response to a create: credentials in full, and the encrypted key of the client."""
    shown = spelled_out(context, _view(context, client))
    keys = [{**key, "key": context.secret()} for key in shown["signing_keys"]]
    return {**shown, "encrypted": True, "signing_keys": keys}


# --- the collection ----------------------------------------------------------------------------


class _Clients(CollectionBehaviour):
    def get(self, context: RequestContext) -> Any:
        """One client; its certificate is shown whatever fields are selected."""
        return item_response(context, self.view(context, self.require(context)), ("signing_keys",))

    def store(self, context: RequestContext, doc: Doc, old: Doc | None) -> None:
        for alias in doc.get("client_aliases") or ():
            holders = context.tx.find(self.table, "alias", alias)
            for holder in holders:
                if holder["client_id"] != doc["client_id"]:
                    raise APIError(
                        409,
                        "A client with the same alias already exists.",
                        "client_alias_conflict",
                        hint=f"{holder['client_id']} of clients has one of its client_aliases",
                    )
        super().store(context, doc, old)

    def complete(self, context: RequestContext, doc: Doc) -> Doc:
        """A posted client with its id, defaults and settings."""
        if self.id not in doc:
            form = id_forms.THIRD_PARTY_CLIENT if _is_strict(doc) else id_forms.CLIENT
            doc = {self.id: context.new_id(form), **doc}
        return super().complete(context, doc)

    def add(self, context: RequestContext, doc: Doc) -> Doc:
        client = super().add(context, doc)
        if client.get("app_type") == "express_configuration":
            express_grant(context, client["client_id"])
        return client


CLIENTS = _Clients(
    "clients",
    id="client_id",
    new_id=id_forms.CLIENT,
    checks=_CHECKS,
    missing=MISSING,
    defaults=_defaults,
    drop_nulls=True,
    dated=True,
    listing=Listing(
        filters={
            "is_global": lambda doc, value: bool(doc.get("_global")) == value,
            "is_first_party": equals("is_first_party"),
            "app_type": one_of("app_type"),
            "external_client_id": equals("external_client_id"),
        },
        search="clients",
        always=frozenset({"tenant"}),
    ),
    indexes={
        "server": non_empty("resource_server_identifier"),
        "document": non_empty("external_client_id"),
        "alias": lambda doc: doc.get("client_aliases") or (),
    },
    prepare=_prepare,
    change=_change,
    view=_view,
    created=_created,
    before_delete=_not_the_global_one,
    idempotent_delete=True,
)
CLIENTS.bind(
    family,
    list="clients.list",
    create="clients.create",
    get="clients.get",
    update="clients.update",
    delete="clients.delete",
)


_NOT_IN_SEARCHES = frozenset(
    {"client_secret", "signing_keys", "callback_url_template", "cross_origin_auth"}
)


def _found_client(context: RequestContext, client: Doc) -> Doc:
    """A client as a search shows it: no secret and no key, whatever the scopes."""
    shown = _view(context, client)
    return {name: shown[name] for name in shown if name not in _NOT_IN_SEARCHES}


@family.operation("clients.search", kind="view")
def search(context: RequestContext) -> Any:
    """Clients by a query, in order of creation unless it says otherwise."""
    names = {"name": "name", "updated_at": "_updated_at"}
    listing = Listing(search="clients", sort_names=names, always=CLIENTS.listing.always)
    return list_response(context, CLIENTS.docs(context), listing, _found_client)


@family.operation("clients.rotate_secret")
def rotate_secret(context: RequestContext) -> Any:
    """A new secret; the old one is worth nothing from now on."""
    client = {**CLIENTS.require(context, context.path["id"]), "client_secret": context.secret()}
    CLIENTS.store(context, client, client)
    return visible(_view(context, client))


@family.operation("clients.connections.get", kind="view")
def connections(context: RequestContext) -> Any:
    """The connections that are enabled for a client."""
    client = CLIENTS.require(context, context.path["id"])["client_id"]
    listing = Listing(filters={"strategy": one_of("strategy")})
    return list_response(context, _enabled(context, client), listing)


# --- a fresh tenant ----------------------------------------------------------------------------


_OF_GLOBAL = (
    "_global",
    "callbacks",
    "client_id",
    "client_secret",
    "custom_login_page_on",
    "is_first_party",
    "name",
    "refresh_token",
)


@family.setup(order=20)
def global_client(context: RequestContext) -> None:
    """The client that stands for the whole tenant; it is granted nothing of its own."""
    given: Doc = {"name": "All Applications", "_global": True, "callbacks": []}
    whole = CLIENTS.complete(context, {**given, "custom_login_page_on": False})
    CLIENTS.store(context, {k: v for k, v in whole.items() if k in _OF_GLOBAL}, None)
