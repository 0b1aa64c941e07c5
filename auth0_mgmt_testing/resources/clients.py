"""Clients (applications), their credentials and secrets."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.query.lists import answer
from ..semantics import (
    Collection,
    Listing,
    Missing,
    Parent,
    among,
    equals,
    has,
    merged,
    visible,
)
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()

MISSING = Missing("The client does not exist", "inexistent_client")
_ALL_GRANTS = ("authorization_code", "implicit", "refresh_token", "client_credentials")
_GRANTS: dict[str, tuple[str, ...]] = {
    "spa": _ALL_GRANTS[:3],
    "native": _ALL_GRANTS[:3],
    "resource_server": (),
    "express_configuration": ("authorization_code", "client_credentials"),
}


def _express() -> Doc:
    """What a client for express configuration has beside the rest."""
    return {
        "oidc_conformant": True,
        "callbacks": ["https://system-admin.okta.com/admin/app/generic/oauth20redirect"],
        "organization_usage": "require",
        "organization_require_behavior": "pre_login_prompt",
        "client_authentication_methods": {"private_key_jwt": {"credentials": []}},
        "async_approval_notification_channels": ["guardian-push"],
    }


def _defaults(call: Call, doc: Doc) -> Doc:
    kind = doc.get("app_type")
    return {
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": False,
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": list(_GRANTS.get(str(kind), _ALL_GRANTS)),
        "custom_login_page_on": True,
        **(_express() if kind == "express_configuration" else {}),
        "client_secret": call.secret(),
        "signing_keys": [{"cert": f"-----BEGIN CERTIFICATE-----\n{call.secret(64)}\n"}],
    }


def _refresh_token(kind: Any) -> Doc:
    """How long refresh tokens of such a client live; machines' live longest (seconds)."""
    machine = kind == "non_interactive"
    return {
        "rotation_type": "non-rotating",
        "expiration_type": "non-expiring",
        "leeway": 0,
        "token_lifetime": 31557600 if machine else 2592000,
        "infinite_token_lifetime": True,
        "infinite_idle_token_lifetime": True,
        "idle_token_lifetime": 2592000 if machine else 1296000,
    }


def _prepare(call: Call, doc: Doc) -> Doc:
    kind = doc.get("app_type")
    given: Doc | None = doc.get("jwt_configuration")
    if given is None:
        own_alg = kind in ("resource_server", "express_configuration")
        given = {"alg": "RS256"} if own_alg else {"lifetime_in_seconds": 36000}
    whole: Doc = {
        **doc,
        "jwt_configuration": {"secret_encoded": False, **given},
        "refresh_token": merged(_refresh_token(kind), doc.get("refresh_token") or {}),
    }
    return whole | _registered(call, doc, doc["client_id"])


def _registered(call: Call, doc: Doc, client_id: str) -> Doc:
    """Credentials posted with the client itself are created; the client keeps their ids."""
    changed: Doc = {}
    methods: Doc | None = doc.get("client_authentication_methods")
    if methods:
        changed["client_authentication_methods"] = {
            name: {**method, "credentials": _stored(call, method.get("credentials"), client_id)}
            for name, method in methods.items()
        }
    signed: Doc | None = doc.get("signed_request_object")
    if signed and "credentials" in signed:
        stored = _stored(call, signed["credentials"], client_id)
        changed["signed_request_object"] = {**signed, "credentials": stored}
    return changed


def _stored(call: Call, credentials: list[Doc] | None, client_id: str) -> list[Doc]:
    return [
        {"id": credential["id"]}
        if "id" in credential
        else {"id": CREDENTIALS.add(call, {**credential, "_clients": client_id})["id"]}
        for credential in credentials or ()
    ]


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    new = merged(old, patch)
    for name in ("jwt_configuration", "refresh_token", "client_metadata"):
        if name in patch:
            new[name] = merged(old.get(name), patch[name])
    if metadata := new.get("client_metadata"):
        new["client_metadata"] = {k: v for k, v in metadata.items() if v is not None}
    new |= _registered(call, patch, old["client_id"])
    new = {key: value for key, value in new.items() if value is not None}
    if "client_authentication_methods" in new and "client_authentication_methods" not in old:
        new.pop("client_secret", None)
    elif "client_authentication_methods" not in new:
        new.setdefault("client_secret", call.secret())
    return new


