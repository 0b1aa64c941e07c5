"""The keys of connections, with which a tenant signs what it sends to an identity provider."""

from __future__ import annotations

from typing import Any

from ..engine.certificates import certificate
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from .connections import require_connection

family = Family()
family.index("connection_keys", "connection", lambda doc: [doc["_connection"]])
family.cascade("connection_keys", "connection", of="connections")


def _new_key(context: RequestContext, connection: Doc, standing: Doc) -> Doc:
    """A signing key with a certificate of its own; ``standing`` says current or next."""
    made = certificate(
        connection["name"], context.time(), context.new_id(lambda raw: raw.hex()[:16])
    )
    return {"algorithm": "RS256", "key_use": "signing", **made, **standing}


def _keys(context: RequestContext, connection: Doc) -> list[Doc]:
    """The connection's keys; the first look or rotation makes them."""
    found = context.tx.get("connection_keys", connection["id"])
    if found is not None:
        return list(found["keys"])
    since = {"current": True, "current_since": context.now()}
    return _keep(
        context,
        connection,
        [_new_key(context, connection, since), _new_key(context, connection, {"next": True})],
    )


def _keep(context: RequestContext, connection: Doc, keys: list[Doc]) -> list[Doc]:
    context.tx.put(
        "connection_keys", connection["id"], {"keys": keys, "_connection": connection["id"]}
    )
    return keys


@family.operation("connections.keys.get", kind="view")
def get_keys(context: RequestContext) -> Any:
    """The key in use, the one before it, if any, and the one that follows it."""
    return _keys(context, require_connection(context))


@family.operation("connections.keys.create")
def create_keys(context: RequestContext) -> Any:
    """Keys for a connection that has none yet."""
    connection = require_connection(context)
    if context.tx.get("connection_keys", connection["id"]) is not None:
        raise APIError(409, "Keys already exist for this connection.")
    return _keys(context, connection)


@family.operation("connections.keys.rotate")
def rotate_keys(context: RequestContext) -> Any:
    """The next key becomes current, the current one previous, and a new one follows."""
    connection = require_connection(context)
    found = _keys(context, connection)
    current, following = found[0], found[-1]
    bare = ("current", "current_since", "next")
    fresh = _new_key(context, connection, {"next": True})
    keys: list[Doc] = [
        {**_without(following, bare), "current": True, "current_since": context.now()},
        {**_without(current, bare), "previous": True},
        fresh,
    ]
    _keep(context, connection, keys)
    return fresh


def _without(doc: Doc, names: tuple[str, ...]) -> Doc:
    return {key: value for key, value in doc.items() if key not in names}
