"""What a connection demands of its users: how they are identified, and what may be changed.

Databases (``auth0``) and passwordless connections (``email``, ``sms``) keep their users
themselves; the users of any other connection come from its identity provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..behaviours import Check, get_path
from ..engine import messages
from ..engine.formats import email
from ..state.store import Doc
from .passwords import Password, password_checks

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


def new_user(connection: Doc, given: Doc) -> Doc:
    """What the checks of a new user judge: the connection, and what was posted."""
    provider = str(connection.get("strategy") or "auth0")
    return {
        "given": given,
        "user": given,
        "former": (),
        "provider": provider,
        "connection": connection,
    }


def changed_user(connection: Doc | None, user: Doc, patch: Doc) -> Doc:
    """What the checks of a changed user judge; the connection is None where it is no more."""
    former = [user.get("_password"), *user.get("_former_passwords", ())]
    return {
        "given": patch,
        "user": {**user, **patch},
        "former": tuple(str(each) for each in former if each is not None),
        "provider": str(user["identities"][0]["provider"]),
        "name": user["identities"][0]["connection"],
        "connection": connection or {},
    }


# --- properties of what is checked --------------------------------------------------------------


def _options(checked: Doc) -> Doc:
    found = checked["connection"].get("options")
    return found if is_object(found) else {}


def _is_kept(checked: Doc) -> bool:
    return checked["provider"] in KEPT_BY_TENANT


def _missing_identifier(checked: Doc) -> str | None:
    """The identifier that a new user of a connection lacks."""
    given, strategy = checked["given"], checked["provider"]
    attributes = _options(checked).get("attributes")
    names: tuple[str, ...] = ("email",)
    if strategy != "auth0":
        names = ("email" if strategy == "email" else "phone_number",)
    elif is_object(attributes):
        names = tuple(name for name in _IDENTIFIERS if name in attributes) or names
    return None if any(given.get(name) for name in names) else names[0]


def _needs_password(checked: Doc) -> bool:
    methods: Doc = _options(checked).get("authentication_methods") or {}
    rules: Doc = methods.get("password") or {}
    required = rules.get("enabled", True) and rules.get("api_behavior", "required") == "required"
    return checked["provider"] == "auth0" and bool(required)


def _takes_usernames(checked: Doc) -> bool:
    attributes = _options(checked).get("attributes")
    if is_object(attributes):
        return "username" in attributes
    return bool(_options(checked).get("requires_username"))


def _why_no_username(checked: Doc) -> str:
    by_attribute = is_object(_options(checked).get("attributes"))
    wanted = "username attribute" if by_attribute else "requires_username"
    return f"Cannot set username for connection without {wanted}"


def _username(checked: Doc) -> Any:
    """The username given to a database's user; None where there is none."""
    return checked["given"].get("username") if checked["provider"] == "auth0" else None


def _is_malformed(username: Any) -> bool:
    if username is None:
        return False
    return not (isinstance(username, str) and _USERNAME.fullmatch(username) and not email(username))


def _lengths(checked: Doc) -> tuple[int, int]:
    """How short and how long a connection's usernames may be."""
    options = _options(checked)
    by_attribute = is_object(options.get("attributes"))
    place = "attributes.username.validation" if by_attribute else "validation.username"
    names = ("min_length", "max_length") if by_attribute else ("min", "max")
    least, most = (get_path(options, f"{place}.{name}") for name in names)
    return least or 1, most or 15


def _misses_length(checked: Doc) -> bool:
    if (username := _username(checked)) is None:
        return False
    least, most = _lengths(checked)
    return not least <= len(username) <= most


def _barred(checked: Doc) -> list[str]:
    """Names in the app metadata that it cannot have."""
    found = checked["given"].get("app_metadata")
    return sorted(_BARRED.intersection(found)) if found else []


def _odd_key(checked: Doc, name: str) -> str | None:
    """A name in metadata, at any level, that none can have."""
    if not (found := checked["given"].get(name)):
        return None
    return next((key for key in _keys(found) if key.startswith("$") or "." in key), None)


