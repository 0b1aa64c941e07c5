"""Mail, text messages and pushes that a tenant sends: kept for tests to read, sent to nobody.

The code of the tenant's own providers, and that of ``send-phone-message``, runs for each message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ..actions.event import Event, TriggerName
from ..engine.context import RequestContext
from ..state.ids import hexadecimal
from ..state.store import Doc
from .action_executions import deployed_for, is_bound, run_trigger
from .log_types import LOG_TYPES

TABLE = "__mailbox"
_KEPT = 1_000

Channel: TypeAlias = Literal["email", "sms", "voice", "push"]


def send(
    context: RequestContext,
    kind: str,
    channel: Channel,
    recipient: str,
    *,
    subject: str = "",
    text: str = "",
    code: str | None = None,
    link: str | None = None,
    user_id: str | None = None,
    client_id: str | None = None,
) -> str:
    """Send a message; returns its id. ``kind`` is the template: ``verify_email``, ``mfa_code`` …

    One that the code of the tenant's own provider drops, or fails to send, is logged as such.
    """
    key = context.new_id(hexadecimal(24))
    message: Doc = {
        "id": key,
        "kind": kind,
        "channel": channel,
        "to": recipient,
        "subject": subject,
        "text": text,
        "code": code,
        "link": link,
        "user_id": user_id,
        "client_id": client_id,
        "sent_at": context.time(),
    }
    reason = _unsent(context, message)
    if reason is None:
        context.tx.put(TABLE, key, message)
        context.tx.trim(TABLE, _KEPT)
        return key
    client = context.tx.get("clients", str(client_id)) or {}
    details = {"email_type": kind, "notification_type": channel, "to": recipient, "error": reason}
    context.log(
        "fn",
        LOG_TYPES["fn"].name,
        client_id=client_id or "",
        client_name=client.get("name", ""),
        details=details,
    )
    return key


# --- the tenant's own code -------------------------------------------------------------------------

_ACTIONS = {"mfa_code": "second-factor-authentication"}
"""Kind of message -> what ``send-phone-message`` code reads of its purpose."""


def _unsent(context: RequestContext, message: Doc) -> str | None:
    """Run the code that a message is for; why it is not sent, None where it is."""
    if message["channel"] == "email":
        provider = context.tx.get("settings", "email_provider") or {}
        own = provider.get("name") == "custom" and provider.get("enabled", True)
        mail = {
            "from": str(provider.get("default_from_address") or f"no-reply@{context.domain}"),
            "to": message["to"],
            "subject": message["subject"],
            "text": message["text"],
            "html": message["text"],
            "message_type": message["kind"],
            "locale": "en",
        }
        return _provided(context, "custom-email-provider", message, mail) if own else None
    if message["channel"] == "push":
        return None
    _notify_hook(context, message)
    providers = context.tx.all("phone_providers")
    if not any(each["name"] == "custom" and not each.get("disabled") for each in providers):
        return None
    spoken = message["channel"] == "voice"
    text = {
        "recipient": message["to"],
        "as_text": message["text"],
        "as_voice": message["text"],
        "code": message["code"] or "",
        "delivery_method": "voice" if spoken else "text",
        "message_type": "otp_verify",
        "locale": "en",
    }
    return _provided(context, "custom-phone-provider", message, text)


def _notify_hook(context: RequestContext, message: Doc) -> None:
    """Run ``send-phone-message`` code, which cannot keep a message from being sent."""
    if not is_bound(context, "send-phone-message"):
        return
    known = {"recipient": message["to"], "text": message["text"], "code": message["code"]}
    action = _ACTIONS.get(message["kind"])
    options = {
        **known,
        "message_type": message["channel"],
        **({"action": action} if action else {}),
    }
    run_trigger(context, "send-phone-message", _event(context, message, options))


def _provided(
    context: RequestContext, trigger: TriggerName, message: Doc, notification: Mapping[str, Any]
) -> str | None:
    """Run the code of the tenant's own provider; why it did not send a message."""
    about = _event(context, message, notification)
    action_id = None if is_bound(context, trigger) else deployed_for(context, trigger)
    effects = run_trigger(context, trigger, about, action_id=action_id)
    return effects.denied or effects.unsent


def _event(context: RequestContext, message: Doc, content: Mapping[str, Any]) -> Event:
    client = context.tx.get("clients", str(message["client_id"]))
    return Event(
        client=client, user=context.tx.get("users", str(message["user_id"])), message=content
    )
