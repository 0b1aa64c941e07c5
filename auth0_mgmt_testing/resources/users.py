"""Users: profiles, identities, and what hangs on a user alone (multifactor, accounts, tokens)."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, merged, present, without_nulls
from ..state.ids import hexadecimal, text
from ..state.store import Doc

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


def provider_of(call: Call, connection: str) -> str:
    """The provider of a connection's users, which is its strategy; 400 where there is none."""
    for doc in call.tx.all("connections"):
        if doc.get("name") == connection:
            return str(doc.get("strategy") or "auth0")
    raise Problem(400, "The connection does not exist.", "inexistent_connection")


def gravatar(email: str) -> str:
    """The picture of a user who gave none: by the address, with the initials as fallback."""
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    initials = quote(
        f"https://cdn.auth0.com/avatars/{quote(email.partition('@')[0][:2].lower())}.png", safe=""
    )
    return f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg&d={initials}"


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


def _prepare(call: Call, body: Doc) -> Doc:
    connection = str(body["connection"])
    provider = provider_of(call, connection)
    own = str(body.get("user_id") or call.new_id(hexadecimal(24)))
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
    now = call.now()
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


_NOT_TOGETHER = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
"""What one update may not change at once."""


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    """Metadata merges on its first level, ``{}`` empties it; null unsets any attribute."""
    for one, other in _NOT_TOGETHER:
        if one in patch and other in patch:
            message = f"Cannot update {one} and {other} simultaneously"
            raise Problem(400, message, "operation_not_supported")
    new = dict(old)
    for name, value in patch.items():
        if name in _UNSTORED:
            continue
        if name in _METADATA and value:
            value = _bare(merged(old.get(name) or {}, value))
        elif name in ("email", "username") and isinstance(value, str):
            value = value.lower()
        new[name] = value
    if patch.get("email") and patch["email"] != old.get("email"):
        new["email_verified"] = bool(patch.get("email_verified", False))
    if patch.get("password"):
        new["_password"] = patch["password"]
        new["last_password_reset"] = call.now()
    given = dict.fromkeys([*old.get("_given", ()), *(name for name in _PROFILE if name in patch)])
    new["_given"] = [name for name in given if new.get(name) is not None]
    new["updated_at"] = call.now()
    return {key: value for key, value in new.items() if value is not None or key == "_password"}


def _tell_deletion(call: Call, user: Doc) -> None:
    call.log("sdu", "User successfully deleted", user_id=user["user_id"])


def _in_connection(doc: Doc, value: Any) -> bool:
    return any(identity["connection"] == value for identity in doc["identities"])


def _logins(doc: Doc) -> list[tuple[str, str, str]]:
    """What no two users of a connection share."""
    connection = doc["identities"][0]["connection"]
    return [
        (connection, name, str(doc[name]).lower())
        for name in ("email", "username", "phone_number")
        if doc.get(name)
    ]


def in_brief(call: Call, user: Doc) -> Doc:
    """What lists of a role's or an organization's users show of each."""
    shown = ("user_id", "email", "picture", "name")
    return {name: user[name] for name in shown if name in user}


class _Users(Collection):
    """Users are unique by what they log in with, in each connection."""

    def store(self, call: Call, doc: Doc, old: Doc | None) -> None:
        taken = call.tx.get(self.table, doc["user_id"]) if old is None else None
        before = [] if old is None else _logins(old)
        for login in _logins(doc):
            if login not in before and call.tx.find(self.table, "login", login):
                taken = doc
        if taken is not None:
            raise Problem(409, "The user already exists.", "auth0_idp_error")
        super().store(call, doc, old)


USERS = _Users(
    "users",
    id="user_id",
    new_id=None,
    missing=MISSING,
    prepare=_prepare,
    change=_change,
    before_delete=_tell_deletion,
    idempotent_delete=True,
    listing=Listing(
        search="users",
        exact={
            "email": ("users", "folded_email"),
            **{name: ("users", name) for name in ("user_id", "username", "phone_number")},
            "identities.user_id": ("users", "identity"),
        },
        sort=True,
        filters={
            "connection": _in_connection,
            # There is one search engine, and its order always is stable.
            "search_engine": lambda doc, value: True,
            "primary_order": lambda doc, value: True,
        },
    ),
)
USERS.bind(
    family,
    create="post_users",
    get="get_users_by_id",
    update="patch_users_by_id",
    delete="delete_users_by_id",
)
for _name in ("user_id", "username", "phone_number"):
    family.index("users", _name, present(_name))
