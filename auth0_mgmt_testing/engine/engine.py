"""The way of a request through the fake: short stages, each passes it on or answers.

door → route → limit → fault → authenticate → authorise → validate → behave → log → journal → answer
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from ..catalogue import Handler, catalogue
from ..state.store import Key, State, Transaction
from . import messages, tokens
from .answer import Answer, answer_json
from .audit import failure, success
from .call import Call, Caller, Params, Reply, World
from .judge import judge
from .keyring import Keyring
from .problem import Problem
from .request import Request
from .router import BASE, Router

if TYPE_CHECKING:
    from ..tenant import FakeTenant


class UnactedParameterWarning(UserWarning):
    """A query parameter was accepted that the fake does not act on."""


class UnactedParameter(AssertionError):
    """The same in strict mode."""


@cache
def router() -> Router:
    """The table of everything that a tenant answers, built once; paths from the host's root."""
    table = Router(route.operation for route in catalogue().routes.values())
    for operation in operations():
        table.add(operation, BASE)
    return table


_NOWHERE: Operation[Any] = Operation("", "", "GET", "")
"""Stands for the operation where none is asked."""


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
        case. Never raises for a bad request: what a tenant would refuse is an answer. What a
        fault does to the answer on its way is for the door to play.
        """
        tenant = self._tenant
        path, _, search = target.partition("?")
        lower = {name.lower(): value for name, value in headers.items()}
        row, params = router().find(method, path) or (None, {})
        request = Request(method, path, row, params, tenant.time(), search, lower, body)
        answer = self._limited(request) if tenant.rate_limits.on else self._spoilt(request)
        request.status = answer.status
        tenant.requests.add(request)
        return answer

    # The stages.

    def _limited(self, request: Request) -> Answer:
        """Take the request's tokens; say on the answer what is left."""
        limits = self._tenant.rate_limits
        outside = not request.path.startswith(BASE + "/")
        verdict = limits.take(request.row, request.search, request.time, outside=outside)
        if verdict.events:
            with self._tenant.lock:
                call = self._call(request, request.row or _NOWHERE)
                for type, description in verdict.events:
                    self._tenant.write_log(call, {"type": type, "description": description})
                self._tenant.commit(call.tx.commit())
        if verdict.over:
            return limits.refuse(request.row, verdict)
        answer = self._spoilt(request)
        answer.headers.update(verdict.headers)
        return answer

    def _spoilt(self, request: Request) -> Answer:
        """Let a fault strike, before or after the request is carried out."""
        fault = self._tenant.faults.strike(request.row) if request.row is not None else None
        if fault is None:
            return self._answered(request)
        answer = Answer(0) if fault.instead else self._answered(request)
        return fault.spoil(answer, request.time)

    def _answered(self, request: Request) -> Answer:
        """What the tenant answers where nothing is in the way."""
        row = request.row
        try:
            if row is None:
                raise messages.no_such_route()
            if (route := catalogue().routes.get(row.id)) is not None:
                return self._outside(request, route.operation, route.handler)
            return self._operate(request, row)
        except Problem as problem:
            return answer_json(problem.status, problem.body(), problem.headers)

    def _outside(self, request: Request, row: Operation[Any], handler: Handler) -> Answer:
        """What a tenant answers outside of the Management API: nothing is asked beforehand."""
        call = self._call(request, row)
        call.query = Params(dict(parse_qsl(request.search, keep_blank_values=True)))
        call.query.seen.update(call.query)  # no contract says what may be given here
        call.body = request.body
        return self._read(call, handler) if row.method == "GET" else self._write(call, handler)

    def _operate(self, request: Request, row: Operation[Any]) -> Answer:
        """An operation of the Management API: judged, then left to its behaviour."""
        tenant = self._tenant
        headers = request.sent_headers
        caller = tokens.verify(
            headers.get("authorization"),
            domain=tenant.domain,
            now=request.time,
            strict=tenant.auth == "strict",
            keys=Keyring(tenant.state),
        )
        call = self._call(request, row)
        call.caller = caller
        if row.method == "GET":
            return self._read(call, self._admitted(request, call))
        try:
            return self._write(call, self._admitted(request, call), request)
        except Problem as problem:
            if problem.status < 500:
                with tenant.lock:
                    call.tx = Transaction(tenant.state, catalogue().schema)
                    tenant.write_log(call, failure(request, call, problem))
                    tenant.commit(call.tx.commit())
            raise

    def _admitted(self, request: Request, call: Call) -> Handler:
        """The handler of an operation, for a request with the scopes and form that it needs."""
        row = call.operation
        if row.scopes and not call.caller.may(*row.scopes):
            raise messages.insufficient_scope(row.scopes)
        search = request.search
        pairs = parse_qsl(search, keep_blank_values=True) if search else []
        media = request.sent_headers.get("content-type", "")
        judged = judge().check(row.id, call.path, pairs, media, request.body)
        call.path, call.query, call.body = judged.path, Params(judged.query), judged.body
        behaviour = catalogue().behaviours.get(row.id)
        if behaviour is None or behaviour.kind == "unsupported":
            raise messages.not_implemented(row.id, behaviour.reason if behaviour else "")
        if behaviour.eventual:
            call.tx = Transaction(self._tenant.searched(), catalogue().schema)
        return behaviour.handler

    def _call(self, request: Request, row: Operation[Any]) -> Call:
        tenant = self._tenant
        tx = Transaction(tenant.state, catalogue().schema)
        return Call(
            row, tenant, tx, request.params, Params({}), None, Caller(), request.sent_headers
        )

    def _read(self, call: Call, handler: Handler) -> Answer:
        """Reading takes no lock: the state that it works on never changes."""
        return self._behave(call, handler)[0]

    def _write(self, call: Call, handler: Handler, request: Request | None = None) -> Answer:
        """Writing happens one at a time; only a success takes effect.

        ``request``: what to tell in the tenant's log; None tells nothing.
        """
        tenant = self._tenant
        with tenant.lock:
            call.tx = Transaction(tenant.state, catalogue().schema)
            answer, value = self._behave(call, handler)
            if answer.status < 400:
                tell(call)
                for event in call.events:
                    tenant.write_log(call, event)
                if request is not None:
                    tenant.write_log(call, success(request, call, answer, value))
                if call.tx.changed:
                    tenant.commit(call.tx.commit())
        return answer

    def _behave(self, call: Call, handler: Handler) -> tuple[Answer, Any]:
        """The handler's answer, and its value before it became text."""
        value = handler(call)
        self._report(call.operation, call.query)
        if isinstance(value, Reply):
            return answer_json(value.status, value.value, value.headers), value.value
        return answer_json(call.operation.statuses[0], value), value

    def _report(self, operation: Operation[Any], params: Params) -> None:
        for name in params.unseen():
            text = f"{operation.method} {operation.path}: the fake does not act on {name!r}"
            if self._tenant.strict:
                raise UnactedParameter(text)
            if (operation.id, name) not in self._reported:
                self._reported.add((operation.id, name))
                warnings.warn(text, UnactedParameterWarning, stacklevel=2)


def tell(call: Call) -> None:
    """Let those who watch a table know what became of its documents.

    What they write in their turn is told as well.
    """
    watchers = catalogue().watchers
    told: set[tuple[str, Key]] = set()
    while news := [place for place in call.tx.touched if place not in told]:
        for table, key in news:
            told.add((table, key))
            for watcher in watchers.get(table, ()):
                watcher(call, call.tx.touched[table, key], call.tx.get(table, key))


def fresh_state(tenant: World) -> State:
    """What a new tenant holds, put by every family's setups."""
    known = catalogue()
    tx = Transaction(State(), known.schema)
    call = Call(_NOWHERE, tenant, tx, {}, Params({}), None, Caller(), {})
    for setup in known.setups:
        setup(call)
    return tx.commit()
