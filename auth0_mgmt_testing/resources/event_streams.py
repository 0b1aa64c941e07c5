"""Event streams: where a tenant sends events, and what became of each delivery."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_array

from ..catalogue import Family
from ..engine.call import Call
from ..engine.query.lists import answer
from ..semantics import Collection, Filter, Listing, Missing, visible
from ..state.ids import base58, uuid
from ..state.store import Doc

family = Family()

_SECRETS = frozenset(("token", "password", "header_value"))


def _prepare(call: Call, doc: Doc) -> Doc:
    """An EventBridge destination gets the name of its partner source."""
    destination: Doc = doc["destination"]
    if destination["type"] != "eventbridge":
        return doc
    source = f"aws.partner/auth0.com/{call.domain}-{call.new_id(uuid)}/auth0.events"
    configuration = {**destination["configuration"], "aws_partner_event_source": source}
    return {**doc, "destination": {**destination, "configuration": configuration}}


def _view(call: Call, doc: Doc) -> Doc:
    """A webhook's secret is written and never read back."""
    destination: Doc = doc["destination"]
    configuration: Doc = dict(destination["configuration"])
    if "webhook_authorization" in configuration:
        said: Doc = configuration["webhook_authorization"]
        configuration["webhook_authorization"] = {
            key: value for key, value in said.items() if key not in _SECRETS
        }
    return {**doc, "destination": {**destination, "configuration": configuration}}


STREAMS = Collection(
    "event_streams",
    new_id=base58(22, "est_"),
    missing=Missing("The event stream does not exist.", "inexistent_event_stream"),
    defaults={"status": "enabled"},
    stamps=True,
    prepare=_prepare,
    view=_view,
)
STREAMS.bind(
    family,
    list="get_event-streams",
    create="post_event-streams",
    get="get_event-streams_by_id",
    update="patch_event-streams_by_id",
    delete="delete_event-streams_by_id",
)
family.index("event_deliveries", "stream", lambda doc: [doc["event_stream_id"]])

DELIVERY_MISSING = Missing("The event delivery does not exist.", "inexistent_event_delivery")


def _sample_user() -> Doc:
    """Somebody for a test event to be about, with everything that a user can have."""
    when = "2025-01-01T00:00:00Z"
    contact: Doc = {
        "email": "sample@example.com",
        "email_verified": False,
        "username": "sample",
        "phone_number": "+15550100000",
        "phone_verified": False,
    }
    names = {"name": "Sample User", "given_name": "Sample", "family_name": "User"}
    return {
        **contact,
        **names,
        "user_id": "auth0|000000000000000000000001",
        "nickname": "Sample User",
        "picture": "https://s.gravatar.com/avatar/00000000000000000000000000000000?s=480",
        "created_at": when,
        "updated_at": when,
        "last_login": when,
        "last_ip": "192.0.2.1",
        "logins_count": 1,
        "blocked": False,
        "multifactor": ["sample"],
        "app_metadata": {"plan": "sample"},
        "user_metadata": {"hobby": "samples"},
        "identities": [
            {
                "provider": "auth0",
                "isSocial": False,
                "connection": "Username-Password-Authentication",
                "user_id": "000000000000000000000001",
                "profileData": {**contact, **names},
            }
        ],
    }


@family.verb("post_test_event")
def test_event(call: Call) -> Any:
    """An event of the type asked for, on its way: pending, nothing tried yet."""
    stream = STREAMS.require(call, call.path["id"])
    event_id = call.new_id(base58(22, "evt_"))
    kind: str = call.body["event_type"]
    doc: Doc = {
        "id": event_id,
        "event_stream_id": stream["id"],
        "event_type": kind,
        "status": "pending",
        "attempts": [],
        "event": {
            "specversion": "1.0",
            "id": event_id,
            "source": f"urn:auth0:{call.domain}",
            "type": kind,
            "time": call.now(),
            "data": call.body.get("data") or {"object": _sample_user()},
            "a0purpose": "test",
            "a0stream": stream["id"],
            "a0tenant": call.domain.split(".")[0],
        },
    }
    return call.tx.put("event_deliveries", event_id, doc)


def _deliveries(call: Call) -> list[Doc]:
    stream = STREAMS.require(call, call.path["id"])
    return call.tx.find("event_deliveries", "stream", stream["id"])


def _one_of(path: str) -> Filter:
    """The field is one of the values given, comma-separated, repeated, or both."""

    def test(doc: Doc, value: Any) -> bool:
        text = ",".join(value) if is_array(value) else str(value)
        return doc[path] in text.split(",")

    return test


_LISTING = Listing(
    filters={
        "statuses": _one_of("status"),
        "event_types": _one_of("event_type"),
        "date_from": lambda doc, value: bool(doc["event"]["time"] >= value),
        "date_to": lambda doc, value: bool(doc["event"]["time"] <= value),
    }
)


@family.verb("get_event_deliveries", kind="view")
def deliveries(call: Call) -> Any:
    """A stream's deliveries, by status, type and time."""
    return answer(call, _deliveries(call), _LISTING, lambda _, doc: doc)


def _delivery(call: Call) -> Doc:
    for doc in _deliveries(call):
        if doc["id"] == call.path["event_id"]:
            return doc
    raise DELIVERY_MISSING.problem()


@family.verb("get_deliveries_by_event_id", kind="view")
def delivery(call: Call) -> Any:
    """One delivery with its attempts."""
    return visible(_delivery(call))


@family.verb("post_redeliver")
def redeliver_all(call: Call) -> Any:
    """Every failed delivery that the body's criteria meet is tried again."""
    body: Doc = call.body or {}
    for doc in _deliveries(call):
        if doc["status"] == "failed" and all(
            test(doc, body[name]) for name, test in _LISTING.filters.items() if body.get(name)
        ):
            call.tx.put("event_deliveries", doc["id"], {**doc, "status": "pending"})
    return {}


@family.verb("post_redeliver_by_event_id")
def redeliver(call: Call) -> Any:
    """One delivery is tried again."""
    doc = _delivery(call)
    call.tx.put("event_deliveries", doc["id"], {**doc, "status": "pending"})
    return {}
