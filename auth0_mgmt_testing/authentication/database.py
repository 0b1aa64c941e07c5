"""``/dbconnections/*``: signing up to a database, and asking for a new password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auth0_mgmt._json import is_object

from ..actions.event import Event
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..resources import mail
from ..resources.registrations import after_registration, before_registration
from ..resources.users import USERS
from ..state.store import Doc
from .circumstances import Circumstances, log
from .client_authentication import identify_client
from .errors import BodyError, OAuthError, invalid_request, missing_parameter
from .http import body, endpoint, html
from .logins import notice_leak
from .lookup import DATABASE, connections_of_client, find_connection, member, users_with_login
from .passwords import check_policy
from .protection import count_signup

family = Family()

_PROFILE = ("given_name", "family_name", "name", "nickname", "picture")
_SIGNED_UP = (
    "user_id", "email", "username", "phone_number", "given_name", "family_name", "name", "nickname",
    "picture", "user_metadata",
)  # fmt: skip
"""What the log event shows of a new user."""
_LOGINS = ("email", "username", "phone_number")
_SENT = "We've just sent you an email to reset your password."


def invalid_signup() -> BodyError:
    """The refusal of a sign-up that does not say which of its reasons it has."""
    known = {"name": "BadRequestError", "code": "invalid_signup", "description": "Invalid sign up"}
    return BodyError(400, "invalid_signup", "Invalid sign up", {**known, "statusCode": 400})


def sign_up(
    context: RequestContext, connection: Doc, given: Mapping[str, Any], about: Circumstances
) -> Doc:
    """Create a user who asks for it; the connection's rules and registration code act.

    ``given``: identifiers, password, profile, ``user_metadata``. Raises the refusal, logged.
    """
    try:
        return _signed_up(context, connection, given, about)
    except OAuthError as error:
        description, details = error.description, error.log_details
        error.recording(lambda again: log(again, "fs", description, about, **details))
        raise


def _signed_up(
    context: RequestContext, connection: Doc, given: Mapping[str, Any], about: Circumstances
) -> Doc:
    count_signup(context, about)
    options: Doc = member(connection, "options")
    if options.get("disable_signup"):
        known = {"name": "NotFoundError", "code": "signup_disabled", "statusCode": 400}
        raise BodyError(
            400,
            "signup_disabled",
            "Public signup is disabled",
            {**known, "description": "Public signup is disabled"},
        )
    for name in (*_LOGINS, *_PROFILE, "password"):
        if not isinstance(given.get(name, ""), str):
            raise invalid_request(f"{name} must be a string")
    identifiers = {name: given[name] for name in _LOGINS if given.get(name)}
    if not identifiers or (options.get("requires_username") and "username" not in identifiers):
        raise invalid_signup()
    password = str(given.get("password") or "")
    check_policy(connection, password, dict(identifiers))
    _notice_leak(context, password, about)
    for value in identifiers.values():
        if users_with_login(context, connection, str(value)):
            raise invalid_signup()
    profile: Doc = {name: given[name] for name in _PROFILE if given.get(name)}
    metadata = given.get("user_metadata")
    if is_object(metadata):
        profile["user_metadata"] = metadata
    draft: Doc = {**identifiers, **profile}
    event = Event(client=about.client, ip=about.ip, user_agent=about.user_agent)
    draft, before = before_registration(context, draft, connection, event)
    if before.denied is not None:
        known = {"name": "BadRequestError", "code": before.denied_code, "statusCode": 400}
        message = before.user_message or before.denied
        body: Doc = {**known, "description": message}
        refusal = BodyError(400, before.denied_code, before.denied, body)
        refusal.log_details = before.log_details()
        raise refusal
    try:
        user = USERS.add(context, {**draft, "connection": connection["name"], "password": password})
    except APIError:
        raise invalid_signup() from None
    after = after_registration(context, user, connection, event)
    executions = [*before.executions, *after.executions]
    details: Doc = {"actions": {"executions": executions}} if executions else {}
    shown = {name: value for name, value in {**user, **given}.items() if name in _SIGNED_UP}
    body = {**shown, "connection": connection["name"], "tenant": context.tenant_name}
    if about.client is not None:
        body["client_id"] = about.client["client_id"]
    log(context, "ss", "Successful signup", about, user, body=body, **details)
    if user.get("email") and not user.get("email_verified"):
        mail.send_verification(context, user, about.client)
    return user


def _notice_leak(context: RequestContext, password: str, about: Circumstances) -> None:
    try:
        notice_leak(context, "pre-user-registration", password, about)
    except OAuthError as error:
        raise invalid_signup().recording(*error.effects) from None


def request_password_reset(
    context: RequestContext, connection: Doc, email: str, about: Circumstances
) -> None:
    """Send a link to the user of an address; the caller does not learn whether there is one."""
    requested: Doc = {
        "client_id": (about.client or {}).get("client_id", ""),
        "connection": connection["name"],
        "email": email,
        "tenant": context.tenant_name,
    }
    for user in users_with_login(context, connection, email):
        if user.get("email"):
            mail.send_password_reset(context, user, about.client)
            log(context, "scpr", "Change password request", about, user, body=requested)
            return
    unsent = {**requested, "debug": False, "verify": True}
    log(context, "fcpr", "The user does not exist.", about, body=unsent)


def database_of(context: RequestContext, client: Doc, name: str) -> Doc | None:
    """The database of a name, where it is enabled for a client."""
    connection = find_connection(context, name)
    enabled = any(doc["name"] == name for doc in connections_of_client(context, client))
    if connection is None or not enabled or connection["strategy"] != DATABASE:
        return None
    return connection


def _named(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> Doc:
    name = given.get("connection")
    if not isinstance(name, str) or not name:
        raise missing_parameter("connection")
    connection = database_of(context, client, name)
    if connection is None:
        raise invalid_request("Connection not found or not enabled for the client")
    return connection


@endpoint
def signup(context: RequestContext) -> Any:
    """``POST /dbconnections/signup``."""
    given = body(context)
    client = identify_client(context, given)
    connection = _named(context, client, given)
    about = Circumstances.of(context, client, connection)
    user = sign_up(context, connection, given, about)
    own = str(user["user_id"]).partition("|")[2]
    shown: Doc = {"_id": own}
    for name, verified in (
        ("email", "email_verified"),
        ("username", None),
        ("phone_number", "phone_verified"),
    ):
        if name in user:
            shown[name] = user[name]
            if verified is not None:
                shown[verified] = bool(user.get(verified))
    extra = ("given_name", "family_name", "name", "nickname", "picture", "user_metadata")
    return {**shown, **{name: given[name] for name in extra if given.get(name)}}


@endpoint
def change_password(context: RequestContext) -> Any:
    """``POST /dbconnections/change_password``: a link by mail; the response never says to whom."""
    given = body(context)
    client = identify_client(context, given)
    connection = _named(context, client, given)
    email = given.get("email")
    if not isinstance(email, str) or not email:
        raise missing_parameter("email")
    about = Circumstances.of(context, client, connection)
    request_password_reset(context, connection, email, about)
    return html(_SENT)


family.route("POST", "/dbconnections/signup", signup, "oauth.database.signup", cors=True)
family.route(
    "POST", "/dbconnections/change_password", change_password, "oauth.database.change", cors=True
)
