"""``POST /oauth/revoke`` and the revocation of all tokens of a user by an identity provider."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from ..resources.log_types import LOG_TYPES
from ..resources.sessions import end_sessions_of
from ..state.ids import digest
from . import refresh_tokens
from .circumstances import Circumstances, log
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
    revoked = refresh_tokens.revoke(context, client, token)
    if revoked is not None:
        user = context.tx.get("users", revoked["user_id"])
        about = Circumstances.of(context, client, None, audience=revoked.get("_audience"))
        log(context, "srrt", LOG_TYPES["srrt"].name, about, user, credential_id=revoked["id"])
    forget_access_token(context, client, digest(token))
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
    own, about = str(subject["sub"]), Circumstances.of(context, None, connection)
    for user in context.tx.find("users", "identity", own):
        if connection_of(user) != connection["name"]:
            continue
        end_sessions_of(context, user["user_id"], "idp-logout")
        context.tx.delete_where("refresh_tokens", "user", user["user_id"])
        name = LOG_TYPES["universal_logout_succeeded"].name
        log(context, "universal_logout_succeeded", name, about, user)
        return Reply(204)
    raise invalid_request("Unknown subject").recording(
        lambda again: log(
            again,
            "universal_logout_failed",
            "Unknown subject",
            about,
            response={"statusCode": 400},
            error="Unknown subject",
        )
    )


family.route("POST", "/oauth/revoke", revoke, "oauth.revoke", cors=True)
family.route("POST", "/oauth/global-token-revocation/connection/{connection_name}", revoke_globally)
