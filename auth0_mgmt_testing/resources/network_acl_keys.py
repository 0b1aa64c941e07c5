"""Keys that network ACLs recognise callers by."""

from __future__ import annotations

import hashlib

from ..behaviours import CollectionBehaviour, Missing, Unique
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _fingerprint(context: RequestContext, doc: Doc) -> Doc:
    """The key's value is written and never read back; its fingerprint identifies it."""
    value: str = doc.pop("value")
    return {**doc, "fingerprint": hashlib.sha256(value.encode()).hexdigest()}


ACL_KEYS = CollectionBehaviour(
    "network_acl_keys",
    new_id=id_forms.NETWORK_ACL_KEY,
    missing=Missing("The network ACL key does not exist.", "inexistent_network_acl_key"),
    unique=(Unique("name", "A network ACL key with the same name already exists."),),
    stamps=True,
    prepare=_fingerprint,
    idempotent_delete=True,
)
ACL_KEYS.bind(
    family,
    list="keys.network_acls.list",
    create="keys.network_acls.create",
    get="keys.network_acls.get",
    delete="keys.network_acls.delete",
)
