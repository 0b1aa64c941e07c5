"""``/mfa/*``: enrolling and challenging second factors with an MFA token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from auth0_mgmt._json import is_array

from ..engine.addresses import base_url
from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from ..resources.authentication_methods import METHODS, add_recovery_code
from ..state.store import Doc
from . import factors, mfa_policy, mfa_tokens
from .client_authentication import authenticate_client
from .errors import OAuthError, access_denied, invalid_request, invalid_token, missing_parameter
from .http import bearer, body, endpoint
from .signing import verify

family = Family()

_OOB = ("phone", "email", "push-notification")


def _is_access_token(token: object) -> TypeGuard[str]:
    return isinstance(token, str) and token.count(".") == 2 and not token.startswith("Fe26")


def _subject(context: RequestContext, token: Any, scope: str) -> Doc:
    """The user whom an MFA token stands for, or an access token for the MFA API with a scope."""
    if not isinstance(token, str) or not token:
        raise OAuthError(401, "invalid_token", "Missing mfa_token")
    if _is_access_token(token):
        claims = verify(context, token)
        audience: Any = claims.get("aud")
        named = audience if is_array(audience) else [audience]
        own = {f"{base_url(context)}/mfa/", f"https://{context.domain}/mfa/"}
        if not own.intersection(map(str, named)):
            raise invalid_token()
        if scope not in str(claims.get("scope") or "").split():
            raise OAuthError(403, "insufficient_scope", f"Insufficient scope, expected: {scope}")
        user = context.tx.get("users", str(claims["sub"]))
        if user is None:
            raise OAuthError(401, "invalid_token", "Unknown user")
        return user
    return mfa_tokens.user_of(context, mfa_tokens.find(context, token))


@endpoint
def challenge(context: RequestContext) -> Any:
    """``POST /mfa/challenge``: by a factor of the user, or by the kinds that the client can do."""
    given = body(context)
    authenticate_client(context, given)
    token = given.get("mfa_token")
    if not token:
        raise missing_parameter("mfa_token")
    user = _subject(context, token, "enroll")
    kinds = str(given.get("challenge_type") or "otp oob").split()
    if not set(kinds) <= {"otp", "oob"}:
        raise OAuthError(400, "unsupported_challenge_type", "Unsupported challenge type")
    return factors.begin_challenge(context, user, _factor(context, user, given, kinds))


def _factor(context: RequestContext, user: Doc, given: Mapping[str, Any], kinds: list[str]) -> Doc:
    wanted = given.get("authenticator_id")
    if wanted is not None:
        found = factors.find(context, user, str(wanted))
        if found is None:
            raise invalid_request("Invalid authenticator_id")
        return found
    enrolled = mfa_policy.enrolled(context, user)
    if not enrolled:
        raise OAuthError(403, "association_required", "User is not enrolled with a second factor")
    for method in enrolled:
        if ("oob" if method["type"] in _OOB else "otp") in kinds:
            return method
    raise OAuthError(
        400, "unsupported_challenge_type", "User does not have any of the supported factors"
    )


@endpoint
def associate(context: RequestContext) -> Any:
    """``POST /mfa/associate``: begin to enrol a factor."""
    given = body(context)
    if "client_id" in given:
        authenticate_client(context, given)
    token = bearer(context) or given.get("mfa_token")
    user = _subject(context, token, "enroll")
    first = not mfa_policy.is_enrolled(context, user)
    if not first and not _is_access_token(token):
        # A password alone must not add a factor to those that it does not suffice for.
        raise access_denied("User is already enrolled with a second factor")
    wanted: Any = given.get("authenticator_types")
    kinds: list[Any] = wanted if is_array(wanted) else [wanted]
    if kinds == ["otp"]:
        _, shown = factors.enroll_totp(context, user)
    elif kinds == ["oob"]:
        shown = _associate_oob(context, user, given)
    else:
        raise invalid_request("authenticator_types must be one of otp, oob")
    if not first:
        return shown
    codes = [add_recovery_code(context, user["user_id"])]
    head = {"authenticator_type": shown.pop("authenticator_type")}
    return {**head, **shown, "recovery_codes": codes}


def _associate_oob(context: RequestContext, user: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    channels: Any = given.get("oob_channels")
    channel: Any = channels[0] if is_array(channels) and channels else None
    if channel in ("sms", "voice"):
        address = str(given.get("phone_number") or "")
        if not address:
            raise missing_parameter("phone_number")
    elif channel == "email":
        address = str(given.get("email") or user.get("email") or "")
        if not address:
            raise missing_parameter("email")
    elif channel == "auth0":
        address = ""
    else:
        raise invalid_request("oob_channels must be one of sms, voice, auth0, email")
    return factors.enroll_oob(context, user, channel, address)[1]


@endpoint
def authenticators(context: RequestContext) -> Any:
    """``GET /mfa/authenticators``: the user's factors."""
    user = _subject(context, bearer(context), "read:authenticators")
    methods = context.tx.find(METHODS.table, "parent", user["user_id"])
    known = set(mfa_policy.FACTORS.values())
    return [factors.described(doc) for doc in methods if doc["type"] in known]


@endpoint
def delete_authenticator(context: RequestContext) -> Any:
    """``DELETE /mfa/authenticators/{id}``."""
    user = _subject(context, bearer(context), "remove:authenticators")
    method = factors.find(context, user, context.path["id"])
    if method is None:
        raise OAuthError(404, "not_found", "The authenticator does not exist")
    factors.unenroll(context, user, method)
    return Reply(204)


family.route("POST", "/mfa/challenge", challenge, "oauth.mfa.challenge", cors=True)
family.route("POST", "/mfa/associate", associate, "oauth.mfa.associate", cors=True)
family.route("GET", "/mfa/authenticators", authenticators, "oauth.mfa.list", cors=True)
family.route(
    "DELETE", "/mfa/authenticators/{id}", delete_authenticator, "oauth.mfa.delete", cors=True
)
