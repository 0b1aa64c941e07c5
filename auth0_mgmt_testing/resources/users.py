"""Users: profiles, identities, and what hangs on a user alone (multifactor, accounts, tokens)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from auth0_mgmt._json import is_object

from ..actions.effects import Effects
from ..actions.event import Event
from ..behaviours import (
    CollectionBehaviour,
    Listing,
    Missing,
    list_response,
    merged,
    non_empty,
    run_checks,
    visible,
    without_nulls,
)
from ..connection_strategies import strategy
from ..connection_strategies.users import CHANGED_USER, NEW_USER, changed_user, new_user
from ..engine import messages
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.keyring import Keyring
from ..engine.query.searchable import SCHEMAS, TEXT
from ..engine.registry import Family
from ..engine.tokens import verified_id_token
from ..state import id_forms
from ..state.selection import Part, field_of
from ..state.store import Doc
from .action_executions import run_trigger
from .mail import send_verification
from .registrations import after_registration, before_registration, runs_for
from .relations import ORGANIZATION_MEMBERS

family = Family()

MISSING = Missing("The user does not exist.", "inexistent_user")

_UNSOCIAL = frozenset(
    (
        "auth0", "email", "sms", "ad", "adfs", "auth0-adldap", "custom", "google-apps", "ip",
        "oidc", "office365", "okta", "pingfederate", "samlp", "sharepoint", "waad",
    )
)  # fmt: skip
"""Strategies of databases, passwordless and enterprise connections."""
_METADATA = ("user_metadata", "app_metadata", "client_metadata")
_UNSTORED = frozenset(
    (
        "connection",
        "password",
        "verify_email",
        "verify_phone_number",
        "verify_password",
        "client_id",
    )
)
"""What a body says about the request and not about the profile."""
_PROFILE = (
    "email", "email_verified", "name", "given_name", "family_name", "nickname", "picture",
    "username", "phone_number", "phone_verified",
)  # fmt: skip


# --- profiles ----------------------------------------------------------------------------------


def find_connection(context: RequestContext, name: str) -> Doc | None:
    """The connection of this name."""
    found = context.tx.find("connections", "unique:name", (name,))
    return found[0] if found else None


def require_connection(context: RequestContext, name: str) -> Doc:
    """The connection of this name; raises 400 where there is none."""
    found = find_connection(context, name)
    if found is None:
        names = ", ".join(str(doc["name"]) for doc in context.tx.all("connections"))
        hint = f"the tenant's connections are: {names or 'none'}"
        raise APIError(400, "The connection does not exist.", "inexistent_connection", hint=hint)
    return found


def provider_of(context: RequestContext, connection: str) -> str:
    """The provider of a connection's users, which is its strategy; 400 where there is none."""
    return str(require_connection(context, connection).get("strategy") or "auth0")


def gravatar(email: str, host: str = "s.gravatar.com") -> str:
    """The picture of a user who gave none: by the address, with the initials as fallback."""
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    initials = email.partition("@")[0][:2].lower()
    return f"https://{host}/avatar/{digest}?s=480&r=pg&d={_avatar(initials)}"


@lru_cache(maxsize=4096)
def _avatar(initials: str) -> str:
    return quote(f"https://cdn.auth0.com/avatars/{quote(initials)}.png", safe="")


def _derived(doc: Doc) -> Doc:
    """What a profile is completed with where the caller gave nothing."""
    label = doc.get("email") or doc.get("phone_number") or doc.get("username") or ""
    known: Doc = {
        "name": label,
        "nickname": str(label).partition("@")[0],
        "picture": gravatar(str(label)),
    }
    if "email" in doc:
        known["email_verified"] = False
    if "phone_number" in doc and "email" not in doc:
        known["phone_verified"] = False
    return known


def _prepare(context: RequestContext, body: Doc) -> Doc:
    connection = str(body["connection"])
    provider = provider_of(context, connection)
    own = str(body.get("user_id") or context.new_id(id_forms.USER))
    given = {key: value for key, value in body.items() if key not in _UNSTORED}
    for name in _METADATA:
        if name in given:
            given[name] = _bare(given[name])
    if isinstance(given.get("email"), str) and provider == "auth0":
        given["email"] = given["email"].lower()
    if isinstance(given.get("username"), str):
        given["username"] = given["username"].lower()
    identity: Doc = {
        "connection": connection,
        "user_id": own,
        "provider": provider,
        "isSocial": provider not in _UNSOCIAL,
    }
    now = context.now()
    return {
        **_derived(given),
        **given,
        "user_id": f"{provider}|{own}",
        "identities": [identity],
        "created_at": now,
        "updated_at": now,
        "_password": body.get("password"),
        "_given": [name for name in _PROFILE if name in given],
    }


