"""`OAuthError`: the refusal of an Authentication API request, raised wherever it is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.context import RequestContext

Effect = Callable[[RequestContext], None]
"""What a refusal itself does to the state: it is counted, logged, ends a token family."""


class OAuthError(Exception):
    """An error response with ``error`` and ``error_description``.

    Nothing that the request wrote takes effect; ``effects`` are applied in its place. ``extra``
    are further members of the body, ``headers`` go with the response. ``hint``, by default the
    description, explains the refusal in the request log: what would be right.
    """

    def __init__(
        self,
        status: int,
        error: str,
        description: str,
        *,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description
        self.extra = extra or {}
        self.headers = headers or {}
        self.hint = hint or description
        self.effects: list[Effect] = []
        self.log_details: dict[str, Any] = {}
        """What the log event of the refusal shows further."""

    def recording(self, *effects: Effect) -> OAuthError:
        """The same error with further effects."""
        self.effects.extend(effects)
        return self

    def body(self) -> dict[str, Any]:
        """The JSON body, its members in the API's order."""
        return {"error": self.error, "error_description": self.description, **self.extra}


class BodyError(OAuthError):
    """A refusal whose body is of another form, as those of ``/dbconnections`` are."""

    def __init__(self, status: int, error: str, description: str, body: dict[str, Any]) -> None:
        super().__init__(status, error, description)
        self._body = body

    def body(self) -> dict[str, Any]:
        return self._body


def invalid_request(description: str, status: int = 400, *, hint: str = "") -> OAuthError:
    return OAuthError(status, "invalid_request", description, hint=hint)


def missing_parameter(name: str) -> OAuthError:
    return invalid_request(f"Missing required parameter: {name}")


def invalid_grant(description: str, status: int = 403) -> OAuthError:
    return OAuthError(status, "invalid_grant", description)


def access_denied(description: str, status: int = 403) -> OAuthError:
    return OAuthError(status, "access_denied", description)


def unauthorized_client(description: str) -> OAuthError:
    return OAuthError(403, "unauthorized_client", description)


def unauthorized(hint: str) -> OAuthError:
    """The client is unknown or does not prove who it is; only the request log says which."""
    return OAuthError(401, "access_denied", "Unauthorized", hint=hint)


def invalid_client(description: str) -> OAuthError:
    return OAuthError(401, "invalid_client", description)


def invalid_token(description: str = "Unauthorized") -> OAuthError:
    challenge = f'Bearer error="invalid_token", error_description="{description}"'
    return OAuthError(401, "invalid_token", description, headers={"www-authenticate": challenge})


def invalid_refresh_token() -> OAuthError:
    return invalid_grant("Unknown or invalid refresh token.")


def wrong_credentials(name: str = "email") -> OAuthError:
    return invalid_grant(f"Wrong {name} or password.")


def too_many_attempts(description: str) -> OAuthError:
    return OAuthError(429, "too_many_attempts", description)


def mfa_required(token: str, requirements: dict[str, Any]) -> OAuthError:
    extra = {"mfa_token": token, "mfa_requirements": requirements}
    return OAuthError(403, "mfa_required", "Multifactor authentication required", extra=extra)
