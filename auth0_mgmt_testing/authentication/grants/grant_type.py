"""`GrantType`: what the token endpoint must know of a grant, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import refresh_tokens
from ..circumstances import Circumstances, log
from ..errors import OAuthError, invalid_request, missing_parameter
from ..lookup import find_organization
from ..tokens import Grant, success


@dataclass(frozen=True, slots=True)
class GrantType:
    """A way to a token: ``exchange`` is given the client and the request's parameters."""

    name: str
    exchange: Callable[[RequestContext, Doc, Mapping[str, Any]], dict[str, Any]]
    confidential: bool = False
    """Clients must prove who they are."""
    must_be_allowed: bool = True
    """The client's ``grant_types`` must hold it."""
    failure: tuple[str, str] = ("", "")
    """The log event of an exchange that fails: its type, and what it says."""


def require(given: Mapping[str, Any], name: str) -> str:
    """A parameter that must be there and a string."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise missing_parameter(name)
    return value


def optional(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) and value else None


def scopes_of(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The scopes requested; None where none are named."""
    scope = given.get("scope")
    if scope is not None and not isinstance(scope, str):
        raise OAuthError(400, "invalid_scope", "Scope must be an array or a string")
    return tuple(dict.fromkeys(scope.split())) if scope else None


def organization_of(context: RequestContext, given: Mapping[str, Any]) -> Doc | None:
    """The organization that a request names by id or name; raises for one that there is not."""
    wanted = optional(given, "organization")
    if wanted is None:
        return None
    found = find_organization(context, wanted)
    if found is None:
        raise invalid_request(f"parameter organization is invalid: {wanted}")
    return found


def issue(
    context: RequestContext,
    grant: Grant,
    event: tuple[str, str],
    about: Circumstances,
    *,
    requested: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Issue what a grant allows, and log the exchange; the response's body.

    ``requested``: the scopes that the request names.
    """
    token = refresh_tokens.issue(context, grant)
    response = success(context, grant, refresh_token=token, requested=requested)
    log(context, event[0], event[1], about, grant.user, **grant.log_details)
    return response


def failing(
    error: OAuthError,
    event: tuple[str, str],
    about: Circumstances,
    user: Doc | None = None,
    details: Mapping[str, Any] | None = None,
) -> OAuthError:
    """A refusal that is logged as a failed exchange; ``details``: those of the log event."""
    kind, more = event[0], details or {}
    return error.recording(
        lambda context: log(context, kind, error.description, about, user, **more)
    )