def _bare(value: Any) -> Any:
    return without_nulls(value) if is_object(value) else value


_REMEMBERED = 24
"""Former passwords that are kept: as many as a policy can name."""
_NOT_TOGETHER = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
"""What one update may not change at once."""


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """Metadata merges on its first level, ``{}`` empties it; null unsets any attribute."""
    for one, other in _NOT_TOGETHER:
        if one in patch and other in patch:
            message = f"Cannot update {one} and {other} simultaneously"
            raise APIError(400, message, "operation_not_supported")
    if "connection" in patch:
        require_connection(context, patch["connection"])
    if context.is_request:
        connection = find_connection(context, old["identities"][0]["connection"])
        run_checks(CHANGED_USER, context, changed_user(connection, old, patch), old)
    new = dict(old)
    for name, value in patch.items():
        if name in _UNSTORED:
            continue
        if name in _METADATA and value:
            value = _bare(merged(old.get(name) or {}, value))
        elif name == "app_metadata" and not value:
            value = None  # emptied, it is gone; an empty `user_metadata` stays
        elif name in ("email", "username") and isinstance(value, str):
            value = value.lower()
        new[name] = value
    if patch.get("email") and patch["email"] != old.get("email"):
        new["email_verified"] = bool(patch.get("email_verified", False))
    if patch.get("password"):
        if old.get("_password") is not None:
            former = [old["_password"], *old.get("_former_passwords", ())]
            new["_former_passwords"] = former[:_REMEMBERED]
        new["_password"] = patch["password"]
        new["last_password_reset"] = context.now()
    given = dict.fromkeys([*old.get("_given", ()), *(name for name in _PROFILE if name in patch)])
    new["_given"] = [name for name in given if new.get(name) is not None]
    new["updated_at"] = context.now()
    return {key: value for key, value in new.items() if value is not None or key == "_password"}


def strategy_type(connection: Doc | None) -> str:
    """What kind of connection it is, in a log event's words."""
    if connection is None:
        return ""
    if connection["strategy"] == "auth0":
        return "database"
    if connection["strategy"] in ("email", "sms"):
        return "passwordless"
    return "enterprise" if strategy(connection).enterprise else "social"


def log_members(context: RequestContext, user: Doc) -> Doc:
    """What log events say of a user that no client acts for."""
    first: Doc = user["identities"][0] if user.get("identities") else {}
    connection = find_connection(context, str(first.get("connection")))
    known = connection or {}
    return {
        "user_id": user["user_id"],
        "user_name": user.get("email") or user["user_id"],
        "connection": first.get("connection", ""),
        "connection_id": known.get("id", ""),
        "strategy": known.get("strategy", ""),
        "strategy_type": strategy_type(connection),
    }


