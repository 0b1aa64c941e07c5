"""The request pipeline. Each stage passes the request on or responds:

adapter → route → rate limit → fault → authenticate → authorise → validate → behave → respond → log
"""

from __future__ import annotations

import logging
import time
import traceback
import warnings
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from ..contract.router import BASE, Router
from ..errors import (
    BehaviourError,
    ResponseContractError,
    UnsupportedParameterError,
    UnsupportedParameterWarning,
)
from ..state.store import Transaction
from . import messages, tokens
from .absence import absent_of, known_of
from .context import NO_OPERATION, Params, Principal, Reply, RequestContext
from .core import TenantCore
from .errors import APIError
from .keyring import Keyring
from .notifications import notify_subscribers
from .refusal import Refusal, refusal_of
from .registry import Handler, Registry, Route
from .request import RESPONSE_KEPT, LoggedRequest, document_changes
from .response import Response, json_response
from .response_validation import ResponseValidator
from .tenant_log import failure_event, success_event
from .validation import request_validator

_LOG = logging.getLogger("auth0_mgmt_testing")
_FAILS_THE_TEST = (BehaviourError, ResponseContractError, UnsupportedParameterError, Warning)
"""The errors of strict checking, which the engine raises to fail the test."""


class Decision(Protocol):
    """The result of a rate limit for one request."""

    @property
    def over(self) -> bool: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def events(self) -> tuple[dict[str, Any], ...]: ...


class RateLimiter(Protocol):
    """The rate limits of a tenant (`auth0_mgmt_testing.simulation.rate_limits`)."""

    @property
    def enabled(self) -> bool: ...
    def take(
        self, operation: Operation[Any] | None, query: str, now: float, *, outside: bool
    ) -> Any: ...
    def refuse(self, operation: Operation[Any] | None, decision: Any) -> Response: ...


class FaultRule(Protocol):
    """A fault that is due in a request."""

    @property
    def replaces_response(self) -> bool: ...
    def apply(self, response: Response, now: float) -> Response: ...


class FaultRules(Protocol):
    """The faults of a tenant (`auth0_mgmt_testing.simulation.faults`)."""

    def match(self, operation: Operation[Any]) -> FaultRule | None: ...


class RequestSink(Protocol):
    """Where requests are logged (`auth0_mgmt_testing.observation.request_log`)."""

    def add(self, request: LoggedRequest) -> None: ...


def router_of(registry: Registry) -> Router:
    """The routing table of everything that a tenant responds to; paths from the host's root."""
    router = Router(route.operation for route in registry.routes.values())
    for operation in operations():
        router.add(operation, BASE)
    return router


