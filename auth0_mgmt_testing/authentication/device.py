"""``POST /oauth/device/code``: codes for devices whose user logs in elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.ids import digest, random_text
from ..state.store import Doc
from .access import default_audience
from .circumstances import Circumstances, log
from .client_authentication import authenticate_client
from .errors import OAuthError, unauthorized_client
from .http import body, endpoint
from .lookup import find_client, require_resource_server, settings
from .tokens import Grant, stored

family = Family()

LIFETIME = 900
"""Seconds that the codes are valid for."""
INTERVAL = 5
"""Seconds that a device waits between two polls."""
GRANT_NAME = "urn:ietf:params:oauth:grant-type:device_code"

_DEVICES = "__device_codes"
_USER_CODES = "__user_codes"
_CHARSETS = {"base20": "BCDFGHJKLMNPQRSTVWXZ", "digits": "0123456789"}


@endpoint
def request_code(context: RequestContext) -> Any:
    """A code for the device, and one that its user types elsewhere."""
    given = body(context)
    try:
        return _requested(context, given)
    except OAuthError as error:
        client, reason = find_client(context, str(given.get("client_id"))), error.description
        about = Circumstances.of(context, client, None)
        shown = {name: str(given.get(name) or "") for name in ("client_id", "scope", "audience")}
        raise error.recording(
            lambda again: log(again, "fdeaz", reason, about, body=shown)
        ) from None


def _requested(context: RequestContext, given: Mapping[str, Any]) -> dict[str, Any]:
    client = authenticate_client(context, given)
    allowed = client.get("grant_types")
    if isinstance(allowed, list) and GRANT_NAME not in allowed:
        raise unauthorized_client(f"Grant type '{GRANT_NAME}' not allowed for the client.")
    audience = given.get("audience") or default_audience(context) or None
    if audience is not None:
        require_resource_server(context, str(audience))
    device_code, user_code = context.secret(43), _user_code(context)
    kept: Doc = {
        "client_id": client["client_id"],
        "scope": str(given.get("scope") or ""),
        "audience": audience,
        "user_code": user_code,
        "expires": context.time() + LIFETIME,
        "interval": INTERVAL,
        "polled": None,
        "decision": "pending",
        "grant": None,
    }
    key = digest(device_code)
    context.tx.put(_DEVICES, key, kept)
    context.tx.put(_USER_CODES, _plain(user_code), {"device": key})
    for table in (_DEVICES, _USER_CODES):
        context.tx.trim(table, 10_000)
    uri = f"{base_url(context)}/activate"
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": uri,
        "expires_in": LIFETIME,
        "interval": INTERVAL,
        "verification_uri_complete": f"{uri}?user_code={user_code}",
    }


def _user_code(context: RequestContext) -> str:
    """A code of the tenant's alphabet in the places of its mask."""
    flow: Doc = settings(context, "tenant").get("device_flow") or {}
    alphabet = _CHARSETS.get(str(flow.get("charset")), _CHARSETS["base20"])
    mask = str(flow.get("mask") or "****-****")
    characters = iter(context.new_id(lambda raw: random_text(raw, mask.count("*"), alphabet)))
    return "".join(next(characters) if place == "*" else place for place in mask)


def _plain(user_code: str) -> str:
    """A code as people type it: case and separators do not matter."""
    return "".join(character for character in user_code.upper() if character.isalnum())


def find(context: RequestContext, device_code: str) -> Doc | None:
    return context.tx.get(_DEVICES, digest(device_code))


def change(context: RequestContext, device_code: str, **fields: object) -> None:
    kept = context.tx.get(_DEVICES, digest(device_code))
    if kept is not None:
        context.tx.put(_DEVICES, digest(device_code), {**kept, **fields})


def forget(context: RequestContext, device_code: str) -> None:
    context.tx.delete(_DEVICES, digest(device_code))


def waiting_for(context: RequestContext, user_code: str) -> Doc | None:
    """The request that waits for the user of a code; None where none does any more."""
    link = context.tx.get(_USER_CODES, _plain(user_code))
    kept = None if link is None else context.tx.get(_DEVICES, link["device"])
    if kept is None or kept["decision"] != "pending" or context.time() >= kept["expires"]:
        return None
    return kept


def decide(context: RequestContext, user_code: str, grant: Grant | None) -> None:
    """The user let the device in, with what that grants, or (None) did not."""
    link = context.tx.get(_USER_CODES, _plain(user_code))
    kept = None if link is None else context.tx.get(_DEVICES, link["device"])
    if link is None or kept is None:
        return
    decided: Doc = {
        **kept,
        "decision": "rejected" if grant is None else "approved",
        "grant": None if grant is None else stored(grant),
    }
    context.tx.put(_DEVICES, link["device"], decided)
    context.tx.delete(_USER_CODES, _plain(user_code))


family.route("POST", "/oauth/device/code", request_code, "oauth.device.code", cors=True)
