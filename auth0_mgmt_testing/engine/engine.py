"""The way of a request through the fake: short stages, each passes it on or answers.

door → route → authenticate → authorise → limit / fault → validate → behave → journal → answer
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from ..catalogue import Handler, Route, catalogue
from ..state.store import State, Transaction
from . import messages, tokens
from .call import Call, Caller, Params, Reply, World
from .judge import judge
from .problem import Problem
from .router import Router

if TYPE_CHECKING:
    from ..tenant import FakeTenant

BASE = "/api/v2"
_JSON = "application/json; charset=utf-8"


class UnactedParameterWarning(UserWarning):
    """A query parameter was accepted that the fake does not act on."""


class UnactedParameter(AssertionError):
    """The same in strict mode."""


@dataclass(slots=True)
class Answer:
    """What goes back through the door."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@cache
def router() -> Router:
    """The table of everything that a tenant answers, built once; paths from the host's root."""
    table = Router(route.operation for route in catalogue().routes.values())
    for operation in operations():
        table.add(operation, BASE)
    return table


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body; None is no body."""
    if value is None:
        return Answer(status, b"", dict(headers or {}))
    return Answer(status, _dumps(value).encode(), {"content-type": _JSON, **(headers or {})})


def _answer(status: int, value: Any, headers: Mapping[str, str]) -> Answer:
    """An answer whose value is bytes already, or JSON."""
    if isinstance(value, bytes):
        return Answer(status, value, dict(headers))
    return answer_json(status, value, headers)


class Engine:
    """Answers requests to one tenant."""

    def __init__(self, tenant: FakeTenant) -> None:
        self._tenant = tenant
        self._reported: set[tuple[str, str]] = set()

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Answer one request.

        ``target`` is the path and query as sent (encoded); header names are compared in lower
        case. Never raises for a bad request: what a tenant would refuse is an answer.
        """
        path, _, search = target.partition("?")
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            found = router().find(method, path)
            if found is None:
                raise messages.no_such_route()
            if (route := catalogue().routes.get(found[0].id)) is not None:
                return self._outside(route, found[1], search, lower, body)
            return self._operate(found[0], found[1], search, lower, body)
        except Problem as problem:
            return answer_json(problem.status, problem.body(), problem.headers)

    def _outside(
        self,
        route: Route,
        path: dict[str, str],
        search: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer:
        """What a tenant answers outside of the Management API: nothing is asked beforehand."""
        query = Params(dict(parse_qsl(search, keep_blank_values=True)))
        query.seen.update(query)  # no contract says what may be given here
        return self._run(route.operation, route.handler, path, query, body, Caller(), headers)

    def _operate(
        self,
        operation: Operation[Any],
        path: dict[str, str],
        search: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer:
        tenant = self._tenant
        caller = tokens.verify(
            headers.get("authorization"),
            domain=tenant.domain,
            now=tenant.time(),
            strict=tenant.auth == "strict",
        )
        if operation.scopes and not caller.may(*operation.scopes):
            raise messages.insufficient_scope(operation.scopes)
        pairs = parse_qsl(search, keep_blank_values=True) if search else []
        judged = judge().check(operation.id, path, pairs, headers.get("content-type", ""), body)
        behaviour = catalogue().behaviours.get(operation.id)
        if behaviour is None or behaviour.kind == "unsupported":
            raise messages.not_implemented(operation.id, behaviour.reason if behaviour else "")
        return self._run(
            operation,
            behaviour.handler,
            judged.path,
            Params(judged.query),
            judged.body,
            caller,
            headers,
        )

    def _run(
        self,
        operation: Operation[Any],
        handler: Handler,
        path: dict[str, str],
        query: Params,
        body: Any,
        caller: Caller,
        headers: dict[str, str],
    ) -> Answer:
        """Let a handler answer: reading without a lock, writing one at a time."""
        tenant = self._tenant
        schema = catalogue().schema
        tx = Transaction(tenant.state, schema)
        call = Call(operation, tenant, tx, path, query, body, caller, headers)
        if operation.method == "GET":
            return self._behave(call, handler)
        with tenant.lock:
            call.tx = Transaction(tenant.state, schema)
            answer = self._behave(call, handler)
            if answer.status < 400:
                self._record(call)
                if call.tx.changed:
                    tenant.state = call.tx.commit()
        return answer

    def _behave(self, call: Call, handler: Handler) -> Answer:
        value = handler(call)
        self._report(call.operation, call.query)
        if isinstance(value, Reply):
            return _answer(value.status, value.value, value.headers)
        return answer_json(call.operation.statuses[0], value)

    def _record(self, call: Call) -> None:
        """Write the tenant log events of a successful write."""
        for event in call.events:
            self._tenant.write_log(call, event)

    def _report(self, operation: Operation[Any], params: Params) -> None:
        for name in params.unseen():
            text = f"{operation.method} {operation.path}: the fake does not act on {name!r}"
            if self._tenant.strict:
                raise UnactedParameter(text)
            if (operation.id, name) not in self._reported:
                self._reported.add((operation.id, name))
                warnings.warn(text, UnactedParameterWarning, stacklevel=2)


def fresh_state(tenant: World) -> State:
    """What a new tenant holds, put by every family's setups."""
    known = catalogue()
    tx = Transaction(State(), known.schema)
    nowhere: Operation[Any] = Operation("", "", "GET", "")
    call = Call(nowhere, tenant, tx, {}, Params({}), None, Caller(), {})
    for setup in known.setups:
        setup(call)
    return tx.commit()
