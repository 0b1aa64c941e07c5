"""``/passwordless/*``: codes and links that prove an email address or a phone number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auth0_mgmt._json import is_object

from ..actions.event import Event
from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..resources.log_types import LOG_TYPES
from ..resources.registrations import after_registration, before_registration
from ..resources.sent_messages import send
from ..resources.users import USERS
from ..state import id_forms
from ..state.store import Doc
from . import challenges
from .circumstances import Circumstances, log
from .client_authentication import authenticate_client, identify_client
from .errors import OAuthError, invalid_grant, invalid_request, missing_parameter
from .http import body, endpoint, with_query
from .lookup import find_connection, find_user, member, settings, usable_connections
from .protection import refuse_blocked_address, refuse_blocked_user

family = Family()

LIFETIME = 180
"""Seconds that a code is valid for where the connection says nothing else."""
ATTEMPTS = 3
KIND = "passwordless"
_ADDRESSES = {"email": "email", "sms": "phone_number"}


def usable(context: RequestContext, client: Doc, name: str) -> Doc:
    """The passwordless connection of a name that a client may use; raises where there is none."""
    connection = find_connection(context, name)
    if connection is None or connection["strategy"] not in _ADDRESSES:
        raise OAuthError(400, "bad.connection", "Connection does not exist")
    if all(doc["id"] != connection["id"] for doc in usable_connections(context, client)):
        raise OAuthError(400, "bad.connection", "Connection is disabled")
    return connection


def address_name(connection: Doc) -> str:
    """What identifies the users of a passwordless connection: ``email`` or ``phone_number``."""
    return _ADDRESSES[connection["strategy"]]


@endpoint
def start(context: RequestContext) -> Any:
    """``POST /passwordless/start``: send a code or a link."""
    given = body(context)
    client = _client(context, given)
    name = given.get("connection")
    if not isinstance(name, str) or not name:
        raise missing_parameter("connection")
    connection = usable(context, client, name)
    field = address_name(connection)
    address = given.get(field)
    if not isinstance(address, str) or not address:
        raise missing_parameter(field)
    how = given.get("send") or ("link" if field == "email" else "code")
    if how not in ("code", "link", "link_ios", "link_android"):
        raise invalid_request("send must be one of code, link")
    parameters = given.get("authParams")
    send_code(
        context, client, connection, address,
        link=how != "code" and field == "email",
        parameters=parameters if is_object(parameters) else {},
    )  # fmt: skip
    user = find_user(context, connection, address)
    own = str(user["user_id"]).partition("|")[2] if user else context.new_id(id_forms.USER)
    verified = "email_verified" if field == "email" else "phone_verified"
    return {"_id": own, field: address, verified: bool((user or {}).get(verified, False))}


def _client(context: RequestContext, given: Mapping[str, Any]) -> Doc:
    if "client_secret" in given or "client_assertion" in given:
        return authenticate_client(context, given)
    client = identify_client(context, given)
    flags: Doc = settings(context, "tenant").get("flags") or {}
    if flags.get("enforce_client_authentication_on_passwordless_start"):
        return authenticate_client(context, given)
    return client


def send_code(
    context: RequestContext,
    client: Doc,
    connection: Doc,
    address: str,
    *,
    link: bool = False,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Send a code, or a link that holds one, to an address; an earlier code is replaced."""
    options: Doc = member(connection, "options")
    totp: Doc = member(options, "totp")
    code = challenges.new_code(context, int(totp.get("length") or 6))
    lifetime = float(totp.get("time_step") or LIFETIME)
    key = _key(client, connection, address)
    challenges.begin(context, key, KIND, lifetime, code=code, attempts=ATTEMPTS)
    about = Circumstances.of(context, client, connection)
    if connection["strategy"] == "sms":
        text = f"Your verification code is: {code}"
        send(
            context, "passwordless_sms", "sms", address,
            text=text, code=code, client_id=client["client_id"],
        )  # fmt: skip
        log(
            context,
            "cs",
            LOG_TYPES["cs"].name,
            about,
            body=_sms_sent(context, about, address, parameters or {}),
        )
        return
    url = _link(context, client, connection, address, code, parameters or {}) if link else None
    what = f"Follow this link to log in: {url}" if url else f"Your verification code is: {code}"
    send(
        context, "passwordless_email", "email", address,
        subject=str(options.get("subject") or "Welcome"), text=what, code=code, link=url,
        client_id=client["client_id"],
    )  # fmt: skip
    sent = {
        **_sent(context, about),
        "email": address,
        "send": "link" if link else "code",
    }
    log(context, "cls", LOG_TYPES["cls"].name, about, body=sent, link="")


