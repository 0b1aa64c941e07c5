"""Sources of tokens, and their cache.

A *source* says how to get a token; it does no I/O of its own but says what to send. A client
caches the token of a source, renews it before it expires and fetches it once however many
threads or tasks need it.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn, Protocol, TypeAlias, runtime_checkable

from ._errors import ManagementError, TokenError
from ._json import is_object, is_sequence

RENEW_BEFORE = 60.0
"""A token is renewed when it is valid for less than this many seconds (or a tenth of its life)."""


@dataclass(frozen=True, slots=True, init=False)
class Token:
    """An access token and when it expires.

    ``expires_at`` is in seconds since the epoch, ``expires_in`` in seconds from now; with neither,
    the token is used until the tenant rejects it. White space around the value is removed. Raises
    ValueError for a value that is not one word of printable ASCII or an expiry that is no number.
    """

    value: str = field(repr=False)
    expires_at: float | None

    def __init__(
        self, value: str, expires_at: float | None = None, *, expires_in: float | None = None
    ) -> None:
        if expires_at is not None and expires_in is not None:
            raise ValueError("give expires_at or expires_in, not both")
        for name, seconds in (("expires_at", expires_at), ("expires_in", expires_in)):
            if seconds is not None and not _is_number(seconds):
                raise ValueError(f"{name} must be a finite number of seconds")
        if expires_in is not None:
            expires_at = time.time() + expires_in
        object.__setattr__(self, "value", clean_token(value))
        object.__setattr__(self, "expires_at", expires_at)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not pickled: it would leave the process in clear text")


def clean_token(value: object) -> str:
    """Return a token without white space around it.

    Raises ValueError, which does not show it, for what an Authorization header cannot carry.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the token must not be empty")
    token = value.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("the token must be one word of printable ASCII, without 'Bearer '")
    return token


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False


TokenResult: TypeAlias = "str | Token | tuple[str, float]"
"""A token, a `Token`, or (token, seconds that it is valid for)."""


@runtime_checkable
class TokenSource(Protocol):
    """Anything with ``token()``; the result may be awaitable for an `AsyncManagement`."""

    def token(self) -> TokenResult | Awaitable[TokenResult]: ...


Auth: TypeAlias = "str | ClientCredentials | PrivateKeyJWT | TokenSource | Callable[[], Any]"


class _Secretive:
    """Holds a secret: never pickled, never shown."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds a secret and is not pickled; "
            "build it again where it is needed"
        )


def _filled(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a non-empty string")
    return value


class ClientCredentials(_Secretive):
    """The client credentials grant with a secret.

    ``audience`` is by default the tenant's ``https://{domain}/api/v2/``; give it where the client
    speaks to a custom domain. ``organization`` requests a token for one organization.
    https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        audience: str | None = None,
        organization: str | None = None,
    ) -> None:
        self.client_id = _filled("client_id", client_id)
        self._client_secret = _filled("client_secret", client_secret)
        self.audience = audience
        self.organization = organization

    def form(self, issuer: str, audience: str) -> dict[str, str]:
        """The form for ``POST /oauth/token``."""
        return {
            **_grant(self.client_id, self.audience or audience, self.organization),
            "client_secret": self._client_secret,
        }

    def __repr__(self) -> str:
        return f"ClientCredentials(client_id={self.client_id!r}, client_secret='[REDACTED]')"


class PrivateKeyJWT(_Secretive):
    """The client credentials grant with a signed assertion instead of a secret (RFC 7523).

    ``private_key_pem`` is PEM as a string or bytes, ``algorithm`` one of RS/PS/ES 256, 384, 512.
    Raises ValueError where the key cannot be read or does not fit the algorithm, ImportError
    where PyJWT is not installed (``auth0-mgmt[jwt]``). Each assertion is valid for one minute and
    used once.
    https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
    """

    def __init__(
        self,
        client_id: str,
        private_key_pem: str | bytes,
        *,
        algorithm: str = "RS256",
        audience: str | None = None,
        organization: str | None = None,
        kid: str | None = None,
    ) -> None:
        from ._jwt import load_key

        self.client_id = _filled("client_id", client_id)
        self._key = load_key(private_key_pem, algorithm)
        self.algorithm = algorithm
        self.audience = audience
        self.organization = organization
        self.kid = kid

    def form(self, issuer: str, audience: str) -> dict[str, str]:
        """The form for ``POST /oauth/token``, with a new assertion each time."""
        from ._jwt import assertion

        return {
            **_grant(self.client_id, self.audience or audience, self.organization),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion(
                self.client_id, issuer, self._key, self.algorithm, self.kid
            ),
        }

    def __repr__(self) -> str:
        return (
            f"PrivateKeyJWT(client_id={self.client_id!r}, private_key_pem='[REDACTED]', "
            f"algorithm={self.algorithm!r})"
        )


