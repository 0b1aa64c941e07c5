"""Search by a query string: the subset of Lucene syntax that the API documents.

A query is parsed once and becomes a tree of closures over documents; the last few hundred are
cached. Fields are not tokenised: a term is the complete value, ``*`` matches any text.
"""

# luqum has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

from ...state.store import Doc
from .. import messages
from .luqum_parser import ParseError, parse, tree

Test: TypeAlias = Callable[[Doc], bool]
ValueTest: TypeAlias = Callable[[Any], bool]

SUFFIX_LITERALS = 3
"""Characters that a term with a leading ``*`` needs."""

_ESCAPE = re.compile(r"\\(.)")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d(T[0-9:.]*Z?)?)?")


@dataclass(frozen=True, slots=True)
class Searchable:
    """The searchable fields of a kind of document."""

    bare: tuple[str, ...]
    """The fields that a term without a field name searches."""
    folded: frozenset[str] = frozenset()
    """The fields that are compared ignoring case."""
    plain: tuple[str, ...] = ()
    """The fields (and all below them) that support neither wildcards nor ranges."""
    hidden: tuple[str, ...] = ()
    """The fields (and all below them) that cannot be searched: nothing matches."""
    derived: Mapping[str, Callable[[Doc], Any]] = field(
        default_factory=dict[str, Callable[[Doc], Any]]
    )
    """Searchable fields that are not stored in the document."""


def _email_domain(doc: Doc) -> Any:
    email = doc.get("email")
    return email.rpartition("@")[2] if isinstance(email, str) else None


