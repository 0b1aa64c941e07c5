"""Actions outside of the Management API: users log in, hosts respond."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from auth0_mgmt._json import is_sequence

from ..authentication import challenges, direct
from ..authentication.direct import DirectLogin
from ..authentication.errors import OAuthError
from ..authentication.http import refuse
from ..authentication.interaction import choose_login_page
from ..engine.context import RequestContext
from ..errors import StateError
from .access import explained, setup_transaction

if TYPE_CHECKING:
    from auth0_mgmt.models.clients import Client
    from auth0_mgmt.models.users import User

    from ..engine.core import TenantCore

T = TypeVar("T")

ADDRESS = "203.0.113.7"
"""The default IP address of users (RFC 5737: for documentation)."""
AGENT = "Mozilla/5.0"


@dataclass(frozen=True, slots=True)
class Login:
    """The result of a log-in: the session, and the client's tokens."""

    user_id: str
    session_id: str
    refresh_token_id: str | None
    """None where ``offline_access`` was not granted, or no client named."""
    access_token: str = field(repr=False)
    """A JWT for the API of ``audience``; without one opaque, for ``/userinfo``."""
    id_token: str | None = field(repr=False)
    """None where the scope ``openid`` was not requested."""
    refresh_token: str | None = field(repr=False)
    scope: str
    """What was granted, space-separated."""
    expires_in: int
    """Seconds that the access token is valid for."""


class UserActions:
    """The part of a `FakeTenant` that lets its users act."""

    _core: TenantCore

    def log_in(
        self,
        user: str | User,
        *,
        client: str | Client | None = None,
        audience: str | None = None,
        scope: str = "openid profile email",
        organization: str | None = None,
        connection: str | None = None,
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> Login:
        """Log a user in without a page; returns the session and the tokens.

        The access token is for the API of ``audience``, with the ``scope`` (space-separated)
        and ``permissions`` that the API, the user's roles and the client's grants allow; with an
        ``organization`` (id or name) it contains ``org_id``. ``offline_access`` in the scope adds a
        refresh token, where a client is named and the API allows it. Tokens are signed with the
        tenant's current key. The profile's ``logins_count``, ``last_login`` and ``last_ip``, the
        tenant's log (``s``) and the statistics record the log-in.

        Passwords and second factors are not required, and connections need not be enabled for the
        client. Raises `StateError` where an argument names nothing, for a user who is blocked
        or not a member of the organization, and where an API does not allow user access.
        """
        login = DirectLogin(
            _key(user, "user_id", "user"),
            None if client is None else _key(client, "client_id", "client"),
            connection,
            audience,
            scope,
            organization,
            ip,
            user_agent,
        )
        done = self._done(lambda context: direct.log_in(context, login))
        response = done.response
        return Login(
            login.user_id,
            done.session_id,
            done.refresh_token_id,
            response["access_token"],
            response.get("id_token"),
            response.get("refresh_token"),
            response.get("scope", ""),
            response["expires_in"],
        )

    def fail_login(
        self,
        user_id: str,
        *,
        client: str | None = None,
        connection: str | None = None,
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> None:
        """Let a user enter a wrong password: it is logged (``fp``) and counts towards a block."""
        login = DirectLogin(user_id, client, connection, ip=ip, user_agent=user_agent)
        self._done(lambda context: direct.fail(context, login))

    def decide_on_device(self, user_id: str, *, approve: bool = True) -> None:
        """Let a user approve, or reject, the newest pending request on their device.

        That is a push notification of a second factor, or a request by CIBA. Raises `StateError`
        where nothing is pending.
        """
        decided = self._done(lambda context: challenges.decide(context, user_id, approve=approve))
        if decided is None:
            raise StateError(f"no request is pending for {user_id!r}")

    def use_login_picker(self, enabled: bool = True) -> None:
        """Show a list of users to choose from with a click in place of the login page."""
        self._done(lambda context: choose_login_page(context, picker=enabled))

    def consent(self, user_id: str, client_id: str, audience: str, scope: Sequence[str]) -> str:
        """Let a user consent to a client's access; return the grant's id."""
        from ..resources.grants import consent

        given = _strings(scope, "scope")
        grant = self._done(lambda context: consent(context, user_id, client_id, audience, given))
        return str(grant["id"])

    def connect_account(self, user_id: str, connection: str, scopes: Sequence[str] = ()) -> str:
        """Let a user connect an account of another provider; return the connected account's id."""
        from ..resources.connected_accounts import connect

        given = _strings(scopes, "scopes")
        return str(self._done(lambda context: connect(context, user_id, connection, given))["id"])

    def redeem_ticket(self, ticket: str, *, password: str | None = None) -> None:
        """Follow a ticket's link: the user's address is verified, or the password changed.

        ``password``: the new one. Raises `StateError` for a used or expired ticket.
        """
        from ..resources.tickets import use

        self._done(lambda context: use(context, ticket, password))

    def enable_event_delivery(self, stream_id: str) -> None:
        """Let the destination of an event stream accept events from now on.

        Before that every delivery fails, as to an unreachable host: the fake sends nothing.
        """
        from ..resources.event_streams import accept

        self._done(lambda context: accept(context, stream_id))

    def block(self, user_id: str, ip: str | None = None) -> None:
        """Block a user's log-ins as brute-force protection does; ``ip``: from this address only."""
        from ..resources.blocks import block

        self._done(lambda context: block(context, user_id, ip))

    def block_ip(self, ip: str) -> None:
        """Block an address for every user, as suspicious IP throttling does."""
        from ..resources.blocks import block_address

        self._done(lambda context: block_address(context, ip))

    def publish_dns(self, domain: str) -> None:
        """Let DNS resolve a custom domain: verifying it makes it ready from now on."""
        from ..resources.custom_domains import publish_dns

        self._done(lambda context: publish_dns(context, domain))

    def _done(self, act: Callable[[RequestContext], T]) -> T:
        """Open a transaction; raise `StateError` for what the API would reject.

        A rejection is logged, as the API does it; nothing else takes effect.
        """
        refusal: OAuthError | None = None
        result: T | None = None
        with explained(""), setup_transaction(self._core) as context:
            try:
                result = act(context)
            except OAuthError as error:
                refuse(context, error)
                refusal = error
        if refusal is not None:
            raise StateError(refusal.description) from refusal
        return cast("T", result)


def _strings(values: object, what: str) -> list[str]:
    """Return a sequence of strings as a list."""
    if is_sequence(values) and all(isinstance(value, str) for value in values):
        return list(values)
    raise StateError(f"{what}: a sequence of str was expected, not {values!r}")


def _key(thing: object, field: str, what: str) -> str:
    """Return the id of an argument that is an id or a model."""
    key = thing if isinstance(thing, str) else getattr(thing, field, None)
    if not isinstance(key, str):
        raise StateError(f"{what}: an id or a model with {field} was expected, not {thing!r}")
    return key
