"""Mail, text messages and pushes that a tenant sends: kept for tests to read, sent to nobody."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..engine.context import RequestContext
from ..state.ids import hexadecimal

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
    """Send a message; returns its id. ``kind`` is the template: ``verify_email``, ``mfa_code`` …"""
    key = context.new_id(hexadecimal(24))
    context.tx.put(
        TABLE,
        key,
        {
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
        },
    )
    context.tx.trim(TABLE, _KEPT)
    return key
