"""Actions as a collection whose code runs: alone, and where it is bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from auth0_mgmt._json import is_mapping, is_object

from ..actions.event import Event, TriggerName
from ..actions.event_object import event_object
from ..actions.runner import ActionRun
from ..actions.triggers import TRIGGERS
from ..engine.context import RequestContext
from ..errors import StateError
from ..resources.action_executions import TABLE, run_content
from ..state.clock import parse_timestamp
from ..state.store import Doc
from .access import Collection, carry_out, setup_transaction, to_json

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt.models.actions import Action
    from auth0_mgmt.models.clients import Client
    from auth0_mgmt.models.users import User


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How one action of an execution ended."""

    action_name: str
    error: str | None
    """Why it failed; None: it did not."""
    console: tuple[str, ...]
    """The lines that it wrote."""
    duration: float
    """Seconds that it took."""


@dataclass(frozen=True, slots=True)
class ActionExecution:
    """What a flow ran for a trigger; ``GET /actions/executions/{id}`` shows it without output."""

    id: str
    trigger: str
    status: str
    """``final``, or ``suspended`` while the user is where an action sent them."""
    results: tuple[ActionResult, ...]
    """In the order that the actions ran."""
    created_at: datetime


def read_trigger(name: object) -> TriggerName:
    """The trigger of a name; raises `StateError` where code of it does not run here."""
    for trigger in TRIGGERS:
        if trigger == str(name):
            return trigger
    raise StateError(
        f"actions: code of the trigger {name!r} does not run here; there are {', '.join(TRIGGERS)}"
    )


class ActionCollection(Collection["Action"]):
    """Actions by ``id``, and their code: run alone, bound to triggers, executed by flows."""

    def run(
        self,
        action: str | Action,
        event: Mapping[str, Any] | None = None,
        *,
        trigger: TriggerName | None = None,
        user: str | User | None = None,
        client: str | Client | None = None,
        resumed: bool = False,
    ) -> ActionRun:
        """Run the draft of an action alone; nothing takes effect in the tenant.

        ``action``: its id, its name, or the model. The code sees an event of the tenant's own, with
        the ``user`` and ``client`` (ids or models) that are named, into which ``event`` is merged;
        secrets come from the action. ``trigger``: default the action's. ``resumed``: call the function
        that continues after a redirect (``onContinuePostLogin``).

        What the code does, failing included, is in the result. Raises `StateError` for an action, user
        or client that does not exist, and for a trigger whose code does not run here;
        `MissingExtraError` where the engine (``quickjs-ng``) is not installed.
        """
        context = self._core.context()
        doc = self._find(context, action)
        name = read_trigger(trigger or doc["supported_triggers"][0]["id"])
        about = Event(
            client=_named(context, "clients", client, "client_id"),
            user=_named(context, "users", user, "user_id"),
            protocol="oidc-basic-profile",
            methods=("pwd",),
            ip="203.0.113.7",
            user_agent="Mozilla/5.0",
        )
        seen = _merged(event_object(context, name, about), to_json(event or {}))
        return run_content(context, doc, name, seen, resumed=resumed)

    def bind(self, trigger: TriggerName, *actions: str | Action) -> None:
        """Let these actions run for a trigger, in this order, and no others.

        Each is an id, a name, or the model; one whose draft is not deployed is deployed. Raises
        `StateError` for what the tenant would reject.
        """
        with setup_transaction(self._core) as context:
            bindings: list[Doc] = []
            for action in actions:
                doc = self._find(context, action)
                if doc["_changed"]:
                    carry_out(context, "actions.deploy", {"id": doc["id"]})
                bindings.append({"ref": {"type": "action_id", "value": doc["id"]}})
            carry_out(
                context,
                "actions.triggers.bindings.update_many",
                {"triggerId": trigger},
                {"bindings": bindings},
            )

    def executions(self) -> list[ActionExecution]:
        """What flows ran so far, oldest first; the newest thousand are kept."""
        table = self._core.state.table(TABLE)
        docs = (table.get(key) for key in table.ordered())
        return [_execution(doc) for doc in docs if doc is not None]

    @property
    def time_limit(self) -> float:
        """Seconds that one action may compute, and that its timers may wait (which pass at once)."""
        return self._core.actions.time_limit

    @time_limit.setter
    def time_limit(self, seconds: float) -> None:
        if seconds <= 0:
            raise ValueError(f"time_limit={seconds}: give more than 0 seconds")
        self._core.actions.time_limit = float(seconds)

    @property
    def memory_limit(self) -> int:
        """Bytes that one action may use."""
        return self._core.actions.memory_limit

    @memory_limit.setter
    def memory_limit(self, size: int) -> None:
        if size < _LEAST:
            raise ValueError(f"memory_limit={size}: give at least {_LEAST} bytes")
        self._core.actions.memory_limit = size

    @property
    def trusted(self) -> bool:
        """Whether code may run in node, and send requests to this machine.

        True for a tenant in process, whose actions are the test's own; of a server, whose actions
        come by requests, only with ``--trust-actions``.
        """
        return self._core.actions.trusted

    @trusted.setter
    def trusted(self, trusted: bool) -> None:
        self._core.actions.trusted = trusted

    @property
    def http_client(self) -> httpx.Client | None:
        """What sends the requests of the code's ``fetch``; None: they reach this machine only."""
        return self._core.actions.http_client

    @http_client.setter
    def http_client(self, client: httpx.Client | None) -> None:
        self._core.actions.http_client = client

    def _find(self, context: RequestContext, action: str | Action) -> Doc:
        wanted = action if isinstance(action, str) else str(action.id)
        by_name = context.tx.find("actions", "unique:name", (wanted,))
        found = context.tx.get("actions", wanted) or next(iter(by_name), None)
        if found is None:
            raise StateError(f"actions: there is no {wanted!r}")
        return found


_LEAST = 4 * 1_048_576


def _named(context: RequestContext, table: str, wanted: Any, id: str) -> Doc | None:
    if wanted is None:
        return None
    key = wanted if isinstance(wanted, str) else str(getattr(wanted, id))
    found = context.tx.get(table, key)
    if found is None:
        raise StateError(f"{table}: there is no {key!r}")
    return found


def _merged(event: Doc, given: Any) -> Doc:
    """An event with what a test says of it: objects are merged, anything else replaced."""
    merged = dict(event)
    for name, value in given.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if is_object(old) and is_mapping(value) else value
    return merged


def _execution(doc: Doc) -> ActionExecution:
    shown: list[Doc] = doc.get("results") or []
    ran: list[Doc] = doc.get("_actions") or []
    nothing: Doc = {}
    results = tuple(
        ActionResult(
            str(each.get("action_name", "")),
            None if each.get("error") is None else str(each["error"].get("msg", "")),
            tuple(more.get("console", ())),
            float(more.get("duration", 0)),
        )
        for each, more in zip_longest(shown, ran[: len(shown)], fillvalue=nothing)
    )
    created = parse_timestamp(doc["created_at"])
    return ActionExecution(doc["id"], doc["trigger_id"], doc["status"], results, created)


def read_execution(given: Doc) -> ActionExecution:
    """An execution that was sent as JSON."""
    return ActionExecution(
        given["id"],
        given["trigger"],
        given["status"],
        tuple(
            ActionResult(
                each["action_name"], each["error"], tuple(each["console"]), each["duration"]
            )
            for each in given["results"]
        ),
        datetime.fromisoformat(given["created_at"]),
    )
