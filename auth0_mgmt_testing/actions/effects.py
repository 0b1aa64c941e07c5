"""`Effects`: what the code of actions wants to happen; flows act on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from auth0_mgmt._json import is_array, is_object

from ..state.store import Doc

RESTRICTED_CLAIMS = frozenset(
    (
        "acr", "act", "active", "amr", "at_hash", "ath", "attest", "aud", "auth_time",
        "authorization_details", "azp", "c_hash", "client_id", "cnf", "cty", "dest", "entitlements",
        "events", "exp", "groups", "gty", "htm", "htu", "iat", "iss", "jcard", "jku", "jti", "jwe",
        "jwk", "kid", "may_act", "mky", "nbf", "nonce", "org_id", "org_name", "orig", "origid",
        "permissions", "roles", "rph", "s_hash", "scope", "sid", "sub", "sub_id", "sub_jwk", "toe",
        "txn", "typ", "uuid", "vot", "vtm",
    )
)  # fmt: skip
"""Claims that actions cannot set: live tenants ignore them silently."""


class CommandError(Exception):
    """A command that no ``api`` sends."""


@dataclass(slots=True)
class Effects:
    """What the code of actions wants to happen."""

    denied: str | None = None
    """The reason why access is denied; None: it is not."""
    denied_code: str = "access_denied"
    """The ``error`` of that denial."""
    user_message: str | None = None
    """``pre-user-registration``: what the user is shown of the denial."""
    access_token_claims: dict[str, Any] = field(default_factory=dict[str, Any])
    id_token_claims: dict[str, Any] = field(default_factory=dict[str, Any])
    added_scopes: list[str] = field(default_factory=list[str])
    removed_scopes: list[str] = field(default_factory=list[str])
    user_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    app_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    require_mfa: bool = False
    remember_mfa: bool = True
    """Whether a browser in which a second factor was remembered needs none."""
    enroll_with: list[str] = field(default_factory=list[str])
    """Factors that the user is to enrol, one of them."""
    challenge_with: list[str] = field(default_factory=list[str])
    recorded_methods: list[str] = field(default_factory=list[str])
    """Ways of authentication that the code vouches for."""
    redirect: str | None = None
    """Where the browser is sent before the log-in continues at ``/continue``."""
    prompt: dict[str, Any] | None = None
    """The form that is shown before the log-in continues: its ``id``, ``fields`` and ``vars``."""
    pending: list[str] = field(default_factory=list[str])
    """After a redirect or a form: the bindings whose actions are yet to run, that one first."""
    result_url: str | None = None
    """``password-reset-post-challenge``: where the user goes after the reset."""
    transaction_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    cookie_mode: str | None = None
    """How long the browser keeps the session's cookie: ``persistent`` or ``non-persistent``."""
    session_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    refresh_token_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    session_ends: dict[str, float] = field(default_factory=dict[str, float])
    """``expires_at`` and ``idle_expires_at`` of the session, in seconds since the epoch."""
    refresh_token_ends: dict[str, float] = field(default_factory=dict[str, float])
    """The same of the refresh token."""
    set_user: str | None = None
    """``custom-token-exchange``: the id of the user that tokens are issued for."""
    set_user_by_connection: dict[str, Any] | None = None
    """The same by ``connection``, ``profile``, ``creation`` and ``update`` behaviour."""
    set_organization: str | None = None
    actor: dict[str, Any] | None = None
    """``custom-token-exchange``: the ``act`` claim."""
    invalid_subject_token: bool = False
    """``custom-token-exchange``: the denial counts as a failed log-in of the address."""
    revoke_session: bool = False
    revoke_refresh_token: bool = False
    unsent: str | None = None
    """``custom-email-provider`` and ``custom-phone-provider``: why the message is not sent."""
    primary_user: str | None = None
    """``post-login``: the user that the log-in continues with."""
    executions: list[str] = field(default_factory=list[str])
    """The ids of the executions that this comes of, for log events."""

    def to_json(self) -> Doc:
        """As JSON values, for a flow to keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Any) -> Effects:
        """What `to_json` returned; without effects for anything else."""
        return cls(**kept) if is_object(kept) else cls()

    @property
    def suspends(self) -> bool:
        """Whether the user is sent somewhere before what the trigger is part of continues."""
        return self.redirect is not None or self.prompt is not None

    def log_details(self) -> Doc:
        """What log events show of the actions that ran."""
        return {"actions": {"executions": list(self.executions)}} if self.executions else {}

    def deny(self, reason: str, code: str | None = None) -> None:
        """Deny access; the first reason counts."""
        if self.denied is None:
            self.denied = reason
            self.denied_code = code or self.denied_code

    def apply(self, path: str, args: list[Any], trigger: str) -> None:
        """Apply one call of the ``api``; raises `CommandError` for what none can."""
        match path, args:
            case "access.deny", [str(code), str(reason)] if trigger in _WITH_CODES:
                self.deny(reason, code)
            case "access.deny", [str(reason), str(message)]:
                self.deny(reason)
                self.user_message = message
            case "access.deny", [str(reason)]:
                self.deny(reason)
            case "access.rejectInvalidSubjectToken", [str(reason)]:
                self.deny(reason, "invalid_request")
                self.invalid_subject_token = True
            case "validation.error", [str(code), str(message)]:
                self.deny(message, code)
                self.user_message = message
            case "accessToken.setCustomClaim", [str(name), value]:
                _set_claim(self.access_token_claims, name, value)
            case "idToken.setCustomClaim", [str(name), value]:
                _set_claim(self.id_token_claims, name, value)
            case "accessToken.addScope", [str(scope)]:
                self.added_scopes = [*_without(self.added_scopes, scope), scope]
                self.removed_scopes = _without(self.removed_scopes, scope)
            case "accessToken.removeScope", [str(scope)]:
                self.removed_scopes = [*_without(self.removed_scopes, scope), scope]
                self.added_scopes = _without(self.added_scopes, scope)
            case "user.setUserMetadata", [str(name), value]:
                self.user_metadata[name] = value
            case "user.setAppMetadata", [str(name), value]:
                self.app_metadata[name] = value
            case "transaction.setMetadata", [str(name), value]:
                self.transaction_metadata[name] = value
            case "transaction.setResultUrl", [str(url)]:
                self.result_url = url
            case "session.setMetadata", [str(name), value]:
                self.session_metadata[name] = value
            case "session.deleteMetadata", [str(name)]:
                self.session_metadata[name] = None
            case "refreshToken.setMetadata", [str(name), value]:
                self.refresh_token_metadata[name] = value
            case "refreshToken.deleteMetadata", [str(name)]:
                self.refresh_token_metadata[name] = None
            case "session.setExpiresAt", [int() | float() as at]:
                self.session_ends["expires_at"] = at / 1000
            case "session.setIdleExpiresAt", [int() | float() as at]:
                self.session_ends["idle_expires_at"] = at / 1000
            case "refreshToken.setExpiresAt", [int() | float() as at]:
                self.refresh_token_ends["expires_at"] = at / 1000
            case "refreshToken.setIdleExpiresAt", [int() | float() as at]:
                self.refresh_token_ends["idle_expires_at"] = at / 1000
            case "notification.drop" | "notification.retry", [str(reason)]:
                self.unsent = reason
            case "session.revoke", [str(reason), _]:
                self.revoke_session = True
                self.deny(reason)
            case "refreshToken.revoke", [str(reason)]:
                self.revoke_refresh_token = True
                self.deny(reason)
            case _:
                self._apply_factors(path, args)

    def _apply_factors(self, path: str, args: list[Any]) -> None:
        match path, args:
            case "multifactor.enable", [str(provider), options]:
                self.require_mfa = provider != "none"
                if is_object(options) and options.get("allowRememberBrowser") is False:
                    self.remember_mfa = False
            case "authentication.challengeWith", [factor, options]:
                more = options.get("additionalFactors") if is_object(options) else None
                self.challenge_with = _factors([factor, *(more if is_array(more) else [])])
            case "authentication.challengeWithAny", [factors]:
                self.challenge_with = _factors(factors)
            case "authentication.enrollWith", [factor, options]:
                more = options.get("additionalFactors") if is_object(options) else None
                self.enroll_with = _factors([factor, *(more if is_array(more) else [])])
            case "authentication.enrollWithAny", [factors]:
                self.enroll_with = _factors(factors)
            case "authentication.recordMethod", [str(url), _]:
                self.recorded_methods = [*_without(self.recorded_methods, url), url]
            case "authentication.setPrimaryUser", [str(user_id)]:
                self.primary_user = user_id
            case "authentication.setUserById", [str(user_id)]:
                self.set_user, self.set_user_by_connection = user_id, None
            case "authentication.setUserByConnection", [str(connection), profile, options]:
                self.set_user = None
                given: Doc = options if is_object(options) else {}
                self.set_user_by_connection = {
                    "connection": connection,
                    "profile": profile if is_object(profile) else {},
                    "creation": given.get("creationBehavior", "none"),
                    "update": given.get("updateBehavior", "none"),
                }
            case "authentication.setOrganization", [str(organization)]:
                self.set_organization = organization
            case "authentication.setActor", [actor] if is_object(actor):
                self.actor = actor
            case "redirect.sendUserTo", [str(url), options]:
                self.redirect = _with_query(url, options)
            case "prompt.render", [str(form_id), options]:
                shown: Doc = options if is_object(options) else {}
                self.prompt = {
                    "id": form_id,
                    "fields": _object(shown.get("fields")),
                    "vars": _object(shown.get("vars")),
                }
            case "session.setCookieMode", [("persistent" | "non-persistent") as mode]:
                self.cookie_mode = mode
            case _:
                raise CommandError(f"api.{path} cannot be called with {len(args)} arguments")


def _object(given: Any) -> Doc:
    return given if is_object(given) else {}


_WITH_CODES = ("credentials-exchange", "custom-token-exchange")


def _set_claim(claims: dict[str, Any], name: str, value: Any) -> None:
    if name not in RESTRICTED_CLAIMS:
        claims[name] = value


def _without(values: list[str], value: str) -> list[str]:
    return [each for each in values if each != value]


_FACTORS = ("otp", "phone", "email", "push-notification", "recovery-code")


def _factors(given: Any) -> list[str]:
    found: list[str] = []
    for factor in given if is_array(given) else []:
        kind = factor.get("type") if is_object(factor) else None
        if kind not in _FACTORS:
            raise CommandError(
                f"the factor {kind!r} cannot be used here; there are {', '.join(_FACTORS)}"
            )
        found.append(kind)
    return found


def _with_query(url: str, options: Any) -> str:
    query = options.get("query") if is_object(options) else None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CommandError(f"api.redirect.sendUserTo: {url!r} is no absolute URL")
    if not is_object(query):
        return url
    given = urlencode({name: str(value) for name, value in query.items()})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, given)))))
