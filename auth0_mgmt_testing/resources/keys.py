"""Keys: the application signing keys, the encryption hierarchy, custom signing keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.certificates import rsa_key
from ..engine.keyring import TABLE, Keyring, SigningKey
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, Settings, Unique, visible
from ..state.ids import base58, letters, uuid
from ..state.store import Doc

family = Family()


# --- signing keys ------------------------------------------------------------------------------

_NO_SIGNING_KEY = Missing("The signing key does not exist.", "inexistent_signing_key")


def _add_signing_key(call: Call, **standing: Any) -> Doc:
    kid = call.new_id(letters(21))
    doc: Doc = {
        "kid": kid,
        "_slot": len(call.tx.table(TABLE)),
        "_since": float(int(call.time())),
        "current": False,
        "next": False,
        "previous": False,
        "revoked": False,
    }
    return call.tx.put(TABLE, kid, {**doc, **standing})


@family.setup()
def fresh_signing_keys(call: Call) -> None:
    """A fresh tenant signs with one key and has the next one ready."""
    _add_signing_key(call, current=True)
    _add_signing_key(call, next=True)


def current_certificate(call: Call) -> str:
    """The certificate (PEM) of the key that signs tokens now."""
    return Keyring(call.tx).current().certificate(call.domain)["cert"]


def _shown(call: Call, doc: Doc) -> Doc:
    made = SigningKey.of(doc).certificate(call.domain)
    return {
        **visible(doc),
        "cert": made["cert"],
        "pkcs7": made["pkcs"],
        "fingerprint": made["fingerprint"],
        "thumbprint": made["thumbprint"],
    }


def _signing_key(call: Call) -> Doc:
    doc = call.tx.get(TABLE, call.path["kid"])
    if doc is None:
        raise _NO_SIGNING_KEY.problem()
    return doc


@family.verb("get_signing_keys", kind="view")
def list_signing_keys(call: Call) -> Any:
    """Every signing key, without paging."""
    return [_shown(call, doc) for doc in call.tx.all(TABLE)]


@family.verb("get_signing_key", kind="view")
def get_signing_key(call: Call) -> Any:
    """One signing key."""
    return _shown(call, _signing_key(call))


@family.verb("post_signing_keys")
def rotate_signing_keys(call: Call) -> Any:
    """The next key becomes the current one, the current one the previous; a new one is next."""
    chosen = _rotate(call)
    return {"cert": _shown(call, chosen)["cert"], "kid": chosen["kid"]}


def _rotate(call: Call) -> Doc:
    """Let the next key sign from now on; gives that key."""
    now = call.now()
    for doc in list(call.tx.all(TABLE)):
        if doc["current"]:
            changed: Doc = {"current": False, "previous": True, "current_until": now}
        elif doc["next"]:
            changed = {"current": True, "next": False, "current_since": now}
        else:
            changed = {"previous": False}
        call.tx.put(TABLE, doc["kid"], {**doc, **changed})
    _add_signing_key(call, next=True)
    return next(doc for doc in call.tx.all(TABLE) if doc["current"])


@family.verb("put_signing_keys")
def revoke_signing_key(call: Call) -> Any:
    """Revoke a key: nothing that it signed is trusted any more.

    A current or next key that is revoked is replaced at once: a tenant always has both.
    """
    doc = _signing_key(call)
    if doc["current"]:
        _rotate(call)
    elif doc["next"]:
        _add_signing_key(call, next=True)
    standing = {"current": False, "next": False, "previous": doc["current"] or doc["previous"]}
    revoked: Doc = {**doc, **standing, "revoked": True, "revoked_at": call.now()}
    call.tx.put(TABLE, revoked["kid"], revoked)
    return _shown(call, revoked)


# --- encryption keys ---------------------------------------------------------------------------


def _bare(call: Call, doc: Doc) -> Doc:
    """What importing answers: it says nothing of a public key."""
    return {key: value for key, value in visible(doc).items() if key != "public_key"}


ENCRYPTION = Collection(
    "encryption_keys",
    id="kid",
    new_id=uuid,
    missing=Missing("The encryption key does not exist.", "inexistent_encryption_key"),
    stamps=True,
    defaults={"state": "pre-activation", "parent_kid": None, "public_key": None},
    listing=Listing(reverse=True),
)
ENCRYPTION.bind(
    family, list="get_encryption_keys", create="post_encryption", get="get_encryption_key"
)


@family.setup()
def fresh_encryption_keys(call: Call) -> None:
    """A fresh tenant has a master key under the environment's root key."""
    root, master = call.new_id(uuid), call.new_id(uuid)
    for kid, kind, parent in (
        (master, "tenant-master-key", root),
        (root, "environment-root-key", None),
    ):
        doc = {"kid": kid, "type": kind, "state": "active", "parent_kid": parent}
        ENCRYPTION.add(call, doc)


