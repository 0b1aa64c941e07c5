"""The state of a server's tenants in a SQLite file.

Each write is committed to the file (WAL) before it is acknowledged, so it survives the process,
however that ends. Only the documents that a write changed are written.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from pathlib import Path

from .._registry import registry
from ..errors import StateFileError
from ..setup.exports import rehosted
from ..state.store import Doc, Key, State, Table
from .served_tenant import ServedTenant

APPLICATION_ID = 0x41304643
"""Identifies a file of this tool ("A0FC")."""
VERSION = 1
_MAGIC = b"SQLite format 3\0"
_SCHEMA = """
CREATE TABLE tenants (name TEXT PRIMARY KEY, domain TEXT NOT NULL, counter INTEGER NOT NULL);
CREATE TABLE documents (
    tenant TEXT NOT NULL, collection TEXT NOT NULL, key TEXT NOT NULL,
    seq INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (tenant, collection, key)
) WITHOUT ROWID;
"""
_PUT = (
    "INSERT INTO documents VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, collection, key) "
    "DO UPDATE SET seq = excluded.seq, document = excluded.document"
)
_DELETE = "DELETE FROM documents WHERE tenant = ? AND collection = ? AND key = ?"

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StateFile:
    """An open state file; it belongs to this process until it is closed."""

    def __init__(self, path: Path) -> None:
        """Open or create a file.

        Raises `StateFileError`, and leaves the file as it is, where it is not a state file, of a
        newer version, or used by another server.
        """
        self.path = path
        self._lock = threading.Lock()
        new = _inspect(path)
        try:
            if new:
                # Created with its mode, before SQLite can make it readable for others.
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("BEGIN IMMEDIATE")
            if new:
                for statement in _SCHEMA.strip().split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._db.execute(f"PRAGMA user_version = {VERSION}")
            self._db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            reason = "another server uses it" if "locked" in str(error) else str(error)
            raise StateFileError(f"{path} cannot be opened: {reason}") from error

    def tenants(self) -> dict[str, str]:
        """Return the stored tenants: name and domain."""
        return dict(self._db.execute("SELECT name, domain FROM tenants ORDER BY rowid"))

    def load(self, name: str, *, domain: str) -> State:
        """The kept state of a tenant; URLs of the domain that it had become those of ``domain``."""
        kept, counter = self._db.execute(
            "SELECT domain, counter FROM tenants WHERE name = ?", (name,)
        ).fetchone()
        schema = registry().schema
        rows: dict[str, dict[Key, tuple[int, Doc]]] = {}
        loads = json.loads
        for collection, key, seq, document in self._db.execute(
            "SELECT collection, key, seq, document FROM documents WHERE tenant = ?", (name,)
        ):
            if kept != domain:
                key, document = (rehosted(text, kept, domain) for text in (key, document))
            rows.setdefault(collection, {})[_key(key)] = (seq, loads(document))
        tables = {
            collection: Table.of(found, schema.of(collection)) for collection, found in rows.items()
        }
        return State.of(tables, counter)

    def keep(self, name: str, tenant: ServedTenant) -> None:
        """Write a tenant's state now, and with each change from now on."""
        with tenant.lock:
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute("DELETE FROM documents WHERE tenant = ?", (name,))
                self._db.execute(
                    "INSERT INTO tenants VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
                    "domain = excluded.domain, counter = excluded.counter",
                    (name, tenant.domain, tenant.state.counter),
                )
                self._write(name, State(), tenant.state)
                self._db.execute("COMMIT")
            self.follow(name, tenant)

    def follow(self, name: str, tenant: ServedTenant) -> None:
        """Write each change of a tenant whose state is the stored one."""
        tenant.subscribe(lambda before, after: self._changed(name, before, after))

    def forget(self, name: str) -> None:
        """Delete a tenant from the file."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM documents WHERE tenant = ?", (name,))
            self._db.execute("DELETE FROM tenants WHERE name = ?", (name,))
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _changed(self, name: str, before: State, after: State) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._write(name, before, after)
                self._db.execute(
                    "UPDATE tenants SET counter = ? WHERE name = ?", (after.counter, name)
                )
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _write(self, name: str, before: State, after: State) -> None:
        puts: list[tuple[str, str, str, int, str]] = []
        deletes: list[tuple[str, str, str]] = []
        for collection, key in after.changed_keys(before):
            row = after.table(collection).rows.get(key)
            if row is None:
                deletes.append((name, collection, _text(key)))
            else:
                puts.append((name, collection, _text(key), row[0], _dumps(row[1])))
        if deletes:
            self._db.executemany(_DELETE, deletes)
        if puts:
            self._db.executemany(_PUT, puts)


def _inspect(path: Path) -> bool:
    """Whether a file must be created; raises for an unusable one, reading it only."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return True
    except OSError as error:
        raise StateFileError(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        return True
    if head != _MAGIC:
        raise StateFileError(f"{path} is not a state file of auth0-fake: it was left as it is")
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            (application,) = db.execute("PRAGMA application_id").fetchone()
            (version,) = db.execute("PRAGMA user_version").fetchone()
        finally:
            db.close()
    except sqlite3.Error as error:
        reason = "another server uses it" if "locked" in str(error) else str(error)
        raise StateFileError(f"{path} cannot be opened: {reason}") from error
    if application != APPLICATION_ID:
        raise StateFileError(f"{path} is not a state file of auth0-fake: it was left as it is")
    if version > VERSION:
        raise StateFileError(
            f"{path} is of version {version}; this auth0-fake knows {VERSION}: update it. "
            "The file was left as it is"
        )
    return False


def _text(key: Key) -> str:
    """Return a key as text; one of several parts as JSON, which is unambiguous."""
    return f"s{key}" if isinstance(key, str) else f"t{json.dumps(list(key))}"


def _key(text: str) -> Key:
    return text[1:] if text[0] == "s" else tuple(json.loads(text[1:]))
