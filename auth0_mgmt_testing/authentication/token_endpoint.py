"""``POST /oauth/token``: one grant type for each way to a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..engine.tokens import canonical_audience
from ..state.store import Doc
from .circumstances import Circumstances
from .client_authentication import authenticate_client
from .errors import OAuthError, missing_parameter, unauthorized_client
from .grants import (
    authorization_code,
    ciba,
    client_credentials,
    device_code,
    mfa,
    password,
    passwordless_otp,
    refresh_token,
    token_exchange,
)
from .grants.grant_type import GrantType, failing
from .http import body, token_endpoint, token_response
from .lookup import find_client

family = Family()

GRANT_TYPES: Mapping[str, GrantType] = {
    grant.name: grant
    for grant in (
        authorization_code.GRANT,
        refresh_token.GRANT,
        client_credentials.GRANT,
        password.GRANT,
        password.REALM_GRANT,
        passwordless_otp.GRANT,
        device_code.GRANT,
        token_exchange.GRANT,
        mfa.OTP_GRANT,
        mfa.OOB_GRANT,
        mfa.RECOVERY_CODE_GRANT,
        ciba.GRANT,
    )
}
"""By the ``grant_type`` that names them."""


@token_endpoint
def exchange(context: RequestContext) -> Any:
    """``POST /oauth/token``, as a form or JSON."""
    given = dict(body(context))
    if isinstance(audience := given.get("audience"), str):
        given["audience"] = canonical_audience(context.world, audience)
    name = given.get("grant_type")
    if not isinstance(name, str) or not name:
        raise missing_parameter("grant_type")
    grant = GRANT_TYPES.get(name)
    if grant is None:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {name}")
    try:
        client = _authenticated(context, grant, given)
    except OAuthError as error:
        known = find_client(context, str(given.get("client_id")))
        details = {"subject_token_type": str(given.get("subject_token_type", ""))}
        about = Circumstances.of(context, known, None)
        more = details if grant is token_exchange.GRANT else {}
        raise failing(error, grant.failure, about, details=more) from None
    return token_response(grant.exchange(context, client, given))


def _authenticated(context: RequestContext, grant: GrantType, given: Mapping[str, Any]) -> Doc:
    """The client, proven to be who it is, which may use the grant; raises for others."""
    client = authenticate_client(context, given, confidential=grant.confidential)
    allowed = client.get("grant_types")
    if grant.must_be_allowed and isinstance(allowed, list) and grant.name not in allowed:
        raise unauthorized_client(f"Grant type '{grant.name}' not allowed for the client.")
    return client


family.route("POST", "/oauth/token", exchange, "oauth.token", cors=True)
