"""What a client asks ``/authorize`` for: parameters, pushed requests, signed request objects.

Checks come in two steps: who the client is and where the response may go (`read_client`), whose
errors are shown on a page; then everything else (`read`), whose errors go back to the client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_array

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..engine.tokens import canonical_audience
from ..state import id_forms
from ..state.ids import digest
from ..state.store import Doc
from .access import default_audience
from .client_authentication import is_public, is_time, open_unverified, verified_by_credential
from .errors import OAuthError, invalid_request, unauthorized_client
from .http import split_url
from .lookup import find_client, find_organization, names_in_tokens

RESPONSE_TYPES = (
    "code", "token", "id_token", "code token", "code id_token", "token id_token",
    "code token id_token",
)  # fmt: skip
RESPONSE_MODES = ("query", "fragment", "form_post", "web_message")
CHALLENGE_METHODS = ("S256", "plain")
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
PUSHED_LIFETIME = 30
"""Seconds that a pushed request is valid for."""
_PUSHED = "__pushed_requests"
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_PROMPTS = ("none", "login", "consent", "select_account", "create")


@dataclass(frozen=True, slots=True)
class Target:
    """The client of a request, and where the response to it goes."""

    client: Doc
    redirect_uri: str
    state: str | None
    response_types: frozenset[str]
    response_mode: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check."""

    target: Target
    scopes: tuple[str, ...] | None
    audience: str | None
    nonce: str | None = None
    prompts: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str = ""
    screen_hint: str = ""
    connection: str | None = None
    organization: Doc | None = None
    invitation: Doc | None = None
    acr_values: tuple[str, ...] = ()
    code_challenge: str | None = None
    code_challenge_method: str = "plain"
    locales: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """All of them, as they came."""

    @property
    def client(self) -> Doc:
        return self.target.client

    @property
    def protocol(self) -> str:
        """What post-login code learns of the flow."""
        types = self.target.response_types
        if types == frozenset({"code"}):
            return "oidc-basic-profile"
        return "oidc-hybrid-profile" if "code" in types else "oidc-implicit-profile"


# --- where the response goes ---------------------------------------------------------------------


def read_client(context: RequestContext, given: Mapping[str, str]) -> Target:
    """The client and its redirect URI; an error here must not be sent anywhere."""
    client_id = given.get("client_id")
    if not client_id:
        raise invalid_request("Missing required parameter: client_id")
    client = find_client(context, client_id)
    if client is None or client.get("_global"):
        raise invalid_request(f"Unknown client: {client_id}")
    redirect_uri = _redirect_uri(client, given.get("redirect_uri"))
    types = frozenset(given.get("response_type", "").split())
    implicit = bool(types & {"token", "id_token"})
    mode = given.get("response_mode") or ("fragment" if implicit else "query")
    if mode not in RESPONSE_MODES:
        raise invalid_request(f"Unsupported response mode: {mode}")
    if mode == "query" and implicit:
        raise invalid_request("response_mode query is not allowed for tokens")
    if mode == "web_message" and not _is_web_origin(client, redirect_uri):
        raise invalid_request(
            "The origin of the redirect_uri is not in the list of Allowed Web Origins"
        )
    return Target(client, redirect_uri, given.get("state"), types, mode)


def _redirect_uri(client: Doc, wanted: str | None) -> str:
    callbacks: list[str] = client.get("callbacks") or []
    if not wanted:
        if len(callbacks) != 1 or "*" in callbacks[0]:
            raise invalid_request("Missing required parameter: redirect_uri")
        return callbacks[0]
    parts = split_url(wanted)
    if not parts.scheme or parts.fragment or parts.scheme in ("javascript", "data"):
        raise invalid_request("redirect_uri must be an absolute URL without a fragment")
    if any(is_allowed(wanted, callback, client) for callback in callbacks):
        return wanted
    raise OAuthError(
        403,
        "unauthorized_client",
        "Callback URL mismatch. The provided redirect_uri is not in the list of allowed "
        "callback URLs.",
        hint=f"{wanted} is none of the client's callbacks: {', '.join(callbacks) or 'it has none'}",
    )


def is_allowed(url: str, pattern: str, client: Doc | None = None) -> bool:
    """Whether a URL is a listed one: the same, or below a ``*`` that stands for one subdomain.

    The port of a loopback address may differ for native applications.
    """
    if url == pattern:
        return True
    wanted, listed = split_url(url), split_url(pattern)
    same_place = (wanted.scheme, wanted.path, wanted.query) == (
        listed.scheme,
        listed.path,
        listed.query,
    )
    host, known = wanted.hostname or "", listed.hostname or ""
    if not same_place or "@" in wanted.netloc:
        return False
    if (client or {}).get("app_type") == "native" and host in ("127.0.0.1", "::1"):
        return host == known and wanted.scheme == "http"
    if "*" not in known and "{organization_name}" not in known:
        return False
    label = r"[A-Za-z0-9-]+"
    expression = re.escape(known).replace(r"\*", label).replace(r"\{organization_name\}", label)
    return wanted.port == listed.port and re.fullmatch(expression, host) is not None


