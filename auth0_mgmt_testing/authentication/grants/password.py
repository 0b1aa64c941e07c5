"""Password and password-realm: the client itself takes the user's password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import mfa_tokens
from ..access import default_audience
from ..circumstances import Circumstances
from ..errors import OAuthError, invalid_request
from ..logins import check_password, join_organization
from ..lookup import DATABASE, find_connection, settings, usable_connections
from ..pipeline import Login, granted, needs_mfa, run_post_login_silently
from .grant_type import (
    GrantType,
    failing,
    issue,
    optional,
    organization_of,
    require,
    scopes_of,
)

_SUCCESS = ("sepft", "Password for Access Token")
_FAILURE = ("fepft", "Failed exchange of password")


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    """The tenant's default directory, or the client's only database, knows the user."""
    directory = settings(context, "tenant").get("default_directory")
    organization = organization_of(context, given)
    usable = usable_connections(context, client, organization)
    databases = [doc for doc in usable if doc["strategy"] == DATABASE]
    if directory:
        connection = next((doc for doc in usable if doc["name"] == directory), None)
    else:
        connection = databases[0] if len(databases) == 1 else None
    if connection is None:
        raise OAuthError(
            500 if not directory else 400,
            "server_error" if not directory else "invalid_request",
            "Authorization server not configured with default connection.",
        )
    return _exchanged(context, client, given, connection, organization, "password")


def exchange_in_realm(
    context: RequestContext, client: Doc, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The connection named by ``realm`` knows the user."""
    realm = require(given, "realm")
    organization = organization_of(context, given)
    connection = find_connection(context, realm)
    usable = usable_connections(context, client, organization)
    if connection is None or all(doc["id"] != connection["id"] for doc in usable):
        raise invalid_request(f"the connection was not found: {realm}")
    return _exchanged(context, client, given, connection, organization, "password-realm")


def _exchanged(
    context: RequestContext,
    client: Doc,
    given: Mapping[str, Any],
    connection: Doc,
    organization: Doc | None,
    kind: str,
) -> dict[str, Any]:
    audience = optional(given, "audience") or default_audience(context) or None
    scopes = scopes_of(given)
    about = Circumstances.of(
        context,
        client,
        connection,
        audience=audience,
        scopes=scopes or (),
        organization=organization,
        device=optional(given, "device"),
    )
    identifier, password = require(given, "username"), require(given, "password")
    try:
        user = check_password(context, identifier, password, about)
    except OAuthError as error:
        raise failing(error, _FAILURE, about) from None
    if organization is not None:
        join_organization(context, user, organization, connection)
    login = Login(user, about, ("pwd",), f"oauth2-{kind}", scopes)
    login, effects = run_post_login_silently(context, login)
    if needs_mfa(context, login, effects):
        raise mfa_tokens.required(context, login, effects, kind)
    grant = granted(context, login, effects, grant_type=kind, with_session=False)
    return issue(context, grant, _SUCCESS, about, requested=scopes)


GRANT = GrantType("password", exchange, failure=_FAILURE)
REALM_GRANT = GrantType(
    "http://auth0.com/oauth/grant-type/password-realm", exchange_in_realm, failure=_FAILURE
)
