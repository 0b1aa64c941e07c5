"""Connections: their clients, keys, SCIM configuration and directory provisioning."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.certificates import certificate
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, Unique, among, dig, equals, merged, visible
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()

MISSING = Missing("The connection does not exist", "inexistent_connection")
_NOT_FOUND = Missing("Not Found")

_SCIM_MAPPING = (
    ("preferred_username", "userName"),
    ("email", "emails[primary eq true].value"),
    ("app_metadata.external_id", "externalId"),
    ("blocked", "active"),
    ("name", "displayName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("app_metadata.middle_name", "name.middleName"),
    ("app_metadata.honorific_prefix", "name.honorificPrefix"),
    ("app_metadata.honorific_suffix", "name.honorificSuffix"),
    ("nickname", "nickName"),
    ("picture", 'photos[type eq "photo"].value'),
    ("app_metadata.primary_phone_number", "phoneNumbers[primary eq true].value"),
    ("app_metadata.mobile_phone_number", 'phoneNumbers[type eq "mobile"].value'),
    ("app_metadata.street_address", 'addresses[type eq "work"].streetAddress'),
    ("app_metadata.city", 'addresses[type eq "work"].locality'),
    ("app_metadata.state", 'addresses[type eq "work"].region'),
    ("app_metadata.postal_code", 'addresses[type eq "work"].postalCode'),
    ("app_metadata.postal_address", 'addresses[type eq "work"].formatted'),
    ("app_metadata.country", 'addresses[type eq "work"].country'),
    ("app_metadata.profile_url", "profileUrl"),
    ("app_metadata.user_type", "userType"),
    ("app_metadata.title", "title"),
    ("app_metadata.language", "preferredLanguage"),
    ("app_metadata.locale", "locale"),
    ("app_metadata.timezone", "timezone"),
    (
        "app_metadata.employee_id",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber",
    ),
    (
        "app_metadata.cost_center",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.costCenter",
    ),
    (
        "app_metadata.organization",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.organization",
    ),
    (
        "app_metadata.division",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.division",
    ),
    (
        "app_metadata.department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
    ),
    ("app_metadata.manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager"),
)

_DIRECTORY_MAPPING = (
    ("app_metadata.external_id", "id"),
    ("email", "primaryEmail"),
    ("primaryEmail", "primaryEmail"),
    ("name", "name.fullName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("isAdmin", "isAdmin"),
    ("is_admin", "isAdmin"),
    ("isDelegatedAdmin", "isDelegatedAdmin"),
    ("agreedToTerms", "agreedToTerms"),
    ("tou_accepted", "agreedToTerms"),
    ("suspended", "suspended"),
    ("is_suspended", "suspended"),
    ("blocked", "suspended"),
    ("suspensionReason", "suspensionReason"),
    ("archived", "archived"),
    ("ipWhitelisted", "ipWhitelisted"),
    ("is_ipWhitelisted", "ipWhitelisted"),
    ("kind", "kind"),
    ("etag", "etag"),
    ("customerId", "customerId"),
    ("orgUnitPath", "orgUnitPath"),
    ("emails", "emails"),
    ("phones", "phones"),
    ("externalIds", "externalIds"),
    ("aliases", "aliases"),
    ("addresses", "addresses"),
    ("organizations", "organizations"),
    ("nonEditableAliases", "nonEditableAliases"),
    ("relations", "relations"),
    ("languages", "languages"),
    ("posixAccounts", "posixAccounts"),
    ("notes", "notes"),
    ("websites", "websites"),
    ("locations", "locations"),
    ("keywords", "keywords"),
    ("gender", "gender"),
    ("ims", "ims"),
    ("creationTime", "creationTime"),
    ("lastLoginTime", "lastLoginTime"),
    ("changePasswordAtNextLogin", "changePasswordAtNextLogin"),
    ("isMailboxSetup", "isMailboxSetup"),
    ("includeInGlobalAddressList", "includeInGlobalAddressList"),
    ("thumbnailPhotoUrl", "thumbnailPhotoUrl"),
    ("thumbnailPhotoEtag", "thumbnailPhotoEtag"),
    ("isEnrolledIn2Sv", "isEnrolledIn2Sv"),
    ("isEnforcedIn2Sv", "isEnforcedIn2Sv"),
    ("recoveryEmail", "recoveryEmail"),
    ("recoveryPhone", "recoveryPhone"),
    ("sshPublicKeys", "sshPublicKeys"),
    ("customSchemas", "customSchemas"),
)

_ENTERPRISE = frozenset(
    ("ad", "adfs", "auth0-adldap", "google-apps", "oidc", "okta", "pingfederate", "samlp", "waad")
)
_PROVISIONED = _ENTERPRISE - {"oidc", "okta"}
_SCIM = frozenset(("oidc", "okta", "samlp", "waad"))

_OPTIONS: dict[str, Doc] = {
    "auth0": {
        "mfa": {"active": True, "return_enroll_settings": True},
        "passwordPolicy": "good",
        "passkey_options": {
            "challenge_ui": "both",
            "local_enrollment_enabled": True,
            "progressive_enrollment_enabled": True,
        },
        "strategy_version": 2,
        "authentication_methods": {
            "password": {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"},
            "passkey": {"enabled": False},
        },
        "brute_force_protection": True,
    },
    "ad": {"brute_force_protection": True},
    "facebook": {"scope": ""},
    "github": {"scope": []},
    "google-apps": {
        "email": True,
        "profile": True,
        "scope": ["email", "profile"],
        "handle_login_from_social": True,
    },
    "google-oauth2": {"email": True, "scope": ["email"]},
    "line": {"scope": ["openid", "email", "profile"], "profile": True},
    "linkedin": {"profile": True, "scope": ["r_liteprofile"]},
    "okta": {
        "schema_version": "oidc-V4",
        "type": "back_channel",
        "attribute_map": {"mapping_mode": "basic_profile"},
        "connection_settings": {"pkce": "auto"},
    },
    "oidc": {
        "schema_version": "oidc-V4",
        "attribute_map": {"mapping_mode": "bind_all"},
        "connection_settings": {"pkce": "auto"},
    },
    "salesforce": {"scope": []},
    "salesforce-community": {"scope": []},
    "windowslive": {"signin": True, "scope": ["wl.signin"]},
    "wordpress": {"scope": ["profile"], "profile": True},
}
"""What the tenant fills into ``options``, by strategy."""


def _options(call: Call, strategy: str, given: Doc) -> Doc:
    """The options given over the strategy's defaults; a database's are also checked."""
    if strategy == "auth0":
        _check_database(given)
    fill = dict(_OPTIONS.get(strategy, {}))
    if strategy == "auth0":
        fill |= _database_fill(given)
        if "password_options" in given:
            fill.pop("passwordPolicy")
    if strategy == "google-oauth2":
        fill["scope"] = _google_scope({**fill, **given})
    if strategy == "waad":
        fill |= {
            "app_domain": call.domain,
            "identity_api": "microsoft-identity-platform-v2.0",
            "should_trust_email_verified_connection": "never_set_emails_as_verified",
            "thumbprints": [],
            "use_wsfed": False,
            "useCommonEndpoint": False,
            "waad_common_endpoint": False,
            "waad_protocol": "openid-connect",
        }
    if strategy == "adfs":
        fill |= {
            "thumbprints": [],
            "should_trust_email_verified_connection": "always_set_emails_as_verified",
        }
    if strategy == "auth0":
        return {**merged(fill, given, "deep")}
    return {**fill, **given}


def _database_fill(given: Doc) -> Doc:
    """What goes with the parts of a database's options that are given."""
    fill: Doc = {}
    if given.get("password_options"):
        fill["password_options"] = {
            "complexity": {
                "character_type_rule": "all",
                "identical_characters": "allow",
                "sequential_characters": "allow",
                "max_length_exceeded": "error",
                "min_length": 15,
                "character_types": [],
            },
            "profile_data": {"active": False, "blocked_fields": []},
            "history": {"active": False, "size": 3},
            "dictionary": {"active": False, "custom": [], "default": "en_100k"},
        }
    if dig(given, "attributes.email") is not None:
        fill["attributes"] = {"email": {"verification_method": "link", "unique": True}}
    return fill


