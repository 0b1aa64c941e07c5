"""The messages that a tenant sent: mail, text messages, voice calls, pushes to devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, overload

from ..errors import MissingDocumentError
from ..resources.sent_messages import TABLE

if TYPE_CHECKING:
    from ..engine.core import TenantCore
    from ..state.store import Doc


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a user. Codes and links are secret: ``repr`` does not show them."""

    id: str
    kind: str
    """The template: ``verify_email``, ``reset_email``, ``passwordless_email``, ``mfa_code`` …"""
    channel: Literal["email", "sms", "voice", "push"]
    to: str
    """The address, phone number, or (for pushes) the user's id."""
    subject: str
    text: str = field(repr=False)
    code: str | None = field(repr=False)
    """The one-time code that it contains."""
    link: str | None = field(repr=False)
    """The link for the user to follow."""
    user_id: str | None
    client_id: str | None
    sent_at: datetime


class Mailbox(Sequence[Message]):
    """The messages that a tenant sent, oldest first; the newest thousand messages are kept."""

    def __init__(self, core: TenantCore) -> None:
        self._core = core

    def _docs(self) -> list[Doc]:
        table = self._core.state.table(TABLE)
        return [doc for key in table.ordered() if (doc := table.get(key)) is not None]

    def __len__(self) -> int:
        return len(self._core.state.table(TABLE))

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        docs = self._docs()
        if isinstance(index, slice):
            return [_message(doc) for doc in docs[index]]
        return _message(docs[index])

    def __iter__(self) -> Iterator[Message]:
        return map(_message, self._docs())

    def to(self, recipient: str) -> list[Message]:
        """Return the messages to an address, a phone number or a user's id, oldest first."""
        return [message for message in self if _is_to(message, recipient)]

    def latest(self, recipient: str | None = None, *, kind: str | None = None) -> Message:
        """Return the newest message, optionally to a recipient or of a kind.

        Raises `MissingDocumentError` (a LookupError) where there is none.
        """
        for message in reversed(list(self)):
            wanted = recipient is None or _is_to(message, recipient)
            if wanted and (kind is None or message.kind == kind):
                return message
        raise MissingDocumentError(
            f"no message to {recipient or 'anybody'}"
            + ("" if kind is None else f" of kind {kind!r}")
            + f"; the mailbox contains {len(self)}"
        )

    def clear(self) -> None:
        """Delete all messages."""
        with self._core.lock:
            tx = self._core.transaction()
            for key in tx.table(TABLE).ordered():
                tx.delete(TABLE, key)
            self._core.commit(tx.commit())

    def __repr__(self) -> str:
        return f"<Mailbox of {self._core.domain}: {len(self)} messages>"


def _is_to(message: Message, recipient: object) -> bool:
    return isinstance(recipient, str) and message.to.lower() == recipient.lower()


def _message(doc: Doc) -> Message:
    sent_at = datetime.fromtimestamp(doc["sent_at"], UTC)
    return Message(
        doc["id"],
        doc["kind"],
        doc["channel"],
        doc["to"],
        doc["subject"],
        doc["text"],
        doc["code"],
        doc["link"],
        doc["user_id"],
        doc["client_id"],
        sent_at,
    )
