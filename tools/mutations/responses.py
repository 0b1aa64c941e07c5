"""Faulty responses: an extra member, a dropped one, a wrong type, in every operation's response.

The suite runs once, to learn which tests call an operation and what it responds with. Then each
faulty response is put in, in this process, and tests that call the operation run until one fails.
The fake validates its responses meanwhile, as in every run of the project's tests.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from typing import Any
from unittest.mock import patch
from zlib import crc32

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt.resources import operations
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.engine.context import Reply, RequestContext

from .laboratory import Laboratory, experiment

EXTRA = "member_that_nobody_declared"
IN_PROCESS = ("tests/contract/", "tests/fake/")
"""Where tests are that the fake responds to in their own process; the first are preferred."""
SAMPLE = (
    "actions.create", "attack_protection.brute_force_protection.get", "branding.update",
    "client_grants.list", "clients.create", "clients.get", "clients.rotate_secret",
    "connections.create", "connections.list", "custom_domains.get", "emails.provider.get",
    "event_streams.create", "flows.get", "forms.update", "guardian.factors.list", "jobs.get",
    "keys.signing.list", "log_streams.create", "logs.list", "organizations.members.list",
    "resource_servers.update", "roles.list", "tenants.settings.get", "users.create",
    "users.identities.link", "users.list",
)  # fmt: skip
"""Operations of every kind, for a short run."""

Change = Callable[[dict[str, Any], str], dict[str, Any]]


def extra(body: dict[str, Any], member: str) -> dict[str, Any]:
    """A member that the contract does not declare."""
    return {**body, EXTRA: True}


def dropped(body: dict[str, Any], member: str) -> dict[str, Any]:
    """Without the member."""
    return {name: value for name, value in body.items() if name != member}


def mistyped(body: dict[str, Any], member: str) -> dict[str, Any]:
    """The member, where there is one, has a value of another type."""
    if member not in body:
        return body
    wrong = "text" if isinstance(body[member], dict | list) else [{"wrong": 1}]
    return {**body, member: wrong}


CHANGES: dict[str, Change] = {"extra": extra, "dropped": dropped, "mistyped": mistyped}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one faulty response; ``noticed_by`` is empty where it survived."""

    operation: str
    change: str
    member: str
    noticed_by: str = ""


@dataclass
class _Responses:
    """What one operation responds with in the suite: in which tests, and with which members."""

    tests: dict[str, None] = field(default_factory=dict[str, None])
    members: set[str] = field(default_factory=set[str])

    def note(self, test: str, value: Any) -> None:
        found = _objects(value)
        if found or _is_plain(value):
            self.tests[test] = None
            self.members.update(*found)

    def changes(self) -> dict[str, Change]:
        """What can be done to them: where there is no object, one comes."""
        return CHANGES if self.members else {"extra": extra}


def _is_plain(value: Any) -> bool:
    """Whether a response without objects can be given one: not a file, not a stream.

    A client of a faulty stream connects again without end.
    """
    return value is None or isinstance(value, (dict, list, str, int, float))


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a response that are changed: the items of its list, or itself."""
    if is_object(value):
        for item in value.values():
            if len(value) < 6 and (found := _objects(item) if is_array(item) else []):
                return found
        return [value] if value else []
    if is_array(value):
        return [item for item in value if is_object(item) and item]
    return []


def _changed(value: Any, change: Change, member: str) -> Any:
    """A copy of the response with its objects changed; where it has none, with what one becomes."""
    copy = deepcopy(value)
    objects = _objects(copy)
    if not objects and _is_plain(value) and (new := change({}, member)):
        return [*value, new] if isinstance(value, list) else new
    for found in objects:
        wrong = change(found, member)
        found.clear()
        found.update(wrong)
    return copy


def _wrapped(respond: Callable[[Any], Any]) -> Callable[[Any], Callable[[RequestContext], Any]]:
    """Handlers whose value, bare or in a `Reply`, goes through ``respond``."""

    def wrap(handler: Any) -> Callable[[RequestContext], Any]:
        def wrong(context: RequestContext) -> Any:
            value = handler(context)
            if not context.is_request:
                return value
            if isinstance(value, Reply):
                return replace(value, value=respond(value.value))
            return respond(value)

        return wrong

    return wrap


@contextlib.contextmanager
def _behaviours(wraps: dict[str, Callable[[Any], Any]]) -> Generator[None]:
    """Put handlers in; the right ones are back afterwards."""
    behaviours = registry().behaviours
    faulty = {
        name: replace(behaviours[name], handler=wrap(behaviours[name].handler))
        for name, wrap in wraps.items()
    }
    with patch.dict(behaviours, faulty):
        yield


def _learn(laboratory: Laboratory) -> dict[str, _Responses]:
    """By operation: what it responds with. Raises RuntimeError where a test fails anyway."""
    learned = {name: _Responses() for name in registry().behaviours}

    def noting(responses: _Responses) -> Callable[[Any], Any]:
        def respond(value: Any) -> Any:
            responses.note(laboratory.current, value)
            return value

        return _wrapped(respond)

    with _behaviours({name: noting(responses) for name, responses in learned.items()}):
        failing = [name for name, passed in laboratory.run(laboratory.items) if not passed]
    if failing:
        raise RuntimeError(f"{failing[0]} fails on the fake as it is")
    return {name: found for name, found in sorted(learned.items()) if found.tests}


def callers_of(called: Mapping[str, Mapping[str, list[str]]], names: Iterable[str]) -> list[str]:
    """The tests that had operations succeed (all operations, where none are named).

    ``called`` is what ``pytest --auth0-operations`` wrote: by operation id.
    """
    wanted, found = set(names), dict[str, None]()
    for operation in operations():
        if wanted and operation.name not in wanted:
            continue
        tests = called.get(operation.id, {}).get("tests", [])
        for folder in IN_PROCESS:
            if chosen := [test for test in tests if test.startswith(folder)]:
                found.update(dict.fromkeys(chosen))
                break
    return list(found)


def member_of(operation: str, members: Iterable[str]) -> str:
    """The member that is dropped or mistyped: one for each operation, whichever it is."""
    ordered = sorted(members)
    return ordered[crc32(operation.encode()) % len(ordered)] if ordered else ""


def _share(suite: Sequence[str], names: Iterable[str], part: int, parts: int) -> list[Outcome]:
    """Try every ``parts``-th operation, beginning with number ``part``."""
    wanted, found = set(names), list[Outcome]()

    def work(laboratory: Laboratory) -> None:
        learned = _learn(laboratory)
        chosen = [name for name in learned if not wanted or name in wanted]
        for name in chosen[part::parts]:
            responses = learned[name]
            member = member_of(name, responses.members)
            for label, change in responses.changes().items():
                faulty = partial(_changed, change=change, member=member)
                with _behaviours({name: _wrapped(faulty)}):
                    noticed_by = laboratory.first_failure(responses.tests)
                shown = EXTRA if change is extra else member
                found.append(Outcome(name, label, shown, noticed_by))

    experiment(suite, work)
    return found


def outcomes(suite: Sequence[str], names: Iterable[str] = (), jobs: int = 1) -> list[Outcome]:
    """Every faulty response (of the named operations, or all), and which test noticed it."""
    if jobs == 1:
        return _share(suite, names, 0, 1)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(_share, suite, tuple(names), part, jobs) for part in range(jobs)]
        return sorted(
            (each for share in shares for each in share.result()),
            key=lambda each: each.operation,
        )
