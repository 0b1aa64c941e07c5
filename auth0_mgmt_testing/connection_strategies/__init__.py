"""What a tenant makes of a connection's options, by the connection's strategy.

A `Strategy` completes the options that a caller gives (`Strategy.complete`) and says what a
connection of the kind has beside them. What a live tenant would ask somebody else for (a discovery
document, metadata at an address, the keys of Microsoft's tenants) is nobody's to know here: it is
derived from what the caller says, or not there.
"""

from __future__ import annotations

from ..state.store import Doc
from . import database, directory, oidc, saml, social
from ._strategy import Options, Strategy
from .database import CHECKS as DATABASE_CHECKS

_PLAIN = Strategy()
_STRATEGIES: dict[str, Strategy] = {
    **database.STRATEGIES,
    **directory.STRATEGIES,
    **oidc.STRATEGIES,
    **saml.STRATEGIES,
    **social.STRATEGIES,
}


def strategy(connection: Doc) -> Strategy:
    """The strategy of a connection; one that needs nothing done to its options where unknown."""
    return _STRATEGIES.get(str(connection["strategy"]), _PLAIN)


def title(connection: Doc) -> str:
    """What a page calls a connection: one that bears its strategy's name, by the provider's."""
    name = str(connection["name"])
    named_alike = name == connection["strategy"]
    return str(connection.get("display_name") or (social.brand(name) if named_alike else name))


__all__ = ["DATABASE_CHECKS", "Options", "Strategy", "strategy", "title"]
