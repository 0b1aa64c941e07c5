"""Resource servers (APIs), the Management API among them; reached by id or by identifier."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from auth0_mgmt._json import is_object

from ..behaviours import (
    Check,
    CollectionBehaviour,
    Listing,
    Missing,
    Unique,
    get_path,
    list_response,
    merged,
    one_of,
    without_nulls,
)
from ..contract import management_scopes, operation_scopes
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..engine.tokens import management_audience
from ..state import id_forms
from ..state.store import Doc
from .client_credentials import thumbprint
from .client_grants import GRANTS
from .role_links import ROLE_PERMISSIONS, USER_PERMISSIONS

family = Family()

MISSING = Missing("The resource server does not exist", "inexistent_resource_server")
_DAY = 86400


# --- what a tenant fills in --------------------------------------------------------------------


def _defaults(context: RequestContext, doc: Doc) -> Doc:
    return {
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        "subject_type_authorization": {
            "client": {"policy": "require_client_grant"},
            "user": {"policy": "allow_all"},
        },
        "token_lifetime": _DAY,
        "token_lifetime_for_web": min(7200, doc.get("token_lifetime") or _DAY),
        "signing_alg": "RS256",
    }


def _scopes(*pairs: tuple[str, str]) -> list[Doc]:
    """The scopes of the tenant's own account API, by action and thing."""
    return [
        {
            "value": f"{action}:me:{thing}",
            "description": f"{action} {thing.replace('_', ' ')}".title(),
        }
        for action, thing in pairs
    ]


_AT_FIRST = 3
"""So many scopes of the account API are there when it is made; the rest come right after."""
_MY_ACCOUNT: Doc = {
    "name": "Auth0 My Account API",
    "scopes": _scopes(
        ("create", "connected_accounts"),
        ("read", "connected_accounts"),
        ("delete", "connected_accounts"),
        ("read", "authentication_methods"),
        ("delete", "authentication_methods"),
        ("update", "authentication_methods"),
        ("read", "factors"),
        ("create", "authentication_methods"),
    ),
    "allow_offline_access": True,
    "token_lifetime": 600,
    "token_lifetime_for_web": 600,
    "skip_consent_for_verifiable_first_party_clients": True,
    "is_system": True,
    "proof_of_possession": {"mechanism": "dpop", "required": False},
    "subject_type_authorization": {
        "user": {"policy": "require_client_grant"},
        "client": {"policy": "deny_all"},
    },
}
_SYSTEM: dict[str, Doc] = {
    "/me/": _MY_ACCOUNT,
    "/my-org/": {"name": "Auth0 My Organization API", "is_system": True},
}
"""The APIs of a tenant itself that are created when their identifier is requested, by its path."""


_EXPRESS = "urn:auth0:express-configure"
_EXPRESS_API: Doc = {
    "name": "Okta OIN Express Configuration API",
    "scopes": [
        {
            "value": "express_configure:sso",
            "description": "Ability to create SSO configurations",
        },
        {
            "value": "express_configure:scim",
            "description": "Ability to create scim configurations",
        },
    ],
    "token_lifetime": 300,
    "token_lifetime_for_web": 300,
    "enforce_policies": True,
    "is_system": True,
    "subject_type_authorization": {
        "user": {"policy": "allow_all"},
        "client": {"policy": "deny_all"},
    },
}
"""The API by which identity providers' catalogues set connections up."""


def _prepare(context: RequestContext, server: Doc) -> Doc:
    """An identifier below a tenant's own address names one of the tenant's own APIs."""
    parts = urlsplit(str(server["identifier"]))
    host = parts.hostname or ""
    if host == context.domain or host.endswith(".auth0.com"):
        return {**server, **_SYSTEM.get(parts.path, {})}
    if server["identifier"] == _EXPRESS:
        return {**server, **_EXPRESS_API}
    return server


# --- what is deleted with an API, and what is not deleted ---------------------------------------


def _identifier(server: Doc) -> Hashable:
    return str(server["identifier"])


family.cascade(GRANTS.table, "audience", of="resource_servers", by=_identifier)
for _permissions in (ROLE_PERMISSIONS, USER_PERMISSIONS):
    family.cascade(_permissions.relation.table, "server", of="resource_servers", by=_identifier)


def _no_system_api(context: RequestContext, server: Doc) -> None:
    _not_the_api_itself(context, server, "System APIs cannot be deleted.")


_OWN = ("name", "scopes", "signing_alg", "signing_secret")
"""What nobody changes of the Management API."""


def _is_own(context: RequestContext, server: Doc) -> bool:
    return bool(server["identifier"] == management_audience(context.domain))


def _differs(old: Doc, new: Doc, *paths: str) -> bool:
    return any(get_path(new, path) != get_path(old, path) for path in paths)


