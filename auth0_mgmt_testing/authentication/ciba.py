"""``POST /bc-authorize``: the client asks a user, on a device of theirs, to let it in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..resources.log_types import LOG_TYPES
from ..resources.sent_messages import send
from ..state.store import Doc
from . import challenges
from .access import default_audience
from .circumstances import Circumstances, log
from .client_authentication import authenticate_client
from .errors import OAuthError, invalid_request, missing_parameter
from .http import body, endpoint
from .lookup import require_resource_server

family = Family()

KIND = "ciba"
GRANT_NAME = "urn:openid:params:grant-type:ciba"
LIFETIME = 300
INTERVAL = 5
_MESSAGE = re.compile(r"[A-Za-z0-9 +\-_.,:#]{1,64}")


@endpoint
def start(context: RequestContext) -> Any:
    """Send the request to the user's device."""
    given = body(context)
    client = authenticate_client(context, given, confidential=True)
    about = Circumstances.of(context, client, None)
    shown = {name: str(given[name]) for name in _LOGGED if name in given}
    try:
        started, user = _started(context, client, given)
    except OAuthError as error:
        reason = error.description
        raise error.recording(
            lambda again: log(again, "ciba_start_failed", reason, about, body=shown)
        ) from None
    name = LOG_TYPES["ciba_start_succeeded"].name
    log(context, "ciba_start_succeeded", name, about, user, body=shown)
    return started


_LOGGED = ("audience", "login_hint", "scope")


def _started(
    context: RequestContext, client: Doc, given: Mapping[str, Any]
) -> tuple[dict[str, Any], Doc]:
    scopes = str(given.get("scope") or "").split()
    if "openid" not in scopes:
        raise invalid_request("openid scope must be requested")
    message = given.get("binding_message")
    if not isinstance(message, str) or not message:
        raise missing_parameter("binding_message")
    if not _MESSAGE.fullmatch(message):
        raise invalid_request(
            "binding_message must be at most 64 alphanumeric or +-_.,:# characters"
        )
    user = _hinted(context, given.get("login_hint"))
    expires = _expiry(given.get("requested_expiry"))
    audience = given.get("audience") or default_audience(context) or None
    if audience is not None:
        require_resource_server(context, str(audience))
    request_id = context.secret(64)
    challenges.begin(
        context, request_id, KIND, expires,
        user_id=user["user_id"], client_id=client["client_id"], scopes=scopes,
        audience=audience, interval=INTERVAL, polled=None,
    )  # fmt: skip
    send(
        context, "ciba_push", "push", user["user_id"],
        text=message, user_id=user["user_id"], client_id=client["client_id"],
    )  # fmt: skip
    return {"auth_req_id": request_id, "expires_in": expires, "interval": INTERVAL}, user


def _hinted(context: RequestContext, hint: Any) -> Doc:
    """The user whom the hint names by issuer and subject."""
    if not isinstance(hint, str) or not hint:
        raise missing_parameter("login_hint")
    try:
        value = json.loads(hint)
    except (ValueError, RecursionError):
        value = None
    if not is_object(value) or value.get("format") != "iss_sub":
        raise invalid_request("login_hint must be a JSON object of format iss_sub")
    user = context.tx.get("users", str(value.get("sub")))
    if user is None or user.get("blocked"):
        raise OAuthError(400, "unknown_user_id", "User ID is malformed or unknown")
    return user


def _expiry(wanted: Any) -> int:
    if wanted is None:
        return LIFETIME
    try:
        seconds = int(wanted)
    except (TypeError, ValueError):
        seconds = 0
    if not 1 <= seconds <= 259_200:
        raise invalid_request("requested_expiry must be between 1 and 259200 seconds")
    return seconds


family.route("POST", "/bc-authorize", start, "oauth.ciba.start")
