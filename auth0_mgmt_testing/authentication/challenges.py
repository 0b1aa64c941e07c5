"""Challenges under way: one-time codes that were sent, and requests that a device approves.

The state keeps digests of codes. A challenge is met by its code (`answer`), or approved and
rejected on the user's device (`decide`).
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Literal

from ..engine.context import RequestContext
from ..state.ids import digest, random_text
from ..state.store import Doc

_TABLE = "__challenges"
_ATTEMPTS = 10

Decision = Literal["pending", "approved", "rejected"]


def new_code(context: RequestContext, length: int = 6) -> str:
    """Digits for a message to a user."""
    return context.new_id(lambda raw: random_text(raw, length, "0123456789"))


def begin(
    context: RequestContext,
    key: str,
    kind: str,
    lifetime: float,
    *,
    user_id: str | None = None,
    code: str | None = None,
    attempts: int = _ATTEMPTS,
    **details: object,
) -> None:
    """Begin a challenge that is known by ``key``; ``details`` are JSON values kept with it."""
    kept: Doc = {
        **details,
        "kind": kind,
        "user_id": user_id,
        "code": None if code is None else digest(code),
        "expires": context.time() + lifetime,
        "attempts": attempts,
        "decision": "pending",
        "begun": context.tx.next(),
    }
    context.tx.put(_TABLE, digest(key), kept)
    context.tx.trim(_TABLE, 10_000)


def find(context: RequestContext, key: str, kind: str) -> Doc | None:
    """A challenge of a kind, expired ones included."""
    kept = context.tx.get(_TABLE, digest(key))
    return kept if kept is not None and kept["kind"] == kind else None


def is_expired(context: RequestContext, challenge: Doc) -> bool:
    return bool(context.time() >= challenge["expires"])


def is_answer(challenge: Doc, code: str) -> bool:
    """Whether a code is that of a challenge that still takes codes."""
    held: str | None = challenge["code"]
    return held is not None and challenge["attempts"] > 0 and compare_digest(held, digest(code))


def count_attempt(context: RequestContext, key: str) -> None:
    """A wrong answer: after too many of them none is right."""
    kept = context.tx.get(_TABLE, digest(key))
    if kept is not None:
        context.tx.put(_TABLE, digest(key), {**kept, "attempts": kept["attempts"] - 1})


def change(context: RequestContext, key: str, **fields: object) -> None:
    """Change what is kept of a challenge."""
    kept = context.tx.get(_TABLE, digest(key))
    if kept is not None:
        context.tx.put(_TABLE, digest(key), {**kept, **fields})


def end(context: RequestContext, key: str) -> None:
    """A challenge is used up."""
    context.tx.delete(_TABLE, digest(key))


def decide(context: RequestContext, user_id: str, *, approve: bool) -> Doc | None:
    """Approve or reject, on the user's device, the newest request that waits there.

    Returns the challenge; None where nothing waits.
    """
    waiting = [
        (key, kept)
        for key in context.tx.table(_TABLE).ordered()
        if (kept := context.tx.get(_TABLE, key)) is not None
        and kept["user_id"] == user_id
        and kept["code"] is None
        and kept["decision"] == "pending"
        and not is_expired(context, kept)
    ]
    if not waiting:
        return None
    key, kept = max(waiting, key=lambda pair: int(pair[1]["begun"]))
    decision: Decision = "approved" if approve else "rejected"
    return context.tx.put(_TABLE, key, {**kept, "decision": decision})
