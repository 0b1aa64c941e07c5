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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from operator import and_, ge, gt, le, lt, not_, or_
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

from ...state.selection import Part
from ...state.store import Doc
from .. import messages
from .luqum_parser import ParseError, parse, tree
from .searchable import END, SCHEMAS, TEXT, Searchable

Flags: TypeAlias = Sequence[bool]
Test: TypeAlias = Callable[[Part], Flags]
"""Says of each document of a part whether it matches."""


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A test of one value."""

    fits: Callable[[Any], bool]
    texts: Callable[[list[Any]], Flags] | None = None
    """The same test of many values at once, each a string or None, which never fits."""
    numbers: Callable[[list[Any]], Flags] | None = None
    """The same for values of which each is a number or None."""


SUFFIX_LITERALS = 3
"""Characters that a term with a leading ``*`` needs."""

_ESCAPE = re.compile(r"\\(.)")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d(T[0-9:.]*Z?)?)?")


@dataclass(frozen=True, slots=True)
class Predicate:
    """A compiled query."""

    test: Test
    exact: dict[str, str]
    """Field -> value that every match must have, for an index to narrow the search; the values
    of fields that are compared ignoring case are in lower case."""

    def select(self, part: Part) -> list[Doc]:
        """Return the matching documents of a part."""
        return list(compress(part.docs, self.test(part)))

    def __call__(self, doc: Doc) -> bool:
        """Whether one document matches."""
        return bool(self.select(Part([doc])))


@lru_cache(maxsize=512)
def compile(q: str, schema_name: str) -> Predicate:
    """Return the predicate of a query; raises 400 ``invalid_query_string``, as the API does.

    ``schema_name`` is a key of `SCHEMAS`.
    """
    schema = SCHEMAS[schema_name]
    if not q.strip():
        return Predicate(_always, {})
    try:
        parsed = parse(q)
        test = _Reader(schema).read(parsed, None)
    except (ParseError, RecursionError):
        raise messages.invalid_search(q) from None
    return Predicate(test, dict(_exact(parsed, schema)))


def _always(part: Part) -> Flags:
    return [True] * len(part.docs)


def _never(part: Part) -> Flags:
    return [False] * len(part.docs)


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
                return _not(self.read(node.children[0], name))
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
            return _always
        if isinstance(node, (tree.Range, tree.From, tree.To)):
            return _any([self._field(node, each) for each in self._schema.bare])
        return self._bare(node)

    def _bare(self, node: Any) -> Test:
        """Return the test of a term in any of the fields that have no name in the query."""
        schema, wild = self._schema, _is_wild(node)
        tests = [
            (name, _value_test(node, wild, name in schema.folded).fits) for name in schema.bare
        ]

        def matches(doc: Doc) -> bool:
            return any(any(map(fits, reached(doc.get(name), ()))) for name, fits in tests)

        return _containing(_needle(node), schema, _each(matches))

    def _field(self, node: Any, name: str) -> Test:
        if _below(name, self._schema.hidden):
            return _never
        wild = _is_wild(node)
        ranged = isinstance(node, (tree.Range, tree.From, tree.To))
        if (wild or ranged) and _below(name, self._schema.plain):
            kind = "Wildcards" if wild else "Ranges"
            raise messages.invalid_search(f"{kind} are not supported on {name}")
        if wild and node.value == "*":
            return self._exists(name)
        test = self._one_of(name, _value_test(node, wild, name in self._schema.folded))
        if ranged or name not in (*self._schema.bare, *self._schema.contained):
            return test
        needle = _needle(node, whole=name in self._schema.bare)
        return _containing(needle, self._schema, test)

    def _exists(self, name: str) -> Test:
        return self._one_of(name, ValueTest(lambda value: value is not None and value != {}))

    def _one_of(self, name: str, test: ValueTest) -> Test:
        """Return the test of the values of a field; None never matches."""
        derive = self._schema.derived.get(name)
        if derive is not None:
            return _of_values(derive, test)
        return _at(tuple(name.split(".")), test)


def _not(test: Test) -> Test:
    return lambda part: list(map(not_, test(part)))


def _all(tests: list[Test]) -> Test:
    """Return the conjunction of tests: a tree of pairs."""
    if len(tests) == 1:
        return tests[0]
    left, right = _all(tests[: len(tests) // 2]), _all(tests[len(tests) // 2 :])

    def both(part: Part) -> Flags:
        flags = left(part)
        return list(map(and_, flags, right(part))) if True in flags else flags

    return both


def _any(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    left, right = _any(tests[: len(tests) // 2]), _any(tests[len(tests) // 2 :])
    return lambda part: list(map(or_, left(part), right(part)))


def _each(matches: Callable[[Doc], bool]) -> Test:
    """Return the test that asks of one document after the other."""
    return lambda part: list(map(matches, part.docs))


def _containing(needle: str, schema: Searchable, test: Test) -> Test:
    """Return a test for which what matches contains a string, in a field without a name.

    Looking for the string first is much faster.
    """
    if not needle:
        return test

    def containing(part: Part) -> Flags:
        texts: list[str | None] = part.column(TEXT, schema.text)
        whole: str = part.derived(TEXT, lambda part: "" if None in texts else _joined(texts))
        if not whole:
            return test(part)
        if needle not in whole:
            return _never(part)
        flags = [needle in text for text in texts if text is not None]
        found = Part(list(compress(part.docs, flags)))
        rest = iter(test(found))
        return [flag and next(rest) for flag in flags]

    return containing


def _joined(texts: list[str | None]) -> str:
    return "\n".join(filter(None, texts))


def _needle(node: Any, *, whole: bool = True) -> str:
    """Return the longest string that is in the text of every document that fits a term.

    ``whole``: the term is compared with whole values, so that the string is at their ends.
    """
    literals = _literals(node.value) if _is_wild(node) else [_text(node)]
    if len(literals) > 1 and any("\N{GREEK CAPITAL LETTER SIGMA}" in each for each in literals):
        return ""  # in lower case it depends on what follows
    if whole:
        literals[0] = END + literals[0]
        literals[-1] += END
    return max(literals, key=len).lower()


class _Several(list[Any]):
    """The values at a path that goes through an array."""


def _at(path: tuple[str, ...], one: ValueTest) -> Test:
    """Return the test of the values at a path; where there is None the document does not match."""
    first, *rest = path

    def reach(part: Part) -> list[Any]:
        values = part.field(first)
        for depth, name in enumerate(rest, 1):
            values = [
                value.get(name) if type(value) is dict else _through(value, path[depth:])
                for value in values
            ]
        return values

    return _of_values(lambda part: part.derived(("values", path), reach), one)


def _of_values(values_of: Callable[[Part], list[Any]], one: ValueTest) -> Test:
    """Return the test of a value of each document; None does not match."""
    fits, texts, numbers = one.fits, one.texts, one.numbers

    def test(part: Part) -> Flags:
        values = values_of(part)
        kinds = set(map(type, values))
        if texts is not None and kinds <= _TEXTS:
            return texts(values)
        if numbers is not None and kinds <= _NUMBERS:
            return numbers(values)
        if list in kinds or _Several in kinds:
            return [
                any(map(fits, reached(value, ())))
                if isinstance(value, list)
                else value is not None and fits(value)
                for value in values
            ]
        return [value is not None and fits(value) for value in values]

    return test


_TEXTS = {str, type(None)}
_NUMBERS = {int, float, type(None)}


def _through(value: Any, path: tuple[str, ...]) -> Any:
    """Return what is reached in an array, or was; in no other value is anything."""
    if type(value) is list:
        if len(value) == len(path) == 1 and type(value[0]) is dict:
            return value[0].get(path[0])
        return _Several(reached(value, path))
    return value if type(value) is _Several else None


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

    def texts(values: list[Any]) -> Flags:
        if folded:
            return [value is not None and value.lower() == wanted for value in values]
        return [value == wanted for value in values]

    def numbers(values: list[Any]) -> Flags:
        return [number is not None and value == number for value in values]

    return ValueTest(equal, texts, numbers)


def _is_wild(node: Any) -> bool:
    return isinstance(node, tree.Word) and "*" in _ESCAPE.sub("", node.value)


_PIECE = re.compile(r"(?:\\.|[^*\\])+|\*|\\")


def _literals(text: str) -> list[str]:
    """Return what is before, between and after the wildcards of a term."""
    literals = [""]
    for piece in _PIECE.findall(text):
        if piece == "*":
            literals.append("")
        else:
            literals[-1] += _unescaped(piece)
    return literals


def _like(text: str, folded: bool) -> ValueTest:
    """Return the predicate of a term with wildcards, linear in the value's length."""
    literals = _literals(text)
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

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                return False
            value = str(value)
        return fits(value.lower() if folded else value)

    def texts(values: list[Any]) -> Flags:
        if folded:
            values = [value and value.lower() for value in values]
        if middle or last:
            return [value is not None and fits(value) for value in values]
        return [value is not None and value.startswith(first) for value in values]

    return ValueTest(test, texts)


