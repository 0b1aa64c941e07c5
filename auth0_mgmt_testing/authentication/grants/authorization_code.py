"""Authorization code: what ``/authorize`` handed to the client through the browser, once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any

from ...engine.context import RequestContext
from ...state.ids import digest
from ...state.store import Doc
from .. import refresh_tokens
from ..circumstances import Circumstances, log
from ..client_authentication import is_public
from ..errors import OAuthError, invalid_grant, missing_parameter
from ..tokens import Grant, forget_access_token, restored, stored, success
from .grant_type import GrantType, failing, optional, require

LIFETIME = 600
"""Seconds that a code is valid for."""
_CODES = "__authorization_codes"
_SUCCESS = ("seacft", "Authorization Code for Access Token")
_FAILURE = ("feacft", "Failed exchange of authorization code")


def new_code(
    context: RequestContext,
    grant: Grant,
    redirect_uri: str,
    challenge: str | None,
    challenge_method: str,
    requested: Sequence[str] | None,
) -> str:
    """A code for a client that may be exchanged once."""
    code = context.secret(43)
    kept: Doc = {
        "grant": stored(grant),
        "redirect_uri": redirect_uri,
        "challenge": challenge,
        "challenge_method": challenge_method,
        "requested": None if requested is None else list(requested),
        "expires": context.time() + LIFETIME,
        "used": False,
        "refresh_token_id": None,
        "access_token": None,
    }
    context.tx.put(_CODES, digest(code), kept)
    context.tx.trim(_CODES, 10_000)
    return code


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    code = require(given, "code")
    about = Circumstances.of(context, client, None)
    kept = context.tx.get(_CODES, digest(code))
    invalid = failing(invalid_grant("Invalid authorization code"), _FAILURE, about)
    if kept is None or kept["grant"]["client_id"] != client["client_id"]:
        raise invalid
    if kept["used"]:
        raise invalid.recording(lambda again: _revoke(again, client, kept))
    if context.time() >= kept["expires"]:
        raise invalid
    _check_redirect_uri(kept, given, about)
    _check_verifier(client, kept, given, about)
    grant = restored(context, kept["grant"])
    if grant is None or grant.user.get("blocked"):
        raise invalid
    token = refresh_tokens.issue(context, grant)
    issued = None if token is None else refresh_tokens.find(context, token)
    response = success(context, grant, refresh_token=token, requested=kept["requested"])
    used: Doc = {
        **kept,
        "used": True,
        "refresh_token_id": issued and issued["id"],
        "access_token": digest(response["access_token"]),
    }
    context.tx.put(_CODES, digest(code), used)
    about = Circumstances.of(
        context,
        client,
        None,
        audience=grant.access.audience,
        scopes=grant.access.scopes,
        organization=grant.organization,
    )
    log(context, *_SUCCESS, about, grant.user)
    return response


def _revoke(context: RequestContext, client: Doc, kept: Doc) -> None:
    """A code came twice: somebody stole it, so what was issued for it is worth nothing."""
    if kept["refresh_token_id"] is not None:
        context.tx.delete("refresh_tokens", kept["refresh_token_id"])
    if kept["access_token"] is not None:
        forget_access_token(context, client, kept["access_token"])


def _check_redirect_uri(kept: Doc, given: Mapping[str, Any], about: Circumstances) -> None:
    redirect_uri = optional(given, "redirect_uri")
    if redirect_uri is not None and redirect_uri != kept["redirect_uri"]:
        raise failing(
            invalid_grant("The redirect URI does not match the one of the authorization request"),
            _FAILURE,
            about,
        )


def _check_verifier(client: Doc, kept: Doc, given: Mapping[str, Any], about: Circumstances) -> None:
    verifier = optional(given, "code_verifier")
    challenge: str | None = kept["challenge"]
    if challenge is None:
        if is_public(client):
            raise failing(missing_parameter("code_verifier"), _FAILURE, about)
        if verifier is None:
            return
    if verifier is None or challenge is None or not _answers(verifier, challenge, kept):
        raise failing(_wrong_verifier(), _FAILURE, about)


def _wrong_verifier() -> OAuthError:
    return invalid_grant("Failed to verify code verifier")


def _answers(verifier: str, challenge: str, kept: Doc) -> bool:
    made = verifier
    if kept["challenge_method"] == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    return compare_digest(made.encode(), challenge.encode())


GRANT = GrantType("authorization_code", exchange, failure=_FAILURE)