def _keys(value: Any) -> Iterable[str]:
    if is_object(value):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    elif is_array(value):
        for item in value:
            yield from _keys(item)


def _fixed(checked: Doc) -> list[str]:
    """Changed attributes that only the tenant's own users have changed."""
    return [name for name in _LOGIN_ATTRIBUTES if name in checked["given"]]


def _synchronized(checked: Doc) -> list[str]:
    """Changed attributes that the identity provider overwrites at each log-in."""
    if _options(checked).get("set_user_root_attributes") == "on_first_login":
        return []
    return [name for name in _ROOT_ATTRIBUTES if name in checked["given"]]


def _password(checked: Doc) -> Password:
    given = checked["given"].get("password") if checked["provider"] == "auth0" else None
    text = None if given is None else str(given)
    return Password(text, _options(checked), checked["user"], checked["former"])


# --- the checks --------------------------------------------------------------------------------


def _lacks(name: str | None) -> str:
    return messages.invalid("body", messages.missing_property(str(name))).message


def _names_in(metadata: str) -> Check:
    def message(checked: Doc) -> str:
        key = _odd_key(checked, metadata)
        reason = f"Property names must not start with $ or contain a dot: {key}"
        return messages.invalid("body", reason, metadata).message

    return Check(lambda context, new, old: _odd_key(new, metadata) is not None, message)


_METADATA = (
    _names_in("user_metadata"),
    Check(
        lambda context, new, old: _barred(new),
        lambda new: (
            messages.invalid(
                "body", messages.additional_properties(_barred(new)), "app_metadata"
            ).message
        ),
    ),
    _names_in("app_metadata"),
)
_USERNAMES = (
    Check(
        lambda context, new, old: _username(new) is not None and not _takes_usernames(new),
        _why_no_username,
    ),
    Check(
        lambda context, new, old: _is_malformed(_username(new)),
        "Username can only contain alphanumeric characters or '_', '+', '-', '.', '!', '#', "
        "'$', ''', '^', '`', '~' and '@', and cannot be an email address",
    ),
    Check(
        lambda context, new, old: _misses_length(new),
        lambda new: "Username should have between {} and {} characters.".format(*_lengths(new)),
    ),
)
_PASSWORDS = password_checks(_password)

NEW_USER: tuple[Check, ...] = (
    Check(
        lambda context, new, old: not _is_kept(new),
        "Users of this connection cannot be created by the API",
        "operation_not_supported",
    ),
    *_METADATA,
    Check(
        lambda context, new, old: _missing_identifier(new) is not None,
        lambda new: _lacks(_missing_identifier(new)),
    ),
    Check(
        lambda context, new, old: (
            new["provider"] == "auth0"
            and _options(new).get("requires_username")
            and "username" not in new["given"]
        ),
        "Missing username for database connection with requires_username enabled",
    ),
    *_USERNAMES,
    Check(
        lambda context, new, old: _needs_password(new) and not new["given"].get("password"),
        lambda new: _lacks("password"),
    ),
    *_PASSWORDS,
)
"""Rules for a user that is posted; they judge a `new_user`."""

CHANGED_USER: tuple[Check, ...] = (
    *_METADATA,
    Check(
        lambda context, new, old: not _is_kept(new) and _fixed(new),
        lambda new: f"Cannot update {', '.join(_fixed(new))} for this user",
        "operation_not_supported",
    ),
    Check(
        lambda context, new, old: not _is_kept(new) and _synchronized(new),
        lambda new: (
            f"The following user attributes cannot be updated: {', '.join(_synchronized(new))}. The "
            f"connection ({new['name']}) must either be a database connection (using the Auth0 "
            "store), a passwordless connection (email or sms) or has disabled 'Sync user "
            "profile attributes at each login'."
        ),
        "operation_not_supported",
    ),
    *_USERNAMES,
    *_PASSWORDS,
)
"""Rules for a user that is changed; they judge a `changed_user`."""
