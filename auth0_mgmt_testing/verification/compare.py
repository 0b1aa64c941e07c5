"""Compare an actual response with a recorded one: status, shape and value.

* *status*: the status codes are equal.
* *shape*: also the same keys and JSON types; list items are paired by identity.
* *value*: also equal at every leaf except ids, times, secrets and hosts (see `identity`).

Three differences do not count: ``[REDACTED]`` values, error
bodies with nothing else, and, in a listing, objects that the recorded tenant had before
the scenario began. The last are items with a generated identifier which the scenario never
showed before; with such items, a listing's totals and further items do not count either.
``strict_lists`` counts them, so that both figures can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._redact import ITEM, Redactor

from .._secrets import identifying_key
from ..recordings import bodies
from ..recordings.exchange import NOT_JSON, RecordedResponse, parse_body, strings
from .identity import (
    REDACTED,
    IdentityMap,
    canonical,
    generated,
    level_hosts,
    particular,
)

_redacted = Redactor(lambda value: REDACTED if value == REDACTED else "<secret>")
"""Keeps ``[REDACTED]`` apart: that stands for what the recording itself leaves out."""

Kind = Literal["status", "shape", "value"]


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()

_NATURAL_KEYS = (
    "identifier", "permission_name", "name", "value", "slug", "key", "domain", "email", "audience",
    "strategy", "type", "kind", "title", "connection", "provider",
)  # fmt: skip
_TOTALS = frozenset({"total", "length", "next", "start", "limit"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two responses differ; ``path`` reads like ``roles[name=admin].id``."""

    path: str
    kind: Kind
    recorded: str
    actual: str

    @property
    def invented(self) -> bool:
        """Whether the target shows a member that the recorded tenant did not have."""
        absent = self.kind == "shape" and self.recorded == repr(ABSENT)
        return absent and not self.path.endswith("]")

    def __str__(self) -> str:
        return f"{self.kind} at {self.path or 'the body'}: {self.recorded} ≠ {self.actual}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing one exchange; each level includes the one before."""

    differences: tuple[Difference, ...] = ()

    @property
    def status(self) -> bool:
        return not self._any("status")

    @property
    def shape(self) -> bool:
        return not self._any("status", "shape")

    @property
    def value(self) -> bool:
        return not self.differences

    def _any(self, *kinds: Kind) -> bool:
        return any(difference.kind in kinds for difference in self.differences)


def compare(
    recorded: RecordedResponse,
    actual: RecordedResponse,
    identities: IdentityMap,
    *,
    listing: bool = False,
    made: bool = False,
    strict_lists: bool = False,
    issues: bool = True,
    around: tuple[str, ...] = (),
) -> Comparison:
    """Compare two responses and record the identifiers that the actual one issues.

    ``listing`` says that the request only read, so a list in the response may contain objects from
    before the scenario; ``made`` that such objects are created by requests, so that those without a
    generated id may be from before, too. ``issues``: whether a write created or changed objects
    of the scenario's own, so that what it returns is not from before. ``around`` are the names
    around the responses (see `sensitive.holders`): differences are shown without secrets.
    """
    was, now = parse_body(recorded.body), parse_body(actual.body)
    if recorded.status != actual.status:
        if max(recorded.status, actual.status) < 400:
            # Both succeeded: issued identifiers are needed later.
            _Walk(identities, listings=False).value(_Place(), "", was, now)
        text = _told(actual, around)
        return Comparison((Difference("", "status", str(recorded.status), text),))
    if _says_nothing(was) and (recorded.status >= 400 or REDACTED in strings(was)):
        return Comparison()
    walk = _Walk(identities, listing and not strict_lists, made, references=not strict_lists)
    if was is NOT_JSON or now is NOT_JSON:
        walk.plain(_Place("", around), recorded.body, actual.body)
    else:
        walk.value(_Place("", around), "", was, now, listing=walk.listings)
    if not listing and issues:
        identities.met(was)
    return Comparison(tuple(walk.differences))