def _forget(call: Call, client: Doc) -> None:
    """A client that goes takes its credentials, grants and memberships along."""
    client_id = client["client_id"]
    call.tx.delete_where("credentials", "parent", client_id)
    for grant in list(call.tx.all("client_grants")):
        if grant.get("client_id") == client_id:
            call.tx.delete("client_grants", grant["id"])
    for link in list(call.tx.all("organization_clients")):
        if link["_right"] == client_id:
            call.tx.delete("organization_clients", (link["_left"], link["_right"]))


def _created(call: Call, client: Doc) -> Doc:
    """The answer to a create shows whole the credentials that came with it."""
    whole: Doc = {}
    methods: Doc | None = client.get("client_authentication_methods")
    if methods:
        whole["client_authentication_methods"] = {
            name: _spelled_out(call, method) for name, method in methods.items()
        }
    signed: Doc | None = client.get("signed_request_object")
    if signed and "credentials" in signed:
        whole["signed_request_object"] = _spelled_out(call, signed)
    return {**client, **whole}


def _spelled_out(call: Call, holder: Doc) -> Doc:
    found = (call.tx.get("credentials", ref["id"]) for ref in holder["credentials"])
    shown = [visible(CREDENTIALS.view(call, doc)) for doc in found if doc is not None]
    return {**holder, "credentials": shown}


def _listed(call: Call, client: Doc) -> Doc:
    """In a list every client also names its tenant."""
    return {"tenant": call.domain.partition(".")[0], **client}


CLIENTS = Collection(
    "clients",
    id="client_id",
    new_id=letters(32),
    missing=MISSING,
    defaults=_defaults,
    drop_nulls=True,
    listing=Listing(
        filters={
            "is_global": lambda doc, value: bool(doc.get("global")) == value,
            "is_first_party": equals("is_first_party"),
            "app_type": among("app_type"),
            "external_client_id": equals("external_client_id"),
        },
        search="clients",
    ),
    indexes={
        "server": lambda doc: (
            [doc["resource_server_identifier"]] if doc.get("resource_server_identifier") else []
        )
    },
    prepare=_prepare,
    change=_change,
    created=_created,
    listed=_listed,
    before_delete=_forget,
)
CLIENTS.bind(
    family,
    list="get_clients",
    create="post_clients",
    get="get_clients_by_id",
    update="patch_clients_by_id",
    delete="delete_clients_by_id",
)


@family.verb("get_clients_search", kind="view")
def search(call: Call) -> Any:
    """Clients by a query, in order of creation."""
    return answer(call, CLIENTS.docs(call), Listing(search="clients"), _listed)


@family.verb("post_rotate-secret")
def rotate_secret(call: Call) -> Any:
    """A new secret; the old one is worth nothing from now on."""
    client = {**CLIENTS.require(call, call.path["id"]), "client_secret": call.secret()}
    CLIENTS.store(call, client, client)
    return visible(client)


@family.verb("get_client_connections", kind="view")
def connections(call: Call) -> Any:
    """The connections that are enabled for a client."""
    client = CLIENTS.require(call, call.path["id"])["client_id"]
    listing = Listing(filters={"strategy": among("strategy")})
    enabled = [
        connection
        for connection in call.tx.all("connections")
        if has("enabled_clients")(connection, client)
        or call.tx.get("connection_clients", (connection["id"], client)) is not None
    ]
    return answer(call, enabled, listing, lambda call, doc: doc)


# --- credentials -------------------------------------------------------------------------------


def _thumbprint(pem: str) -> tuple[str, str | None]:
    """The key id (RFC 7638 thumbprint) of a PEM's public key, and its certificate's last moment."""
    import base64
    import hashlib
    import json

    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from jwt.algorithms import RSAAlgorithm

    raw = pem.encode()
    ends: str | None = None
    try:
        if "CERTIFICATE" in pem:
            certificate = x509.load_pem_x509_certificate(raw)
            ends = certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            key: Any = certificate.public_key()
        else:
            key = serialization.load_pem_public_key(raw)
        jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    except (ValueError, TypeError, AttributeError):
        return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode(), ends
    members = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    digest = hashlib.sha256(members.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), ends


