"""A tenant's complete state as JSON, and back: the same documents under the same ids.

Secrets are left out by default: each is replaced by a placeholder, and regenerated when the
export is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._redact import Redactor

from .._registry import registry
from ..errors import LoadError
from ..state.ids import alphanumeric_id, derive_bytes
from ..state.store import Doc, Key, State, Table, Transaction, is_transient

FORMAT = 1
_MARK = "$secret"
"""The placeholder of a secret: an object whose only member is this, with the secret's length."""


_MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What is raised where an export is not built as one."""


def is_export(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a result of `exported`."""
    return "format" in value and "tables" in value


def exported(state: State, domain: str, *, secrets: bool) -> dict[str, Any]:
    """Return the state as JSON values; ``secrets``: include them."""
    shown: Callable[[Any, str], Any] = _whole if secrets else _WITHOUT_SECRETS
    lasting = [name for name in sorted(state.tables) if not is_transient(name)]
    tables = {name: _rows(name, state.table(name), shown) for name in lasting}
    kept = {name: rows for name, rows in tables.items() if rows}
    return {"format": FORMAT, "domain": domain, "counter": state.counter, "tables": kept}


def loaded(value: Mapping[str, Any], domain: str, seed: int | str) -> State:
    """The state of an export; secrets that it leaves out derive from the seed.

    URLs of the domain that it was exported from become those of ``domain``.
    Raises `LoadError` for an export that this tenant cannot load.
    """
    if value["format"] != FORMAT:
        raise LoadError(f"format: this is export format {value['format']}, not {FORMAT}")
    exporter = value.get("domain")
    if not isinstance(exporter, str):
        raise LoadError(f"domain: {exporter!r} is no domain")
    tx = Transaction(State(), registry().schema)
    place = "the export"
    try:
        if exporter != domain:
            value = json.loads(rehosted(json.dumps(value), exporter, domain))
        for table, rows in value["tables"].items():
            place = f"tables.{table}"
            for key, doc in _pairs(table, rows):
                tx.put(table, key, _with_secrets(doc, seed, f"{table}/{key}"))
        place = "counter"
        tx.counter = max(tx.counter, int(value.get("counter", 0)))
        return tx.commit()
    except LoadError:
        raise
    except _MALFORMED as error:
        raise LoadError(f"{place}: not what an export holds ({type(error).__name__})") from error


def rehosted(text: str, before: str, now: str) -> str:
    """JSON text with the URLs of one domain turned into those of another."""
    return text.replace(f"://{before}/", f"://{now}/")


def _whole(doc: Any, table: str) -> Any:
    return doc


def _rows(name: str, table: Table, shown: Callable[[Any, str], Any]) -> Any:
    """Return a mapping by key, or pairs of key and document where a key has several parts."""
    rows = [(key, shown(table.get(key), name)) for key in table.ordered()]
    if all(isinstance(key, str) for key, _ in rows):
        return dict(rows)
    return [[key if isinstance(key, str) else list(key), doc] for key, doc in rows]


def _pairs(table: str, rows: Any) -> Iterator[tuple[Key, Doc]]:
    pairs: Any = rows.items() if is_object(rows) else rows
    for position, pair in enumerate(pairs):
        try:
            key, doc = pair
        except (TypeError, ValueError):
            raise LoadError(
                f"tables.{table}[{position}]: a key with a document was expected"
            ) from None
        if not is_object(doc):
            raise LoadError(f"tables.{table}[{position}]: {doc!r} is not a document")
        yield (tuple(key) if is_array(key) else str(key)), doc


_WITHOUT_SECRETS = Redactor(lambda value: {_MARK: len(value)} if isinstance(value, str) else value)


def _with_secrets(value: Any, seed: int | str, where: str) -> Any:
    if is_object(value):
        if value.keys() == {_MARK}:
            return alphanumeric_id(int(value[_MARK]))(derive_bytes(f"{seed}/{where}", 0))
        return {name: _with_secrets(item, seed, f"{where}/{name}") for name, item in value.items()}
    if is_array(value):
        return [_with_secrets(item, seed, f"{where}/{n}") for n, item in enumerate(value)]
    return value