def _told(actual: RecordedResponse, around: tuple[str, ...]) -> str:
    """Return an unexpected status with the response's message, for people."""
    text = _without_secrets(actual.body, around if actual.status < 400 else ())
    return f"{actual.status} {text[:300]}".rstrip()


def _without_secrets(raw: bytes, around: tuple[str, ...]) -> str:
    """The text of a body with its secrets redacted, where its form lets them be found."""
    body = bodies.read("", raw)
    shown = replace(body, value=_redacted(body.value, *around), packed=False)
    return bodies.write(shown).decode(errors="replace").strip()


class _Place(NamedTuple):
    """Where a value is in an answer: for the reader, and by the names that lead to it."""

    text: str = ""
    keys: tuple[str, ...] = ()

    def member(self, name: str) -> _Place:
        return _Place(f"{self.text}.{name}" if self.text else name, (*self.keys, name))

    def item(self, item: Any) -> _Place:
        keys = (*self.keys, ITEM) if is_object(item) else self.keys
        return _Place(f"{self.text}[{_label(item, keys)}]", keys)


def _says_nothing(body: Any) -> bool:
    if is_object(body):
        return all(_says_nothing(value) for value in body.values())
    if is_array(body):
        return all(_says_nothing(value) for value in body)
    return body is NOT_JSON or body == REDACTED


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if is_array(value):
        return "array"
    return "object" if is_object(value) else "null"


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


