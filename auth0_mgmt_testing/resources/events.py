"""``GET /events``: what happens to users, organizations, connections and groups, as a stream.

Every write that succeeds leaves its events behind (`Family.watch`); a subscription is given those
after its offset. No time passes while the fake responds: a stream delivers what has happened and
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
from ..engine import messages
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.ids import IdForm, derive_bytes
from ..state.store import Doc, visible
from .relations import GROUP_MEMBERS, GROUP_ROLES, ORGANIZATION_CONNECTIONS, ORGANIZATION_MEMBERS

family = Family()

EVENTS = "_events"
"""Table of events by number; under ``bounds`` the numbers of the first and the last."""
_KEPT = 10_000
_RETENTION = 7 * 86_400
"""Seconds that an offset is good for, by the tenant's clock. The fake's own choice, as is the
number of events kept: what a live tenant keeps is not documented."""
_RETRY = 100
"""Milliseconds that a client has to wait before it connects again."""


# --- what events show of a change ------------------------------------------------------------------

About: TypeAlias = Callable[[RequestContext, Doc], Doc]


@dataclass(frozen=True)
class _Subject:
    """A table whose changes are events: their types, and what they show of a document."""

    table: str
    came: str
    changed: str | None
    went: str
    about: About
    timed: bool = False
    """Deletions are shown with ``deleted_at``."""

    def watch(self, context: RequestContext, before: Doc | None, after: Doc | None) -> None:
        if before is None and after is not None:
            _note(context, self.came, self.about(context, after))
        elif before is not None and after is None:
            gone = {"deleted_at": context.now()} if self.timed else {}
            _note(context, self.went, {**self.about(context, before), **gone})
        elif before is not None and after is not None and self.changed is not None:
            old, new = self.about(context, before), self.about(context, after)
            if old != new:
                _note(context, self.changed, new, old)


def _known(context: RequestContext, table: str, key: str) -> Doc:
    """A document that there is, or was when the request came."""
    return context.tx.get(table, key) or context.tx.base.table(table).get(key) or {}


def _whole(context: RequestContext, doc: Doc) -> Doc:
    return visible(doc)


def _organization(context: RequestContext, key: str) -> Doc:
    name = _known(context, "organizations", key).get("name")
    return {"id": key, **({"name": name} if name else {})}


def _role(context: RequestContext, key: str) -> Doc:
    return {"id": key, "name": _known(context, "roles", key).get("name", "")}


def _group(context: RequestContext, key: str) -> Doc:
    return {"id": key, **visible(_known(context, "groups", key))}


def _member(context: RequestContext, link: Doc) -> Doc:
    key = ORGANIZATION_MEMBERS.key
    organization = _organization(context, key(link, "organizations"))
    return {"organization": organization, "user": {"user_id": key(link, "users")}}


def _member_role(context: RequestContext, link: Doc) -> Doc:
    return {
        "organization": _organization(context, link["_organization"]),
        "user": {"user_id": link["_who"]},
        "role": _role(context, link["_role"]),
    }


def _connection(context: RequestContext, link: Doc) -> Doc:
    key = ORGANIZATION_CONNECTIONS.key
    return {
        **visible(link),
        "organization": _organization(context, key(link, "organizations")),
        "connection": {"id": key(link, "connections")},
    }


def _group_member(context: RequestContext, link: Doc) -> Doc:
    member = {"id": GROUP_MEMBERS.key(link, "users"), "member_type": "user"}
    return {"group": _group(context, GROUP_MEMBERS.key(link, "groups")), "member": member}


def _group_role(context: RequestContext, link: Doc) -> Doc:
    return {
        "group": _group(context, GROUP_ROLES.key(link, "groups")),
        "role": _role(context, GROUP_ROLES.key(link, "roles")),
        "created_at": context.now(),
    }


def _organization_group_role(context: RequestContext, link: Doc) -> Doc:
    return {
        "organization": _organization(context, link["_organization"]),
        "group": _group(context, link["_who"]),
        "role": _role(context, link["_role"]),
        "created_at": context.now(),
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
        ORGANIZATION_MEMBERS.table,
        "organization.member.added", None, "organization.member.deleted", _member,
    ),
    _Subject(
        "member_roles",
        "organization.member.role.assigned", None, "organization.member.role.deleted",
        _member_role,
    ),
    _Subject(
        ORGANIZATION_CONNECTIONS.table,
        "organization.connection.added", "organization.connection.updated",
        "organization.connection.removed", _connection,
    ),
    _Subject(GROUP_MEMBERS.table, "group.member.added", None, "group.member.deleted", _group_member),
    _Subject(
        GROUP_ROLES.table, "group.role.assigned", None, "group.role.deleted", _group_role, timed=True
    ),
    _Subject(
        "organization_group_roles",
        "organization.group.role.assigned", None, "organization.group.role.deleted",
        _organization_group_role, timed=True,
    ),
)  # fmt: skip
for _subject in _SUBJECTS:
    family.subscribe(_subject.table, _subject.watch)


def _bounds(context: RequestContext) -> tuple[int, int]:
    """The numbers of the oldest event kept and of the newest; (1, 0) where there is none."""
    bounds = context.tx.get(EVENTS, "bounds") or {"first": 1, "last": 0}
    return bounds["first"], bounds["last"]


def _note(context: RequestContext, type: str, about: Doc, before: Doc | None = None) -> None:
    first, last = _bounds(context)
    last += 1
    event: Doc = {"type": type, "seconds": context.time(), "object": about}
    if before is not None:
        event["previous_object"] = before
    context.tx.put(EVENTS, str(last), event)
    if last - first >= _KEPT:  # many at once take less time than one each time
        beyond = first + _KEPT // 50
        context.tx.delete_all(EVENTS, map(str, range(first, beyond)))
        first = beyond
    context.tx.put(EVENTS, "bounds", {"first": first, "last": last})


# --- as the contract has it --------------------------------------------------------------------


def _fit(schema: contract.Schema, value: Any) -> Any:
    """A value with only what the contract's schema names; None where no variant is for it."""
    events = contract.schema_document("events")
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
    events = contract.schema_document("events")
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