def _log_deletion(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    if before is not None and after is None:
        about = log_members(context, before)
        body = {"connection": about["connection"], "tenant": context.tenant_name}
        context.log("sdu", "User successfully deleted", **about, details={"body": body})


family.subscribe("users", _log_deletion)


def _connections(doc: Doc) -> str | list[str]:
    """The connection of a user, or those of all the identities."""
    first, *others = doc["identities"]
    return [each["connection"] for each in doc["identities"]] if others else first["connection"]


def _in_connection(part: Part, value: Any) -> list[Doc]:
    found: list[str | list[str]] = part.column(_CONNECTIONS, _connections)
    return [
        doc
        for doc, names in zip(part.docs, found, strict=True)
        if names == value or (type(names) is list and value in names)
    ]


_CONNECTIONS = "connections"


_KEPT_FIELDS = (
    *_PROFILE, *_METADATA[:2], "user_id", "identities", "created_at", "updated_at", "last_login", "logins_count",
)  # fmt: skip
"""The fields that lists are searched and sorted by most."""
_LOGIN_NAMES = ("email", "username", "phone_number")


def _logins(doc: Doc) -> list[tuple[str, str, str]]:
    """What no two users of a connection share; a linked identity keeps its own."""
    first, *others = doc["identities"]
    profiles: list[tuple[Doc, Doc]] = [(first, doc)]
    profiles += ((each, each.get("profileData") or {}) for each in others)
    return [
        (identity["connection"], name, str(profile[name]).lower())
        for identity, profile in profiles
        for name in _LOGIN_NAMES
        if profile.get(name)
    ]


def _identities(doc: Doc) -> list[str]:
    """Every identity of a user as the user id that it has alone."""
    return [f"{each['provider']}|{each['user_id']}" for each in doc["identities"]]


def in_brief(context: RequestContext, user: Doc) -> Doc:
    """What lists of a role's or an organization's users show of each."""
    shown = ("user_id", "email", "picture", "name")
    return {name: user[name] for name in shown if name in user}


class _Users(CollectionBehaviour):
    """Users are unique by what they log in with, in each connection."""

    def store(self, context: RequestContext, doc: Doc, old: Doc | None) -> None:
        found = context.tx.find(self.table, "account", doc["user_id"]) if old is None else []
        taken = found[0] if found else None
        before = [] if old is None else _logins(old)
        for login in _logins(doc):
            if login not in before:
                taken = next(iter(context.tx.find(self.table, "login", login)), taken)
        if taken is not None:
            hint = f"{taken['user_id']} has this id, address, number or username in the connection"
            raise APIError(409, "The user already exists.", "auth0_idp_error", hint=hint)
        super().store(context, doc, old)


USERS = _Users(
    "users",
    id="user_id",
    new_id=None,
    missing=MISSING,
    prepare=_prepare,
    change=_change,
    idempotent_delete=True,
    listing=Listing(
        search="users",
        exact={
            "email": ("users", "folded_email"),
            "user_id": ("users", "account"),
            **{name: ("users", name) for name in ("username", "phone_number")},
            "identities.user_id": ("users", "identity"),
        },
        sort=True,
        filters={
            # There is one search engine, and its order always is stable.
            "search_engine": lambda doc, value: True,
            "primary_order": lambda doc, value: True,
        },
        many={"connection": _in_connection},
    ),
)
USERS.bind(
    family,
    get="users.get",
    delete="users.delete",
)
family.index("users", "account", _identities)
for _name in ("username", "phone_number"):
    family.index("users", _name, non_empty(_name))
family.index("users", "identity", lambda doc: [str(each["user_id"]) for each in doc["identities"]])
family.index(
    "users", "folded_email", lambda doc: [doc["email"].lower()] if doc.get("email") else []
)
family.index("users", "login", _logins)
family.column("users", TEXT, SCHEMAS["users"].text)
family.column("users", _CONNECTIONS, _connections)
for _name in _KEPT_FIELDS:
    family.column("users", _name, field_of(_name))


@family.operation("users.list", kind="collection", eventual=True)
def list_users(context: RequestContext) -> Any:
    """List users as of the tenant's search delay; metadata cannot be sorted by."""
    sort = str(context.query.get("sort") or "")
    if sort.partition(":")[0].partition(".")[0] in _METADATA:
        raise messages.invalid_sort(sort)
    users: Iterable[Doc] = context.tx.all("users")
    if "organization_id" in str(context.query.get("q") or ""):
        found = _organizations(context)
        users = [
            {**user, "_organizations": found[user["user_id"]]} if user["user_id"] in found else user
            for user in users
        ]
    return list_response(context, users, USERS.listing)


def _organizations(context: RequestContext) -> dict[str, list[str]]:
    """The ids of the organizations that users are members of, by user."""
    key = ORGANIZATION_MEMBERS.key
    found: dict[str, list[str]] = {}
    for link in context.tx.all(ORGANIZATION_MEMBERS.table):
        found.setdefault(key(link, "users"), []).append(key(link, "organizations"))
    return found


@family.operation("users.list_users_by_email", kind="view")
def list_users_by_email(context: RequestContext) -> Any:
    """Every user with exactly this address; no page, no search delay."""
    return list_response(context, with_email(context, context.query["email"]), Listing())


def with_email(context: RequestContext, address: str) -> list[Doc]:
    """The users with exactly this address."""
    found = context.tx.find("users", "folded_email", address.lower())
    return [user for user in found if user["email"] == address]


@family.operation("users.create", kind="collection")
def create_user(context: RequestContext) -> Any:
    """Create a user of a connection that takes such a user."""
    connection = require_connection(context, str(context.body["connection"]))
    if not context.is_request:
        return USERS.create(context)
    run_checks(NEW_USER, context, new_user(connection, context.body), None)
    if not runs_for(connection):
        return USERS.create(context)
    draft, effects = before_registration(context, context.body, connection)
    if effects.denied is not None:
        raise APIError(400, effects.user_message or effects.denied)
    user = USERS.add(context, draft)
    _send_verification(context, user)
    after_registration(context, user, connection)
    return visible(USERS.view(context, user))


@family.operation("users.update", kind="collection")
def update_user(context: RequestContext) -> Any:
    """Change a profile; a new password is what post-change-password code runs for."""
    body: Doc = context.body or {}
    user = USERS.save(context, USERS.require(context), body)
    if context.is_request:
        _send_verification(context, user)
        if body.get("password"):
            after_password_change(context, user)
    return visible(USERS.view(context, user))


def _send_verification(context: RequestContext, user: Doc) -> None:
    """Send the mail that ``verify_email`` asks for, to an address that is not verified."""
    body: Doc = context.body or {}
    if body.get("verify_email") and user.get("email") and not user.get("email_verified"):
        client = context.tx.get("clients", str(body.get("client_id")))
        send_verification(context, user, client)


def after_password_change(context: RequestContext, user: Doc) -> Effects:
    """Run the post-change-password code; it cannot change anything."""
    connection = find_connection(context, user["identities"][0]["connection"])
    event = Event(user=user, connection=connection)
    return run_trigger(context, "post-change-password", event)


def require_user(context: RequestContext, param: str = "id") -> Doc:
    """The user that the path names; raises the 404."""
    return USERS.require(context, context.path[param])


# --- identities --------------------------------------------------------------------------------


def _profiled(user: Doc) -> list[Doc]:
    """A user's identities, each with its profile, as linking and unlinking show them."""
    first, *others = user["identities"]
    profile = {name: user[name] for name in user["_given"] if name in user}
    return [{"profileData": profile, **first}, *others]


def _subject(context: RequestContext, token: str) -> str:
    """The user of an ID token; raises 400 for one that this tenant did not issue or is expired."""

    def secret_of(client_id: str) -> str | None:
        return (context.tx.get("clients", client_id) or {}).get("client_secret")

    keys, now = Keyring(context.tx), context.time()
    claims = verified_id_token(token, tenant=context.world, now=now, keys=keys, secret_of=secret_of)
    if claims is None:
        raise APIError(400, "Invalid token", "invalid_token")
    return str(claims.get("sub"))


@family.operation("users.identities.link")
def link_identity(context: RequestContext) -> Any:
    """Link another user to this one: the other stops being a user of its own."""
    user = require_user(context)
    body: Doc = context.body
    if "link_with" in body:
        key = _subject(context, body["link_with"])
    else:
        known = "connection_id" not in body or context.tx.get("connections", body["connection_id"])
        if "provider" not in body or not known:
            message = "The provider/connection is not configured."
            raise APIError(400, message, "inexistent_connection")
        provider, own = str(body["provider"]), str(body.get("user_id"))
        key = own if own.startswith(f"{provider}|") else f"{provider}|{own}"
    if key == user["user_id"]:
        raise APIError(400, "Main user and linked user cannot be the same", "invalid_body")
    other = USERS.require(context, key)
    linked = {**user, "identities": [*user["identities"], *_profiled(other)]}
    linked["updated_at"] = context.now()
    USERS.remove(context, other)
    USERS.store(context, linked, user)
    return _profiled(linked)


@family.operation("users.identities.delete")
def unlink_identity(context: RequestContext) -> Any:
    """Unlink a secondary identity: it becomes a user of its own again."""
    user = require_user(context)
    wanted = (context.path["provider"], context.path["user_id"])
    first, *others = user["identities"]
    if (first["provider"], str(first["user_id"])) == wanted:
        raise APIError(400, "Main identity cannot be unlinked", "operation_not_supported")
    left = [each for each in others if (each["provider"], str(each["user_id"])) != wanted]
    gone = [each for each in others if each not in left]
    if not gone:
        raise APIError(404, "The identity does not exist.", "inexistent_identity")
    now = context.now()
    kept = {**user, "identities": [first, *left], "updated_at": now}
    USERS.store(context, kept, user)
    profile: Doc = gone[0].get("profileData", {})
    alone: Doc = {
        **_derived(profile),
        **profile,
        "user_id": f"{wanted[0]}|{wanted[1]}",
        "identities": [{k: v for k, v in gone[0].items() if k != "profileData"}],
        "created_at": now,
        "updated_at": now,
        "_password": None,
        "_given": list(profile),
    }
    USERS.store(context, alone, None)
    return _profiled(kept)


# --- what hangs on a user ----------------------------------------------------------------------


@family.operation("users.organizations.list", kind="view")
def list_organizations(context: RequestContext) -> Any:
    """The organizations that the user is a member of."""
    who = require_user(context)["user_id"]
    found = ORGANIZATION_MEMBERS.others(context, users=who)
    shown = ("id", "name", "display_name", "branding", "metadata", "third_party_client_access",
             "is_app_entitlement_active")  # fmt: skip

    def view(context: RequestContext, doc: Doc) -> Doc:
        return {name: doc[name] for name in shown if name in doc}

    return list_response(context, found, Listing(), view)


@family.operation("users.multifactor.invalidate_remember_browser")
def forget_browsers(context: RequestContext) -> Any:
    require_user(context)


@family.operation("users.risk_assessments.clear")
def clear_assessors(context: RequestContext) -> Any:
    require_user(context)


@family.operation("users.multifactor.delete_provider")
def delete_multifactor(context: RequestContext) -> Any:
    """Forget the user's enrolments with a multifactor provider."""
    user = require_user(context)
    left = [name for name in user.get("multifactor", ()) if name != context.path["provider"]]
    if "multifactor" in user:
        USERS.store(context, {**user, "multifactor": left}, user)