_CHECKS = (
    Check(
        lambda context, new, old: (
            old is not None and _is_own(context, old) and _differs(old, new, *_OWN)
        ),
        f"System APIs keep their {', '.join(_OWN)}.",
        "operation_not_supported",
    ),
    Check(
        lambda context, new, old: (
            old is not None
            and old.get("is_system") is True
            and _differs(old, new, "name", "subject_type_authorization.client")
        ),
        "The name and the client authorization of a system API cannot be changed.",
        "operation_not_supported",
    ),
)


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A change of the scopes takes the permissions of those that are gone along."""
    new = without_nulls(merged(old, patch))
    if "scopes" in patch:
        left = [scope["value"] for scope in new.get("scopes") or ()]
        for permissions in (ROLE_PERMISSIONS, USER_PERMISSIONS):
            permissions.forget(context, old["identifier"], left)
    return new


def _not_the_api_itself(context: RequestContext, server: Doc, message: str) -> None:
    if _is_own(context, server):
        raise APIError(400, message, "operation_not_supported")


# --- the collection ----------------------------------------------------------------------------


class _Servers(CollectionBehaviour):
    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        wanted = self.key(context) if key is None else key
        found = super().find(context, wanted)
        if found is not None:
            return found
        # Some clients escape the identifier once more than the path asks for.
        for identifier in (wanted, unquote(wanted)):
            if named := context.tx.find(self.table, "unique:identifier", (identifier,)):
                return named[0]
        return None


SERVERS = _Servers(
    "resource_servers",
    new_id=id_forms.RESOURCE_SERVER,
    missing=MISSING,
    unique=(
        Unique(
            "identifier",
            "A resource server with the same identifier already exists.",
            "resource_server_conflict",
        ),
    ),
    defaults=_defaults,
    drop_nulls=True,
    dated=True,
    listing=Listing(filters={"identifiers": one_of("identifier")}),
    prepare=_prepare,
    checks=_CHECKS,
    change=_change,
    before_delete=_no_system_api,
    idempotent_delete=True,
)
SERVERS.bind(
    family,
    list="resource_servers.list",
    create="resource_servers.create",
    get="resource_servers.get",
    delete="resource_servers.delete",
)


def _with_client(context: RequestContext, server: Doc) -> Doc:
    """A server names the client that stands for it, where there is one."""
    encryption: Doc | None = server.get("token_encryption")
    if encryption and (key := encryption.get("encryption_key")):
        # The key itself is written and never read back: its thumbprint is.
        shown = {name: value for name, value in key.items() if name != "pem"}
        if is_object(key) and isinstance(pem := key.get("pem"), str):
            shown["thumbprint_sha256"] = thumbprint(pem)
        server = {**server, "token_encryption": {**encryption, "encryption_key": shown}}
    if _is_own(context, server):
        listed = management_scopes()
        scopes = [scope for scope in server["scopes"] if scope["value"] in listed]
        server = {**server, "scopes": scopes}
    linked = context.tx.find("clients", "server", server["identifier"])
    return {**server, "client_id": linked[0]["client_id"]} if linked else server


def _created(context: RequestContext, server: Doc) -> Doc:
    """The response to a create: the account API's scopes are not all there yet."""
    shown = _with_client(context, server)
    if server.get("scopes") is _MY_ACCOUNT["scopes"]:
        return {**shown, "scopes": server["scopes"][:_AT_FIRST]}
    return shown


SERVERS.view = _with_client
SERVERS.created = _created


@family.operation("resource_servers.update", kind="collection")
def change(context: RequestContext) -> Any:
    """Change a server; a live tenant responds 200 where the contract says 201."""
    return Reply(200, SERVERS.update(context))


@family.operation("resource_servers.search", kind="view")
def search(context: RequestContext) -> Any:
    """Resource servers by a query, in order of creation."""
    names = {"identifier": "identifier", "name": "name", "updated_at": "_updated_at"}
    listing = Listing(search="resource_servers", sort_names=names)
    return list_response(context, SERVERS.docs(context), listing, _with_client)


@cache
def _management_scopes() -> list[Doc]:
    """Every scope of the API: those that tenants list, then others that operations require.

    The others can be granted, but are not shown.
    """
    listed = management_scopes()
    others = operation_scopes() - listed.keys()
    described = {**listed, **{name: _described(name) for name in sorted(others)}}
    return [{"value": name, "description": text} for name, text in described.items()]


def _described(scope: str) -> str:
    """``Read Client Grants`` for ``read:client_grants``, as most descriptions are worded."""
    return scope.replace("_", " ").replace(":", " ").title()


@family.setup(order=10)
def management_api(context: RequestContext) -> None:
    """The Management API itself, a system API that every tenant holds."""
    SERVERS.add(
        context,
        {
            "name": "Auth0 Management API",
            "identifier": management_audience(context.domain),
            "scopes": _management_scopes(),
            "is_system": True,
        },
    )
