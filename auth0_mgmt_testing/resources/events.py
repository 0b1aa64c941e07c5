"""``GET /events``: what happens to users, organizations, connections and groups, as a stream.

Every write that succeeds leaves its events behind (`Family.watch`); a subscription is given those
after its offset. No time passes while the fake answers: a stream delivers what has happened and
then ends, as a live tenant's does every few minutes, and a client goes on from the last offset.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

from .. import contract
from ..catalogue import Family
from ..engine import messages
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..state.clock import stamp
from ..state.ids import letters, noise
from ..state.store import Doc, visible

family = Family()

EVENTS = "_events"
"""Table of events by number; under ``bounds`` the numbers of the first and the last."""
_KEPT = 10_000
_RETENTION = 7 * 86_400
"""Seconds that an offset is good for, by the tenant's clock. The fake's own choice, as is the
number of events kept: what a live tenant keeps is not documented."""
_RETRY = 100
"""Milliseconds that a client is told to wait before it connects again."""


# --- what is told of a change ------------------------------------------------------------------

About: TypeAlias = Callable[[Call, Doc], Doc]


@dataclass(frozen=True)
class _Subject:
    """A table whose changes are events: their types, and what they tell of a document."""

    table: str
    came: str
    changed: str | None
    went: str
    about: About
    timed: bool = False
    """What goes is told with ``deleted_at``."""

    def watch(self, call: Call, before: Doc | None, after: Doc | None) -> None:
        if before is None and after is not None:
            _note(call, self.came, self.about(call, after))
        elif before is not None and after is None:
            gone = {"deleted_at": call.now()} if self.timed else {}
            _note(call, self.went, {**self.about(call, before), **gone})
        elif before is not None and after is not None and self.changed is not None:
            old, new = self.about(call, before), self.about(call, after)
            if old != new:
                _note(call, self.changed, new, old)


def _known(call: Call, table: str, key: str) -> Doc:
    """A document that there is, or was when the request came."""
    return call.tx.get(table, key) or call.tx.base.table(table).get(key) or {}


def _whole(call: Call, doc: Doc) -> Doc:
    return visible(doc)


def _organization(call: Call, key: str) -> Doc:
    name = _known(call, "organizations", key).get("name")
    return {"id": key, **({"name": name} if name else {})}


def _role(call: Call, key: str) -> Doc:
    return {"id": key, "name": _known(call, "roles", key).get("name", "")}


def _group(call: Call, key: str) -> Doc:
    return {"id": key, **visible(_known(call, "groups", key))}


def _member(call: Call, link: Doc) -> Doc:
    organization = _organization(call, link["_left"])
    return {"organization": organization, "user": {"user_id": link["_right"]}}


def _member_role(call: Call, link: Doc) -> Doc:
    return {
        "organization": _organization(call, link["_organization"]),
        "user": {"user_id": link["_who"]},
        "role": _role(call, link["_role"]),
    }


def _connection(call: Call, link: Doc) -> Doc:
    organization = _organization(call, link["_left"])
    return {**visible(link), "organization": organization, "connection": {"id": link["_right"]}}


def _group_member(call: Call, link: Doc) -> Doc:
    member = {"id": link["_right"], "member_type": "user"}
    return {"group": _group(call, link["_left"]), "member": member}


def _group_role(call: Call, link: Doc) -> Doc:
    given = {"group": _group(call, link["_left"]), "role": _role(call, link["_right"])}
    return {**given, "created_at": call.now()}


def _organization_group_role(call: Call, link: Doc) -> Doc:
    return {
        "organization": _organization(call, link["_organization"]),
        "group": _group(call, link["_who"]),
        "role": _role(call, link["_role"]),
        "created_at": call.now(),
    }


_SUBJECTS = (
    _Subject("users", "user.created", "user.updated", "user.deleted", _whole, timed=True),
    _Subject(
        "organizations",
        "organization.created", "organization.updated", "organization.deleted", _whole,
    ),
    _Subject(
        "connections", "connection.created", "connection.updated", "connection.deleted", _whole
    ),
    _Subject("groups", "group.created", "group.updated", "group.deleted", _whole),
    _Subject(
        "organization_members",
        "organization.member.added", None, "organization.member.deleted", _member,
    ),
    _Subject(
        "member_roles",
        "organization.member.role.assigned", None, "organization.member.role.deleted",
        _member_role,
    ),
    _Subject(
        "organization_connections",
        "organization.connection.added", "organization.connection.updated",
        "organization.connection.removed", _connection,
    ),
    _Subject("group_members", "group.member.added", None, "group.member.deleted", _group_member),
    _Subject(
        "group_roles", "group.role.assigned", None, "group.role.deleted", _group_role, timed=True
    ),
    _Subject(
        "organization_group_roles",
        "organization.group.role.assigned", None, "organization.group.role.deleted",
        _organization_group_role, timed=True,
    ),
)  # fmt: skip
for _subject in _SUBJECTS:
    family.watch(_subject.table, _subject.watch)


def _bounds(call: Call) -> tuple[int, int]:
    """The numbers of the oldest event kept and of the newest; (1, 0) where there is none."""
    bounds = call.tx.get(EVENTS, "bounds") or {"first": 1, "last": 0}
    return bounds["first"], bounds["last"]


def _note(call: Call, type: str, about: Doc, before: Doc | None = None) -> None:
    first, last = _bounds(call)
    last += 1
    event: Doc = {"type": type, "seconds": call.time(), "object": about}
    if before is not None:
        event["previous_object"] = before
    call.tx.put(EVENTS, str(last), event)
    if last - first >= _KEPT:
        call.tx.delete(EVENTS, str(first))
        first += 1
    call.tx.put(EVENTS, "bounds", {"first": first, "last": last})


# --- as the contract has it --------------------------------------------------------------------


def _fit(schema: contract.Schema, value: Any) -> Any:
    """A value with only what the contract's schema names; None where no variant is for it."""
    events = contract.family("events")
    schema = events.resolve(schema)
    for variants in (schema.get("oneOf"), schema.get("anyOf")):
        if variants is not None:
            fitting = (_fit(variant, value) for variant in variants if _is_for(variant, value))
            return next(fitting, None)
    if is_array(value):
        return [_fit(schema.get("items", {}), item) for item in value]
    if not is_object(value) or "properties" not in schema or schema.get("additionalProperties"):
        return value
    known: contract.Schema = schema["properties"]
    return {name: _fit(known[name], item) for name, item in value.items() if name in known}


