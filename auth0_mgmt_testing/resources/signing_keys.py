"""The keys that a tenant signs tokens with: rotated, revoked, certified; and keys of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..behaviours import Missing, SettingsBehaviour, visible
from ..engine.context import RequestContext
from ..engine.keyring import TABLE, Keyring, SigningKey
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


# --- signing keys ------------------------------------------------------------------------------

_NO_SIGNING_KEY = Missing("The signing key does not exist.", "inexistent_signing_key")


def _add_signing_key(context: RequestContext, **standing: Any) -> Doc:
    kid = context.new_id(id_forms.SIGNING_KEY)
    doc: Doc = {
        "kid": kid,
        "_slot": len(context.tx.table(TABLE)),
        "_since": float(int(context.time())),
        "current": False,
        "next": False,
        "previous": False,
        "revoked": False,
    }
    return context.tx.put(TABLE, kid, {**doc, **standing})


@family.setup()
def fresh_signing_keys(context: RequestContext) -> None:
    """A fresh tenant signs with one key and has the next one ready."""
    _add_signing_key(context, current=True)
    _add_signing_key(context, next=True)


def current_signing_certificate(context: RequestContext) -> Mapping[str, Any]:
    """The certificate of the key that signs tokens now: PEM, PKCS #7, subject, fingerprints."""
    return Keyring(context.tx).current().certificate(context.domain)


def _shown(context: RequestContext, doc: Doc) -> Doc:
    made = SigningKey.of(doc).certificate(context.domain)
    return {
        **visible(doc),
        "cert": made["cert"],
        "pkcs7": made["pkcs"],
        "fingerprint": made["fingerprint"],
        "thumbprint": made["thumbprint"],
    }


def _signing_key(context: RequestContext) -> Doc:
    doc = context.tx.get(TABLE, context.path["kid"])
    if doc is None:
        raise _NO_SIGNING_KEY.problem()
    return doc


@family.operation("keys.signing.list", kind="view")
def list_signing_keys(context: RequestContext) -> Any:
    """Every signing key, without paging."""
    return [_shown(context, doc) for doc in context.tx.all(TABLE)]


@family.operation("keys.signing.get", kind="view")
def get_signing_key(context: RequestContext) -> Any:
    """One signing key."""
    return _shown(context, _signing_key(context))


@family.operation("keys.signing.rotate")
def rotate_signing_keys(context: RequestContext) -> Any:
    """The next key becomes the current one, the current one the previous; a new one is next."""
    chosen = _rotate(context)
    return {"cert": _shown(context, chosen)["cert"], "kid": chosen["kid"]}


def _rotate(context: RequestContext) -> Doc:
    """Let the next key sign from now on; gives that key."""
    now = context.now()
    for doc in list(context.tx.all(TABLE)):
        if doc["current"]:
            changed: Doc = {"current": False, "previous": True, "current_until": now}
        elif doc["next"]:
            changed = {"current": True, "next": False, "current_since": now}
        else:
            changed = {"previous": False}
        context.tx.put(TABLE, doc["kid"], {**doc, **changed})
    _add_signing_key(context, next=True)
    return next(doc for doc in context.tx.all(TABLE) if doc["current"])


@family.operation("keys.signing.revoke")
def revoke_signing_key(context: RequestContext) -> Any:
    """Revoke a key: nothing that it signed is trusted any more.

    A current or next key that is revoked is replaced at once: a tenant always has both.
    """
    doc = _signing_key(context)
    if doc["current"]:
        _rotate(context)
    elif doc["next"]:
        _add_signing_key(context, next=True)
    standing = {"current": False, "next": False, "previous": doc["current"] or doc["previous"]}
    revoked: Doc = {**doc, **standing, "revoked": True, "revoked_at": context.now()}
    context.tx.put(TABLE, revoked["kid"], revoked)
    return _shown(context, revoked)


# --- custom signing keys -----------------------------------------------------------------------

CUSTOM = SettingsBehaviour(
    "custom_signing_keys", {}, missing=Missing("Custom signing keys not found.", "not_found")
)
CUSTOM.bind(
    family,
    get="keys.custom_signing.get",
    replace="keys.custom_signing.set",
    delete="keys.custom_signing.delete",
)
