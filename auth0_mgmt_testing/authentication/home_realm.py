"""Which connection a user comes by: databases, buttons of other ones, the one of an address."""

from __future__ import annotations

from collections.abc import Sequence

from ..connection_strategies import strategy
from ..engine.context import RequestContext
from ..resources.relations import ORGANIZATION_CONNECTIONS
from ..state.store import Doc
from .lookup import DATABASE, PASSWORDLESS, member


def is_enterprise(connection: Doc) -> bool:
    """Whether a company's own provider stands behind a connection."""
    return strategy(connection).enterprise


def is_federated(connection: Doc) -> bool:
    """Whether another provider knows who the user is."""
    return connection["strategy"] not in (DATABASE, *PASSWORDLESS)


def databases(connections: Sequence[Doc]) -> list[Doc]:
    return [doc for doc in connections if doc["strategy"] == DATABASE]


def with_button(
    context: RequestContext, connections: Sequence[Doc], organization: Doc | None
) -> list[Doc]:
    """The connections that have a button on the log-in page.

    An enterprise connection has one if it says so, within an organization if the organization does.
    """
    return [
        doc
        for doc in connections
        if doc["strategy"] != DATABASE
        and (not is_enterprise(doc) or _shows_button(context, doc, organization))
    ]


def _shows_button(context: RequestContext, connection: Doc, organization: Doc | None) -> bool:
    if organization is None:
        return bool(connection.get("show_as_button"))
    link = ORGANIZATION_CONNECTIONS.get(context, organization["id"], connection["id"]) or {}
    return bool(link.get("show_as_button", True))


def has_domains(connection: Doc) -> bool:
    """Whether addresses of some domains belong to an enterprise connection."""
    return is_enterprise(connection) and bool(_domains(connection))


def _domains(connection: Doc) -> list[str]:
    return [str(name).lower() for name in member(connection, "options").get("domain_aliases") or ()]


def of_address(connections: Sequence[Doc], identifier: str) -> Doc | None:
    """The enterprise connection that the domain of an e-mail address belongs to."""
    _, at, domain = identifier.strip().lower().rpartition("@")
    if not at:
        return None
    owners = (doc for doc in connections if is_enterprise(doc) and domain in _domains(doc))
    return next(owners, None)


def sole_enterprise(connections: Sequence[Doc]) -> bool:
    """Whether there is nothing to choose: one connection, and that a company's."""
    return len(connections) == 1 and is_enterprise(connections[0])