def _between(low: str, with_low: bool, high: str, with_high: bool) -> ValueTest:
    bounds: list[_Bound] = []
    if low != "*":
        bounds.append(_Bound(low, lt if not with_low else le))
    if high != "*":
        bounds.append(_Bound(high, gt if not with_high else ge))

    def test(value: Any) -> bool:
        if value is None or isinstance(value, (bool, dict)):
            return False
        return all(bound.fits(value) for bound in bounds)

    def texts(values: list[Any]) -> Flags:
        flags: Flags = [value is not None for value in values]
        for bound in bounds:
            flags = list(map(and_, flags, bound.texts(values)))
        return flags

    def numbers(values: list[Any]) -> Flags:
        flags: Flags = [value is not None for value in values]
        for bound in bounds:
            flags = list(map(and_, flags, bound.numbers(values)))
        return flags

    return ValueTest(test, texts, numbers)


class _Bound:
    """A bound of a range; a date means its complete period."""

    def __init__(self, bound: str, compare: Callable[[Any, Any], bool]) -> None:
        """``compare``: how the bound compares with values in the range."""
        date = _DATE.fullmatch(bound) is not None
        self._text = bound.removesuffix("Z") if date else bound
        self._length = len(self._text) if date else None
        self._number = _number(bound)
        self._compare = compare

    def fits(self, value: Any) -> bool:
        if isinstance(value, (int, float)):
            return self._number is not None and self._compare(self._number, value)
        return self._compare(self._text, str(value)[: self._length])

    def numbers(self, values: list[Any]) -> Flags:
        """Say of numbers whether they are in the range; None may be said to be."""
        number, compare = self._number, self._compare
        if number is None:
            return [False] * len(values)
        return [value is None or compare(number, value) for value in values]

    def texts(self, values: list[Any]) -> Flags:
        """Say of strings whether they are in the range; None may be said to be."""
        text, length, compare = self._text, self._length, self._compare
        if compare is le:  # what begins with the bound comes after it
            return [value is None or text <= value for value in values]
        return [value is None or compare(text, value[:length]) for value in values]


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