def _google_scope(options: Doc) -> list[str]:
    """The scopes that the switches of a Google connection stand for."""
    scope: list[str] = ["profile"] if options.get("profile") else []
    if options.get("calendar"):
        scope.append("https://www.googleapis.com/auth/calendar")
    return [*scope, "email"] if options.get("email") else scope


def _check_database(given: Doc) -> None:
    attributes: dict[str, Any] | None = given.get("attributes")
    if not attributes:
        return
    if given.get("validation"):
        raise _invalid("Cannot set both options.attributes and options.validation")
    active = [name for name, said in attributes.items() if dig(said, "identifier.active")]
    if not active:
        raise _invalid("attributes must contain one active identifier")
    for name, said in attributes.items():
        signup = dig(said, "signup.status")
        if dig(said, "profile_required") and signup not in (None, "required"):
            raise _invalid(f"attribute {name} must also be required on signup")


def _invalid(message: str) -> Problem:
    return Problem(400, message, "invalid_body")


def _prepare(call: Call, doc: Doc) -> Doc:
    strategy: str = doc["strategy"]
    whole: Doc = {
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
        "enabled_clients": [],
        "realms": [doc["name"]],
        **doc,
        "options": _options(call, strategy, doc.get("options") or {}),
    }
    if strategy in _ENTERPRISE:
        whole.setdefault("show_as_button", False)
    if strategy in ("oidc", "okta", "waad"):
        whole.setdefault("display_name", doc["name"])
    if strategy in _PROVISIONED:
        ticket = call.new_id(letters(8))
        whole["provisioning_ticket_url"] = f"https://{call.domain}/p/{strategy}/{ticket}"
    return whole


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    """A change of ``options`` replaces them all."""
    new: Doc = {**old, **patch}
    if "options" in patch:
        new["options"] = dict(patch["options"] or {})
        if old["strategy"] == "auth0":
            _check_database(new["options"])
            new["options"] = merged(
                {k: v for k, v in _OPTIONS["auth0"].items() if k != "passwordPolicy"},
                new["options"],
                "deep",
            )
    return new


