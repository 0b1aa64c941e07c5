"""The smallest set of scopes for a run: a hitting set of what each operation accepts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

_EXACT = 16
"""The number of candidate scopes up to which every combination is tried."""


def smallest_set(accepted: Iterable[Collection[str]]) -> tuple[str, ...]:
    """Return the fewest scopes that include one of every group, sorted and deterministic.

    Any one scope of a group is enough; an empty group requires nothing. Of
    several sets of the same size it is the one with the shortest
    names. Exact for few candidate scopes; for more, each step takes the scope that most
    of the remaining groups accept: a small set, but perhaps not the smallest.
    """
    groups: set[frozenset[str]] = {frozenset(group) for group in accepted if group}
    chosen: set[str] = set()
    for part in _apart({g for g in groups if not any(other < g for other in groups)}):
        scopes = sorted(frozenset[str]().union(*part), key=lambda scope: (len(scope), scope))
        chosen |= _exact(part, scopes) if len(scopes) <= _EXACT else _greedy(part, scopes)
    return tuple(sorted(chosen))


def _apart(groups: set[frozenset[str]]) -> Iterator[set[frozenset[str]]]:
    """Split the groups into parts that share no scope, to be solved separately."""
    left: set[frozenset[str]] = set(groups)
    while left:
        part: set[frozenset[str]] = set()
        reach = left.pop()
        part.add(reach)
        while touched := {group for group in left if group & reach}:
            part |= touched
            left -= touched
            reach = reach.union(*touched)
        yield part


def _exact(groups: set[frozenset[str]], scopes: list[str]) -> set[str]:
    for size in range(1, len(scopes) + 1):
        for tried in combinations(scopes, size):
            if all(group.intersection(tried) for group in groups):
                return set(tried)
    return set(scopes)


def _greedy(groups: set[frozenset[str]], scopes: list[str]) -> set[str]:
    left: set[frozenset[str]] = set(groups)
    chosen: set[str] = set()
    while left:
        best = max(scopes, key=lambda scope: sum(scope in group for group in left))
        chosen.add(best)
        left = {group for group in left if best not in group}
    return chosen