family.index("users", "identity", lambda doc: [str(each["user_id"]) for each in doc["identities"]])
family.index(
    "users", "folded_email", lambda doc: [doc["email"].lower()] if doc.get("email") else []
)
family.index("users", "email", present("email"))
family.index("users", "login", _logins)


@family.verb("get_users", kind="collection", eventual=True)
def list_users(call: Call) -> Any:
    """Search sees what the tenant's search has caught up with."""
    return answer(call, call.tx.all("users"), USERS.listing)


@family.verb("get_users-by-email", kind="view")
def list_users_by_email(call: Call) -> Any:
    """Every user with exactly this address; no page, no search delay."""
    found = call.tx.find("users", "email", call.query["email"])
    return answer(call, found, Listing())


def require_user(call: Call, param: str = "id") -> Doc:
    """The user that the path names; raises the 404."""
    return USERS.require(call, call.path[param])


# --- identities --------------------------------------------------------------------------------


def _profiled(user: Doc) -> list[Doc]:
    """A user's identities, each with its profile, as linking and unlinking show them."""
    first, *others = user["identities"]
    profile = {name: user[name] for name in user["_given"] if name in user}
    return [{"profileData": profile, **first}, *others]


@family.verb("post_identities")
def link_identity(call: Call) -> Any:
    """Link another user to this one: the other stops being a user of its own."""
    user = require_user(call)
    body: Doc = call.body
    if "link_with" in body:
        from jwt import PyJWTError, decode

        try:
            claims = decode(body["link_with"], options={"verify_signature": False})
        except PyJWTError:
            raise Problem(400, "Invalid token", "invalid_token") from None
        key = str(claims.get("sub"))
    else:
        provider, own = str(body.get("provider")), str(body.get("user_id"))
        key = own if own.startswith(f"{provider}|") else f"{provider}|{own}"
    if key == user["user_id"]:
        raise Problem(400, "Main user and linked user cannot be the same", "invalid_body")
    other = USERS.require(call, key)
    linked = {**user, "identities": [*user["identities"], *_profiled(other)]}
    linked["updated_at"] = call.now()
    USERS.remove(call, other)
    USERS.store(call, linked, user)
    return _profiled(linked)


@family.verb("delete_user_identity_by_user_id")
def unlink_identity(call: Call) -> Any:
    """Unlink a secondary identity: it becomes a user of its own again."""
    user = require_user(call)
    wanted = (call.path["provider"], call.path["user_id"])
    first, *others = user["identities"]
    if (first["provider"], str(first["user_id"])) == wanted:
        raise Problem(400, "Main identity cannot be unlinked", "operation_not_supported")
    left = [each for each in others if (each["provider"], str(each["user_id"])) != wanted]
    gone = [each for each in others if each not in left]
    if not gone:
        raise Problem(404, "The identity does not exist.", "inexistent_identity")
    now = call.now()
    kept = {**user, "identities": [first, *left], "updated_at": now}
    USERS.store(call, kept, user)
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
    USERS.store(call, alone, None)
    return _profiled(kept)


# --- what hangs on a user ----------------------------------------------------------------------


@family.verb("get_user_organizations", kind="view")
def list_organizations(call: Call) -> Any:
    """The organizations that the user is a member of."""
    who = require_user(call)["user_id"]
    links = call.tx.find("organization_members", "right", who)
    found = (call.tx.get("organizations", link["_left"]) for link in links)
    shown = ("id", "name", "display_name", "branding", "metadata", "third_party_client_access",
             "is_app_entitlement_active")  # fmt: skip

    def view(call: Call, doc: Doc) -> Doc:
        return {name: doc[name] for name in shown if name in doc}

    page = answer(call, [doc for doc in found if doc is not None], Listing(), view)
    if is_object(page) and "total" in page:
        page["total"] = 0  # this list never counts: tenants write 0 whatever it holds
    return page


@family.verb("post_recovery-code-regeneration")
def regenerate_recovery_code(call: Call) -> Any:
    require_user(call)
    code = call.new_id(lambda raw: text(raw, 24, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return {"recovery_code": code}


@family.verb("post_invalidate-remember-browser")
def forget_browsers(call: Call) -> Any:
    require_user(call)


@family.verb("post_clear_assessors")
def clear_assessors(call: Call) -> Any:
    require_user(call)


@family.verb("delete_multifactor_by_provider")
def delete_multifactor(call: Call) -> Any:
    """Forget the user's enrolments with a multifactor provider."""
    user = require_user(call)
    left = [name for name in user.get("multifactor", ()) if name != call.path["provider"]]
    if "multifactor" in user:
        USERS.store(call, {**user, "multifactor": left}, user)
