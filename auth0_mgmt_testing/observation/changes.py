"""What changed between two states: as data, as text, and as an assertion."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeAlias, TypeVar

from auth0_mgmt._redact import redacted

from ..contract.operation_lookup import unknown
from ..state.store import Doc, Key, State, visible

S = TypeVar("S")
Documents: TypeAlias = dict[str, dict[Key, Doc]]
"""Collection -> key -> document. A link of two documents has both keys as its key."""
Expected: TypeAlias = Mapping[str, int | Collection[Key]]
"""Collection -> a number, or keys."""

_JOURNALS = frozenset(("logs", "action_executions"))
"""What writes and log-ins add to by themselves: it counts only where a test names it."""


@dataclass(slots=True)
class Changes:
    """The difference of two states by collection; empty where there is none.

    Documents are shown as stored, without internal members. The tenant logs are
    included.
    """

    created: Documents = field(default_factory=dict[str, dict[Key, Doc]])
    updated: dict[str, dict[Key, tuple[Doc, Doc]]] = field(
        default_factory=dict[str, dict[Key, tuple[Doc, Doc]]]
    )
    """Each document before and after."""
    deleted: Documents = field(default_factory=dict[str, dict[Key, Doc]])

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.deleted)

    def __str__(self) -> str:
        return "\n".join(self._lines()) or "nothing changed"

    def _lines(self) -> Iterator[str]:
        for table, made in self.created.items():
            for key, doc in made.items():
                yield f"+ {table} {_text(key)}: {_json(doc, table)}"
        for table, changed in self.updated.items():
            for key, (old, new) in changed.items():
                yield f"~ {table} {_text(key)}: {_difference(old, new, table)}"
        for table, gone in self.deleted.items():
            for key, doc in gone.items():
                yield f"- {table} {_text(key)}: {_json(doc, table)}"


def between(old: State, new: State) -> Changes:
    """Return the changes between two states, except in the fake's own tables (``_…``)."""
    changes = Changes()
    for table in sorted({*old.tables, *new.tables}):
        before, after = old.table(table), new.table(table)
        if before is after or table[:1] == "_":
            continue
        for key in after.ordered():
            now, was = after.get(key), before.get(key)
            if now is None or now is was or now == was:
                continue
            if was is None:
                changes.created.setdefault(table, {})[key] = visible(now)
            else:
                changes.updated.setdefault(table, {})[key] = (visible(was), visible(now))
        for key in before.ordered():
            was = before.get(key)
            if was is not None and after.get(key) is None:
                changes.deleted.setdefault(table, {})[key] = visible(was)
    return changes


class ExpectedChanges(Generic[S]):
    """A context manager that asserts that its block makes exactly these changes.

    ``changes`` holds them afterwards.
    """

    def __init__(
        self,
        snapshot: Callable[[], S],
        changes_since: Callable[[S], Changes],
        known: Iterable[str],
        created: Expected | None,
        updated: Expected | None,
        deleted: Expected | None,
    ) -> None:
        """``known``: the names of collections that may be named."""
        self._snapshot, self._changes_since = snapshot, changes_since
        self._expected = {
            "created": created or {},
            "updated": updated or {},
            "deleted": deleted or {},
        }
        for expected in self._expected.values():
            for table in expected:
                if table not in known:
                    raise ValueError(unknown("collection", table, sorted(known)))
        self._before = snapshot()
        self.changes = Changes()

    def __enter__(self) -> Self:
        self._before = self._snapshot()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        self.changes = self._changes_since(self._before)
        wrong = [
            line
            for verb, expected in self._expected.items()
            for line in _differences(verb, expected, getattr(self.changes, verb))
        ]
        if wrong:
            raise AssertionError("\n".join([*wrong, "What changed:", *_indented(self.changes)]))


def _differences(verb: str, expected: Expected, found: Mapping[str, Any]) -> Iterator[str]:
    for table in sorted({*expected, *(name for name in found if name not in _JOURNALS)}):
        keys = list(found.get(table, ()))
        wanted = expected.get(table, 0)
        if isinstance(wanted, int):
            if len(keys) != wanted:
                yield f"{len(keys)} of {table} {verb}, not {wanted}"
        elif set(keys) != set(wanted):
            yield f"{_texts(keys)} of {table} {verb}, not {_texts(wanted)}"


def _indented(changes: Changes) -> Iterator[str]:
    shown = Changes(
        *({t: d for t, d in part.items() if t not in _JOURNALS} for part in _parts(changes))
    )
    return (f"  {line}" for line in str(shown).splitlines())


def _parts(changes: Changes) -> tuple[Any, Any, Any]:
    return changes.created, changes.updated, changes.deleted


def _text(key: Key) -> str:
    return key if isinstance(key, str) else " + ".join(key)


def _texts(keys: Collection[Key]) -> str:
    return ", ".join(sorted(map(_text, keys))) or "none"


def _json(value: Any, name: str = "") -> str:
    return json.dumps(redacted(value, name), ensure_ascii=False, default=str)


def _difference(old: Doc, new: Doc, table: str) -> str:
    """Return the differing members, each before and after."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names:
        return "internal members"
    shown = [redacted({name: doc.get(name) for name in names}, table) for doc in (old, new)]
    return ", ".join(f"{name} {_json(shown[0][name])} → {_json(shown[1][name])}" for name in names)
