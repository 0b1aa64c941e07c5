"""Device code: the device polls until its user has decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import device
from ..circumstances import Circumstances
from ..errors import OAuthError, invalid_grant
from ..tokens import restored
from .grant_type import GrantType, failing, issue, require

_SUCCESS = ("sede", "Device Code for Access Token")
_FAILURE = ("fede", "Failed exchange of device code")


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    code = require(given, "device_code")
    about = Circumstances.of(context, client, None)
    kept = device.find(context, code)
    if kept is None or kept["client_id"] != client["client_id"]:
        raise failing(invalid_grant("Invalid or expired device code."), _FAILURE, about)
    if context.time() >= kept["expires"]:
        raise OAuthError(403, "expired_token", "The device code has expired.").recording(
            lambda again: device.forget(again, code)
        )
    now, polled = context.time(), kept["polled"]
    if kept["decision"] == "pending":
        if polled is not None and now - polled < kept["interval"]:
            error = OAuthError(
                429,
                "slow_down",
                "You are polling faster than the specified interval of "
                f"{kept['interval']} seconds.",
            )
        else:
            error = OAuthError(
                403, "authorization_pending", "User has yet to authorize device code."
            )
        raise error.recording(lambda again: device.change(again, code, polled=now))
    device.forget(context, code)
    if kept["decision"] == "rejected":
        denied = OAuthError(403, "access_denied", "User cancelled the confirmation prompt.")
        raise failing(denied, _FAILURE, about).recording(lambda again: device.forget(again, code))
    grant = restored(context, kept["grant"])
    if grant is None:
        raise failing(invalid_grant("Invalid or expired device code."), _FAILURE, about)
    about = Circumstances.of(
        context, client, None, audience=grant.access.audience, scopes=grant.access.scopes
    )
    return issue(context, grant, _SUCCESS, about)


GRANT = GrantType(device.GRANT_NAME, exchange, failure=_FAILURE)
