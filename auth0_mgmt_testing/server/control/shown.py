"""Logged requests and changes as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_mgmt._redact import redacted

from ...engine.request import LoggedRequest
from ...state.store import Key

if TYPE_CHECKING:
    from ...observation.changes import Changes


def shown_request(entry: LoggedRequest) -> dict[str, Any]:
    """Return a request of the log as JSON, redacted."""
    return {
        "number": entry.number,
        "time": entry.time,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "params": entry.params,
        "query": entry.query,
        "headers": entry.headers,
        "json": entry.json,
        "status": entry.status,
        "seconds": entry.seconds,
        "explanation": entry.explanation,
        "changes": [
            {"kind": change.kind, "collection": change.collection, "key": shown_key(change.key)}
            for change in entry.changes
        ],
        "text": str(entry),
    }


def shown_key(key: Key) -> Any:
    return key if isinstance(key, str) else list(key)


def shown_changes(changes: Changes) -> dict[str, Any]:
    """Changes as JSON: by collection lists of key and document; ``text`` as in a test's message."""
    return {
        "created": {
            table: [
                {"key": shown_key(key), "document": redacted(doc, table)} for key, doc in of.items()
            ]
            for table, of in changes.created.items()
        },
        "updated": {
            table: [
                {
                    "key": shown_key(key),
                    "before": redacted(old, table),
                    "document": redacted(new, table),
                }
                for key, (old, new) in of.items()
            ]
            for table, of in changes.updated.items()
        },
        "deleted": {
            table: [
                {"key": shown_key(key), "document": redacted(doc, table)} for key, doc in of.items()
            ]
            for table, of in changes.deleted.items()
        },
        "text": str(changes),
    }
