"""The ``event`` that the code of an action sees, as plain JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..state.store import Doc
from .effects import Effects
from .event import Event, TriggerName

_PROFILE = (
    "user_id", "email", "email_verified", "username", "phone_number", "phone_verified", "name",
    "given_name", "family_name", "nickname", "picture", "created_at", "updated_at",
    "last_password_reset", "multifactor",
)  # fmt: skip
_IDENTITY = ("connection", "provider", "user_id", "isSocial", "profileData")
_SESSION = (
    "id", "created_at", "updated_at", "authenticated_at", "idle_expires_at", "expires_at",
    "last_interacted_at", "device", "clients",
)  # fmt: skip
_REFRESH_TOKEN = (
    "id", "client_id", "created_at", "idle_expires_at", "expires_at", "rotating", "session_id",
)  # fmt: skip
_FACTORS = {
    "totp": "otp",
    "phone": "phone",
    "email": "email",
    "push-notification": "push-notification",
    "recovery-code": "recovery-code",
    "webauthn-roaming": "webauthn-roaming",
    "webauthn-platform": "webauthn-platform",
}
"""Type of authentication method -> what ``event.user.enrolledFactors`` calls it."""
_PROVIDERS = ("custom-email-provider", "custom-phone-provider")
_LOGIN = ("post-login", "credentials-exchange", "custom-token-exchange")


def event_object(context: RequestContext, trigger: TriggerName, event: Event) -> Doc:
    """What code of a trigger sees, without secrets; members that there are not are left out."""
    parts: dict[str, Any] = {
        "client": _client(event.client),
        "configuration": {},
        "connection": _connection(event.connection),
        "organization": _organization(event.organization),
        "prompt": None if event.prompt is None else dict(event.prompt),
        "request": _request(context, event),
        "secrets": {},
        "tenant": {"id": context.tenant_name},
        "transaction": _transaction(trigger, event),
        "user": None if event.user is None else _user(context, event.user),
    }
    audience = event.audience or (event.resource_server or {}).get("identifier")
    if trigger in _LOGIN and audience:
        parts["resource_server"] = {"identifier": audience}
    if trigger == "credentials-exchange":
        parts["accessToken"] = {"customClaims": {}, "scope": list(event.scopes)}
    if trigger == "send-phone-message":
        parts["message_options"] = dict(event.message)
    if trigger in _PROVIDERS:
        parts["notification"] = dict(event.message)
    if trigger == "post-login" and event.user is not None:
        parts |= _login(context, event, event.user)
    return {name: value for name, value in parts.items() if value is not None}


def _login(context: RequestContext, event: Event, user: Doc) -> Doc:
    now = context.now()
    is_login = event.refresh_token is None
    return {
        "authentication": {
            "methods": [{"name": name, "timestamp": now} for name in dict.fromkeys(event.methods)]
        },
        "authorization": {"roles": list(event.roles)},
        "session": _session(event.session),
        "refresh_token": _refresh_token(event.refresh_token),
        "stats": {"logins_count": int(user.get("logins_count", 0)) + is_login},
    }


def _present(doc: Doc, names: Iterable[str]) -> Doc:
    return {name: doc[name] for name in names if doc.get(name) is not None}


def _client(client: Doc | None) -> Doc | None:
    if client is None:
        return None
    metadata: Any = client.get("client_metadata") or {}
    return {**_present(client, ("client_id", "name")), "metadata": metadata}


def _connection(connection: Doc | None) -> Doc | None:
    if connection is None:
        return None
    known = _present(connection, ("id", "name", "strategy"))
    return {**known, "metadata": connection.get("metadata") or {}}


def _organization(organization: Doc | None) -> Doc | None:
    if organization is None:
        return None
    known = _present(organization, ("id", "name", "display_name"))
    return {**known, "metadata": organization.get("metadata") or {}}


def _user(context: RequestContext, user: Doc) -> Doc:
    identities = [_present(identity, _IDENTITY) for identity in user.get("identities", ())]
    shown = {
        **_present(user, _PROFILE),
        "identities": identities,
        "app_metadata": dict(user.get("app_metadata") or {}),
        "user_metadata": dict(user.get("user_metadata") or {}),
    }
    if "user_id" in user:
        shown["enrolledFactors"] = _enrolled(context, str(user["user_id"]))
    return shown


def _enrolled(context: RequestContext, user_id: str) -> list[Doc]:
    methods = context.tx.find("authentication_methods", "parent", user_id)
    confirmed = (doc for doc in methods if doc.get("confirmed", True))
    kinds = dict.fromkeys(_FACTORS[doc["type"]] for doc in confirmed if doc["type"] in _FACTORS)
    return [{"type": kind} for kind in kinds]


def _session(session: Doc | None) -> Doc | None:
    if session is None:
        return None
    return {**_present(session, _SESSION), "metadata": session.get("session_metadata") or {}}


def _refresh_token(token: Doc | None) -> Doc | None:
    if token is None:
        return None
    metadata: Any = token.get("refresh_token_metadata") or {}
    return {**_present(token, _REFRESH_TOKEN), "metadata": metadata}


def _request(context: RequestContext, event: Event) -> Doc:
    headers = context.headers
    return {
        "asn": "",
        "body": dict(event.body),
        "geoip": {},
        "hostname": context.domain,
        "ip": event.ip,
        "language": headers.get("accept-language", ""),
        "method": context.operation.method if context.operation.path else "POST",
        "query": dict(event.query) or _strings(event.parameters),
        "user_agent": event.user_agent,
    }


def _strings(given: Mapping[str, Any]) -> Doc:
    return {name: value for name, value in given.items() if isinstance(value, str)}


_SPLIT: Mapping[str, Callable[[str], Any]] = {
    "acr_values": str.split,
    "prompt": str.split,
    "response_type": str.split,
    "ui_locales": str.split,
    "login_hint": str,
    "redirect_uri": str,
    "response_mode": str,
    "state": str,
}


def _transaction(trigger: TriggerName, event: Event) -> Doc:
    known: Doc = {
        name: read(str(event.parameters[name]))
        for name, read in _SPLIT.items()
        if event.parameters.get(name)
    }
    known = {"acr_values": [], "ui_locales": [], **known}
    known["requested_scopes"] = list(event.scopes)
    known["metadata"] = {}
    if event.protocol:
        known["protocol"] = event.protocol
    if trigger == "custom-token-exchange":
        known["subject_token"] = event.subject_token
        known["subject_token_type"] = event.subject_token_type
    return known


def with_effects(event: Doc, effects: Effects) -> Doc:
    """The event as the next action sees it: with the metadata that those before it set."""
    new = dict(event)
    user = event.get("user")
    if is_object(user) and (effects.user_metadata or effects.app_metadata):
        new["user"] = {
            **user,
            "user_metadata": merged_metadata(user.get("user_metadata"), effects.user_metadata),
            "app_metadata": merged_metadata(user.get("app_metadata"), effects.app_metadata),
        }
    if effects.transaction_metadata:
        known: Doc = event["transaction"]
        metadata = merged_metadata(known["metadata"], effects.transaction_metadata)
        new["transaction"] = {**known, "metadata": metadata}
    return new


def merged_metadata(old: Any, patch: Doc) -> Doc:
    """Metadata with a patch on its first level; null removes a name."""
    merged = {**(old if is_object(old) else {}), **patch}
    return {name: value for name, value in merged.items() if value is not None}
