"""Keys that network ACLs recognise callers by."""

from __future__ import annotations

import hashlib

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing, Unique
from ..state.ids import base58
from ..state.store import Doc

family = Family()


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