class Engine:
    """Responds to the requests of one tenant."""

    def __init__(
        self,
        core: TenantCore,
        router: Router,
        rate_limits: RateLimiter,
        faults: FaultRules,
        log: RequestSink,
        responses: ResponseValidator | None = None,
    ) -> None:
        self._core = core
        self._router = router
        self._rate_limits = rate_limits
        self._faults = faults
        self._log = log
        self._responses = responses
        self._reported: set[tuple[str, str]] = set()

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response:
        """Respond to one request.

        ``target`` is the path and query as sent (encoded); header names are compared in lower
        case. Invalid requests get a tenant's error response; nothing is raised for them. A
        fault's effect on the connection is `Response.transport_fault`, for the adapter.

        An unexpected exception of a behaviour becomes a logged 500 that names the operation, and
        changes nothing; in strict checking (responses are validated, or unsupported parameters
        are errors) it raises `BehaviourError`.
        """
        path, _, search = target.partition("?")
        lower = {name.lower(): value for name, value in headers.items()}
        operation, params = self._router.find(method, path) or (None, {})
        begun, now = time.perf_counter(), self._core.time()
        request = LoggedRequest(method, path, operation, params, now, search, lower, body)
        limit = self._limit(request) if self._rate_limits.enabled else None
        if limit is not None and limit.over:
            response = self._rate_limits.refuse(operation, limit)
            request.refusal = Refusal("the tenant's rate limits are enabled and used up")
        else:
            fault = self._faults.match(operation) if operation is not None else None
            if fault is not None and fault.replaces_response:
                response = Response(0)
            else:
                response = self._carry_out_logged(request, operation)
            if fault is not None:
                response = fault.apply(response, now)
                if response.status >= 400 or not response.status:
                    request.refusal = Refusal(f"a fault that was set hit it: {fault!r}")
            if limit is not None:
                response.headers.update(limit.headers)
        request.status = response.status
        if len(response.body) <= RESPONSE_KEPT:
            request.response_body = response.body
        request.seconds = time.perf_counter() - begun
        self._log.add(request)
        return response

    def _limit(self, request: LoggedRequest) -> Any:
        """Count the request against its rate limit; log the events of the limit."""
        outside = not request.path.startswith(BASE + "/")
        decision = self._rate_limits.take(
            request.matched, request.search, request.time, outside=outside
        )
        if decision.events:
            with self._core.lock:
                context = self._context(request, request.matched or NO_OPERATION)
                for event in decision.events:
                    sent = {"method": request.method, "path": request.path}
                    details = {**event["details"], "request": sent}
                    self._core.write_log(context, {**event, "details": details})
                self._core.commit(context.tx.commit())
        return decision

    def _carry_out_logged(
        self, request: LoggedRequest, operation: Operation[Any] | None
    ) -> Response:
        """Carry the request out; where that raises, it is in the request log as a 500."""
        try:
            return self._carry_out(request, operation)
        except Exception as error:
            if not isinstance(error, _FAILS_THE_TEST):
                failure = self._failure(request, operation, error)
                if not self._strict:
                    return json_response(failure.status, failure.body())
                error = BehaviourError(failure.message).with_traceback(error.__traceback__)
            request.status = 500
            self._log.add(request)
            raise error

    @property
    def _strict(self) -> bool:
        return self._responses is not None or self._core.unsupported_parameters == "error"

    @staticmethod
    def _failure(
        request: LoggedRequest, operation: Operation[Any] | None, error: Exception
    ) -> APIError:
        """Log where a behaviour raised, without the values that its message may contain."""
        name = operation.name if operation is not None else f"{request.method} {request.path}"
        frames = "".join(traceback.format_tb(error.__traceback__))
        _LOG.error("%s raised %s\n%s", name, type(error).__name__, frames)
        return messages.behaviour_failed(name, error)

    def _carry_out(self, request: LoggedRequest, operation: Operation[Any] | None) -> Response:
        """Authenticate, authorise, validate and behave."""
        try:
            if operation is None:
                if (allowed := self._preflight(request)) is not None:
                    return Response(204, headers=allowed)
                raise messages.no_such_route(self._router.resembling(request.method, request.path))
            context = self._context(request, operation)
            route = self._core.registry.routes.get(operation.id)
            if route is not None:  # outside of the Management API: no token, no contract
                return self._outside(request, context, route)
            context.caller = self._authenticate(request)
            if operation.method == "GET":
                return self._read(context, self._admit(request, context))
            try:
                return self._write(context, self._admit(request, context), request, log=True)
            except APIError as error:
                if error.status < 500:
                    self._log_failure(request, context, error)
                raise
        except APIError as error:
            request.refusal = refusal_of(error)
            missing = error.status == 404 or (error.error_code or "").startswith("inexistent_")
            if missing and operation is not None:
                self._explain_absence(request, error)
            return json_response(error.status, error.body(), error.headers)

    def _explain_absence(self, request: LoggedRequest, error: APIError) -> None:
        """Note which document is not there, and what the tenant and its neighbours know of it."""
        state = self._core.state
        absent = error.absent or (
            None if error.hint else absent_of(request.params, request.body, state)
        )
        if absent is None:
            return
        request.absent = absent
        known = [known_of(absent, state)]
        known += [f"tenant {name!r} has {absent.key}" for name in self._core.elsewhere(absent)]
        request.refusal = Refusal(hint="; ".join(filter(None, known)))

    def _outside(self, request: LoggedRequest, context: RequestContext, route: Route) -> Response:
        """Respond outside of the Management API: writes take effect, also with error responses."""
        context.query = Params(dict(parse_qsl(request.search, keep_blank_values=True)))
        context.query.seen.update(context.query)
        context.body = request.body
        if route.read_only:
            response = self._read(context, route.handler)
        else:
            response = self._write(context, route.handler, request, errors_too=True)
        request.refusal = context.refusal
        if route.cors and (origin := request.sent_headers.get("origin")):
            response.headers |= {"access-control-allow-origin": origin, "vary": "Origin"}
        return response

    def _preflight(self, request: LoggedRequest) -> dict[str, str] | None:
        """Return the CORS headers of a request; None where its origin is not allowed."""
        headers = request.sent_headers
        method = headers.get("access-control-request-method")
        if request.method != "OPTIONS" or not method:
            return None
        found = self._router.find(method, request.path)
        route = None if found is None else self._core.registry.routes.get(found[0].id)
        if route is None or not route.cors:
            return None
        return {
            "access-control-allow-origin": headers.get("origin", "*"),
            "access-control-allow-methods": method,
            "access-control-allow-headers": headers.get("access-control-request-headers", ""),
            "access-control-max-age": "600",
            "vary": "Origin",
        }

    def _authenticate(self, request: LoggedRequest) -> Principal:
        return tokens.verify(
            request.sent_headers.get("authorization"),
            tenant=self._core,
            now=request.time,
            strict=self._core.require_issued_tokens,
            keys=Keyring(self._core.state),
        )

    def _admit(self, request: LoggedRequest, context: RequestContext) -> Handler:
        """Authorise and validate; return the handler of the operation."""
        operation = context.operation
        if operation.scopes and not context.caller.may(*operation.scopes):
            raise messages.insufficient_scope(operation.scopes, context.caller)
        if self._core.check_plan is not None:
            self._core.check_plan(operation.name, request.sent_headers)
        pairs = parse_qsl(request.search, keep_blank_values=True) if request.search else []
        media = request.sent_headers.get("content-type", "")
        valid = request_validator().check(operation.id, context.path, pairs, media, request.body)
        context.path, context.query, context.body = valid.path, Params(valid.query), valid.body
        behaviour = self._core.registry.behaviours.get(operation.name)
        if behaviour is None or behaviour.kind == "unsupported":
            raise messages.not_implemented(operation.name, behaviour.reason if behaviour else "")
        if behaviour.eventual:
            searched = self._core.searched_state()
            context.tx = Transaction(searched, self._core.registry.schema)
        return behaviour.handler

    def _context(self, request: LoggedRequest, operation: Operation[Any]) -> RequestContext:
        core = self._core
        headers = request.sent_headers
        tx = core.transaction()
        context = RequestContext(
            operation, core, tx, request.params, Params({}), None, Principal(), headers
        )
        context.is_request = True
        return context

    def _read(self, context: RequestContext, handler: Handler) -> Response:
        """Read without a lock: the state that the request works on never changes."""
        return self._behave(context, handler)[0]

    def _write(
        self,
        context: RequestContext,
        handler: Handler,
        request: LoggedRequest,
        *,
        log: bool = False,
        errors_too: bool = False,
    ) -> Response:
        """Write one request at a time; only success is committed, unless ``errors_too``.

        ``log``: whether the tenant's log shows the request.
        """
        core = self._core
        with core.lock:
            context.tx = core.transaction()
            response, value = self._behave(context, handler)
            if errors_too or response.status < 400:
                notify_subscribers(context, core.registry)
                for event in context.events:
                    core.write_log(context, event)
                if log:
                    core.write_log(context, success_event(request, context, response, value))
                if context.tx.changed:
                    core.commit(context.tx.commit())
                    request.changes = document_changes(context.tx)
        return response

    def _behave(self, context: RequestContext, handler: Handler) -> tuple[Response, Any]:
        """Return the response, validated against the contract, and its value before encoding."""
        operation = context.operation
        value = handler(context)
        self._report_unsupported(operation, context.query)
        status, headers = operation.success_statuses[0], None
        if isinstance(value, Reply):
            status, headers, value = value.status, value.headers, value.value
        if self._responses is not None and operation.id not in self._core.registry.routes:
            self._responses.check(operation, status, value, partial="fields" in context.query)
        return json_response(status, value, headers), value

    def _log_failure(
        self, request: LoggedRequest, context: RequestContext, error: APIError
    ) -> None:
        with self._core.lock:
            context.tx = self._core.transaction()
            context.roll_back()
            for event in context.events:
                self._core.write_log(context, event)
            self._core.write_log(context, failure_event(request, context, error))
            self._core.commit(context.tx.commit())

    def _report_unsupported(self, operation: Operation[Any], params: Params) -> None:
        for name in params.unseen():
            text = f"{operation.method} {operation.path}: the fake does not act on {name!r}"
            if self._core.unsupported_parameters == "error":
                raise UnsupportedParameterError(text)
            if (operation.id, name) not in self._reported:
                self._reported.add((operation.id, name))
                warnings.warn(text, UnsupportedParameterWarning, stacklevel=2)