def origin_of(url: str) -> str:
    parts = split_url(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_web_origin(client: Doc, redirect_uri: str) -> bool:
    listed = [*(client.get("web_origins") or ()), *(client.get("allowed_origins") or ())]
    return any(is_allowed(origin_of(redirect_uri), pattern.rstrip("/")) for pattern in listed)


# --- what is requested ---------------------------------------------------------------------------


def read(context: RequestContext, target: Target, given: Mapping[str, str]) -> AuthorizationRequest:
    """Everything else; its errors go to the client."""
    _check_response_type(target, given)
    _refuse_of_third_party(target.client, given, ("screen_hint", "login_ticket", "invitation"))
    prompts = tuple(given.get("prompt", "").split())
    for prompt in prompts:
        if prompt not in _PROMPTS:
            raise invalid_request(f"Unsupported prompt: {prompt}")
    if "none" in prompts and len(prompts) > 1:
        raise invalid_request("prompt none excludes others")
    scope = given.get("scope")
    scopes = tuple(dict.fromkeys(scope.split())) if scope else None
    if scopes and {"online_access", "offline_access"} <= set(scopes):
        raise invalid_request("Cannot request both online_access and offline_access scopes")
    organization = _organization(context, target.client, given)
    method = given.get("code_challenge_method") or "plain"
    return AuthorizationRequest(
        target,
        scopes if scopes is not None else ("openid", "profile", "email"),
        canonical_audience(context.world, given.get("audience") or default_audience(context))
        or None,
        nonce=given.get("nonce"),
        prompts=prompts,
        max_age=_max_age(given.get("max_age")),
        login_hint=given.get("login_hint", ""),
        screen_hint=given.get("screen_hint") or ("signup" if "create" in prompts else ""),
        connection=given.get("connection"),
        organization=organization,
        invitation=_invitation(context, target.client, organization, given.get("invitation")),
        acr_values=tuple(given.get("acr_values", "").split()),
        code_challenge=_challenge(target, given.get("code_challenge"), method),
        code_challenge_method=method,
        locales=tuple(given.get("ui_locales", "").split()),
        parameters=given,
    )


def _check_response_type(target: Target, given: Mapping[str, str]) -> None:
    if not given.get("response_type"):
        raise invalid_request("Missing required parameter: response_type")
    known = [frozenset(each.split()) for each in RESPONSE_TYPES]
    if target.response_types not in known:
        raise OAuthError(
            400,
            "unsupported_response_type",
            f"Unsupported response type: {given['response_type']}",
        )
    allowed = target.client.get("grant_types")
    needed = {"authorization_code"} if "code" in target.response_types else set[str]()
    if target.response_types & {"token", "id_token"}:
        needed.add("implicit")
    for name in sorted(needed):
        if isinstance(allowed, list) and name not in allowed:
            raise unauthorized_client(f"Grant type '{name}' not allowed for the client.")
    if "id_token" in target.response_types and not given.get("nonce"):
        raise invalid_request("Missing required parameter: nonce")
    if target.client.get("is_first_party") is False and target.response_types != frozenset(
        {"code"}
    ):
        raise OAuthError(
            400, "unsupported_response_type", "Third-party clients may only ask for a code"
        )


def _refuse_of_third_party(
    client: Doc | None, given: Mapping[str, str], names: tuple[str, ...]
) -> None:
    """Raise for parameters that a strict third-party client may not use."""
    if client is None or not str(client["client_id"]).startswith(
        id_forms.THIRD_PARTY_CLIENT.prefix
    ):
        return
    for name in names:
        if name in given:
            raise invalid_request(f"Third-party clients may not use the parameter {name}")


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise invalid_request("max_age must be a number of seconds")
    return int(text)


def _challenge(target: Target, challenge: str | None, method: str) -> str | None:
    if challenge is None:
        if "code" in target.response_types and is_public(target.client):
            raise invalid_request("Missing required parameter: code_challenge")
        return None
    if method not in CHALLENGE_METHODS:
        raise invalid_request(f"Unsupported code_challenge_method: {method}")
    if not _CHALLENGE.fullmatch(challenge):
        raise invalid_request("code_challenge must be 43 to 128 unreserved characters")
    return challenge


def _organization(context: RequestContext, client: Doc, given: Mapping[str, str]) -> Doc | None:
    wanted, usage = given.get("organization"), client.get("organization_usage") or "deny"
    if not wanted:
        behaviour = client.get("organization_require_behavior") or "no_prompt"
        if usage == "require" and behaviour == "no_prompt":
            raise invalid_request("parameter organization is required for this client")
        return None
    if usage == "deny":
        raise invalid_request("parameter organization is not allowed for this client")
    by_name = not wanted.startswith(id_forms.ORGANIZATION.prefix)
    if by_name and not names_in_tokens(context):
        raise invalid_request(f"invalid organization id format: {wanted}")
    found = find_organization(context, wanted)
    if found is None:
        raise invalid_request(f"parameter organization is invalid: {wanted}")
    return found


def _invitation(
    context: RequestContext, client: Doc, organization: Doc | None, ticket: str | None
) -> Doc | None:
    if ticket is None:
        return None
    found = next((doc for doc in context.tx.all("invitations") if doc["ticket_id"] == ticket), None)
    if (
        found is None
        or organization is None
        or found["organization_id"] != organization["id"]
        or found["client_id"] != client["client_id"]
        or found["expires_at"] <= context.now()
    ):
        raise invalid_request("invitation not found or already used")
    return found


# --- pushed requests and request objects ---------------------------------------------------------


def push(context: RequestContext, client: Doc, given: Mapping[str, str]) -> str:
    """Keep a request that the client sent itself; returns its URI, which is valid once."""
    uri = REQUEST_URI + context.secret(43)
    kept: Doc = {
        "client_id": client["client_id"],
        "parameters": dict(given),
        "expires": context.time() + PUSHED_LIFETIME,
    }
    context.tx.put(_PUSHED, digest(uri), kept)
    context.tx.trim(_PUSHED, 10_000)
    return uri


def resolve(context: RequestContext, given: Mapping[str, str]) -> dict[str, str]:
    """The parameters that count: those pushed before or in a signed object, else those given."""
    client = find_client(context, given.get("client_id", ""))
    _refuse_of_third_party(client, given, ("request", "request_uri"))
    if "request_uri" in given:
        return _pushed(context, given)
    if client is not None and client.get("require_pushed_authorization_requests"):
        raise invalid_request("Pushed Authorization Requests are required for this client")
    return signed_parameters(context, client, given)


def _pushed(context: RequestContext, given: Mapping[str, str]) -> dict[str, str]:
    uri = given["request_uri"]
    kept = context.tx.get(_PUSHED, digest(uri))
    if kept is None or kept["client_id"] != given.get("client_id"):
        raise invalid_request("The request_uri is invalid or was used already")
    context.tx.delete(_PUSHED, digest(uri))
    if context.time() >= kept["expires"]:
        raise invalid_request("The request_uri is expired").recording(
            lambda again: _forget(again, uri)
        )
    return dict(kept["parameters"])


def _forget(context: RequestContext, uri: str) -> None:
    context.tx.delete(_PUSHED, digest(uri))


def signed_parameters(
    context: RequestContext, client: Doc | None, given: Mapping[str, str]
) -> dict[str, str]:
    """The parameters of a request object that the client signed, else those given.

    Raises where the client must sign its requests, and for an object that it did not sign.
    """
    signed: Doc = (client or {}).get("signed_request_object") or {}
    if "request" not in given:
        if signed.get("required"):
            raise invalid_request("A signed request object is required for this client")
        return dict(given)
    claims = (
        None
        if client is None
        else verified_by_credential(context, client, "signed_request_object", given["request"])
    )
    if client is None or claims is None:
        header, _ = open_unverified(given["request"])
        error = "Invalid request object" if header is None else "Failed to verify request object"
        raise OAuthError(400, "invalid_request_object", error)
    _check_object(context, client, claims)
    hidden = ("iss", "aud", "exp", "iat", "nbf", "jti", "sub")
    return {
        **{name: given[name] for name in ("client_id", "state") if name in given},
        **{name: str(value) for name, value in claims.items() if name not in hidden},
    }


def _check_object(context: RequestContext, client: Doc, claims: Mapping[str, Any]) -> None:
    audience = claims.get("aud")
    wanted = {f"https://{context.domain}/", f"{base_url(context)}/"}
    named = set(map(str, audience if is_array(audience) else [audience]))
    expires = claims.get("exp")
    if (
        claims.get("iss") != client["client_id"]
        or claims.get("client_id", client["client_id"]) != client["client_id"]
        or not wanted & named
        or not is_time(expires)
        or expires <= context.time()
    ):
        raise OAuthError(400, "invalid_request_object", "Invalid claims in the request object")
