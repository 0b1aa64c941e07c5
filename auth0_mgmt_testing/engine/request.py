"""`LoggedRequest`: one request as received, and redacted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt._redact import FORM, redacted, subject

from ..state.store import Doc, Key, Transaction, visible
from .absence import Absent
from .refusal import Refusal

RESPONSE_KEPT = 8_192
"""Bytes of a response's body that are kept; of a larger one nothing is."""
_CHANGES_KEPT = 100
"""Changed documents of one request that are kept."""
_LOGS = "logs"


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that a request created, updated or deleted."""

    collection: str
    key: Key
    before: Doc | None = field(repr=False)
    """As it was; None where it was created. This and the next are as they are: never show them."""
    after: Doc | None = field(repr=False)
    """As it is; None where it was deleted."""

    @property
    def kind(self) -> Literal["created", "updated", "deleted"]:
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"

    def shown(self) -> dict[str, Any]:
        """The change as JSON, redacted."""
        before, after = (
            None if doc is None else redacted(visible(doc), self.collection)
            for doc in (self.before, self.after)
        )
        key = self.key if isinstance(self.key, str) else list(self.key)
        return {
            "kind": self.kind,
            "collection": self.collection,
            "key": key,
            "before": before,
            "after": after,
        }

    def __str__(self) -> str:
        key = self.key if isinstance(self.key, str) else " + ".join(self.key)
        return f"{_SIGNS[self.kind]} {self.collection} {key}"


_SIGNS = {"created": "+", "updated": "~", "deleted": "-"}


def document_changes(tx: Transaction) -> tuple[DocumentChange, ...]:
    """What a transaction did to documents that a tenant shows, without its log."""
    found: list[DocumentChange] = []
    for (table, key), before in tx.touched.items():
        if table[0] == "_" or table == _LOGS:
            continue
        after = tx.get(table, key)
        if after is not before:
            found.append(DocumentChange(table, key, before, after))
            if len(found) == _CHANGES_KEPT:
                break
    return tuple(found)


@dataclass(slots=True, eq=False)
class LoggedRequest:
    """One request that a tenant received, with secrets redacted in all that it shows."""

    method: str
    path: str
    """From the host's root, as sent, without the query."""
    matched: Operation[Any] | None = field(repr=False)
    """The operation that the request was routed to; None where there is none."""
    params: dict[str, str]
    """The path's parameters, decoded."""
    time: float
    """Seconds since the epoch, by the tenant's clock."""
    search: str = field(repr=False)
    """The query as sent. This and the next two are not redacted: never show them."""
    sent_headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    number: int = 0
    """Its number among all requests to the tenant, beginning with 1."""
    status: int = 0
    """The response's status; 0 where a fault dropped the connection."""

    refusal: Refusal | None = field(default=None, repr=False)
    """The rule that refused it, where it was refused."""
    absent: Absent | None = field(default=None, repr=False)
    """The document that is not there, of a 404."""
    changes: tuple[DocumentChange, ...] = field(default=(), repr=False)
    """The documents that it changed, at most a hundred; those of the tenant's log are left out."""
    seconds: float = 0.0
    """How long the fake took."""
    response_body: bytes | None = field(default=None, repr=False)
    """As it was sent: never show it; None for one that is too large."""
    explanation: str = ""
    """Why it was refused, as far as the fake knows: which rule, where, what would be right."""

    @property
    def operation(self) -> str | None:
        """The operation's client name: ``users.create``."""
        return None if self.matched is None else self.matched.name

    @property
    def query(self) -> dict[str, Any]:
        """The query's parameters as strings; a list where one is repeated."""
        shown: dict[str, Any] = redacted(self._query(), FORM)
        return shown

    @property
    def json(self) -> Any:
        """The body of JSON or of a form, as data; None where there is none or it is very large."""
        return redacted(self._data(), subject(self.path))

    @property
    def headers(self) -> dict[str, str]:
        """The headers, names in lower case."""
        shown: dict[str, str] = redacted(self.sent_headers)
        return shown

    @property
    def response(self) -> Any:
        """The response's body of JSON as data; None where there is none or it is very large."""
        try:
            value = json.loads(self.response_body or b"null")
        except ValueError:
            return None
        return redacted(value, subject(self.path))

    def _query(self) -> dict[str, Any]:
        pairs = parse_qs(self.search, keep_blank_values=True)
        return {name: values if len(values) > 1 else values[0] for name, values in pairs.items()}

    def _data(self) -> Any:
        if not self.body:
            return None
        if "x-www-form-urlencoded" in self.sent_headers.get("content-type", ""):
            pairs = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
            return {name: values[0] for name, values in pairs.items()}
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def matches(
        self,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> bool:
        """Whether the request contains these values."""
        return (
            (status is None or self.status == status)
            and (params is None or _within(dict(params), dict(self.params)))
            and (query is None or _within(_texts(query), self._query()))
            and (json is None or _within(json, self._data()))
        )

    def __str__(self) -> str:
        query = f"?{self.search}" if self.search and self.query == self._query() else ""
        text = f"{self.operation or 'no operation'}: {self.method} {unquote(self.path)}{query}"
        data = self.json
        body = "" if data is None else f" {json.dumps(data, ensure_ascii=False)}"
        return f"{text}{body} → {self.status or 'dropped'}"


def _within(wanted: Any, found: Any) -> bool:
    """Whether a value contains what is wanted: objects may have more members, lists not."""
    if is_object(wanted):
        return is_object(found) and all(
            key in found and _within(value, found[key]) for key, value in wanted.items()
        )
    if is_array(wanted):
        return is_array(found) and len(wanted) == len(found) and all(map(_within, wanted, found))
    return bool(wanted == found) and isinstance(wanted, bool) == isinstance(found, bool)


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if is_array(value):
            return [text(item) for item in value]
        return str(value).lower() if isinstance(value, bool) else str(value)

    return {name: text(value) for name, value in query.items()}