class _Walk:
    """Traverses both values in parallel, recording identifiers and differences."""

    def __init__(
        self,
        identities: IdentityMap,
        listings: bool,
        made: bool = False,
        *,
        references: bool = False,
    ) -> None:
        self.identities = identities
        self.references = references
        self.listings = listings
        self.made = made
        self.differences: list[Difference] = []

    def differ(self, place: _Place, kind: Kind, recorded: Any, actual: Any) -> None:
        was, now = (_show(_redacted(value, *place.keys)) for value in (recorded, actual))
        self.differences.append(Difference(place.text, kind, was, now))

    def plain(self, place: _Place, recorded: bytes, actual: bytes) -> None:
        """Bodies of which at least one is not JSON."""
        was = self.identities.text(recorded.decode(errors="replace")).strip()
        now = actual.decode(errors="replace").strip()
        if (parse_body(recorded) is NOT_JSON) != (parse_body(actual) is NOT_JSON) or (not was) != (
            not now
        ):
            shown = (_without_secrets(body, place.keys) for body in (recorded, actual))
            self.differ(_Place(), "shape", *(text or "no body" for text in shown))
        elif canonical(was) != canonical(now):
            shown = (_without_secrets(body, place.keys) for body in (recorded, actual))
            self.differ(_Place(), "value", *shown)

    def value(self, place: _Place, key: str, was: Any, now: Any, *, listing: bool = False) -> None:
        if isinstance(was, str) and REDACTED in was:
            return
        if _type(was) != _type(now):
            self.differ(place, "shape", was, now)
        elif is_object(was):
            self.mapping(place, was, now, listing)
        elif is_array(was):
            self.items(place, key, was, now, listing)
        else:
            self.leaf(place, key, was, now)

    def mapping(
        self, place: _Place, was: Mapping[str, Any], now: Mapping[str, Any], listing: bool
    ) -> None:
        # An object with an id is a resource: its lists are its own, not listings.
        listing = listing and not any(map(_own_key, was))
        incomplete = listing and any(
            self.earlier(item) for value in was.values() if is_array(value) for item in value
        )
        for key in was:
            here = place.member(key)
            if incomplete and key in _TOTALS:
                continue
            if key not in now:
                self.differ(here, "shape", was[key], ABSENT)
            else:
                enclosed = listing and is_array(was[key])
                self.value(here, key, was[key], now[key], listing=enclosed)
        for key in now:
            if key not in was and not (incomplete and key in _TOTALS):
                self.differ(place.member(key), "shape", ABSENT, now[key])

    def items(self, place: _Place, key: str, was: list[Any], now: list[Any], listing: bool) -> None:
        pairs, missing, extra = self.pair(was, now)
        for recorded, actual in pairs:
            of_owner = listing and self.earlier(recorded) and not _fixed(recorded)
            if of_owner:
                self.identities.found(_own_ids(recorded))
            before = len(self.differences)
            self.value(place.item(recorded), key, recorded, actual)
            if of_owner:
                # What its owner had set earlier is unknown; members that it never has are known.
                invented = [each for each in self.differences[before:] if each.invented]
                self.differences[before:] = invented
        # The name of a paired item is that item's, and does not identify another.
        taken = {name for recorded, _ in pairs for name in _names(recorded)}
        earlier = [
            item
            for item in missing
            # In any list an id refers to another resource.
            if (listing or (self.references and isinstance(item, str)))
            and self.earlier(item, taken)
        ]
        for item in missing:
            if item not in earlier:
                self.differ(place.item(item), "shape", item, ABSENT)
        if not earlier:
            for item in extra:
                self.differ(place.item(item), "shape", ABSENT, item)

    def leaf(self, place: _Place, key: str, was: Any, now: Any) -> None:
        if was == now:
            return
        if isinstance(was, str) and isinstance(now, str):
            if (
                identifying_key(key)
                or (particular(key, was) and not _time_like(was))
                or (generated(was) and canonical(was) == canonical(now))
            ):
                self.identities.learn(was, now)
            here = self.identities.text(was)
            if here == now or self.identities.level(here) == self.identities.level(now):
                return
        if particular(key, was):
            return
        self.differ(place, "value", was, now)

    def earlier(self, item: Any, taken: Collection[str] = ()) -> bool:
        """Whether a recorded item existed before the scenario began; ``taken`` are others' names."""
        if is_object(item):
            if not self.identities.wrote and "created_at" in item:
                return True
            own = [value for value in _own_ids(item) if generated(value)]
            names = [name for name in _names(item) if name not in taken]
            if self.made and not own:
                own = [mark for _, mark in _natural(item, str) or ()]
            return bool(own) and not any(map(self.identities.known, own + names))
        return isinstance(item, str) and generated(item) and not self.identities.known(item)

    def unmet(self, item: Any) -> bool:
        """Whether a recorded item is identified only by an id that the scenario never showed."""
        own = _own_id(item, str)
        return own is not None and _natural(item, str) is None and not self.identities.known(own)

    def pair(
        self, was: list[Any], now: list[Any]
    ) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
        """Pair items that are the same resource; then what is left on either side.

        By the item's own id first, then by all of its natural keys, by the first of them, by
        its references, by the complete value; items without identity are paired by position, and
        so is the only one that is left on both sides and identified only by an id.
        """
        pairs: list[tuple[int, int]] = []
        left: list[int] = list(range(len(was)))
        right: list[int] = list(range(len(now)))
        for identity in _IDENTITIES:
            if not left or not right:
                break
            candidates: dict[Any, list[int]] = {}
            for index in reversed(right):
                mark = identity(now[index], str)
                if mark is not None:
                    candidates.setdefault(mark, []).append(index)
            rest: list[int] = []
            for index in left:
                mark = identity(was[index], self.identities.text)
                found = candidates.get(mark) if mark is not None else None
                if found:
                    pairs.append((index, found.pop()))
                else:
                    rest.append(index)
            if len(rest) < len(left):
                taken = {index for _, index in pairs}
                left, right = rest, [index for index in right if index not in taken]
        nameless = zip(
            [index for index in left if not _has_identity(was[index])],
            [index for index in right if not _has_identity(now[index])],
            strict=False,
        )
        pairs = sorted([*pairs, *nameless])
        # What distinguishes items may be redacted or dropped in the recording.
        rest = sorted(set(range(len(was))) - {index for index, _ in pairs})
        others = sorted(set(range(len(now))) - {index for _, index in pairs})
        if len(rest) == len(others) and not any(_has_identity(was[index]) for index in rest):
            pairs += zip(rest, others, strict=True)
        if not pairs and len(was) == len(now) == 1 and self.unmet(was[0]):
            pairs = [(0, 0)]
        paired, partners = {index for index, _ in pairs}, {index for _, index in pairs}
        return (
            [(was[index], now[partner]) for index, partner in pairs],
            [item for index, item in enumerate(was) if index not in paired],
            [item for index, item in enumerate(now) if index not in partners],
        )


