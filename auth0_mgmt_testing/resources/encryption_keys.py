"""The hierarchy of encryption keys: a root, the tenant's or the environment's, over a master key."""

from __future__ import annotations

import base64
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.certificates import rsa_key
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, visible
from ..state.ids import uuid
from ..state.store import Doc

family = Family()


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


_WRAPPING_SLOT = -1
"""The last of the process's key pairs; no tenant rotates as far."""


@family.verb("post_encryption_wrapping_key")
def create_wrapping_key(call: Call) -> Any:
    """The public key to wrap own key material with before importing it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    doc = ENCRYPTION.require(call, call.path["kid"])
    if doc["state"] != "pre-activation":
        raise Problem(409, "The key has its material already.", "invalid_operation")
    ENCRYPTION.save(call, doc, {"_wrapping": True})
    public = rsa_key(_WRAPPING_SLOT).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"public_key": pem, "algorithm": "CKM_RSA_AES_KEY_WRAP"}


@family.verb("post_encryption_key")
def import_encryption_key(call: Call) -> Any:
    """Bring own key material: the key becomes the active root, over a new master key."""
    doc = ENCRYPTION.require(call, call.path["kid"])
    if not doc.get("_wrapping") or doc["state"] != "pre-activation":
        raise Problem(409, "The key waits for no material: ask for a wrapping key first.")
    try:
        material = base64.b64decode(call.body["wrapped_key"], validate=True)
    except ValueError:  # no base64, or no ASCII
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
