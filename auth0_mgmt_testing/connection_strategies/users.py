"""What a connection demands of its users: how they are identified, and what may be changed.

Databases (``auth0``) and passwordless connections (``email``, ``sms``) keep their users
themselves; the users of any other connection come from its identity provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..behaviours import get_path
from ..engine import messages
from ..engine.errors import APIError
from ..engine.formats import email
from ..state.store import Doc
from .passwords import check_password

KEPT_BY_TENANT = frozenset(("auth0", "email", "sms"))
"""Strategies whose users the tenant itself keeps."""

_IDENTIFIERS = ("email", "phone_number", "username")
_LOGIN_ATTRIBUTES = (
    "email", "email_verified", "verify_email", "phone_number", "phone_verified",
    "verify_phone_number", "username", "password",
)  # fmt: skip
"""What only the tenant's own users have changed."""
_ROOT_ATTRIBUTES = ("family_name", "given_name", "name", "nickname", "picture")
"""What an identity provider overwrites at each log-in unless the connection says otherwise."""
_BARRED = frozenset(
    (
        "__tenant", "_id", "blocked", "clientID", "created_at", "email", "email_verified",
        "globalClientID", "global_client_id", "identities", "lastIP", "lastLogin", "loginsCount",
        "metadata", "multifactor", "multifactor_last_modified", "updated_at", "user_id",
    )
)  # fmt: skip
"""Names that ``app_metadata`` cannot have."""
_USERNAME = re.compile(r"[A-Za-z0-9_+\-.!#$'^`~@]+")


def check_new_user(connection: Doc, body: Doc) -> None:
    """Raise 400 where a connection does not take a new user like this."""
    strategy, options = _strategy(connection), _options(connection)
    if strategy not in KEPT_BY_TENANT:
        raise APIError(
            400, "Users of this connection cannot be created by the API", "operation_not_supported"
        )
    check_metadata(body)
    if strategy != "auth0":
        _require(body, "email" if strategy == "email" else "phone_number")
        return
    attributes = options.get("attributes")
    if not is_object(attributes):
        _require(body, "email")
    elif not any(body.get(name) for name in _IDENTIFIERS if name in attributes):
        _require(body, next((n for n in _IDENTIFIERS if n in attributes), "email"))
    if options.get("requires_username") and "username" not in body:
        raise _unfit("Missing username for database connection with requires_username enabled")
    _check_username(options, body)
    methods: Doc = options.get("authentication_methods") or {}
    asked: Doc = methods.get("password") or {}
    if asked.get("enabled", True) and asked.get("api_behavior", "required") == "required":
        _require(body, "password")
    if body.get("password") is not None:
        check_password(options, str(body["password"]), body)


def check_changed_user(connection: Doc | None, user: Doc, patch: Doc) -> None:
    """Raise 400 where a user of a connection cannot be changed like this.

    ``connection``: that of the user's main identity; None where it is no more.
    """
    check_metadata(patch)
    provider = str(user["identities"][0]["provider"])
    options = _options(connection or {})
    if provider not in KEPT_BY_TENANT:
        if fixed := [name for name in _LOGIN_ATTRIBUTES if name in patch]:
            raise APIError(
                400, f"Cannot update {', '.join(fixed)} for this user", "operation_not_supported"
            )
        changed = [name for name in _ROOT_ATTRIBUTES if name in patch]
        if changed and options.get("set_user_root_attributes") != "on_first_login":
            name = user["identities"][0]["connection"]
            raise APIError(
                400,
                f"The following user attributes cannot be updated: {', '.join(changed)}. The "
                f"connection ({name}) must either be a database connection (using the Auth0 "
                "store), a passwordless connection (email or sms) or has disabled 'Sync user "
                "profile attributes at each login'.",
                "operation_not_supported",
            )
        return
    if provider == "auth0":
        _check_username(options, patch)
        if patch.get("password") is not None:
            former = [user.get("_password"), *user.get("_former_passwords", ())]
            known = [str(each) for each in former if each is not None]
            check_password(options, str(patch["password"]), {**user, **patch}, known)


def check_metadata(body: Doc) -> None:
    """Raise 400 for names that metadata cannot have, at any level."""
    for name in ("user_metadata", "app_metadata"):
        found = body.get(name)
        barred = _BARRED.intersection(found or ()) if name == "app_metadata" else ()
        if barred:
            reason = messages.additional_properties(sorted(barred))
            raise messages.invalid("body", reason, name)
        for key in _keys(found):
            if key.startswith("$") or "." in key:
                reason = f"Property names must not start with $ or contain a dot: {key}"
                raise messages.invalid("body", reason, name)


def _keys(value: Any) -> Iterable[str]:
    if is_object(value):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    elif is_array(value):
        for item in value:
            yield from _keys(item)


def _check_username(options: Doc, body: Doc) -> None:
    """Raise 400 for a username where there is none, or one that does not fit."""
    username = body.get("username")
    if username is None:
        return
    attributes = options.get("attributes")
    if is_object(attributes):
        if "username" not in attributes:
            raise _unfit("Cannot set username for connection without username attribute")
        least = get_path(attributes, "username.validation.min_length")
        most = get_path(attributes, "username.validation.max_length")
    else:
        if not options.get("requires_username"):
            raise _unfit("Cannot set username for connection without requires_username")
        least = get_path(options, "validation.username.min")
        most = get_path(options, "validation.username.max")
    least, most = least or 1, most or 15
    if not isinstance(username, str) or not _USERNAME.fullmatch(username) or email(username):
        raise _unfit(
            "Username can only contain alphanumeric characters or '_', '+', '-', '.', '!', '#', "
            "'$', ''', '^', '`', '~' and '@', and cannot be an email address"
        )
    if not least <= len(username) <= most:
        raise _unfit(f"Username should have between {least} and {most} characters.")


def _require(body: Doc, name: str) -> None:
    if not body.get(name):
        raise messages.invalid("body", messages.missing_property(name))


def _unfit(message: str) -> APIError:
    return APIError(400, message, "invalid_body")


def _strategy(connection: Doc) -> str:
    return str(connection.get("strategy") or "auth0")


def _options(connection: Doc) -> Doc:
    found = connection.get("options")
    return found if is_object(found) else {}
