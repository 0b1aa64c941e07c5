"""Control: tokens, what users do, actions, and what the tenant sent."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...setup.action_collection import read_trigger
from ...setup.user_actions import Login, UserActions
from .endpoint import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    ControlRequest,
    Handler,
    endpoint,
)


@endpoint("POST", "tokens", body={"scopes": TEXTS, "lifetime": NUMBER}, status=201)
def _token(request: ControlRequest) -> Any:
    """Issue a token of the Management API with these scopes."""
    scopes = [str(scope) for scope in request.body.get("scopes", ())]
    lifetime = float(request.body.get("lifetime", 86_400))
    return {"token": request.tenant.token(*scopes, lifetime=lifetime)}


@endpoint("POST", "clients", body={"name": TEXT, "scopes": TEXTS}, required=("name",), status=201)
def _client(request: ControlRequest) -> Any:
    """Create a machine-to-machine client that is granted these scopes."""
    admit = getattr(request.tenant, "admit", None)
    if admit is None:
        raise LookupError("only a served tenant creates clients")
    scopes = [str(scope) for scope in request.body.get("scopes", ())]
    return asdict(admit(str(request.body["name"]), scopes))


_TYPES: Mapping[str, Mapping[str, Any]] = {"bool": BOOLEAN, "Sequence[str]": TEXTS}


def _act(name: str) -> Handler:
    """Return the handler of a method of `UserActions`; its result is returned as JSON."""

    def act(request: ControlRequest) -> Any:
        value = getattr(request.tenant, name)(**request.body)
        if value is None:
            return None
        return asdict(value) if isinstance(value, Login) else {"id": value}

    act.__name__ = name
    act.__doc__ = (getattr(UserActions, name).__doc__ or "").partition("\n")[0]
    return act


def _add_actions() -> None:
    """An endpoint for each public method of `UserActions`, with its parameters as members."""
    for name, method in vars(UserActions).items():
        if name.startswith("_") or not callable(method):
            continue
        parameters = list(inspect.signature(method).parameters.values())[1:]
        endpoint(
            "POST",
            f"actions/{name.replace('_', '-')}",
            body={p.name: _TYPES.get(str(p.annotation), TEXT_OR_NULL) for p in parameters},
            required=tuple(p.name for p in parameters if p.default is p.empty),
        )(_act(name))


_add_actions()


_RUN = {
    "action": TEXT,
    "event": OBJECT,
    "trigger": TEXT_OR_NULL,
    "user": TEXT_OR_NULL,
    "client": TEXT_OR_NULL,
    "resumed": BOOLEAN,
}


@endpoint("POST", "action-runs", body=_RUN, required=("action",))
def _run_action(request: ControlRequest) -> Any:
    """Run the draft of an action alone, as `tenant.actions.run` does; nothing takes effect."""
    options = dict(request.body)
    if options.get("trigger") is not None:
        options["trigger"] = read_trigger(options["trigger"])
    return asdict(request.tenant.actions.run(str(options.pop("action")), **options))


@endpoint(
    "POST",
    "action-bindings",
    body={"trigger": TEXT, "actions": TEXTS},
    required=("trigger", "actions"),
)
def _bind_actions(request: ControlRequest) -> Any:
    """Run these actions for a trigger, in this order, and no others; deploy them where needed."""
    body = request.body
    request.tenant.actions.bind(read_trigger(body["trigger"]), *map(str, body["actions"]))


_LIMITS_OF_ACTIONS = {"time_limit": NUMBER, "memory_limit": INTEGER}


@endpoint("GET", "action-limits")
def _action_limits(request: ControlRequest) -> Any:
    """What one action may use: seconds and bytes, and whether it may run in node (`trusted`)."""
    names = (*_LIMITS_OF_ACTIONS, "trusted")
    return {name: getattr(request.tenant.actions, name) for name in names}


@endpoint("PATCH", "action-limits", body=_LIMITS_OF_ACTIONS)
def _set_action_limits(request: ControlRequest) -> Any:
    """Change what one action may use."""
    for name, value in request.body.items():
        setattr(request.tenant.actions, name, value)
    return _action_limits(request)


@endpoint("GET", "action-executions")
def _executions(request: ControlRequest) -> Any:
    """What flows ran so far, oldest first, with console output."""
    executions = request.tenant.actions.executions()
    return [{**asdict(each), "created_at": each.created_at.isoformat()} for each in executions]


@endpoint("GET", "mailbox", query={"to": "only messages to this address, number or user id"})
def _mailbox(request: ControlRequest) -> Any:
    """The messages that the tenant sent, oldest first, with their codes and links."""
    mailbox = request.tenant.mailbox
    recipient = request.query.get("to")
    messages = list(mailbox) if recipient is None else mailbox.to(recipient)
    return [{**asdict(each), "sent_at": each.sent_at.isoformat()} for each in messages]


@endpoint("DELETE", "mailbox")
def _clear_mailbox(request: ControlRequest) -> Any:
    """Delete all messages."""
    request.tenant.mailbox.clear()


@endpoint("GET", "deliveries", query={"stream_id": "only what this stream sends"})
def _deliveries(request: ControlRequest) -> Any:
    """What event streams and log streams send, oldest first, with status and failed attempts."""
    deliveries = request.tenant.deliveries
    stream = request.query.get("stream_id")
    return [asdict(each) for each in (deliveries if stream is None else deliveries.of(stream))]


@endpoint("DELETE", "deliveries")
def _clear_deliveries(request: ControlRequest) -> Any:
    """Delete all deliveries."""
    request.tenant.deliveries.clear()


@endpoint("POST", "deliveries/forward", body={"url": TEXT, "to": TEXT}, required=("url", "to"))
def _forward_deliveries(request: ControlRequest) -> Any:
    """Send what goes to URLs that begin with one somewhere else on this machine."""
    request.tenant.deliveries.forward(request.body["url"], request.body["to"])


@endpoint("POST", "deliveries/send")
def _send_deliveries(request: ControlRequest) -> Any:
    """Send what is due by the tenant's clock."""
    return {"sent": request.tenant.deliveries.send()}