def _forget(call: Call, doc: Doc) -> None:
    """A connection takes its settings, links and users along."""
    key = doc["id"]
    for table in ("scim_configurations", "directory_provisionings", "connection_keys"):
        call.tx.delete(table, key)
    for table in ("organization_connections", "synchronized_groups"):
        for link in list(call.tx.all(table)):
            place = (link["_left"], link["_right"])
            if key in place:
                call.tx.delete(table, place)


CONNECTIONS = Collection(
    "connections",
    new_id=letters(16, "con_"),
    missing=MISSING,
    unique=(
        Unique("name", "A connection with the same name already exists", "connection_conflict"),
    ),
    prepare=_prepare,
    change=_change,
    before_delete=_forget,
    listing=Listing(filters={"name": equals("name"), "strategy": among("strategy")}),
)
CONNECTIONS.bind(
    family,
    list="get_connections",
    create="post_connections",
    get="get_connections_by_id",
    update="patch_connections_by_id",
)


@family.setup(order=10)
def default_database(call: Call) -> None:
    """A fresh tenant has one database connection."""
    CONNECTIONS.add(call, {"name": "Username-Password-Authentication", "strategy": "auth0"})


@family.verb("delete_connections_by_id", kind="collection")
def delete(call: Call) -> Any:
    """Deletion is accepted (202); what is not there already answers as if it had been (204)."""
    doc = CONNECTIONS.find(call)
    if doc is None:
        return Reply(204)
    CONNECTIONS.remove(call, doc)
    return Reply(202, {"deleted_at": call.now()})


def _require(call: Call) -> Doc:
    return CONNECTIONS.require(call, call.path["id"])


@family.verb("get_status", kind="view")
def status(call: Call) -> Any:
    """Whether the connection is online: the fake's always is."""
    _require(call)
    return Reply(200)


# --- clients -----------------------------------------------------------------------------------


@family.verb("get_connection_clients", kind="view")
def clients(call: Call) -> Any:
    """The clients that may use the connection."""
    enabled = _require(call)["enabled_clients"]
    rows: list[Doc] = [{"client_id": client} for client in enabled]
    return answer(call, rows, Listing(), lambda _, doc: doc)


@family.verb("patch_clients")
def change_clients(call: Call) -> Any:
    """Enable and disable clients, one by one in the order given."""
    doc = _require(call)
    enabled: dict[str, None] = dict.fromkeys(doc["enabled_clients"])
    for entry in call.body:
        if entry["status"]:
            enabled[entry["client_id"]] = None
        else:
            enabled.pop(entry["client_id"], None)
    CONNECTIONS.store(call, {**doc, "enabled_clients": list(enabled)}, doc)
    return None


@family.verb("delete_users_by_email")
def delete_user(call: Call) -> Any:
    """Delete the connection's users with an address; nobody there is fine."""
    name = _require(call)["name"]
    email = str(call.query["email"]).lower()
    for user in list(call.tx.all("users")):
        connections = {identity["connection"] for identity in user.get("identities", ())}
        if str(user.get("email", "")).lower() == email and name in connections:
            call.tx.delete("users", user["user_id"])
    return None


# --- SCIM --------------------------------------------------------------------------------------


