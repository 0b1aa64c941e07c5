"""Back-channel log-out: the applications of a session that has ended are sent a logout token.

Whatever ends the session (`auth0_mgmt_testing.resources.sessions`), each of its clients with a URL for it
that wants to know of this reason is sent one; `auth0_mgmt_testing.observation.deliveries` sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_mgmt._json import is_array, is_object

from ..behaviours.attempts import LAST_ATTEMPT, Progress, failure, progress
from ..engine.addresses import issuer
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..resources.sessions import initiator_of
from ..state.ids import uuid
from ..state.store import Doc
from .lookup import member
from .signing import sign

if TYPE_CHECKING:
    from auth0_mgmt.params.clients import ClientOIDCBackchannelLogoutInitiatorsEnum as Initiator

family = Family()

TABLE = "logout_deliveries"
LIFETIME = 120
"""Seconds that a logout token is valid for."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"
_KEPT = 10_000
"""Deliveries that a tenant keeps; beyond, the oldest fiftieth goes."""
_ALWAYS: tuple[Initiator, ...] = ("rp-logout", "idp-logout")
"""What a client that chooses nothing is notified of."""
_OUTCOME = "backchannel_logout.outcome"


def _ended(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    """A session has ended: its clients are notified."""
    if before is None or after is not None:
        return
    initiator = initiator_of(context, before)
    for each in before.get("clients") or ():
        client = context.tx.get("clients", str(each["client_id"]))
        rules = member(client or {}, "oidc_logout")
        if client is None or not _wants(rules, initiator):
            continue
        urls: Any = rules.get("backchannel_logout_urls")
        for url in urls if is_array(urls) else ():
            if url:
                _enqueue(context, client, before, str(url), initiator)


family.subscribe("sessions", _ended)


def _wants(rules: Doc, initiator: Initiator) -> bool:
    chosen = member(rules, "backchannel_logout_initiators")
    if chosen.get("mode") == "all":
        return True
    selected: Any = chosen.get("selected_initiators")
    return initiator in (selected if is_array(selected) else _ALWAYS)


def _enqueue(
    context: RequestContext, client: Doc, session: Doc, url: str, initiator: Initiator
) -> None:
    metadata: Doc = {}
    if member(member(client, "oidc_logout"), "backchannel_logout_session_metadata").get("include"):
        held: Any = session.get("session_metadata")
        metadata = held if is_object(held) else {}
    now = int(context.time())
    claims: Doc = {
        "iss": issuer(context),
        "sub": session["user_id"],
        "aud": client["client_id"],
        "iat": now,
        "exp": now + LIFETIME,
        "jti": context.new_id(uuid),
        "events": {EVENT: {}},
        "sid": session["id"],
        **({"session_metadata": metadata} if metadata else {}),
    }
    key = context.new_id(uuid)
    doc: Doc = {
        "id": key,
        "client_id": client["client_id"],
        "user_id": session["user_id"],
        "url": url,
        "initiator": initiator,
        "session_metadata": metadata,
        "logout_token": sign(context, claims, type="logout+jwt"),
        "_rounds": [context.time()],
    }
    context.tx.put(TABLE, key, doc)
    context.tx.trim(TABLE, _KEPT)
    context.schedule(LAST_ATTEMPT, _OUTCOME, delivery=key)


# --- what became of it ---------------------------------------------------------------------------


def attempts_of(context: RequestContext, delivery: Doc) -> Progress:
    """How far a delivery is by now: it waits where the tenant calls the URL's host."""

    def assumed(when: float) -> Doc | None:
        if context.world.calls(delivery["url"]):
            return None
        return failure(delivery["url"], "no such host", when, 20)

    return progress(delivery, context.time(), assumed)


@family.task(_OUTCOME)
def log_unsent(context: RequestContext, task: Doc) -> None:
    """Log the failure of what went to a host that is never called."""
    delivery = context.tx.get(TABLE, task["delivery"])
    if delivery is not None and not delivery.get("_results"):
        log_outcome(context, delivery, 0)


def log_outcome(context: RequestContext, delivery: Doc, status: int) -> None:
    """Log how a delivery ended, once it has. ``status``: that of the last response, 0 for none."""
    made = attempts_of(context, delivery)
    if made.status == "pending":
        return
    done = made.status == "delivered"
    client = context.tx.get("clients", delivery["client_id"]) or {}
    details: Doc = {
        "initiator": delivery["initiator"],
        "request": {"method": "POST", "backchannel_logout_uri": delivery["url"]},
        "response": {"statusCode": status},
    }
    if not done:
        details["errors"] = [str(each["error_message"]) for each in made.attempts]
    if delivery["session_metadata"]:
        texts = {name: str(value) for name, value in delivery["session_metadata"].items()}
        details["session_metadata"] = texts
    context.log(
        f"oidc_backchannel_logout_{'succeeded' if done else 'failed'}",
        f"The back-channel logout request {'succeeded' if done else 'failed'}",
        client_id=delivery["client_id"],
        client_name=client.get("name", ""),
        user_id=delivery["user_id"],
        details=details,
    )
