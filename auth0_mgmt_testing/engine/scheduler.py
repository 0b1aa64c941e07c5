"""Scheduled tasks of a tenant: kept in its state, run when they are due by its clock.

A behaviour schedules a task with `RequestContext.schedule`; the family that can run it registers
it with `Family.task`. Tasks run before the state is read after their time, as if they had
run at their time.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..state.store import Doc, State, Transaction
from .context import (
    NO_OPERATION,
    SCHEDULE,
    ActionSettings,
    Params,
    Principal,
    RequestContext,
    TenantContext,
)
from .notifications import notify_subscribers
from .registry import Registry


@dataclass(frozen=True, slots=True)
class _TenantAt:
    """A tenant at the time of a task."""

    tenant: TenantContext
    at: float

    @property
    def domain(self) -> str:
        return self.tenant.domain

    @property
    def aliases(self) -> frozenset[str]:
        return self.tenant.aliases

    @property
    def unavailable_features(self) -> frozenset[str]:
        return self.tenant.unavailable_features

    @property
    def id_seed(self) -> int | str:
        return self.tenant.id_seed

    @property
    def build_delay(self) -> float:
        return self.tenant.build_delay

    @property
    def actions(self) -> ActionSettings:
        return self.tenant.actions

    def time(self) -> float:
        return self.at

    def calls(self, url: str, /) -> bool:
        return self.tenant.calls(url)

    def call(self, context: RequestContext, request: Doc, /) -> Doc | None:
        return self.tenant.call(context, request)


def has_due_tasks(state: State, now: float) -> bool:
    """Whether a task of the state is due at ``now`` (seconds since the epoch)."""
    table = state.table(SCHEDULE)
    return len(table) > 0 and any(row["at"] <= now for _, row in table.rows.values())


def next_due(state: State) -> float | None:
    """When the next task is due, in seconds since the epoch; None where nothing is scheduled."""
    return min((row["at"] for _, row in state.table(SCHEDULE).rows.values()), default=None)


def run_due_tasks(state: State, tenant: TenantContext, registry: Registry, now: float) -> State:
    """Return the state after every due task, run in order of time.

    Of tasks that are a part of longer work (``in_parts``) one is run, as of now: the request that
    waits for the state is not to wait for all of it.
    """
    worked = False
    while True:
        tx = Transaction(state, registry.schema)
        due = [
            row
            for row in tx.all(SCHEDULE)
            if row["at"] <= now and not (worked and row.get("in_parts"))
        ]
        if not due:
            return state
        task = min(due, key=lambda row: row["at"])
        part = bool(task.get("in_parts"))
        worked = worked or part
        at = _TenantAt(tenant, now if part else task["at"])
        context = RequestContext(NO_OPERATION, at, tx, {}, Params({}), None, Principal(), {})
        tx.delete(SCHEDULE, task["id"])
        registry.tasks[task["work"]](context, task)
        notify_subscribers(context, registry)
        for event in context.events:
            registry.write_log(context, event)
        state = context.tx.commit()