def _scim(call: Call) -> Doc:
    _require(call)
    doc = call.tx.get("scim_configurations", call.path["id"])
    if doc is None:
        raise _NOT_FOUND.problem()
    return doc


@family.verb("get_default-mapping", kind="view")
def scim_default_mapping(call: Call) -> Any:
    """The mapping that a new SCIM configuration gets."""
    _require(call)
    return {"mapping": [{"auth0": auth0, "scim": scim} for auth0, scim in _SCIM_MAPPING]}


@family.verb("post_scim-configuration")
def create_scim(call: Call) -> Any:
    connection = _require(call)
    if connection["strategy"] not in _SCIM:
        raise Problem(
            404,
            "This connection type does not support SCIM. Please see our documentation for the "
            "currently supported connection types: "
            "https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
        )
    if call.tx.get("scim_configurations", connection["id"]) is not None:
        raise Problem(409, "SCIM configuration already exists for this connection.")
    now = call.now()
    doc: Doc = {
        "tenant_name": call.domain.split(".")[0],
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        "mapping": scim_default_mapping(call)["mapping"],
        "user_id_attribute": "externalId",
        **(call.body or {}),
        "created_at": now,
        "updated_on": now,
    }
    return call.tx.put("scim_configurations", connection["id"], doc)


@family.verb("get_scim-configuration", kind="view")
def get_scim(call: Call) -> Any:
    return _scim(call)


@family.verb("patch_scim-configuration")
def change_scim(call: Call) -> Any:
    new = {**_scim(call), **call.body, "updated_on": call.now()}
    return call.tx.put("scim_configurations", call.path["id"], new)


@family.verb("delete_scim-configuration")
def delete_scim(call: Call) -> Any:
    _require(call)
    call.tx.delete("scim_configurations", call.path["id"])
    return None


@family.verb("get_connections-scim-configurations", kind="view")
def list_scim(call: Call) -> Any:
    rows = call.tx.all("scim_configurations")
    return answer(call, rows, Listing(), lambda _, doc: doc)


@family.verb("post_scim_token")
def create_scim_token(call: Call) -> Any:
    """A new SCIM token, shown this once."""
    _scim(call)
    token: Doc = {
        "token_id": call.new_id(base58(22, "tok_")),
        "scopes": [],
        **(call.body or {}),
        "created_at": call.now(),
        "_connection": call.path["id"],
    }
    call.tx.put("scim_tokens", token["token_id"], token)
    return {**visible(token), "token": call.secret(48)}


@family.verb("get_scim_tokens", kind="view")
def list_scim_tokens(call: Call) -> Any:
    _scim(call)
    mine = call.path["id"]
    return [visible(doc) for doc in call.tx.all("scim_tokens") if doc["_connection"] == mine]


@family.verb("delete_tokens_by_tokenId")
def delete_scim_token(call: Call) -> Any:
    _require(call)
    if not call.tx.delete("scim_tokens", call.path["tokenId"]):
        raise _NOT_FOUND.problem()
    return None


# --- directory provisioning --------------------------------------------------------------------

_SYNCHRONIZATION_PAUSE = 1_800
"""Seconds between two synchronisations of a directory."""


def _directory(call: Call) -> Doc:
    _require(call)
    doc = call.tx.get("directory_provisionings", call.path["id"])
    if doc is None:
        raise _NOT_FOUND.problem()
    return doc


@family.verb("get_directory_provisioning_default_mapping", kind="view")
def directory_default_mapping(call: Call) -> Any:
    """The mapping that a new directory provisioning gets."""
    _require(call)
    return {"mapping": [{"auth0": auth0, "idp": idp} for auth0, idp in _DIRECTORY_MAPPING]}


@family.verb("post_directory-provisioning")
def create_directory(call: Call) -> Any:
    connection = _require(call)
    if call.tx.get("directory_provisionings", connection["id"]) is not None:
        raise Problem(409, "Directory provisioning already exists for this connection.")
    now = call.now()
    doc: Doc = {
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        "mapping": directory_default_mapping(call)["mapping"],
        "synchronize_automatically": False,
        "synchronize_groups": "off",
        **(call.body or {}),
        "created_at": now,
        "updated_at": now,
    }
    return call.tx.put("directory_provisionings", connection["id"], doc)


@family.verb("get_directory-provisioning", kind="view")
def get_directory(call: Call) -> Any:
    return visible(_directory(call))


@family.verb("patch_directory-provisioning")
def change_directory(call: Call) -> Any:
    new: Doc = {**_directory(call), **(call.body or {}), "updated_at": call.now()}
    return visible(call.tx.put("directory_provisionings", call.path["id"], new))