def _is_for(variant: contract.Schema, value: Any) -> bool:
    """Whether a variant of a schema is meant for a value: its required names, its enums."""
    events = contract.family("events")
    schema = events.resolve(variant)
    if not is_object(value):
        return value in schema.get("enum", (value,))
    enums = {
        name: events.resolve(sub).get("enum") for name, sub in schema.get("properties", {}).items()
    }
    return all(
        name in value and value[name] in (enums.get(name) or (value[name],))
        for name in schema.get("required", ())
    )


def _cloud_event(call: Call, number: int, event: Doc) -> Doc | None:
    """The CloudEvent of what was noted; None where the contract knows none of its kind."""
    types = contract.family("events").definition("EventStreamSubscribeEventsResponseContent")
    name: str = types["discriminator"]["mapping"][event["type"]].rpartition("/")[2]
    events = contract.family("events")
    data = events.resolve(
        events.resolve(events.definition(name)["properties"]["event"])["properties"]["data"]
    )
    about = {"object": event["object"]}
    if "previous_object" in event:
        about["previous_object"] = event["previous_object"]
    fitted = {key: _fit(data["properties"][key], value) for key, value in about.items()}
    if fitted["object"] is None:
        return None

    def made(form: str, of: str = "") -> str:
        return letters(16, form)(noise(call.world.id_seed, f"{form}{of}"))

    return {
        "specversion": "1.0",
        "type": event["type"],
        "source": f"urn:auth0:{call.domain}",
        "id": made("evt_", str(number)),
        "time": stamp(event["seconds"]),
        "data": {**fitted, "context": {"tenant": {"tenant_id": made("ten_")}}},
        "a0tenant": call.domain.partition(".")[0],
        "a0stream": made("est_"),
    }


# --- offsets -----------------------------------------------------------------------------------


def _offset(number: int) -> str:
    return base64.urlsafe_b64encode(f"event {number}".encode()).decode().rstrip("=")


def _number(offset: str, last: int) -> int:
    """The number of the event that an offset stands for; 400 for what is no offset."""
    try:
        text = base64.urlsafe_b64decode(offset + "=" * (-len(offset) % 4)).decode()
    except (ValueError, binascii.Error):
        text = ""
    word, _, number = text.partition(" ")
    if word != "event" or not number.isdecimal() or int(number) > last:
        raise messages.invalid_cursor()
    return int(number)


def _after(call: Call, first: int, last: int) -> int:
    """The number of the event after which a subscription begins: by default the newest.

    ``Last-Event-ID`` wins over ``from``. Raises 400 for an offset or a time that is none, 410
    for an offset that the tenant no longer has the events after.
    """
    given, since = call.query.get("from"), call.query.get("from_timestamp")
    offset = call.headers.get("last-event-id") or given
    expired = call.time() - _RETENTION
    if given is not None and since is not None:
        raise Problem(400, "Give from or from_timestamp, not both.", "invalid_query_string")
    if offset is not None:
        number = _number(offset, last)
        following = call.tx.get(EVENTS, str(number + 1))
        if number < first - 1 or (following is not None and following["seconds"] < expired):
            raise Problem(410, "The offset has expired.", "cursor_expired")
        return number
    if since is None:
        return last
    earliest = max(moment(since, "from_timestamp"), expired)
    return next((n for n in range(first - 1, last) if _noted(call, n + 1) >= earliest), last)


def _noted(call: Call, number: int) -> float:
    seconds: float = (call.tx.get(EVENTS, str(number)) or {})["seconds"]
    return seconds


def moment(text: str, name: str) -> float:
    """The seconds of an ISO 8601 text; 400 for a query parameter that is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise messages.invalid("query", messages.wrong_format("date-time", text), name) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


# --- the stream --------------------------------------------------------------------------------


@family.verb("subscribe_events", kind="view")
def subscribe(call: Call) -> Any:
    """The events after an offset or since a time, of all types or of those asked for."""
    first, last = _bounds(call)
    after = _after(call, first, last)
    types: list[str] | None = call.query.get("event_type")
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}
    return Reply(200, _stream(call, after, last, types), headers)


def _stream(call: Call, after: int, last: int, types: list[str] | None) -> Iterator[bytes]:
    yield b":connected\n\n"
    yield f"retry: {_RETRY}\n\n".encode()
    told = None if call.headers.get("last-event-id") is None else after
    for number in range(after + 1, last + 1):
        event = call.tx.get(EVENTS, str(number))
        if event is None or (types is not None and event["type"] not in types):
            continue
        cloud = _cloud_event(call, number, event)
        if cloud is not None:
            yield _message(event["type"], _offset(number), event=cloud)
            told = number
    if told != last:
        yield _message("offset-only", _offset(last))
    yield b": heartbeat\n\n"


def _message(type: str, offset: str, **more: Any) -> bytes:
    data = json.dumps({"type": type, "offset": offset, **more}, ensure_ascii=False)
    return f"event: {type}\nid: {offset}\ndata: {data}\n\n".encode()
