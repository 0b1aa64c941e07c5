"""`TenantCore`: one tenant's state, clock and lock, as the engine and direct access work on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from ..state.clock import Clock
from ..state.history import StateHistory
from ..state.store import Doc, State, Transaction
from .absence import Absent
from .context import (
    NO_OPERATION,
    SCHEDULE,
    ActionSettings,
    Params,
    Principal,
    RequestContext,
    TenantContext,
)
from .hosts import is_loopback_url
from .own_requests import OwnRequests
from .registry import Registry
from .scheduler import has_due_tasks, run_due_tasks


class TenantCore:
    """A tenant without its public interface.

    ``first_state`` returns the state of a new tenant, and after a reset.
    """

    def __init__(
        self,
        domain: str,
        random_seed: int | str,
        clock: Clock,
        registry: Registry,
        first_state: State,
    ) -> None:
        self.domain = domain
        self.id_seed = random_seed
        self.clock = clock
        self.registry = registry
        self.require_issued_tokens = False
        self.unsupported_parameters: Literal["warn", "error"] = "warn"
        self.actions = ActionSettings()
        """How the code of actions runs."""
        self.build_delay = 0.0
        """Seconds, by the tenant's clock, that an action stays ``pending`` after each change."""
        self.check_plan: Callable[[str, Mapping[str, str]], None] | None = None
        """Called with an operation's client name and the request's headers; raises where the plan
        excludes it."""
        self.unavailable_features: frozenset[str] = frozenset()
        """Features that the tenant's plan does not include, by name."""
        self.aliases: frozenset[str] = frozenset()
        """Hosts that the tenant is reached at besides its domain: their URLs' audiences and
        assertions are accepted."""
        self.elsewhere: Callable[[Absent], Iterable[str]] = lambda absent: ()
        """The names of the server's other tenants that have a document."""
        self.on_commit: Callable[[State, State], None] | None = None
        """Called with the old and the new state before a change takes effect; if it raises, the
        change does not."""
        self.calls: Callable[[str], bool] = is_loopback_url
        """Whether what goes to a URL is really sent (`auth0_mgmt_testing.observation`)."""
        self.own_requests: OwnRequests | None = None
        """What responds to the requests that actions send to the tenant."""
        self.lock = threading.RLock()
        self._state = first_state
        self._search_delay = 0.0
        self._history = StateHistory(first_state)

    def time(self) -> float:
        """Return seconds since the epoch by the tenant's clock."""
        return self.clock.time()

    @property
    def state(self) -> State:
        """Return the newest state, after every task that is due by the tenant's clock."""
        if self._state.table(SCHEDULE).rows and has_due_tasks(self._state, self.time()):
            with self.lock:
                self.commit(run_due_tasks(self._state, self, self.registry, self.time()))
        return self._state

    @property
    def committed(self) -> State:
        """Return the state of the last commit, without waiting for tasks that are due since."""
        return self._state

    def call(self, context: RequestContext, request: Doc, /) -> Doc | None:
        """Respond to a request of an action's code to the tenant itself; None for other URLs."""
        with self.lock:
            own = self.own_requests
            return None if own is None else own.call(context, request, self._swap)

    def commit(self, state: State) -> None:
        """Set the newest state; the caller holds `lock`."""
        self._swap(state)
        if self._search_delay:
            self._history.add(self.time(), state)

    def replace(self, state: State) -> None:
        """Replace the state (reset, restore, load), including what searches see."""
        with self.lock:
            self._swap(state)
            self._history = StateHistory(state)

    def _swap(self, state: State) -> None:
        before = self._state
        if self.on_commit is not None and state is not before:
            self.on_commit(before, state)
        state.settle()
        self._state = state

    @property
    def search_delay(self) -> float:
        """Seconds that searches lag behind writes."""
        return self._search_delay

    @search_delay.setter
    def search_delay(self, seconds: float) -> None:
        with self.lock:
            if not self._search_delay:
                self._history = StateHistory(self.state)
            self._search_delay = float(seconds)

    def searched_state(self) -> State:
        """The state as searches see it: as it was `search_delay` seconds ago."""
        if not self._search_delay:
            return self.state
        return self._history.at(self.time() - self._search_delay)

    def transaction(self) -> Transaction:
        """Return a transaction on the newest state."""
        return Transaction(self.state, self.registry.schema)

    def context(self) -> RequestContext:
        """Return a context without a request, with all scopes and its own transaction."""
        return empty_context(self, self.transaction())

    def write_log(self, context: RequestContext, event: Doc) -> None:
        """Add an event to the tenant's log."""
        self.registry.write_log(context, event)


def empty_context(tenant: TenantContext, tx: Transaction) -> RequestContext:
    """Return a context without a request: every scope, no parameters, no body."""
    return RequestContext(NO_OPERATION, tenant, tx, {}, Params({}), None, Principal(), {})


def first_state(tenant: TenantContext, registry: Registry) -> State:
    """Return the state of a new tenant, from the setups of all families."""
    tx = Transaction(State(), registry.schema)
    context = empty_context(tenant, tx)
    for setup in registry.setups:
        setup(context)
    return tx.commit()
