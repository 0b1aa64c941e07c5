"""The hierarchy of encryption keys: a root, the tenant's or the environment's, over a master key."""

from __future__ import annotations

import base64
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, visible
from ..engine.certificates import rsa_key
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _bare(context: RequestContext, doc: Doc) -> Doc:
    """The response to an import: it has no public key."""
    return {key: value for key, value in visible(doc).items() if key != "public_key"}


ENCRYPTION = CollectionBehaviour(
    "encryption_keys",
    id="kid",
    new_id=id_forms.ENCRYPTION_KEY,
    missing=Missing("The encryption key does not exist.", "inexistent_encryption_key"),
    stamps=True,
    defaults={"state": "pre-activation", "parent_kid": None, "public_key": None},
    listing=Listing(reverse=True),
)
ENCRYPTION.bind(
    family, list="keys.encryption.list", create="keys.encryption.create", get="keys.encryption.get"
)


@family.setup()
def fresh_encryption_keys(context: RequestContext) -> None:
    """A fresh tenant has a master key under the environment's root key."""
    root, master = context.new_id(id_forms.ENCRYPTION_KEY), context.new_id(id_forms.ENCRYPTION_KEY)
    for kid, kind, parent in (
        (master, "tenant-master-key", root),
        (root, "environment-root-key", None),
    ):
        doc = {"kid": kid, "type": kind, "state": "active", "parent_kid": parent}
        ENCRYPTION.add(context, doc)


def _renew(context: RequestContext, root: str) -> None:
    """A new master key under a root; the master key until now is destroyed."""
    for doc in list(context.tx.all(ENCRYPTION.table)):
        if doc["type"] == "tenant-master-key" and doc["state"] == "active":
            ENCRYPTION.save(context, doc, {"state": "destroyed", "parent_kid": root})
    ENCRYPTION.add(context, {"type": "tenant-master-key", "state": "active", "parent_kid": root})


def _replace_root(context: RequestContext, successor: str) -> None:
    for doc in list(context.tx.all(ENCRYPTION.table)):
        is_root = doc["type"].endswith("-root-key")
        if is_root and doc["state"] == "active" and doc["kid"] != successor:
            ENCRYPTION.save(context, doc, {"state": "destroyed"})
    _renew(context, successor)


_WRAPPING_SLOT = -1
"""The last of the process's key pairs; no tenant rotates as far."""


@family.operation("keys.encryption.create_public_wrapping_key")
def create_wrapping_key(context: RequestContext) -> Any:
    """The public key to wrap own key material with before importing it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    doc = ENCRYPTION.require(context, context.path["kid"])
    if doc["state"] != "pre-activation":
        raise APIError(409, "The key has its material already.", "invalid_operation")
    ENCRYPTION.save(context, doc, {"_wrapping": True})
    public = rsa_key(_WRAPPING_SLOT).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"public_key": pem, "algorithm": "CKM_RSA_AES_KEY_WRAP"}


@family.operation("keys.encryption.import_")
def import_encryption_key(context: RequestContext) -> Any:
    """Bring own key material: the key becomes the active root, over a new master key."""
    doc = ENCRYPTION.require(context, context.path["kid"])
    if not doc.get("_wrapping") or doc["state"] != "pre-activation":
        raise APIError(409, "The key waits for no material: ask for a wrapping key first.")
    try:
        material = base64.b64decode(context.body["wrapped_key"], validate=True)
    except ValueError:  # no base64, or no ASCII
        material = b""
    # An RSA block of 2048 bits or more, then the AES-wrapped key.
    if len(material) <= 256:
        raise APIError(
            400,
            "Invalid input. Wrapped key material is invalid or unsupported key type.",
            "invalid_body",
        )
    active = ENCRYPTION.save(context, doc, {"state": "active"})
    _replace_root(context, doc["kid"])
    return _bare(context, active)


@family.operation("keys.encryption.delete")
def destroy_encryption_key(context: RequestContext) -> Any:
    """Destroy a key; it stays in the list as destroyed. Without its root a tenant gets another."""
    doc = ENCRYPTION.require(context, context.path["kid"])
    if doc["type"] != "customer-provided-root-key":
        raise APIError(400, "Only customer provided root keys can be deleted.", "invalid_operation")
    ENCRYPTION.save(context, doc, {"state": "destroyed"})
    if doc["state"] == "active":
        root = ENCRYPTION.add(context, {"type": "environment-root-key", "state": "active"})
        _replace_root(context, root["kid"])


@family.operation("keys.encryption.rekey")
def rekey(context: RequestContext) -> Any:
    """Renew the master key under the root that is active."""
    for doc in list(context.tx.all(ENCRYPTION.table)):
        if doc["type"].endswith("-root-key") and doc["state"] == "active":
            _renew(context, doc["kid"])