def _names(item: Any) -> list[str]:
    """Return the names of an item."""
    if not is_object(item):
        return []
    return [v for key in ("identifier", "name") if isinstance(v := item.get(key), str)]


def _fixed(item: Any) -> bool:
    """Whether an item is the system's, the same on every tenant."""
    return is_object(item) and item.get("is_system") is True


def _own_ids(item: Any) -> list[str]:
    """The item's ``id``, or all ids that it has where it has none; not that of a parent."""
    if not is_object(item):
        return []
    if isinstance(mark := item.get("id"), str):
        return [mark]
    return [
        value
        for key, value in item.items()
        if identifying_key(key) and not key.startswith("parent_") and isinstance(value, str)
    ]


def _own_key(key: str) -> bool:
    return identifying_key(key) and key not in _TOTALS


_Here: TypeAlias = Callable[[str], str]
"""Return a string as on the actual tenant: recorded ones are mapped, actual ones stay."""


def _own_id(item: Any, here: _Here) -> Any:
    """The identifier that is the item's own: ``id``, or the only id that it has."""
    if not is_object(item):
        return None
    own = item.get("id")
    if own is None:
        ids = [value for key, value in item.items() if identifying_key(key)]
        own = ids[0] if len(ids) == 1 else None
    return here(own) if isinstance(own, str) else None


def _natural(item: Any, here: _Here) -> Any:
    """All natural keys together."""
    if not is_object(item):
        return None
    marks = tuple(
        (key, level_hosts(here(value)))
        for key in _NATURAL_KEYS
        if isinstance(value := item.get(key), str) and REDACTED not in value
    )
    return marks or None


def _foremost(item: Any, here: _Here) -> Any:
    """Return the most specific of the natural keys."""
    marks = _natural(item, here)
    return marks[0] if marks else None


def _references(item: Any, here: _Here) -> Any:
    """Return all ids except the item's own: what a relation connects."""
    if not is_object(item):
        return None
    marks = tuple(
        (key, here(value))
        for key, value in sorted(item.items())
        if key != "id" and identifying_key(key) and isinstance(value, str)
    )
    return marks or None


def _exact(item: Any, here: _Here) -> Any:
    """A scalar's value."""
    if is_object(item) or is_array(item):
        return None
    return here(item) if isinstance(item, str) else (type(item), item)


def _levelled(item: Any, here: _Here) -> Any:
    """Return a string's value without the ids and hosts in it."""
    return canonical(here(item)) if isinstance(item, str) else None


def _versioned(item: Any, here: _Here) -> Any:
    """The id with the version: some resources are listed once for each of their versions."""
    own = _own_id(item, here)
    version = item.get("version") if is_object(item) else None
    return (own, version) if own is not None and isinstance(version, str) else None


_IDENTITIES = (_versioned, _own_id, _natural, _foremost, _references, _exact, _levelled)


def _has_identity(item: Any) -> bool:
    return any(identity(item, str) is not None for identity in (_own_id, _natural))


def _label(item: Any, keys: tuple[str, ...]) -> str:
    if is_object(item):
        for key in (*_NATURAL_KEYS, "id"):
            if isinstance(value := item.get(key), str):
                return f"{key}={_redacted(value, *keys, key)}"
        return "…"
    return repr(_redacted(item, *keys))


def _time_like(text: str) -> bool:
    return canonical(text) == "<time>"