def _grant(client_id: str, audience: str, organization: str | None) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": client_id, "audience": audience}
    return {**form, "organization": organization} if organization else form


def is_grant(auth: Any) -> bool:
    """Whether a source requests tokens from the token endpoint (else it supplies them itself)."""
    return isinstance(auth, (ClientCredentials, PrivateKeyJWT))


def check_auth(auth: Any) -> None:
    """Raise for what cannot be an ``auth=``, before anything is sent."""
    if isinstance(auth, str):
        try:
            clean_token(auth)
        except ValueError as error:
            raise ValueError(f"auth: {error}") from None
    elif not (is_grant(auth) or callable(auth) or isinstance(auth, TokenSource)):
        raise TypeError(
            "auth must be a token, ClientCredentials, PrivateKeyJWT, or a callable or object with"
            f" token() that returns one, not {type(auth).__name__}"
        )


def as_token(result: Any) -> Token:
    """Return what a source gave as a `Token`. Raises TokenError for anything else."""
    try:
        if isinstance(result, Token):
            return result
        if isinstance(result, str):
            return Token(result)
        if is_sequence(result) and len(result) == 2 and isinstance(result[0], str):
            if not _is_number(result[1]):
                raise ValueError("its second item must be a finite number of seconds")
            return Token(result[0], expires_in=result[1])
    except ValueError as error:
        raise TokenError("invalid_token_source", str(error)) from None
    raise TokenError(
        "invalid_token_source",
        f"a token source must return a str, a Token or (str, seconds), not {type(result).__name__}",
    )


def parse_token(status: int, body: Any, now: float, retry_after: float | None) -> Token:
    """Return the token of a token endpoint's response. Raises TokenError where there is none."""
    fields: Mapping[str, Any] = body if is_object(body) else {}
    if status >= 300:
        raise TokenError(
            str(fields.get("error") or f"HTTP {status}"),
            str(fields.get("error_description") or fields.get("message") or ""),
            status,
            retry_after,
        )
    value, seconds = fields.get("access_token"), fields.get("expires_in")
    if not isinstance(value, str):
        raise TokenError("invalid_response", "the response has no access_token", status)
    if seconds is not None and (not _is_number(seconds) or seconds <= 0):
        raise TokenError("invalid_response", "expires_in is not a positive number", status)
    try:
        return Token(value, None if seconds is None else now + seconds)
    except ValueError as error:
        raise TokenError("invalid_response", str(error), status) from None


class TokenCache:
    """The token that a client holds, and whether it is still valid. No locks, no I/O.

    Whoever wants a new token takes a lock outside, and says before that how many fetches it has
    seen (``fetches``): if the one that it waited for failed, it shares that failure.
    """

    __slots__ = ("_failure", "_renew_at", "fetches", "token")

    def __init__(self) -> None:
        self.token: Token | None = None
        self.fetches = 0
        """Fetches that have ended, well or badly."""
        self._renew_at = 0.0
        self._failure: ManagementError | None = None

    def usable(self, now: float, stale: str | None) -> Token | None:
        """Return the kept token unless it is about to expire or is the one known as ``stale``."""
        token = self.token
        if token is None or token.value == stale or now >= self._renew_at:
            return None
        return token

    def shared_failure(self, seen: int) -> ManagementError | None:
        """Return a copy of the failure of a fetch that ended after ``seen`` of them."""
        if self._failure is None or self.fetches == seen:
            return None
        return copy.copy(self._failure)

    def keep(self, token: Token, now: float) -> Token:
        """Keep a token that was fetched."""
        self.token = token
        self._failure = None
        self.fetches += 1
        if token.expires_at is None:
            self._renew_at = float("inf")
        else:
            life = token.expires_at - now
            self._renew_at = token.expires_at - min(RENEW_BEFORE, life / 10)
        return token

    def failed(self, error: ManagementError, now: float, stale: str | None) -> Token:
        """Return the kept token if it is still valid; else note the failure and raise it.

        A quarter of the token's remaining life passes before it is renewed again.
        """
        self.fetches += 1
        token = self.token
        if (
            token is not None
            and token.value != stale
            and token.expires_at is not None
            and now < token.expires_at
        ):
            self._renew_at = now + (token.expires_at - now) / 4
            return token
        self._failure = error
        raise error
