"""The keys of connections, with which a tenant signs what it sends to an identity provider."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.certificates import certificate
from ..engine.problem import Problem
from ..state.store import Doc
from .connections import require_connection

family = Family()
family.index("connection_keys", "connection", lambda doc: [doc["_connection"]])
family.cascade("connection_keys", "connection", of="connections")


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
    call.tx.put(
        "connection_keys", connection["id"], {"keys": keys, "_connection": connection["id"]}
    )
    return keys


@family.verb("get_keys", kind="view")
def get_keys(call: Call) -> Any:
    """The key in use and the one that follows it."""
    return _keys(call, require_connection(call))


@family.verb("post_keys")
def create_keys(call: Call) -> Any:
    """Keys for a connection that has none yet."""
    connection = require_connection(call)
    if call.tx.get("connection_keys", connection["id"]) is not None:
        raise Problem(409, "Keys already exist for this connection.")
    return _keys(call, connection)


@family.verb("post_rotate")
def rotate_keys(call: Call) -> Any:
    """The next key becomes current, the current one previous, and a new one follows."""
    connection = require_connection(call)
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
