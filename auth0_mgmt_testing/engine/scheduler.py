"""What a tenant does later by itself: noted in its state, done when its clock has come there.

A behaviour notes work with `Call.later`; the family that can do it says so with `Family.later`.
The work is done before anybody looks at the state after its time (`FakeTenant.state`), as if it
had been done at its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from auth0_mgmt._operation import Operation

from .._registry import registry
from ..state.store import Doc, State, Transaction
from .context import SCHEDULE, Params, Principal, RequestContext, TenantContext

_NOWHERE: Operation[Any] = Operation("", "", "GET", "")


class _Logging(TenantContext, Protocol):
    def write_log(self, context: RequestContext, event: Doc) -> None: ...


@dataclass(frozen=True, slots=True)
class _TenantAt:
    """A tenant as it is at the time of a piece of work."""

    tenant: TenantContext
    at: float

    @property
    def domain(self) -> str:
        return self.tenant.domain

    @property
    def id_seed(self) -> int | str:
        return self.tenant.id_seed

    def time(self) -> float:
        return self.at


def has_due_tasks(state: State, now: float) -> bool:
    """Whether a state has work to be done by now."""
    table = state.table(SCHEDULE)
    return len(table) > 0 and any(row["at"] <= now for _, row in table.rows.values())


def run_due_tasks(
    state: State, tenant: _Logging, notify: Callable[[RequestContext], None], now: float
) -> State:
    """A state with all work done that has come due, in order of time.

    ``notify`` lets those who watch a table know what a piece of work did.
    """
    while has_due_tasks(state, now):
        tx = Transaction(state, registry().schema)
        work = min(tx.all(SCHEDULE), key=lambda row: row["at"])
        context = RequestContext(
            _NOWHERE, _TenantAt(tenant, work["at"]), tx, {}, Params({}), None, Principal(), {}
        )
        tx.delete(SCHEDULE, work["id"])
        registry().tasks[work["work"]](context, work)
        notify(context)
        for event in context.events:
            tenant.write_log(context, event)
        state = tx.commit()
    return state
