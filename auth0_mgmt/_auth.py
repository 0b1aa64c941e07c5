"""Where tokens come from, and how they are kept.

A *source* tells how to get a token; it does no I/O of its own but says what to send. A client
keeps the token that a source gave, renews it before it expires and fetches it once however many
threads or tasks ask.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeAlias, runtime_checkable

from ._errors import TokenError
from ._json import is_object, is_sequence

RENEW_BEFORE = 60.0
"""A token is renewed when it is good for less than this many seconds (or a tenth of its life)."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and when it expires, in seconds since the epoch; None: not known."""

    value: str = field(repr=False)
    expires_at: float | None = None

    @classmethod
    def lasting(cls, value: str, seconds: float) -> Token:
        """A token that is good for so many seconds from now."""
        return cls(value, time.time() + seconds)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not pickled: it would leave the process in clear text")


TokenResult: TypeAlias = "str | Token | tuple[str, float]"
"""A token, a `Token`, or (token, seconds that it is good for)."""


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
        raise ValueError(f"{name} must be a text that is not empty")
    return value


class ClientCredentials(_Secretive):
    """The client credentials grant with a secret.

    ``audience`` is by default the tenant's ``https://{domain}/api/v2/``; give it where the client
    speaks to a custom domain. ``organization`` asks for a token of one organization.
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

    ``private_key_pem`` is a PEM text or bytes, ``algorithm`` one of RS/PS/ES 256, 384, 512.
    Raises ValueError where the key cannot be read or does not fit the algorithm, ImportError
    where PyJWT is not installed (``auth0-mgmt[jwt]``). Each assertion is good for one minute and
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
    """Whether a source asks the token endpoint (else it gives tokens by itself)."""
    return isinstance(auth, (ClientCredentials, PrivateKeyJWT))


def check_auth(auth: Any) -> None:
    """Raise for what cannot be an ``auth=``, before anything is sent."""
    if isinstance(auth, str):
        if not auth.strip():
            raise ValueError("auth: the token must not be empty")
        if any(c.isspace() for c in auth.strip()) or not auth.isascii():
            raise ValueError("auth: the token must be one ASCII word, without 'Bearer '")
    elif not (is_grant(auth) or callable(auth) or isinstance(auth, TokenSource)):
        raise TypeError(
            "auth must be a token, ClientCredentials, PrivateKeyJWT, or a callable or object with"
            f" token() that gives one, not {type(auth).__name__}"
        )


def as_token(result: Any) -> Token:
    """What a source gave, as a `Token`. Raises TokenError for anything else."""
    if isinstance(result, Token):
        return result
    if isinstance(result, str) and result:
        return Token(result)
    if is_sequence(result) and len(result) == 2 and isinstance(result[0], str):
        return Token.lasting(result[0], float(result[1]))
    raise TokenError(
        "invalid_token_source",
        f"a token source must give a str, a Token or (str, seconds), not {type(result).__name__}",
    )


def parse_token(status: int, body: Any, now: float, retry_after: float | None) -> Token:
    """The token endpoint's answer as a `Token`; raises what it refused with as a TokenError."""
    fields: Mapping[str, Any] = body if is_object(body) else {}
    if status >= 400:
        raise TokenError(
            str(fields.get("error") or f"HTTP {status}"),
            str(fields.get("error_description") or fields.get("message") or ""),
            status,
            retry_after,
        )
    value = fields.get("access_token")
    if not isinstance(value, str) or not value:
        raise TokenError("invalid_response", "the token endpoint gave no access_token", status)
    seconds = fields.get("expires_in")
    return Token(value, now + float(seconds) if isinstance(seconds, (int, float)) else None)


class Keeper:
    """The token that a client holds, and whether it is still good. No locks, no I/O."""

    __slots__ = ("_renew_at", "token")

    def __init__(self) -> None:
        self.token: Token | None = None
        self._renew_at = 0.0

    def usable(self, now: float, stale: str | None) -> Token | None:
        """The kept token unless it is about to expire or is the one known to be ``stale``."""
        token = self.token
        if token is None or token.value == stale or now >= self._renew_at:
            return None
        return token

    def keep(self, token: Token, now: float) -> Token:
        self.token = token
        if token.expires_at is None:
            self._renew_at = float("inf")
        else:
            life = token.expires_at - now
            self._renew_at = token.expires_at - min(RENEW_BEFORE, life / 10)
        return token