def _sent(context: RequestContext, about: Circumstances) -> Doc:
    client, connection = about.client or {}, about.connection or {}
    return {
        "client_id": client.get("client_id", ""),
        "connection": connection.get("name", ""),
        "tenant": context.tenant_name,
    }


_AUTH_PARAMS = ("audience", "redirect_uri", "response_type", "scope", "state")


def _sms_sent(
    context: RequestContext, about: Circumstances, address: str, given: Mapping[str, Any]
) -> Doc:
    """What the log event shows of a request for a code by text message."""
    return {
        **_sent(context, about),
        "phone_number": address,
        "username": address,
        "send": "code",
        "ip": about.ip,
        "user-agent": about.user_agent,
        "request_language": context.headers.get("accept-language", ""),
        "authParams": {name: str(given.get(name, "")) for name in _AUTH_PARAMS},
    }


def _link(
    context: RequestContext,
    client: Doc,
    connection: Doc,
    address: str,
    code: str,
    parameters: Mapping[str, Any],
) -> str:
    given = {name: str(value) for name, value in parameters.items()}
    query = {
        "response_type": "code",
        **given,
        "client_id": str(client["client_id"]),
        "connection": str(connection["name"]),
        address_name(connection): address,
        "verification_code": code,
    }
    return with_query(f"{base_url(context)}/passwordless/verify_redirect", query)


def prove(context: RequestContext, client: Doc, connection: Doc, address: str, code: str) -> Doc:
    """The user who proves an address by its code; a new one where the connection lets users in.

    Raises ``invalid_grant`` for a wrong or expired code; after three wrong ones none is right.
    """
    about = Circumstances.of(context, client, connection)
    refuse_blocked_address(context, about)
    key = _key(client, connection, address)
    challenge = challenges.find(context, key, KIND)
    name = "email" if connection["strategy"] == "email" else "phone number"
    if challenge is None or not challenges.is_answer(challenge, code):
        description = f"Wrong {name} or verification code."
        raise invalid_grant(description).recording(
            lambda again: challenges.count_attempt(again, key),
            lambda again: log(again, "fp", description, about),
        )
    if challenges.is_expired(context, challenge):
        raise invalid_grant("The verification code has expired.")
    challenges.end(context, key)
    user = find_user(context, connection, address)
    field = address_name(connection)
    verified = "email_verified" if field == "email" else "phone_verified"
    if user is None:
        if member(connection, "options").get("disable_signup"):
            raise OAuthError(403, "access_denied", "Public signup is disabled")
        user = _registered(context, connection, {field: address, verified: True}, about)
    refuse_blocked_user(context, user, about)
    if not user.get(verified):
        user = context.tx.put("users", user["user_id"], {**user, verified: True})
    return user


def _registered(context: RequestContext, connection: Doc, draft: Doc, about: Circumstances) -> Doc:
    event = Event(client=about.client, ip=about.ip, user_agent=about.user_agent)
    draft, before = before_registration(context, draft, connection, event)
    if before.denied is not None:
        reason, details = before.denied, before.log_details()
        raise OAuthError(403, before.denied_code, before.user_message or reason).recording(
            lambda again: log(again, "fs", reason, about, **details)
        )
    user = USERS.add(context, {**draft, "connection": connection["name"]})
    after_registration(context, user, connection, event)
    return user


def _key(client: Doc, connection: Doc, address: str) -> str:
    return f"{client['client_id']} {connection['id']} {address.strip().lower()}"


family.route("POST", "/passwordless/start", start, "oauth.passwordless.start", cors=True)
