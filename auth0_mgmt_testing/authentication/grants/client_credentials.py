"""Client credentials: a token for the client itself, as far as its client grant goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...actions.event import Event
from ...engine.addresses import issuer
from ...engine.context import RequestContext
from ...engine.tokens import LIFETIME
from ...resources.action_executions import run_trigger
from ...resources.relations import ORGANIZATION_CLIENT_GRANTS
from ...state.store import Doc
from ..access import default_audience
from ..circumstances import Circumstances, log
from ..errors import OAuthError, access_denied, invalid_request
from ..http import client_ip, user_agent
from ..lookup import find_organization, require_resource_server
from ..signing import sign
from ..tokens import organization_claims
from .grant_type import GrantType, failing, optional

_SUCCESS = ("seccft", "Client Credentials for Access Token")
_FAILURE = ("feccft", "Failed exchange of client credentials")


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    audience = optional(given, "audience") or default_audience(context)
    about = Circumstances.of(context, client, None, audience=audience)
    try:
        server, grant, organization = _allowed_to(context, client, given, audience)
    except OAuthError as error:
        raise failing(error, _FAILURE, about) from None
    return _exchanged(context, client, server, grant, organization, about)


def _allowed_to(
    context: RequestContext, client: Doc, given: Mapping[str, Any], audience: str
) -> tuple[Doc, Doc, Doc | None]:
    """The API, the client's grant for it, and the organization that the token is for."""
    if not audience:
        raise access_denied(
            "No audience parameter was provided, and no default audience has been configured"
        )
    server = require_resource_server(context, audience)
    grant = _client_grant(context, client, audience)
    return server, grant, _organization(context, grant, optional(given, "organization"))


def _exchanged(
    context: RequestContext,
    client: Doc,
    server: Doc,
    grant: Doc,
    organization: Doc | None,
    about: Circumstances,
) -> dict[str, Any]:
    audience = server["identifier"]
    scopes = _allowed(grant, server)  # the parameter ``scope`` has no effect
    effects = run_trigger(
        context,
        "credentials-exchange",
        Event(
            client=client,
            organization=organization,
            resource_server=server,
            scopes=tuple(scopes),
            protocol="oauth2-client-credentials",
            ip=client_ip(context),
            user_agent=user_agent(context),
        ),
    )
    details = effects.log_details()
    if effects.denied is not None:
        status = 500 if effects.denied_code == "server_error" else 400
        refusal = OAuthError(status, effects.denied_code, effects.denied)
        raise failing(refusal, _FAILURE, about, details=details)
    scopes = [s for s in (*scopes, *effects.added_scopes) if s not in effects.removed_scopes]
    now, lifetime = int(context.time()), int(server.get("token_lifetime") or LIFETIME)
    claims: dict[str, Any] = {
        **effects.access_token_claims,
        "iss": issuer(context),
        "sub": f"{client['client_id']}@clients",
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "scope": " ".join(scopes),
        "gty": "client-credentials",
        "azp": client["client_id"],
        **organization_claims(context, organization),
    }
    token = sign(
        context,
        claims,
        algorithm=str(server.get("signing_alg") or "RS256"),
        secret=str(server.get("signing_secret") or ""),
    )
    log(context, *_SUCCESS, about, **details)
    response: dict[str, Any] = {"access_token": token}
    if scopes:
        response["scope"] = " ".join(scopes)
    return {**response, "expires_in": lifetime, "token_type": "Bearer"}


def _client_grant(context: RequestContext, client: Doc, audience: str) -> Doc:
    pair = (client["client_id"], audience, "client")
    found = context.tx.find("client_grants", "unique:client_id,audience,subject_type", pair)
    if not found:
        raise access_denied(
            f'Client is not authorized to access "{audience}". You need to create a '
            '"client-grant" associated to this API. See: '
            "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
        )
    return found[0]


def _allowed(grant: Doc, server: Doc) -> list[str]:
    if grant.get("allow_all_scopes"):
        return [str(scope["value"]) for scope in server.get("scopes") or ()]
    return [str(scope) for scope in grant.get("scope") or ()]


def _organization(context: RequestContext, grant: Doc, wanted: str | None) -> Doc | None:
    usage = grant.get("organization_usage") or "deny"
    if not wanted:
        if usage == "require":
            raise invalid_request("parameter organization is required for this client", 403)
        return None
    organization = find_organization(context, wanted)
    if usage == "deny":
        raise invalid_request("parameter organization is not allowed for this client", 403)
    if organization is None:
        raise invalid_request(f"parameter organization is invalid: {wanted}", 403)
    ends = organization["id"], str(grant["id"])
    linked = ORGANIZATION_CLIENT_GRANTS.get(context, *ends) is not None
    if not grant.get("allow_any_organization") and not linked:
        raise access_denied(f"client is not authorized to access organization {organization['id']}")
    return organization


GRANT = GrantType("client_credentials", exchange, confidential=True, failure=_FAILURE)