def _renew(call: Call, root: str) -> None:
    """A new master key under a root; the master key until now is destroyed."""
    for doc in list(call.tx.all(ENCRYPTION.table)):
        if doc["type"] == "tenant-master-key" and doc["state"] == "active":
            ENCRYPTION.save(call, doc, {"state": "destroyed", "parent_kid": root})
    ENCRYPTION.add(call, {"type": "tenant-master-key", "state": "active", "parent_kid": root})


def _replace_root(call: Call, successor: str) -> None:
    for doc in list(call.tx.all(ENCRYPTION.table)):
        is_root = doc["type"].endswith("-root-key")
        if is_root and doc["state"] == "active" and doc["kid"] != successor:
            ENCRYPTION.save(call, doc, {"state": "destroyed"})
    _renew(call, successor)


@family.verb("post_encryption_wrapping_key")
def create_wrapping_key(call: Call) -> Any:
    """The public key to wrap own key material with before importing it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    ENCRYPTION.require(call, call.path["kid"])
    public = rsa_key().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"public_key": pem, "algorithm": "CKM_RSA_AES_KEY_WRAP"}


@family.verb("post_encryption_key")
def import_encryption_key(call: Call) -> Any:
    """Bring own key material: the key becomes the active root, over a new master key."""
    doc = ENCRYPTION.require(call, call.path["kid"])
    try:
        material = base64.b64decode(call.body["wrapped_key"], validate=True)
    except binascii.Error:
        material = b""
    # An RSA block of 2048 bits or more, then the AES-wrapped key.
    if len(material) <= 256:
        raise Problem(
            400,
            "Invalid input. Wrapped key material is invalid or unsupported key type.",
            "invalid_body",
        )
    active = ENCRYPTION.save(call, doc, {"state": "active"})
    _replace_root(call, doc["kid"])
    return _bare(call, active)


@family.verb("delete_encryption_key")
def destroy_encryption_key(call: Call) -> Any:
    """Destroy a key; it stays in the list as destroyed. Without its root a tenant gets another."""
    doc = ENCRYPTION.require(call, call.path["kid"])
    if doc["type"] != "customer-provided-root-key":
        raise Problem(400, "Only customer provided root keys can be deleted.", "invalid_operation")
    ENCRYPTION.save(call, doc, {"state": "destroyed"})
    if doc["state"] == "active":
        root = ENCRYPTION.add(call, {"type": "environment-root-key", "state": "active"})
        _replace_root(call, root["kid"])


@family.verb("post_encryption_rekey")
def rekey(call: Call) -> Any:
    """Renew the master key under the root that is active."""
    for doc in list(call.tx.all(ENCRYPTION.table)):
        if doc["type"].endswith("-root-key") and doc["state"] == "active":
            _renew(call, doc["kid"])


# --- custom signing keys -----------------------------------------------------------------------

CUSTOM = Settings(
    "custom_signing_keys", {}, missing=Missing("Custom signing keys not found.", "not_found")
)
CUSTOM.bind(
    family,
    get="get_custom_signing_keys",
    replace="put_custom_signing_keys",
    delete="delete_custom_signing_keys",
)


# --- keys of network ACLs ----------------------------------------------------------------------


def _fingerprint(call: Call, doc: Doc) -> Doc:
    """The key's value is written and never read back; its fingerprint tells it from others."""
    value: str = doc.pop("value")
    return {**doc, "fingerprint": hashlib.sha256(value.encode()).hexdigest()}


ACL_KEYS = Collection(
    "network_acl_keys",
    new_id=base58(22, "aclk_"),
    missing=Missing("The network ACL key does not exist.", "inexistent_network_acl_key"),
    unique=(Unique("name", "A network ACL key with the same name already exists."),),
    stamps=True,
    prepare=_fingerprint,
    idempotent_delete=True,
)
ACL_KEYS.bind(
    family,
    list="get_all_keys_network_acls",
    create="create_keys_network_acls",
    get="get_keys_network_acls",
    delete="delete_keys_network_acls",
)