SCHEMAS: dict[str, Searchable] = {
    "users": Searchable(
        bare=(
            "email",
            "name",
            "given_name",
            "family_name",
            "nickname",
            "username",
            "phone_number",
            "user_id",
        ),
        folded=frozenset(
            ("email", "email.domain", "name", "given_name", "family_name", "nickname")
        ),
        plain=("user_metadata",),
        hidden=(
            "multifactor",
            "multifactor_last_modified",
            "last_password_reset",
            "picture",
            "blocked_for",
            "guardian_authenticators",
        ),
        derived={
            "email.domain": _email_domain,
            "organization_id": lambda doc: doc.get("_organizations"),
        },
    ),
    "logs": Searchable(
        bare=("client_name", "connection", "description", "ip", "log_id", "type", "user_name")
    ),
    "clients": Searchable(bare=("name", "client_id"), folded=frozenset(("name",))),
    "organizations": Searchable(
        bare=("name", "display_name", "id"), folded=frozenset(("name", "display_name"))
    ),
    "custom_domains": Searchable(
        bare=("domain", "custom_domain_id"), folded=frozenset(("domain",))
    ),
    "client_grants": Searchable(bare=("client_id", "audience")),
    "resource_servers": Searchable(bare=("name", "identifier"), folded=frozenset(("name",))),
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A compiled query: a predicate on documents."""

    test: Test
    exact: dict[str, str]
    """Field -> value that every match must have, for an index to narrow the search; the values
    of fields that are compared ignoring case are in lower case."""

    def __call__(self, doc: Doc) -> bool:
        return self.test(doc)


@lru_cache(maxsize=512)
def compile(q: str, schema_name: str) -> Predicate:
    """Return the predicate of a query; raises 400 ``invalid_query_string``, as the API does.

    ``schema_name`` is a key of `SCHEMAS`.
    """
    schema = SCHEMAS[schema_name]
    if not q.strip():
        return Predicate(lambda doc: True, {})
    try:
        parsed = parse(q)
        test = _Reader(schema).read(parsed, None)
    except (ParseError, RecursionError):
        raise messages.invalid_search(q) from None
    return Predicate(test, dict(_exact(parsed, schema)))


# --- the tree to closures ----------------------------------------------------------------------


class _Reader:
    def __init__(self, schema: Searchable) -> None:
        self._schema = schema

    def read(self, node: Any, name: str | None) -> Test:
        """Return the predicate of a node whose terms apply to the field ``name``."""
        match node:
            case tree.SearchField():
                if name is not None:
                    raise messages.invalid_search("a field cannot hold another field")
                if node.name == "_exists_":
                    return self._exists(_text(node.expr))
                return self.read(node.expr, _unescaped(node.name))
            case tree.Group() | tree.FieldGroup() | tree.Plus() | tree.Boost():
                return self.read(node.children[0], name)
            case tree.AndOperation():
                return _all([self.read(child, name) for child in node.children])
            case tree.OrOperation():
                return _any([self.read(child, name) for child in node.children])
            case tree.Not() | tree.Prohibit():
                test = self.read(node.children[0], name)
                return lambda doc: not test(doc)
            case tree.UnknownOperation():
                return self._clauses(node.children, name)
            case tree.Word() | tree.Phrase() | tree.Range() | tree.From() | tree.To():
                return self._term(node, name)
            case _:
                raise messages.invalid_search(f"{type(node).__name__} is not supported")

    def _clauses(self, nodes: tuple[Any, ...], name: str | None) -> Test:
        """Terms side by side: all of ``+``, none of ``-`` and NOT, else any."""
        must = [self.read(n, name) for n in nodes if isinstance(n, tree.Plus)]
        never = [self.read(n, name) for n in nodes if isinstance(n, (tree.Not, tree.Prohibit))]
        signed = (tree.Plus, tree.Not, tree.Prohibit)
        some = [self.read(n, name) for n in nodes if not isinstance(n, signed)]

        needed = must + never
        return _all(needed if must or not some else [*needed, _any(some)])

    def _term(self, node: Any, name: str | None) -> Test:
        if name is not None:
            return self._field(node, name)
        if isinstance(node, tree.Word) and node.value == "*":
            return lambda doc: True
        if (isinstance(node, tree.Word) and not _is_wild(node)) or isinstance(node, tree.Phrase):
            text = _text(node)
            return _equal_somewhere(text, self._schema.bare, self._schema.folded)
        return _any([self._field(node, each) for each in self._schema.bare])

    def _field(self, node: Any, name: str) -> Test:
        if _below(name, self._schema.hidden):
            return lambda doc: False
        wild = _is_wild(node)
        ranged = isinstance(node, (tree.Range, tree.From, tree.To))
        if (wild or ranged) and _below(name, self._schema.plain):
            kind = "Wildcards" if wild else "Ranges"
            raise messages.invalid_search(f"{kind} are not supported on {name}")
        if wild and node.value == "*":
            return self._exists(name)
        return self._one_of(name, _value_test(node, wild, name in self._schema.folded))

    def _exists(self, name: str) -> Test:
        return self._one_of(name, lambda value: value is not None and value != {})

    def _one_of(self, name: str, fits: ValueTest) -> Test:
        """Return a predicate on the values of a field; None never matches."""
        derive = self._schema.derived.get(name)
        if derive is not None:
            return lambda doc: any(map(fits, reached(derive(doc), ())))
        return _at(tuple(name.split(".")), fits)


def _all(tests: list[Test]) -> Test:
    """Return the conjunction of predicates: a tree of pairs, which is faster than a generator."""
    if len(tests) == 1:
        return tests[0]
    left, right = _all(tests[: len(tests) // 2]), _all(tests[len(tests) // 2 :])
    return lambda doc: left(doc) and right(doc)


def _any(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    left, right = _any(tests[: len(tests) // 2]), _any(tests[len(tests) // 2 :])
    return lambda doc: left(doc) or right(doc)


def _at(path: tuple[str, ...], fits: ValueTest) -> Test:
    """Return a predicate on the value at a path; plain paths need no generator."""
    first, *rest = path

    def test(doc: Doc) -> bool:
        value = doc.get(first)
        for part in rest:
            if type(value) is not dict:
                break
            value = value.get(part)
        else:
            if type(value) is not list:
                return value is not None and fits(value)
        return value is not None and any(map(fits, reached(doc, path)))

    return test


def reached(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield every value at a path, through one level of array."""
    if is_array(value):
        for item in value:
            yield from reached(item, path)
    elif not path:
        yield value
    elif is_object(value) and path[0] in value:
        yield from reached(value[path[0]], path[1:])


def _below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


# --- one value ---------------------------------------------------------------------------------


def _value_test(node: Any, wild: bool, folded: bool) -> ValueTest:
    if isinstance(node, tree.Range):
        low, high = _text(node.low), _text(node.high)
        return _between(low, node.include_low, high, node.include_high)
    if isinstance(node, tree.From):
        return _between(_text(node.a), node.include, "*", True)
    if isinstance(node, tree.To):
        return _between("*", True, _text(node.a), node.include)
    if wild:
        return _like(node.value, folded)
    return _equal(_text(node), folded)


def _equal(text: str, folded: bool) -> ValueTest:
    wanted = text.lower() if folded else text
    number = _number(wanted)

    def equal(value: Any) -> bool:
        if isinstance(value, str):
            return (value.lower() if folded else value) == wanted
        if isinstance(value, bool):
            return wanted == ("true" if value else "false")
        return number is not None and isinstance(value, (int, float)) and value == number

    return equal


def _equal_somewhere(text: str, names: tuple[str, ...], folded: frozenset[str]) -> Test:
    """Return the predicate: one of some plain fields equals a string."""
    fields = [(name, _equal(text, name in folded)) for name in names]
    size = len(text)

    def test(doc: Doc) -> bool:
        for name, fits in fields:
            value = doc.get(name)
            if value is None or (type(value) is str and len(value) != size and value.isascii()):
                continue
            if any(map(fits, reached(value, ()))):
                return True
        return False

    return test


def _is_wild(node: Any) -> bool:
    return isinstance(node, tree.Word) and "*" in _ESCAPE.sub("", node.value)


_PIECE = re.compile(r"(?:\\.|[^*\\])+|\*|\\")


def _like(text: str, folded: bool) -> ValueTest:
    """Return the predicate of a term with wildcards, linear in the value's length."""
    literals = [""]
    for piece in _PIECE.findall(text):
        if piece == "*":
            literals.append("")
        else:
            literals[-1] += _unescaped(piece)
    if text.startswith("*") and sum(map(len, literals)) < SUFFIX_LITERALS:
        raise messages.invalid_search(
            f"a leading wildcard needs at least {SUFFIX_LITERALS} characters: {text}"
        )
    if folded:
        literals = [literal.lower() for literal in literals]
    first, *middle, last = literals

    def fits(value: str) -> bool:
        """Search each literal after the end of the one before it."""
        place, end = len(first), len(value) - len(last)
        if place > end or not (value.startswith(first) and value.endswith(last)):
            return False
        for literal in middle:
            found = value.find(literal, place, end)
            if found < 0:
                return False
            place = found + len(literal)
        return True

    like = fits if middle or last else lambda value: value.startswith(first)

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                return False
            value = str(value)
        return like(value.lower() if folded else value)

    return test


def _between(low: str, with_low: bool, high: str, with_high: bool) -> ValueTest:
    above = None if low == "*" else _bound(low, with_low, after=False)
    below = None if high == "*" else _bound(high, with_high, after=True)

    def test(value: Any) -> bool:
        if value is None or isinstance(value, (bool, dict)):
            return False
        return (above is None or above(value)) and (below is None or below(value))

    return test


def _bound(bound: str, equal: bool, *, after: bool) -> ValueTest:
    """Return the predicate of a range bound; a date bound means its complete period."""
    number = _number(bound)
    period = bound.removesuffix("Z") if _DATE.fullmatch(bound) else None
    wanted = bound if period is None else period
    length = None if period is None else len(period)

    def test(value: Any) -> bool:
        if isinstance(value, (int, float)):
            if number is None:
                return False
            if value == number:
                return equal
            return value < number if after else number < value
        text = str(value)[:length]
        if text == wanted:
            return equal
        return text < wanted if after else wanted < text

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(node: Any) -> str:
    """Return the text of a term, without quotes and escapes."""
    value = getattr(node, "value", None)
    if not isinstance(value, str):
        raise messages.invalid_search("a term is expected")
    return _unescaped(value[1:-1] if isinstance(node, tree.Phrase) else value)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _exact(node: Any, schema: Searchable) -> Iterator[tuple[str, str]]:
    """Return the plain ``field:value`` conditions that every match must meet."""
    if isinstance(node, tree.AndOperation):
        for child in node.children:
            yield from _exact(child, schema)
    elif isinstance(node, tree.SearchField) and node.name != "_exists_":
        term = node.expr
        if isinstance(term, (tree.Word, tree.Phrase)) and not _is_wild(term):
            value = _text(term)
            yield node.name, value.lower() if node.name in schema.folded else value


__all__ = ["SCHEMAS", "Predicate", "Searchable", "compile"]
