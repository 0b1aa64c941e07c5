"""The second factor at the token endpoint: an app's code, an out-of-band challenge, recovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...resources.authentication_methods import METHODS, add_recovery_code
from ...resources.log_types import LOG_TYPES
from ...state.store import Doc
from .. import challenges, factors, mfa_tokens
from ..circumstances import Circumstances, log
from ..errors import OAuthError, invalid_grant, invalid_request
from ..pipeline import granted
from .grant_type import GrantType, failing, issue, optional, require

_OTP = ("seotpft", "Password and OTP Challenge for Access Token")
_OOB = ("seoobft", "Password and OOB Challenge for Access Token")
_RECOVERY = ("sercft", "Password and MFA Recovery Code for Access Token")


def exchange_otp(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    token, code = require(given, "mfa_token"), require(given, "otp")
    user = mfa_tokens.user_of(context, mfa_tokens.find(context, token))
    method = factors.passes_otp(context, user, code)
    if method is None:
        about = Circumstances.of(context, client, None)
        raise _failed(user, about, invalid_grant("Invalid otp_code."), "feotpft")
    factors.confirm(context, method)
    return _passed(context, client, token, _OTP)


def exchange_oob(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    token, oob_code = require(given, "mfa_token"), require(given, "oob_code")
    user = mfa_tokens.user_of(context, mfa_tokens.find(context, token))
    about = Circumstances.of(context, client, None)
    challenge = challenges.find(context, oob_code, factors.KIND)
    if challenge is None or challenge["user_id"] != user["user_id"]:
        raise _failed(user, about, invalid_grant("Invalid oob_code."), "feoobft")
    if challenges.is_expired(context, challenge):
        raise _failed(user, about, invalid_grant("The oob_code has expired."), "feoobft")
    if challenge["code"] is None:
        _check_decision(challenge, user, about)
    else:
        binding = optional(given, "binding_code")
        if binding is None:
            raise invalid_request("Missing required parameter: binding_code")
        if not challenges.is_answer(challenge, binding):
            wrong = _failed(user, about, invalid_grant("Invalid binding_code."), "feoobft")
            raise wrong.recording(lambda again: challenges.count_attempt(again, oob_code))
    method = context.tx.get(METHODS.table, challenge["method_id"])
    if method is not None:
        factors.confirm(context, method)
    challenges.end(context, oob_code)
    return _passed(context, client, token, _OOB)


def _check_decision(challenge: Doc, user: Doc, about: Circumstances) -> None:
    if challenge["decision"] == "pending":
        raise OAuthError(
            400,
            "authorization_pending",
            "Authorization pending: please repeat the request in a few seconds.",
        )
    if challenge["decision"] == "rejected":
        rejected = OAuthError(400, "access_denied", "MFA Authorization rejected.")
        raise _failed(user, about, rejected, "feoobft")


def exchange_recovery_code(
    context: RequestContext, client: Doc, given: Mapping[str, Any]
) -> dict[str, Any]:
    token, code = require(given, "mfa_token"), require(given, "recovery_code")
    user = mfa_tokens.user_of(context, mfa_tokens.find(context, token))
    about = Circumstances.of(context, client, None)
    if not factors.passes_recovery_code(context, user, code):
        failed = failing(invalid_grant("MFA Authorization rejected."), ("fercft", ""), about, user)
        name = LOG_TYPES["gd_recovery_failed"].name
        raise failed.recording(lambda again: log(again, "gd_recovery_failed", name, about, user))
    log(context, "gd_recovery_succeed", LOG_TYPES["gd_recovery_succeed"].name, about, user)
    response = _passed(context, client, token, _RECOVERY)
    return {**response, "recovery_code": add_recovery_code(context, user["user_id"])}


def _passed(
    context: RequestContext, client: Doc, token: str, event: tuple[str, str]
) -> dict[str, Any]:
    login, effects, kept = mfa_tokens.resume(context, token, client)
    log(context, "gd_auth_succeed", "Second factor succeeded", login.about, login.user)
    grant = granted(context, login, effects, grant_type=kept["grant_type"], with_session=False)
    return issue(context, grant, event, login.about)


def _failed(user: Doc, about: Circumstances, error: OAuthError, kind: str) -> OAuthError:
    failed = failing(error, (kind, ""), about, user)
    return failed.recording(
        lambda context: factors.log_failed_factor(context, error.description, about, user)
    )


OTP_GRANT = GrantType(
    "http://auth0.com/oauth/grant-type/mfa-otp", exchange_otp, failure=("feotpft", "")
)
OOB_GRANT = GrantType(
    "http://auth0.com/oauth/grant-type/mfa-oob", exchange_oob, failure=("feoobft", "")
)
RECOVERY_CODE_GRANT = GrantType(
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    exchange_recovery_code,
    failure=("fercft", ""),
)
