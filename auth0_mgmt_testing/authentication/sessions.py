"""Sessions of users in browsers: begun by a log-in, known by a cookie, ended by time or log-out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..actions.effects import Effects
from ..actions.event_object import merged_metadata
from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..resources.sessions import SESSIONS
from ..state.clock import format_timestamp, parse_timestamp
from ..state.ids import digest
from ..state.store import Doc
from .http import cookie
from .lookup import member, settings

COOKIE = "auth0"
_BROWSERS = "__browsers"
_HOUR = 3600


# --- sessions ----------------------------------------------------------------------------------


def device(ip: str, user_agent: str) -> Doc:
    seen = {"user_agent": user_agent, "ip": ip, "asn": ""}
    return {f"{when}_{name}": value for when in ("initial", "last") for name, value in seen.items()}


def begin(
    context: RequestContext,
    user: Doc,
    client: Doc | None,
    methods: Iterable[str],
    ip: str,
    user_agent: str,
) -> Doc:
    """Begin a session; the tenant's settings say how long it lasts."""
    configured = settings(context, "tenant")
    idle = configured.get("idle_session_lifetime", 72) * _HOUR
    whole = configured.get("session_lifetime", 168) * _HOUR
    now = context.now()
    times = ("created_at", "updated_at", "authenticated_at", "last_interacted_at")
    return SESSIONS.add(
        context,
        {
            "user_id": user["user_id"],
            **dict.fromkeys(times, now),
            "idle_expires_at": format_timestamp(context.time() + idle),
            "expires_at": format_timestamp(context.time() + whole),
            "device": device(ip, user_agent),
            "clients": [{"client_id": client["client_id"]}] if client else [],
            "authentication": {"methods": [{"name": name, "timestamp": now} for name in methods]},
            "cookie": {"mode": "persistent"},
        },
    )


def touch(context: RequestContext, session: Doc, client: Doc, methods: Iterable[str] = ()) -> Doc:
    """A session is used for a client, perhaps after a further factor; it stays alive."""
    idle = settings(context, "tenant").get("idle_session_lifetime", 72) * _HOUR
    ends = min(context.time() + idle, _seconds(session["expires_at"]))
    clients: list[Doc] = session["clients"]
    if all(known["client_id"] != client["client_id"] for known in clients):
        clients = [*clients, {"client_id": client["client_id"]}]
    now = context.now()
    passed: list[Doc] = session["authentication"]["methods"]
    passed = [*passed, *({"name": name, "timestamp": now} for name in methods)]
    new = {
        **session,
        "clients": clients,
        "authentication": {"methods": passed},
        "last_interacted_at": now,
        "updated_at": now,
        "idle_expires_at": format_timestamp(ends),
    }
    return context.tx.put(SESSIONS.table, session["id"], new)


def apply_effects(context: RequestContext, session: Doc, effects: Effects) -> Doc:
    """Change what the code of actions set of a session: its metadata, and when it ends."""
    changed: Doc = {name: format_timestamp(at) for name, at in effects.session_ends.items()}
    if effects.cookie_mode is not None:
        changed["cookie"] = {"mode": effects.cookie_mode}
    if patch := effects.session_metadata:
        changed["session_metadata"] = merged_metadata(session.get("session_metadata"), patch)
    if not changed:
        return session
    return context.tx.put(SESSIONS.table, session["id"], {**session, **changed})


def methods(session: Doc) -> tuple[str, ...]:
    """How the user authenticated in a session."""
    return tuple(dict.fromkeys(str(m["name"]) for m in session["authentication"]["methods"]))


def authenticated_at(session: Doc) -> float:
    """When the user logged in, in seconds since the epoch."""
    return _seconds(session["authenticated_at"])


def alive(context: RequestContext, session_id: str | None) -> Doc | None:
    """A session that has neither ended nor expired."""
    return None if session_id is None else SESSIONS.find(context, session_id)


def _seconds(timestamp: str) -> float:
    return parse_timestamp(timestamp).timestamp()


# --- browsers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser, known by the secret of its cookie."""

    secret: str
    is_new: bool
    session_id: str | None = None
    mfa_remembered: tuple[str, ...] = ()
    """The users whose second factor is not required in this browser."""

    @property
    def key(self) -> str:
        return digest(self.secret)

    def csrf_token(self, state: str) -> str:
        """What a form of this browser sends back, so that no other site can send it."""
        return digest(f"{self.secret}.{state}")

    def cookie(self, context: RequestContext) -> dict[str, str]:
        """The header that sets the cookie; the browser forgets that of a session which says so.

        Over TLS other sites' frames may send it, as silent authentication needs; over plain HTTP
        browsers allow that to none, and loopback addresses are one site.
        """
        secure = base_url(context).startswith("https:")
        same_site = "None; Secure" if secure else "Lax"
        session = alive(context, self.session_id) or {}
        age = f"Max-Age={int(settings(context, 'tenant').get('session_lifetime', 168) * _HOUR)}; "
        if member(session, "cookie").get("mode") == "non-persistent":
            age = ""
        value = f"{COOKIE}={self.secret}; Path=/; {age}HttpOnly; SameSite={same_site}"
        return {"set-cookie": value}


def browser_of(context: RequestContext) -> Browser:
    """The browser that sends a request; one without a cookie that is known here is a new one."""
    secret = cookie(context, COOKIE)
    known = None if secret is None else context.tx.get(_BROWSERS, digest(secret))
    if secret is None or known is None:
        return remember(context, Browser(context.secret(43), is_new=True))
    return Browser(secret, False, known["session_id"], tuple(known["mfa_remembered"]))


def remember(context: RequestContext, browser: Browser) -> Browser:
    """Keep what is known of a browser."""
    known: Doc = {
        "session_id": browser.session_id,
        "mfa_remembered": list(browser.mfa_remembered),
    }
    context.tx.put(_BROWSERS, browser.key, known)
    context.tx.trim(_BROWSERS, 10_000)
    return browser


def logged_in(
    context: RequestContext, browser: Browser, session: Doc, *, remember_mfa: bool = False
) -> Browser:
    """The browser after a log-in: with a new secret, so that nobody fixed its session before."""
    context.tx.delete(_BROWSERS, browser.key)
    kept = browser.mfa_remembered
    if remember_mfa and session["user_id"] not in kept:
        kept = (*kept, session["user_id"])
    return remember(context, Browser(context.secret(43), True, session["id"], kept))
