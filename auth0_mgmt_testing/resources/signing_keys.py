"""The keys that a tenant signs tokens with: rotated, revoked, certified; and keys of one's own."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.keyring import TABLE, Keyring, SigningKey
from ..semantics import Missing, Settings, visible
from ..state.ids import letters
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
