"""CIBA: the client polls until the user has decided on a device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import challenges, ciba
from ..circumstances import Circumstances
from ..errors import OAuthError, invalid_grant
from ..pipeline import Login, granted, run_post_login_silently
from .grant_type import GrantType, failing, issue, require

_SUCCESS = ("ciba_exchange_succeeded", "CIBA request for Access Token")
_FAILURE = ("ciba_exchange_failed", "Failed exchange of a CIBA request")
_GROWTH = 5
"""Seconds by which the interval grows with each poll that comes too early."""


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    key = require(given, "auth_req_id")
    about = Circumstances.of(context, client, None)
    request = challenges.find(context, key, ciba.KIND)
    if request is None or request["client_id"] != client["client_id"]:
        raise failing(invalid_grant("Invalid or expired auth_req_id", 400), _FAILURE, about)
    if request["decision"] == "rejected" or challenges.is_expired(context, request):
        denied = OAuthError(
            400,
            "access_denied",
            "The end-user denied the authorization request or it has been expired",
        )
        raise failing(denied, _FAILURE, about).recording(lambda again: challenges.end(again, key))
    if request["decision"] == "pending":
        raise _too_early(context, request, key)
    challenges.end(context, key)
    user = context.tx.get("users", request["user_id"])
    if user is None:
        raise invalid_grant("Invalid or expired auth_req_id", 400)
    scopes = tuple(request["scopes"])
    about = Circumstances.of(context, client, None, audience=request["audience"], scopes=scopes)
    login = Login(user, about, ("ciba",), "oauth2-ciba", scopes)
    login, effects = run_post_login_silently(context, login)
    grant = granted(context, login, effects, with_session=False)
    return issue(context, grant, _SUCCESS, about)


def _too_early(context: RequestContext, request: Doc, key: str) -> OAuthError:
    now, polled, interval = context.time(), request["polled"], int(request["interval"])
    if polled is None or now - polled >= interval:
        error = OAuthError(400, "authorization_pending", "The end-user authorization is pending")
        return error.recording(lambda again: challenges.change(again, key, polled=now))
    longer = interval + _GROWTH
    error = OAuthError(
        400,
        "slow_down",
        f"You are polling faster than allowed. Try again in {longer} seconds.",
        extra={"interval": longer},
        headers={"retry-after": str(longer)},
    )
    return error.recording(lambda again: challenges.change(again, key, polled=now, interval=longer))


GRANT = GrantType(ciba.GRANT_NAME, exchange, confidential=True, failure=_FAILURE)
