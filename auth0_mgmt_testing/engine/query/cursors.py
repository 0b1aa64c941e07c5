"""Cursors of checkpoint paging: where a list continues, opaque to the caller.

A cursor identifies the last item of a page and the one to follow, so that a
list continues at the right place although items were added or deleted. It is valid for a day.
https://auth0.com/docs/api/management/v2 ("checkpoint pagination")
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from auth0_mgmt._json import is_array

from ...state.store import Doc
from .. import messages

GOOD_FOR = 86_400
"""Seconds, by the tenant's clock."""


def cursor(operation: str, rows: Sequence[Doc], end: int, now: float) -> str:
    """Return the cursor of a page that ended before position ``end`` of the rows."""
    following = _mark(rows[end]) if end < len(rows) else ""
    parts = [operation, int(now), end, _mark(rows[end - 1]) if end else "", following]
    text = json.dumps(parts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def position(operation: str, given: str, rows: Sequence[Doc], now: float) -> int:
    """Return the position of a cursor; 400 for an expired one, or one of another list."""
    whose, made, end, last, following = _parts(given)
    if whose != operation or now - made >= GOOD_FOR:
        raise messages.invalid_cursor()
    if end <= len(rows) and (not end or _mark(rows[end - 1]) == last):
        return int(end)
    marks = [_mark(row) for row in rows]
    if last in marks:
        return marks.index(last) + 1
    return marks.index(following) if following in marks else min(int(end), len(rows))


def _parts(given: str) -> tuple[str, int, int, str, str]:
    try:
        text = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        parts: Any = json.loads(text)
    except (ValueError, binascii.Error, TypeError):
        raise messages.invalid_cursor() from None
    kinds = (str, int, int, str, str)
    if (
        not is_array(parts)
        or len(parts) != len(kinds)
        or not all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True))
        or parts[2] < 0
    ):
        raise messages.invalid_cursor()
    whose, made, end, last, following = parts
    return whose, made, end, last, following


def _mark(row: Doc) -> str:
    """Return what identifies an item in its list: its ids, else the complete item."""
    ids = {key: value for key, value in row.items() if key == "id" or key.endswith("_id")}
    text = json.dumps(ids or row, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