def _certificate(pem: str, kind: str) -> Doc:
    """What a certificate says of its holder: its fingerprint, or its subject a line each."""
    import base64

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return {}
    if kind == "x509_cert":
        digest = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256()))
        return {"thumbprint_sha256": digest.rstrip(b"=").decode()}
    return {"subject_dn": "\n".join(part.rfc4514_string() for part in certificate.subject.rdns)}


def _moment(text: str) -> str:
    """A time given with or without milliseconds, as the API writes it."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _credential(call: Call, doc: Doc) -> Doc:
    doc = dict(doc)
    pem = str(doc.pop("pem", ""))
    kind = doc.get("credential_type")
    parse = doc.pop("parse_expiry_from_cert", False) or kind == "x509_cert"
    kid, ends = _thumbprint(pem)
    if kind == "public_key":
        doc.setdefault("kid", kid)
        doc.setdefault("alg", "RS256")
    if pem and kind in ("x509_cert", "cert_subject_dn"):
        doc |= _certificate(pem, kind)
    if parse and ends is not None:
        doc["expires_at"] = ends
    if "expires_at" in doc:
        doc["expires_at"] = _moment(doc["expires_at"])
    return {**doc, "pem": pem}


def _credential_change(call: Call, old: Doc, patch: Doc) -> Doc:
    new = {key: value for key, value in merged(old, patch).items() if value is not None}
    return {**new, "expires_at": _moment(new["expires_at"])} if "expires_at" in new else new


def _without_key(call: Call, credential: Doc) -> Doc:
    return {key: value for key, value in credential.items() if key != "pem"}


CREDENTIALS = Collection(
    "credentials",
    new_id=base58(22, "cred_"),
    missing=Missing("The credential does not exist", "inexistent_credential"),
    drop_nulls=True,
    stamps=True,
    parent=Parent("clients", "client_id", MISSING),
    prepare=_credential,
    change=_credential_change,
    view=_without_key,
)
CREDENTIALS.bind(
    family,
    list="get_credentials",
    create="post_credentials",
    get="get_credentials_by_credential_id",
    delete="delete_credentials_by_credential_id",
)


@family.verb("patch_credentials_by_credential_id", kind="collection")
def change_credential(call: Call) -> Any:
    """Change a credential; a live tenant answers 200 where the contract says 201."""
    return Reply(200, CREDENTIALS.update(call))


# --- clients described by a document of their own -----------------------------------------------


def _described(call: Call) -> Doc:
    """What a client metadata document at the given address says, as a client.

    The fake fetches nothing: a document is taken to name its host and to call back there.
    """
    from urllib.parse import urlsplit

    address = str(call.body["external_client_id"])
    host = urlsplit(address).hostname or address
    return {
        "external_client_id": address,
        "name": host,
        "callbacks": [f"https://{host}/"],
        "logo_uri": f"https://{host}/logo.png",
        "grant_types": ["authorization_code"],
        "app_type": "native",
        "token_endpoint_auth_method": "none",
    }


_VALID: Doc = {"valid": True, "violations": [], "warnings": []}


def _same_document(call: Call) -> Doc | None:
    address = call.body["external_client_id"]
    found = (doc for doc in CLIENTS.docs(call) if doc.get("external_client_id") == address)
    return next(found, None)


@family.verb("post_clients_cimd_preview")
def preview(call: Call) -> Any:
    """What registering a client metadata document would give."""
    known = _same_document(call)
    found = {"client_id": known["client_id"]} if known else {}
    return {**found, "mapped_fields": _described(call), "validation": _VALID}


@family.verb("post_clients_cimd_register")
def register(call: Call) -> Any:
    """Create the client that a metadata document describes, or bring it up to date."""
    fields = _described(call)
    client = _same_document(call)
    if client is None:
        client_id = call.new_id(base58(22, "tpc_"))
        client = CLIENTS.add(call, {**fields, "client_id": client_id, "is_first_party": False})
    else:
        client = CLIENTS.save(call, client, fields)
    return {"client_id": client["client_id"], "mapped_fields": fields, "validation": _VALID}


# --- a fresh tenant ----------------------------------------------------------------------------


@family.setup(order=20)
def global_client(call: Call) -> None:
    """The client that stands for the whole tenant."""
    CLIENTS.add(call, {"name": "All Applications", "global": True})