@family.verb("delete_directory-provisioning")
def delete_directory(call: Call) -> Any:
    _directory(call)
    call.tx.delete("directory_provisionings", call.path["id"])
    return None


@family.verb("post_synchronizations")
def synchronize(call: Call) -> Any:
    """Starts a synchronisation, not more often than every half hour.

    The fake has no directory to read from: it is done at once and brings nobody.
    """
    doc = _directory(call)
    if call.time() - doc.get("_synchronized", 0) < _SYNCHRONIZATION_PAUSE:
        raise Problem(
            400, "The connection was synchronized within the last 30 minutes.", "invalid_operation"
        )
    done: Doc = {
        **doc,
        "last_synchronization_at": call.now(),
        "last_synchronization_status": "completed",
        "_synchronized": call.time(),
    }
    call.tx.put("directory_provisionings", doc["connection_id"], done)
    return {
        "connection_id": doc["connection_id"],
        "synchronization_id": call.new_id(base58(22, "sync_")),
        "status": "in_progress",
    }


@family.verb("get_connections-directory-provisionings", kind="view")
def list_directories(call: Call) -> Any:
    rows = call.tx.all("directory_provisionings")
    return answer(call, rows, Listing(), lambda _, doc: doc)


def _put_groups(call: Call) -> None:
    for group in call.body["groups"]:
        place = (call.path["id"], group["id"])
        call.tx.put("synchronized_groups", place, {"_left": place[0], "_right": place[1], **group})


def _groups(call: Call) -> list[Doc]:
    mine = call.path["id"]
    return [doc for doc in call.tx.all("synchronized_groups") if doc["_left"] == mine]


@family.verb("get_synchronized-groups", kind="view")
def list_groups(call: Call) -> Any:
    """The groups chosen for synchronisation."""
    _directory(call)
    return answer(call, _groups(call), Listing(), lambda _, doc: doc)


@family.verb("post_synchronized-groups")
def add_groups(call: Call) -> Any:
    _directory(call)
    _put_groups(call)
    return None


@family.verb("put_synchronized-groups")
def replace_groups(call: Call) -> Any:
    _directory(call)
    for group in _groups(call):
        call.tx.delete("synchronized_groups", (group["_left"], group["_right"]))
    _put_groups(call)
    return None


@family.verb("delete_synchronized-groups")
def remove_groups(call: Call) -> Any:
    _directory(call)
    for group in call.body["groups"]:
        call.tx.delete("synchronized_groups", (call.path["id"], group["id"]))
    return None


# --- keys --------------------------------------------------------------------------------------


def _new_key(call: Call, connection: Doc, standing: Doc) -> Doc:
    """A signing key with a certificate of its own; ``standing`` says current or next."""
    made = certificate(connection["name"], call.time(), call.new_id(lambda raw: raw.hex()[:16]))
    return {"algorithm": "RS256", "key_use": "signing", **made, **standing}


def _keys(call: Call, connection: Doc) -> list[Doc]:
    """The connection's keys; the first look or rotation makes them."""
    found = call.tx.get("connection_keys", connection["id"])
    if found is not None:
        return list(found["keys"])
    since = {"current": True, "current_since": call.now()}
    return _keep(
        call,
        connection,
        [_new_key(call, connection, since), _new_key(call, connection, {"next": True})],
    )


def _keep(call: Call, connection: Doc, keys: list[Doc]) -> list[Doc]:
    call.tx.put("connection_keys", connection["id"], {"keys": keys})
    return keys


@family.verb("get_keys", kind="view")
def get_keys(call: Call) -> Any:
    """The key in use and the one that follows it."""
    return _keys(call, _require(call))


@family.verb("post_keys")
def create_keys(call: Call) -> Any:
    """Keys for a connection that has none yet; those that are there stay."""
    return _keys(call, _require(call))


@family.verb("post_rotate")
def rotate_keys(call: Call) -> Any:
    """The next key becomes current, the current one previous, and a new one follows."""
    connection = _require(call)
    current, following = _keys(call, connection)[:2]
    bare = ("current", "current_since", "next")
    fresh = _new_key(call, connection, {"next": True})
    keys: list[Doc] = [
        {**_without(following, bare), "current": True, "current_since": call.now()},
        fresh,
        {**_without(current, bare), "previous": True},
    ]
    _keep(call, connection, keys)
    return fresh


def _without(doc: Doc, names: tuple[str, ...]) -> Doc:
    return {key: value for key, value in doc.items() if key not in names}
