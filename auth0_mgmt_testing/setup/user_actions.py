"""What the world does, and no request to the Management API: users log in, hosts answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..errors import StateError
from .access import setup_transaction

if TYPE_CHECKING:
    from ..engine.core import TenantCore

T = TypeVar("T")

ADDRESS = "203.0.113.7"
"""Where users come from if nothing is said (RFC 5737: an address of nobody's)."""
AGENT = "Mozilla/5.0"


@dataclass(frozen=True, slots=True)
class Login:
    """What a log-in brought about."""

    user_id: str
    session_id: str
    refresh_token_id: str | None
    """None where ``offline_access`` was not asked for, or no client named."""


class UserActions:
    """The part of a `FakeTenant` that lets its users act."""

    _core: TenantCore

    def log_in(
        self,
        user_id: str,
        *,
        client_id: str | None = None,
        connection: str | None = None,
        audience: str | None = None,
        scope: str = "openid profile",
        ip: str = ADDRESS,
        user_agent: str = AGENT,
        organization_id: str | None = None,
    ) -> Login:
        """Let a user log in: a session begins, with ``offline_access`` a refresh token too.

        The profile's ``logins_count``, ``last_login`` and ``last_ip``, the tenant's log (``s``)
        and the statistics tell of it. ``scope`` is space-separated. Raises `StateError`
        where something named is not there, and for a user who is blocked.
        """
        from ..resources.logins import LoginRequest, log_in

        login = LoginRequest(
            user_id, client_id, connection, audience, scope, ip, user_agent, organization_id
        )
        session, token = self._done(lambda context: log_in(context, login))
        return Login(user_id, session["id"], None if token is None else token["id"])

    def fail_login(
        self,
        user_id: str,
        *,
        client_id: str | None = None,
        connection: str | None = None,
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> None:
        """Let a user give a wrong password: the tenant's log tells of it (``fp``)."""
        from ..resources.logins import LoginRequest, fail

        login = LoginRequest(user_id, client_id, connection, None, "", ip, user_agent, None)
        self._done(lambda context: fail(context, login))

    def consent(self, user_id: str, client_id: str, audience: str, scope: Sequence[str]) -> str:
        """Let a user consent to a client's access; gives the grant's id."""
        from ..resources.grants import consent

        given = list(scope)
        grant = self._done(lambda context: consent(context, user_id, client_id, audience, given))
        return str(grant["id"])

    def connect_account(self, user_id: str, connection: str, scopes: Sequence[str] = ()) -> str:
        """Let a user connect an account of another provider; gives the connected account's id."""
        from ..resources.connected_accounts import connect

        given = list(scopes)
        return str(self._done(lambda context: connect(context, user_id, connection, given))["id"])

    def redeem_ticket(self, ticket: str, *, password: str | None = None) -> None:
        """Follow a ticket's address: the user's address is verified, or the password changed.

        ``password``: the new one. Raises `StateError` for a ticket that is used up or old.
        """
        from ..resources.tickets import use

        self._done(lambda context: use(context, ticket, password))

    def enable_event_delivery(self, stream_id: str) -> None:
        """From now on somebody answers where an event stream's events are sent.

        Before that every delivery fails, as to a host that is not there: the fake calls nobody.
        """
        from ..resources.event_streams import accept

        self._done(lambda context: accept(context, stream_id))

    def block(self, user_id: str, ip: str | None = None) -> None:
        """Block a user's log-ins as brute-force protection does; ``ip``: from there only."""
        from ..resources.blocks import block

        self._done(lambda context: block(context, user_id, ip))

    def block_ip(self, ip: str) -> None:
        """Block an address for every user, as suspicious IP throttling does."""
        from ..resources.blocks import block_address

        self._done(lambda context: block_address(context, ip))

    def _done(self, act: Callable[[RequestContext], T]) -> T:
        """Act in a transaction of its own; raise `StateError` for what the API would refuse."""
        try:
            with setup_transaction(self._core, notify=False) as context:
                return act(context)
        except APIError as error:
            raise StateError(error.message) from error
