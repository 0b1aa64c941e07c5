"""``POST /oauth/revoke`` and the revocation of all tokens of a user by an identity provider."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from ..resources.sessions import end_sessions_of
from . import refresh_tokens
from .client_authentication import authenticate_client
from .errors import OAuthError, invalid_request, missing_parameter
from .http import bearer, body, endpoint
from .lookup import connection_of, require_connection
from .tokens import forget_access_token

family = Family()


@endpoint
def revoke(context: RequestContext) -> Any:
    """Revoke a refresh token, or an opaque access token; one that is unknown is no error."""
    given = body(context)
    client = authenticate_client(context, given)
    token = given.get("token")
    if not isinstance(token, str) or not token:
        raise missing_parameter("token")
    refresh_tokens.revoke(context, client, token)
    forget_access_token(context, token)
    return Reply(200, b"", {"content-type": "application/json"})


@endpoint
def revoke_globally(context: RequestContext) -> Any:
    """End every session and refresh token of a connection's user, named by issuer and subject."""
    if not bearer(context):
        raise OAuthError(401, "invalid_token", "Unauthorized")
    connection = require_connection(context, context.path["connection_name"])
    subject = body(context).get("subject")
    if not is_object(subject) or subject.get("format") != "iss_sub" or not subject.get("sub"):
        raise invalid_request("subject must be of format iss_sub")
    own = str(subject["sub"])
    for user in context.tx.find("users", "identity", own):
        if connection_of(user) != connection["name"]:
            continue
        end_sessions_of(context, user["user_id"], "idp-logout")
        context.tx.delete_where("refresh_tokens", "user", user["user_id"])
        return Reply(204)
    raise invalid_request("Unknown subject")


family.route("POST", "/oauth/revoke", revoke, "oauth.revoke", cors=True)
family.route("POST", "/oauth/global-token-revocation/connection/{connection_name}", revoke_globally)
