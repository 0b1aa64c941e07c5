"""The form of a strategy: how options are completed, and what else its connections have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..state.store import Doc


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to complete options from."""

    given: Doc
    """The options of the request."""
    before: Doc | None
    """The options that they replace; None for a new connection."""
    domain: str
    """The tenant's own domain."""

    @property
    def new(self) -> bool:
        """Whether the connection is only being made."""
        return self.before is None

    def over(self, defaults: Doc) -> Doc:
        """The options given, and the defaults where nothing was."""
        fill = {key: value for key, value in defaults.items() if key not in self.given}
        return {**self.given, **fill}


Complete: TypeAlias = Callable[[Options], Doc]


def as_given(options: Options) -> Doc:
    """Options that a tenant takes as they are."""
    return dict(options.given)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy, or a kind of several."""

    complete: Complete = as_given
    enterprise: bool = False
    """A company's own provider: its connections always say ``show_as_button``."""
    named: bool = False
    """Without a ``display_name`` its connections show their name."""
    ticket: str | None = None
    """Where an administrator sets the connection up: an address to be filled with the tenant's
    ``domain``, ``tenant`` name and ``region`` (what follows the name)."""
    scim: bool = False
    """Users can be provisioned by SCIM."""
    always: tuple[str, ...] = ()
    """Options that are shown as null where they have no value."""
    lists_clients: bool = True
    """Reading and changing such a connection shows ``enabled_clients``, not only creating it."""
