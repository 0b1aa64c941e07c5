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

from .._registry import Handler, registry
from ..contract.router import BASE, Router
from ..errors import UnsupportedParameterError, UnsupportedParameterWarning
from ..state.store import Key, State, Transaction
from . import messages, tokens
from .context import Params, Principal, Reply, RequestContext, TenantContext
from .errors import APIError
from .keyring import Keyring
from .request import LoggedRequest
from .response import Response, json_response
from .tenant_log import failure_event, success_event
from .validation import request_validator

if TYPE_CHECKING:
    from ..tenant import FakeTenant


@cache
def router() -> Router:
    """The table of everything that a tenant answers, built once; paths from the host's root."""
    table = Router(route.operation for route in registry().routes.values())
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
    ) -> Response:
        """Answer one request.

        ``target`` is the path and query as sent (encoded); header names are compared in lower
        case. Never raises for a bad request: what a tenant would refuse is an answer. What a
        fault does to the answer on its way is for the door to play.
        """
        tenant = self._tenant
        path, _, search = target.partition("?")
        lower = {name.lower(): value for name, value in headers.items()}
        row, params = router().find(method, path) or (None, {})
        request = LoggedRequest(method, path, row, params, tenant.time(), search, lower, body)
        answer = self._limited(request) if tenant.rate_limits.enabled else self._spoilt(request)
        request.status = answer.status
        tenant.requests.add(request)
        return answer

    # The stages.

    def _limited(self, request: LoggedRequest) -> Response:
        """Take the request's tokens; say on the answer what is left."""
        limits = self._tenant.rate_limits
        outside = not request.path.startswith(BASE + "/")
        verdict = limits.take(request.row, request.search, request.time, outside=outside)
        if verdict.events:
            with self._tenant.lock:
                context = self._call(request, request.row or _NOWHERE)
                for type, description in verdict.events:
                    self._tenant.write_log(context, {"type": type, "description": description})
                self._tenant.commit(context.tx.commit())
        if verdict.over:
            return limits.refuse(request.row, verdict)
        answer = self._spoilt(request)
        answer.headers.update(verdict.headers)
        return answer

    def _spoilt(self, request: LoggedRequest) -> Response:
        """Let a fault strike, before or after the request is carried out."""
        fault = self._tenant.faults.match(request.row) if request.row is not None else None
        if fault is None:
            return self._answered(request)
        answer = Response(0) if fault.replaces_response else self._answered(request)
        return fault.apply(answer, request.time)

    def _answered(self, request: LoggedRequest) -> Response:
        """What the tenant answers where nothing is in the way."""
        row = request.row
        try:
            if row is None:
                raise messages.no_such_route()
            if (route := registry().routes.get(row.id)) is not None:
                return self._outside(request, route.operation, route.handler)
            return self._operate(request, row)
        except APIError as problem:
            return json_response(problem.status, problem.body(), problem.headers)

    def _outside(self, request: LoggedRequest, row: Operation[Any], handler: Handler) -> Response:
        """What a tenant answers outside of the Management API: nothing is asked beforehand."""
        context = self._call(request, row)
        context.query = Params(dict(parse_qsl(request.search, keep_blank_values=True)))
        context.query.seen.update(context.query)  # no contract says what may be given here
        context.body = request.body
        return (
            self._read(context, handler) if row.method == "GET" else self._write(context, handler)
        )

    def _operate(self, request: LoggedRequest, row: Operation[Any]) -> Response:
        """An operation of the Management API: judged, then left to its behaviour."""
        tenant = self._tenant
        headers = request.sent_headers
        caller = tokens.verify(
            headers.get("authorization"),
            domain=tenant.domain,
            now=request.time,
            strict=tenant.require_issued_tokens,
            keys=Keyring(tenant.state),
        )
        context = self._call(request, row)
        context.caller = caller
        if row.method == "GET":
            return self._read(context, self._admitted(request, context))
        try:
            return self._write(context, self._admitted(request, context), request)
        except APIError as problem:
            if problem.status < 500:
                with tenant.lock:
                    context.tx = Transaction(tenant.state, registry().schema)
                    tenant.write_log(context, failure_event(request, context, problem))
                    tenant.commit(context.tx.commit())
            raise

    def _admitted(self, request: LoggedRequest, context: RequestContext) -> Handler:
        """The handler of an operation, for a request with the scopes and form that it needs."""
        row = context.operation
        if row.scopes and not context.caller.may(*row.scopes):
            raise messages.insufficient_scope(row.scopes)
        search = request.search
        pairs = parse_qsl(search, keep_blank_values=True) if search else []
        media = request.sent_headers.get("content-type", "")
        judged = request_validator().check(row.id, context.path, pairs, media, request.body)
        context.path, context.query, context.body = judged.path, Params(judged.query), judged.body
        behaviour = registry().behaviours.get(row.name)
        if behaviour is None or behaviour.kind == "unsupported":
            raise messages.not_implemented(row.id, behaviour.reason if behaviour else "")
        if behaviour.eventual:
            context.tx = Transaction(self._tenant.searched(), registry().schema)
        return behaviour.handler

    def _call(self, request: LoggedRequest, row: Operation[Any]) -> RequestContext:
        tenant = self._tenant
        tx = Transaction(tenant.state, registry().schema)
        return RequestContext(
            row, tenant, tx, request.params, Params({}), None, Principal(), request.sent_headers
        )

    def _read(self, context: RequestContext, handler: Handler) -> Response:
        """Reading takes no lock: the state that it works on never changes."""
        return self._behave(context, handler)[0]

    def _write(
        self, context: RequestContext, handler: Handler, request: LoggedRequest | None = None
    ) -> Response:
        """Writing happens one at a time; only a success takes effect.

        ``request``: what to tell in the tenant's log; None tells nothing.
        """
        tenant = self._tenant
        with tenant.lock:
            context.tx = Transaction(tenant.state, registry().schema)
            answer, value = self._behave(context, handler)
            if answer.status < 400:
                notify_subscribers(context)
                for event in context.events:
                    tenant.write_log(context, event)
                if request is not None:
                    tenant.write_log(context, success_event(request, context, answer, value))
                if context.tx.changed:
                    tenant.commit(context.tx.commit())
        return answer

    def _behave(self, context: RequestContext, handler: Handler) -> tuple[Response, Any]:
        """The handler's answer, and its value before it became text."""
        value = handler(context)
        self._report(context.operation, context.query)
        if isinstance(value, Reply):
            return json_response(value.status, value.value, value.headers), value.value
        return json_response(context.operation.statuses[0], value), value

    def _report(self, operation: Operation[Any], params: Params) -> None:
        for name in params.unseen():
            text = f"{operation.method} {operation.path}: the fake does not act on {name!r}"
            if self._tenant.unsupported_parameters == "error":
                raise UnsupportedParameterError(text)
            if (operation.id, name) not in self._reported:
                self._reported.add((operation.id, name))
                warnings.warn(text, UnsupportedParameterWarning, stacklevel=2)


def notify_subscribers(context: RequestContext) -> None:
    """Let those who watch a table know what became of its documents.

    What they write in their turn is told as well.
    """
    subscribers = registry().subscribers
    told: set[tuple[str, Key]] = set()
    while news := [place for place in context.tx.touched if place not in told]:
        for table, key in news:
            told.add((table, key))
            for subscriber in subscribers.get(table, ()):
                subscriber(context, context.tx.touched[table, key], context.tx.get(table, key))


def fresh_state(tenant: TenantContext) -> State:
    """What a new tenant holds, put by every family's setups."""
    known = registry()
    tx = Transaction(State(), known.schema)
    context = RequestContext(_NOWHERE, tenant, tx, {}, Params({}), None, Principal(), {})
    for setup in known.setups:
        setup(context)
    return tx.commit()
