"""What ordinary families of resources say of themselves, and how the shared tests reach them.

A family's file holds a `Family`; `test_collections` and `test_lists` find it there and drive it
through create, read, list, update and delete. What is peculiar is written out below it as tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import pytest

from auth0_mgmt import Management
from auth0_mgmt._json import is_array, is_many, is_mapping
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

Arguments = dict[str, Any]
Declared = TypeVar("Declared")


@dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of thing that a tenant holds many of.

    ``at`` is where its client is (``flows.vault.connections``); ``new`` gives the arguments of a
    create, unique names taken from the factory; ``under`` makes what it hangs on and gives the
    ids that come first in each call. ``missing`` is an id of the right form that nobody has.
    """

    at: str
    new: Callable[[Any], Arguments]
    missing: str
    id: str = "id"
    form: str = ""
    """What every id looks like (a regular expression)."""
    under: Callable[[Any], tuple[str, ...]] | None = None
    change: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The arguments of an update; afterwards they are what a reader sees."""
    moves: tuple[str, ...] = ()
    """Fields that the tenant changes by itself, or that not every answer shows."""
    null: str = ""
    """A field that an update with null clears."""
    unique: str = ""
    """A field of which no two may have the same: the second create answers 409."""
    filters: Mapping[str, tuple[str, Mapping[str, Any]]] = field(
        default_factory=dict[str, tuple[str, Mapping[str, Any]]]
    )
    """Query parameter of the list → the field that it looks at, and what a non-match is made of."""
    secret: tuple[str, ...] = ()
    """Dotted paths of what is written and never read back."""
    once: tuple[str, ...] = ()
    """Fields that only the answer to the create shows."""
    unlisted: tuple[str, ...] = ()
    """Fields that lists leave out."""
    always: tuple[str, ...] = ()
    """Fields that a list shows whatever fields are asked for."""
    absent: str = ""
    """What the 404 says: a regular expression over message and code."""
    absent_delete: int = 0
    """What deleting a missing one answers, where more is known than the contract says."""
    get: str = "get"
    """The method that reads one; ``""`` where there is none."""
    needs: str = ""
    """The entitlement that the tenant's plan must have."""
    items: str = ""
    """Where a list without pages keeps its items; ``""`` where the list is an array."""
    counted: bool = True
    """Whether the list tells the total; some lists only tell start and limit."""
    single: bool = False
    """A tenant holds one at a time."""

    def __repr__(self) -> str:
        return self.at

    def operation(self, method: str) -> Operation[Any] | None:
        return by_name().get(f"{self.at}.{method}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings that a tenant has one of: always there, changed, never deleted.

    ``change`` is what the test changes them to; the test puts back what was there before.
    """

    at: str
    change: Mapping[str, Any]
    get: str = "get"
    update: str = "update"
    ids: tuple[str, ...] = ()
    blank: Any = None
    """What takes a setting back that was not there before: null, or an empty value."""
    default: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is written instead where a tenant has no way to take a setting back."""
    replace: str = ""
    """The method that replaces them whole, where that alone takes away what was not there."""
    secret: tuple[str, ...] = ()
    """Dotted paths of what is written and never read back."""
    needs: str = ""

    def __repr__(self) -> str:
        return ".".join((self.at, *self.ids, self.update))

    @property
    def writes(self) -> tuple[str, ...]:
        """The operations that change them."""
        return tuple(f"{self.at}.{method}" for method in (self.update, self.replace) if method)


class Things:
    """The things of one family on one tenant; what is created is removed afterwards."""

    def __init__(self, family: Family, mgmt: Management, factory: Any) -> None:
        self.family = family
        self.client: Any = attrgetter(family.at)(mgmt)
        self.factory = factory
        self.parents = family.under(factory) if family.under is not None else ()

    def arguments(self) -> Arguments:
        """The arguments of one more create."""
        return self.family.new(self.factory)

    def create(self, arguments: Arguments | None = None, **changes: Any) -> Any:
        given = {**(self.arguments() if arguments is None else arguments), **changes}
        made = self.client.create(*self.parents, **given)
        self.factory.add_cleanup(self.client.delete, *self.parents, self.key(made))
        return made

    def key(self, thing: Any) -> str:
        found = document(thing).get(self.family.id)
        assert isinstance(found, str), f"{self.family} without {self.family.id}: {thing!r}"
        return found

    def read(self, key: str) -> Any:
        if self.family.get:
            return getattr(self.client, self.family.get)(*self.parents, key)
        return next(thing for thing in self.list() if self.key(thing) == key)

    def gone(self) -> str:
        """The id of one that was there and is deleted."""
        key = self.key(self.create())
        self.delete(key)
        return key

    def keys(self, things: Iterable[Any]) -> list[str]:
        return [self.key(thing) for thing in things]

    def list(self, **query: Any) -> Any:
        found = self.client.list(*self.parents, **query)
        return found.get(self.family.items) if self.family.items else found

    def update(self, key: str, **changes: Any) -> Any:
        return self.client.update(*self.parents, key, **changes)

    def delete(self, key: str) -> None:
        self.client.delete(*self.parents, key)


@cache
def by_name() -> dict[str, Operation[Any]]:
    """Every operation of the contract under the client's name for it."""
    return {row.name: row for row in operations()}


def declared(kind: type[Declared], /) -> tuple[Declared, ...]:
    """Everything of a kind that a file of this directory declares, alone or in a tuple."""
    return tuple(one for one in _values() if isinstance(one, kind))


@cache
def _values() -> tuple[object, ...]:
    """The values of the modules of this directory, those of tuples one by one."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
    found = (vars(import_module(f"{__package__}.{name}")).values() for name in modules)
    values = (value if is_many(value) else (value,) for names in found for value in names)
    return tuple(one for some in values for one in some)


def cases(fits: Callable[[Family], bool]) -> pytest.MarkDecorator:
    """One case for each family that fits, skipped where the tenant's plan lacks it."""
    return pytest.mark.parametrize(
        "family", [case(family) for family in declared(Family) if fits(family)]
    )


def case(declaration: Family | Settings) -> Any:
    """A case named after the declaration, with what it needs of the tenant's plan.

    A case of settings says that it changes them: they are put back.
    """
    marks = [pytest.mark.auth0_requires(declaration.needs)] if declaration.needs else []
    if isinstance(declaration, Settings):
        marks.append(pytest.mark.auth0_allow_changes(*declaration.writes))
    return pytest.param(declaration, id=repr(declaration), marks=marks)


def serial(make: Any) -> int:
    """A number that nothing else of the test has."""
    return int(make.name().rpartition("-")[2])


def document(thing: Any) -> Mapping[str, Any]:
    """What the tenant sent, whether the contract has a model for it or not."""
    return thing if is_mapping(thing) else thing.to_dict()


def shows(given: Any, seen: Any) -> bool:
    """Whether all that was given is there to see; what the tenant adds does not matter."""
    if is_mapping(given):
        return is_mapping(seen) and all(
            key in seen and shows(value, seen[key]) for key, value in given.items()
        )
    if is_array(given):
        return (
            is_array(seen)
            and len(given) == len(seen)
            and all(shows(*pair) for pair in zip(given, seen, strict=True))
        )
    return bool(given == seen)


def without(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The document without what the dotted paths name."""
    result = dict(document)
    for path in paths:
        first, _, rest = path.partition(".")
        if not rest:
            result.pop(first, None)
        elif isinstance(result.get(first), Mapping):
            result[first] = without(result[first], [rest])
    return result