def _cloud_event(context: RequestContext, number: int, event: Doc) -> Doc | None:
    """The CloudEvent of what was noted; None where the contract knows none of its kind."""
    types = contract.schema_document("events").definition(
        "EventStreamSubscribeEventsResponseContent"
    )
    name: str = types["discriminator"]["mapping"][event["type"]].rpartition("/")[2]
    events = contract.schema_document("events")
    data = events.resolve(
        events.resolve(events.definition(name)["properties"]["event"])["properties"]["data"]
    )
    about = {"object": event["object"]}
    if "previous_object" in event:
        about["previous_object"] = event["previous_object"]
    fitted = {key: _fit(data["properties"][key], value) for key, value in about.items()}
    if fitted["object"] is None:
        return None

    def made(form: IdForm, of: str = "") -> str:
        return form(derive_bytes(context.world.id_seed, f"{form.prefix}{of}"))

    return {
        "specversion": "1.0",
        "type": event["type"],
        "source": f"urn:auth0:{context.domain}",
        "id": made(id_forms.EVENT, str(number)),
        "time": format_timestamp(event["seconds"]),
        "data": {**fitted, "context": {"tenant": {"tenant_id": made(id_forms.TENANT)}}},
        "a0tenant": context.tenant_name,
        "a0stream": made(id_forms.EVENT_STREAM),
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


def _after(context: RequestContext, first: int, last: int) -> int:
    """The number of the event after which a subscription begins: by default the newest.

    ``Last-Event-ID`` wins over ``from``. Raises 400 for an offset or a time that is none, 410
    for an offset that the tenant no longer has the events after.
    """
    given, since = context.query.get("from"), context.query.get("from_timestamp")
    offset = context.headers.get("last-event-id") or given
    expired = context.time() - _RETENTION
    if given is not None and since is not None:
        raise APIError(400, "Give from or from_timestamp, not both.", "invalid_query_string")
    if offset is not None:
        number = _number(offset, last)
        following = context.tx.get(EVENTS, str(number + 1))
        if number < first - 1 or (following is not None and following["seconds"] < expired):
            raise APIError(410, "The offset has expired.", "cursor_expired")
        return number
    if since is None:
        return last
    earliest = max(epoch_seconds(since, "from_timestamp"), expired)
    return next((n for n in range(first - 1, last) if _noted(context, n + 1) >= earliest), last)


def _noted(context: RequestContext, number: int) -> float:
    seconds: float = (context.tx.get(EVENTS, str(number)) or {})["seconds"]
    return seconds


def epoch_seconds(text: str, name: str) -> float:
    """The seconds of an ISO 8601 text; 400 for a query parameter that is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise messages.invalid("query", messages.wrong_format("date-time", text), name) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


# --- the stream --------------------------------------------------------------------------------


@family.operation("events.subscribe", kind="view")
def subscribe(context: RequestContext) -> Any:
    """The events after an offset or since a time, of all types or of the requested ones."""
    first, last = _bounds(context)
    after = _after(context, first, last)
    types: list[str] | None = context.query.get("event_type")
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}
    return Reply(200, _stream(context, after, last, types), headers)


def _stream(
    context: RequestContext, after: int, last: int, types: list[str] | None
) -> Iterator[bytes]:
    yield b":connected\n\n"
    yield f"retry: {_RETRY}\n\n".encode()
    delivered = None if context.headers.get("last-event-id") is None else after
    for number in range(after + 1, last + 1):
        event = context.tx.get(EVENTS, str(number))
        if event is None or (types is not None and event["type"] not in types):
            continue
        cloud = _cloud_event(context, number, event)
        if cloud is not None:
            yield _message(event["type"], _offset(number), event=cloud)
            delivered = number
    if delivered != last:
        yield _message("offset-only", _offset(last))
    yield b": heartbeat\n\n"


def _message(type: str, offset: str, **more: Any) -> bytes:
    data = json.dumps({"type": type, "offset": offset, **more}, ensure_ascii=False)
    return f"event: {type}\nid: {offset}\ndata: {data}\n\n".encode()
