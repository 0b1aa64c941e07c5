"""The registry of every resource module, and the one look-up of operations by name."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from . import authentication, resources
from .authentication import screens
from .contract.operation_lookup import OperationLookup
from .contract.router import Router
from .engine.engine import router_of
from .engine.registry import (
    Behaviour,
    Family,
    LogWriter,
    OperationSupport,
    Registry,
    Route,
    Setup,
    StoredCollection,
    Subscriber,
    Task,
)
from .state.selection import Column
from .state.store import Cascade, Index, Schema, TableSchema


def _modules(*packages: ModuleType) -> Iterator[pkgutil.ModuleInfo]:
    """The direct modules of these packages, by name."""
    for package in packages:
        found = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        yield from sorted(found, key=lambda info: info.name)


def _families() -> Iterator[tuple[pkgutil.ModuleInfo, Family]]:
    """The families with their modules."""
    for info in _modules(resources, authentication, screens):
        family: Family | None = getattr(importlib.import_module(info.name), "family", None)
        if family is not None:
            yield info, family


@cache
def registry() -> Registry:
    """The union of the families of `resources` and `authentication`, loaded once."""
    behaviours: dict[str, Behaviour] = {}
    routes: dict[str, Route] = {}
    collections: dict[str, StoredCollection] = {}
    indexes: dict[str, dict[str, Index]] = {}
    columns: dict[str, dict[str, Column]] = {}
    cascades: dict[str, dict[Cascade, None]] = {}
    subscribers: dict[str, list[Subscriber]] = {}
    tasks: dict[str, Task] = {}
    setups: list[tuple[int, Setup]] = []
    log_writers: list[LogWriter] = []
    for info, family in _families():
        for operation, behaviour in family.behaviours.items():
            if operation in behaviours:
                raise ValueError(f"{operation} is bound by {info.name} and by another family")
            behaviours[operation] = behaviour
        for route in family.routes:
            if route.operation.id in routes:
                raise ValueError(f"{info.name} and another family both handle {route.operation.id}")
            routes[route.operation.id] = route
        collections |= family.collections
        for table, declared in family.indexes.items():
            indexes.setdefault(table, {}).update(declared)
        for table, kept in family.columns.items():
            columns.setdefault(table, {}).update(kept)
        for table, cascade in family.cascades:
            cascades.setdefault(table, {})[cascade] = None
        for table, subscribed in family.subscribers.items():
            subscribers.setdefault(table, []).extend(subscribed)
        tasks |= family.tasks
        setups += family.setups
        log_writers += family.log_writers
    (write_log,) = log_writers
    return Registry(
        behaviours,
        routes,
        collections,
        Schema(
            {
                table: TableSchema(indexes.get(table, {}), columns.get(table, {}))
                for table in indexes.keys() | columns.keys()
            },
            {table: tuple(found) for table, found in cascades.items()},
        ),
        subscribers,
        tasks,
        tuple(setup for _, setup in sorted(setups, key=lambda entry: entry[0])),
        write_log,
    )


@cache
def router() -> Router:
    """Return the routing table of all operations and routes, built once."""
    return router_of(registry())


@cache
def contract_lookup() -> OperationLookup:
    """Return the look-up of the Management API's operations alone, by any of their names."""
    return OperationLookup(operations())


@cache
def operation_lookup() -> OperationLookup:
    """Every operation of the Management API and every route beside it, by any of its names."""
    routes = (route.operation for route in registry().routes.values())
    return OperationLookup((*operations(), *routes))


def operation_support() -> tuple[OperationSupport, ...]:
    """Every operation of the contract, in its order, with the kind of behaviour that it has."""

    places = {
        operation: info.name.removeprefix(f"{__package__}.")
        for info, family in _families()
        for operation in family.behaviours
    }

    def of(operation: Operation[Any]) -> OperationSupport:
        behaviour = registry().behaviours.get(operation.name)
        if behaviour is None:
            return OperationSupport(operation, "unsupported", "nothing is bound to it")
        place, function = places[operation.name], behaviour.handler
        if inspect.isfunction(function) and function.__module__.endswith(f".{place}"):
            place = f"{place}:{inspect.unwrap(function).__code__.co_firstlineno}"
        return OperationSupport(operation, behaviour.kind, behaviour.reason, place)

    return tuple(map(of, operations()))
