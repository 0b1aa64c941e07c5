"""Which scopes of an API a user or client gets, and which permissions a token then holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.context import RequestContext
from ..resources.organization_members import MEMBER_ROLES
from ..resources.role_links import ROLE_PERMISSIONS, USER_PERMISSIONS, effective_roles
from ..state.store import Doc
from .errors import access_denied
from .lookup import member, require_resource_server, settings

OIDC_SCOPES = (
    "openid", "profile", "email", "address", "phone", "offline_access", "online_access",
)  # fmt: skip
"""Scopes that are no API's."""

_PERMISSIONS_IN_TOKEN = ("access_token_authz", "rfc9068_profile_authz")


@dataclass(frozen=True, slots=True)
class Access:
    """What a token may be used for."""

    resource_server: Doc | None
    """The API; None: the user's own profile only."""
    scopes: tuple[str, ...]
    permissions: tuple[str, ...] | None = None
    """What role-based access control adds to the token; None where the API does not ask for it."""

    @property
    def audience(self) -> str | None:
        server = self.resource_server
        return None if server is None else str(server["identifier"])

    @property
    def scope(self) -> str:
        return " ".join(self.scopes)


def default_audience(context: RequestContext) -> str:
    """The API of tokens that name none; empty where the tenant has no default."""
    return str(settings(context, "tenant").get("default_audience") or "")


def user_access(
    context: RequestContext,
    user: Doc,
    client: Doc | None,
    audience: str | None,
    scopes: Iterable[str] | None,
    organization: Doc | None = None,
) -> Access:
    """What a user's token for an API may hold.

    ``scopes``: those requested; None are all of the API. With RBAC on, the API's scopes are cut
    to the user's permissions. Raises where there is no such API, and where it does not let users
    or this client in.
    """
    userinfo = f"https://{context.domain}/userinfo"
    if not audience or audience == userinfo:
        wanted = OIDC_SCOPES[:5] if scopes is None else scopes
        return Access(None, tuple(scope for scope in wanted if scope in OIDC_SCOPES))
    server = require_resource_server(context, audience)
    own = [str(scope["value"]) for scope in server.get("scopes") or ()]
    allowed = _allowed_by_policy(context, server, client, own)
    held = _permissions(context, user, audience, organization) if is_rbac(server) else None
    wanted = list(dict.fromkeys([*OIDC_SCOPES[:5], *own] if scopes is None else scopes))
    if not server.get("allow_offline_access"):
        wanted = [scope for scope in wanted if scope != "offline_access"]
    granted = tuple(
        scope
        for scope in wanted
        if scope in OIDC_SCOPES or (scope in allowed and (held is None or scope in held))
    )
    if held is None or server.get("token_dialect") not in _PERMISSIONS_IN_TOKEN:
        return Access(server, granted)
    return Access(server, granted, tuple(held))


def is_rbac(server: Doc) -> bool:
    """Whether an API's scopes depend on the users' roles."""
    return bool(server.get("enforce_policies"))


def _allowed_by_policy(
    context: RequestContext, server: Doc, client: Doc | None, own: list[str]
) -> list[str]:
    authorization = member(server, "subject_type_authorization")
    policy = member(authorization, "user").get("policy", "allow_all")
    if policy == "allow_all" or client is None:
        return own
    pair = (client["client_id"], server["identifier"], "user")
    grants = context.tx.find("client_grants", "unique:client_id,audience,subject_type", pair)
    if policy == "deny_all" or not grants:
        raise access_denied(
            f"Client {client['client_id']} is not authorized to access resource server"
            f" {server['identifier']}"
        )
    grant = grants[0]
    return own if grant.get("allow_all_scopes") else [str(s) for s in grant.get("scope") or ()]


def _permissions(
    context: RequestContext, user: Doc, audience: str, organization: Doc | None
) -> list[str]:
    """The names of a user's permissions for an API: direct, by roles, by roles of a membership."""
    who = user["user_id"]
    roles = _roles(context, who, organization)
    held = [*USER_PERMISSIONS.held(context, who)]
    for role in roles:
        held += ROLE_PERMISSIONS.held(context, role["id"])
    names = (p["permission_name"] for p in held if p["resource_server_identifier"] == audience)
    return list(dict.fromkeys(map(str, names)))


def _roles(context: RequestContext, who: str, organization: Doc | None) -> list[Doc]:
    roles = effective_roles(context, who)
    if organization is not None:
        roles = [*roles, *MEMBER_ROLES.held(context, organization["id"], who)]
    return roles


def role_names(context: RequestContext, user: Doc, organization: Doc | None) -> tuple[str, ...]:
    """The names of a user's roles, and of those in an organization."""
    roles = _roles(context, user["user_id"], organization)
    return tuple(dict.fromkeys(str(role["name"]) for role in roles))
