"""A log-in under way in a browser: what is known of it, which screen comes next, how it ends.

A flow is kept under the ``state`` that the pages' addresses carry, for the browser that began it
only. Screens learn something of the user and call `advance`, which decides what comes next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from ..actions.effects import Effects
from ..engine.addresses import base_url
from ..engine.context import Reply, RequestContext
from ..resources.grants import consent as record_consent
from ..resources.log_types import LOG_TYPES
from ..resources.prompts import is_identifier_first
from ..state.ids import digest
from ..state.store import Doc
from . import authorization_request, device, responses, sessions
from .authorization_request import AuthorizationRequest, Target
from .circumstances import Circumstances, log, log_refusal
from .errors import OAuthError, invalid_request
from .home_realm import sole_enterprise
from .http import body as read_body
from .http import query as read_query
from .http import redirect, refuse, strings, with_query
from .logins import add_member, join_organization
from .lookup import (
    DATABASE,
    PASSWORDLESS,
    find_connection,
    find_organization,
    member,
    organizations_of,
    settings,
    usable_connections,
)
from .pages.page import Page, show
from .pipeline import Login, granted, needs_mfa, run_post_login
from .sessions import Browser

_ENABLE = (
    "no connection is enabled for the client: name the client in the connection's enabled_clients, "
    "or call connections.clients.update"
)
LIFETIME = 3600
"""Seconds that a log-in may take."""
_FLOWS = "__flows"
_LOGIN_PAGE = "_login_page"
"""Name of the fake's own settings: whether a list of users stands in for the login page."""

_INVITATION = (
    "id", "client_id", "created_at", "expires_at", "invitee", "inviter", "roles", "ticket_id",
)  # fmt: skip
"""What log events show of an invitation."""

_SILENT_ERRORS = {
    "consent": ("consent_required", "Consent required"),
    "organization-picker": ("interaction_required", "An organization must be chosen"),
    "mfa": ("interaction_required", "Multifactor authentication required"),
    "redirect": ("interaction_required", "The user must be redirected"),
    "form": ("interaction_required", "A form must be filled in"),
}
"""The error of ``prompt=none`` where this screen would come; ``login_required`` for others."""


@dataclass(slots=True)
class Flow:
    """A log-in under way."""

    state: str
    kept: Doc
    browser: Browser
    request: AuthorizationRequest

    @property
    def client(self) -> Doc:
        return self.request.client

    def update(self, context: RequestContext, **fields: Any) -> None:
        """Learn something."""
        self.kept = {**self.kept, **fields}
        context.tx.put(_FLOWS, digest(self.state), self.kept)

    @property
    def effects(self) -> Effects | None:
        """What the code of actions wants, once it has run."""
        kept = self.kept["effects"]
        return None if kept is None else Effects.from_json(kept)

    def user(self, context: RequestContext) -> Doc | None:
        """The user, once it is known who that is."""
        user_id = self.kept["user_id"]
        return None if user_id is None else context.tx.get("users", user_id)

    def require_user(self, context: RequestContext) -> Doc:
        """The user, for screens that come after it is known who that is."""
        user = self.user(context)
        if user is None:
            raise invalid_request("The log-in is not this far")
        return user

    def organization(self, context: RequestContext) -> Doc | None:
        """The organization that was requested or chosen."""
        chosen = self.kept["organization_id"]
        return self.request.organization if chosen is None else find_organization(context, chosen)

    def connections(self, context: RequestContext) -> list[Doc]:
        """The connections that the user may come by."""
        usable = usable_connections(context, self.client, self.organization(context))
        wanted = self.request.connection
        return [doc for doc in usable if wanted is None or doc["name"] == wanted]

    def about(self, context: RequestContext) -> Circumstances:
        name = self.kept["connection"]
        return Circumstances.of(
            context,
            self.client,
            None if name is None else find_connection(context, name),
            audience=self.request.audience,
            scopes=self.request.scopes or (),
            organization=self.organization(context),
            device=self.request.parameters.get("device"),
        )

    def url(self, screen: str, **parameters: str) -> str:
        """The path of a screen of this flow."""
        return with_query(f"/u/{screen}", {"state": self.state, **parameters})

    def show(self, context: RequestContext, page: Page) -> Reply:
        """A page of this flow; its form is safe from other sites."""
        csrf = {"csrf_token": self.browser.csrf_token(self.state)}
        variables = {"clientName": str(self.client.get("name") or ""), **page.variables}
        filled = replace(
            page,
            hidden={**page.hidden, **csrf},
            variables={name: value for name, value in variables.items() if value},
        )
        organization = self.organization(context)
        return show(context, filled, locales=self.request.locales, organization=organization)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a flow is for: how its request is read, what comes next in it, how it fails."""

    read: Callable[[RequestContext, dict[str, str]], AuthorizationRequest]
    advance: Callable[[RequestContext, Flow], Reply]
    fail: Callable[[RequestContext, Flow, OAuthError], Reply]


KINDS: dict[str, Kind] = {}
"""By the name that a flow keeps; the screens of a kind add it."""


# --- beginning and coming back -------------------------------------------------------------------


def begin(context: RequestContext, request: AuthorizationRequest, **fields: Any) -> Flow:
    """Begin a log-in; a session of the browser's counts, unless the request wants a new one."""
    browser = sessions.browser_of(context)
    kept: Doc = {
        "kind": "authorize",
        "browser": browser.key,
        "parameters": dict(request.parameters),
        "user_id": None,
        "connection": request.connection,
        "organization_id": None,
        "methods": [],
        "session_id": None,
        "effects": None,
        "returned": None,
        "consented": False,
        "remember_mfa": False,
        "challenge": None,
        "identifier": "",
        "signup": {},
        "expires": context.time() + LIFETIME,
        **fields,
    }
    session = sessions.alive(context, browser.session_id)
    if session is not None and kept["user_id"] is None and _may_reuse(context, request, session):
        kept["user_id"] = session["user_id"]
        kept["methods"] = list(sessions.methods(session))
        kept["session_id"] = session["id"]
        kept["connection"] = None
    flow = Flow(context.secret(43), kept, browser, request)
    context.tx.put(_FLOWS, digest(flow.state), kept)
    context.tx.trim(_FLOWS, 10_000)
    return flow


def _may_reuse(context: RequestContext, request: AuthorizationRequest, session: Doc) -> bool:
    if {"login", "create", "select_account"} & set(request.prompts) or request.invitation:
        return False
    if request.max_age is None:
        return True
    return context.time() - sessions.authenticated_at(session) <= request.max_age


def load(context: RequestContext, state: str) -> Flow:
    """The log-in that a page belongs to, for the browser that began it; raises for others."""
    kept = context.tx.get(_FLOWS, digest(state))
    browser = sessions.browser_of(context)
    if kept is None or kept["browser"] != browser.key or context.time() >= kept["expires"]:
        raise invalid_request("The log-in has expired or was begun in another browser")
    return Flow(state, kept, browser, KINDS[kept["kind"]].read(context, kept["parameters"]))


def _authorization(context: RequestContext, given: dict[str, str]) -> AuthorizationRequest:
    target = authorization_request.read_client(context, given)
    return authorization_request.read(context, target, given)


def device_request(context: RequestContext, given: dict[str, str]) -> AuthorizationRequest:
    """What a device requested, as a request of its client."""
    client = context.tx.get("clients", given["client_id"])
    if client is None:
        raise invalid_request("Unknown client")
    scopes = tuple(given.get("scope", "").split()) or None
    target = Target(client, "", None, frozenset(), "query")
    return AuthorizationRequest(
        target, scopes, given.get("audience") or None, prompts=("login",), parameters=given
    )


def screen(
    handler: Callable[[RequestContext, Flow, dict[str, str]], Reply],
) -> Callable[[RequestContext], Reply]:
    """Decorator: a screen's handler is given its flow, and on a POST the form that was sent.

    An `OAuthError` that the handler does not turn into a page goes to the client.
    """

    @wraps(handler)
    def answer(context: RequestContext) -> Reply:
        given = read_query(context)
        try:
            flow = load(context, given.get("state", ""))
            form: dict[str, str] = {}
            if context.operation.method == "POST":
                form = strings(read_body(context))
                if form.get("csrf_token") != flow.browser.csrf_token(flow.state):
                    raise OAuthError(403, "access_denied", "The form was not sent by this page")
        except OAuthError as error:
            refuse(context, error)
            return error_page(context, error)
        try:
            return handler(context, flow, {**given, **form})
        except OAuthError as error:
            refuse(context, error)
            return give_up(context, flow, error)

    return answer


def standalone(handler: Callable[[RequestContext], Reply]) -> Callable[[RequestContext], Reply]:
    """Decorator: an `OAuthError` of a page that belongs to no flow becomes the error page."""

    @wraps(handler)
    def answer(context: RequestContext) -> Reply:
        try:
            return handler(context)
        except OAuthError as error:
            refuse(context, error)
            return error_page(context, error)

    return answer


def error_page(context: RequestContext, error: OAuthError) -> Reply:
    """The page for an error that must not go anywhere."""
    page = Page("error", "error", variables={"message": error.description}, status=error.status)
    return show(context, page)


def give_up(context: RequestContext, flow: Flow, error: OAuthError) -> Reply:
    """End a log-in without success; the client gets the reason."""
    context.tx.delete(_FLOWS, digest(flow.state))
    log_refusal(context, error, flow.about(context), flow.user(context))
    return KINDS[flow.kept["kind"]].fail(context, flow, error)


def _fail_client(context: RequestContext, flow: Flow, error: OAuthError) -> Reply:
    return responses.error(context, flow.request.target, error)


def _fail_device(context: RequestContext, flow: Flow, error: OAuthError) -> Reply:
    device.decide(context, flow.kept["user_code"], None)
    return error_page(context, error)


# --- going on ------------------------------------------------------------------------------------


def authenticated(
    context: RequestContext, flow: Flow, user: Doc, connection: Doc, method: str
) -> Reply:
    """It is known who the user is; goes on from there."""
    flow.update(
        context,
        user_id=user["user_id"],
        connection=connection["name"],
        methods=[method],
        session_id=None,
        effects=None,
    )
    return advance(context, flow)


def advance(context: RequestContext, flow: Flow) -> Reply:
    """What comes next: a screen, or the end."""
    return KINDS[flow.kept["kind"]].advance(context, flow)


def _advance_login(context: RequestContext, flow: Flow) -> Reply:
    user = flow.user(context)
    if user is None:
        return go(flow, first_screen(context, flow))
    if (organization_screen := _organization(context, flow, user)) is not None:
        return go(flow, organization_screen)
    login = _login(context, flow, user)
    effects = flow.effects
    if effects is None or (effects.suspends and flow.kept["returned"] is not None):
        login, effects = run_post_login(context, login, effects)
        flow.update(
            context,
            effects=effects.to_json(),
            user_id=login.user["user_id"],
            methods=list(login.methods),
            returned=None,
        )
    if effects.suspends:
        return suspend(flow, effects)
    remembered = effects.remember_mfa and login.user["user_id"] in flow.browser.mfa_remembered
    if needs_mfa(context, login, effects) and not remembered:
        return go(flow, "mfa")
    if _needs_consent(context, flow, login):
        return go(flow, "consent")
    return _finish(context, flow, login, effects)


def suspend(flow: Flow, effects: Effects) -> Reply:
    """To where the code of actions sends the user; what it is for continues with `advance`."""
    if effects.redirect is None:
        return go(flow, "form")
    _silently(flow, "redirect")
    return redirect(with_query(effects.redirect, {"state": flow.state}))


def go(flow: Flow, screen: str) -> Reply:
    """To a screen; where the request allows none, its error."""
    _silently(flow, screen)
    return redirect(flow.url(screen))


def _silently(flow: Flow, screen: str) -> None:
    if "none" in flow.request.prompts:
        login = ("login_required", "Login required")
        error, description = _SILENT_ERRORS.get(screen, login)
        raise OAuthError(403, error, description)


def choose_login_page(context: RequestContext, *, picker: bool) -> None:
    """Let a list of users stand in for the login page, or the login page be itself again."""
    context.tx.put("settings", _LOGIN_PAGE, {"picker": picker})


def shows_picker(context: RequestContext) -> bool:
    """Whether a list of users stands in for the login page."""
    return bool(settings(context, _LOGIN_PAGE).get("picker"))


def first_screen(context: RequestContext, flow: Flow) -> str:
    """The screen that finds out who the user is."""
    request = flow.request
    if _chooses_organization_first(context, flow):
        return "organization"
    if shows_picker(context):
        return "picker"
    connections = flow.connections(context)
    if not connections:
        raise invalid_request("no connections enabled for the client", hint=_ENABLE)
    if request.connection is not None:
        strategy = connections[0]["strategy"]
        if strategy in PASSWORDLESS:
            return "passwordless"
        if strategy != DATABASE:
            return "identity"
    if request.screen_hint == "signup" or request.invitation is not None:
        return signup_screen(context)
    if all(doc["strategy"] in PASSWORDLESS for doc in connections):
        return "passwordless"
    if sole_enterprise(connections):
        return "identity"
    return login_screen(context)


def login_screen(context: RequestContext) -> str:
    """The page that begins a log-in: of identifier and password, or of the identifier alone."""
    return "login/identifier" if is_identifier_first(context) else "login"


def signup_screen(context: RequestContext) -> str:
    """The page that begins a sign-up."""
    return "signup/identifier" if is_identifier_first(context) else "signup"


def _chooses_organization_first(context: RequestContext, flow: Flow) -> bool:
    client = flow.client
    return (
        client.get("organization_usage") == "require"
        and client.get("organization_require_behavior") == "pre_login_prompt"
        and flow.organization(context) is None
    )


def _organization(context: RequestContext, flow: Flow, user: Doc) -> str | None:
    """See that the user belongs where the log-in is for; a screen where that must be chosen."""
    organization, client = flow.organization(context), flow.client
    if organization is not None:
        if (invitation := flow.request.invitation) is not None:
            _accept(context, invitation, organization, user)
        name = flow.kept["connection"]
        connection = None if name is None else find_connection(context, name)
        join_organization(context, user, organization, connection)
        return None
    behaviour = client.get("organization_require_behavior")
    if client.get("organization_usage") != "require" or behaviour != "post_login_prompt":
        return None
    found = organizations_of(context, user["user_id"])
    if not found:
        raise invalid_request(
            "client requires organization membership, but user does not belong to any organization"
        )
    if len(found) == 1:
        flow.update(context, organization_id=found[0]["id"])
        return None
    return "organization-picker"


def _accept(context: RequestContext, invitation: Doc, organization: Doc, user: Doc) -> None:
    """The invited user joins, with the roles that the invitation gives."""
    invited = str(member(invitation, "invitee").get("email") or "").lower()
    if invited and invited != str(user.get("email") or "").lower():
        raise invalid_request("the invitation was made out to another email address")
    add_member(context, organization, user, "invitation")
    for role in invitation.get("roles") or ():
        who, where = user["user_id"], organization["id"]
        link: Doc = {"_organization": where, "_who": who, "_role": role}
        context.tx.put("member_roles", (where, who, role), link)


def _login(context: RequestContext, flow: Flow, user: Doc) -> Login:
    returned: Doc = flow.kept["returned"] or {}
    return Login(
        user,
        flow.about(context),
        tuple(flow.kept["methods"]),
        flow.request.protocol,
        flow.request.scopes,
        session=sessions.alive(context, flow.kept["session_id"]),
        acr_values=flow.request.acr_values,
        parameters=flow.request.parameters,
        returned_query=returned.get("query", {}),
        returned_body=returned.get("body", {}),
        prompt=returned.get("prompt"),
    )


def _needs_consent(context: RequestContext, flow: Flow, login: Login) -> bool:
    """Whether the user has yet to agree: for clients of others, and where the request asks."""
    if flow.kept["consented"]:
        return False
    if "consent" in flow.request.prompts:
        return True
    if flow.client.get("is_first_party", True):
        return False
    audience = _consent_audience(context, flow)
    wanted = set(login.scopes or ())
    for grant in context.tx.find("grants", "user", login.user["user_id"]):
        if grant.get("clientID") == flow.client["client_id"] and grant["audience"] == audience:
            return not wanted <= set(grant["scope"])
    return True


def _consent_audience(context: RequestContext, flow: Flow) -> str:
    return flow.request.audience or f"https://{context.domain}/userinfo"


def consented(context: RequestContext, flow: Flow) -> Reply:
    """The user agreed: that is kept as a grant."""
    user = flow.require_user(context)
    record_consent(
        context,
        user["user_id"],
        flow.client["client_id"],
        _consent_audience(context, flow),
        list(flow.request.scopes or ()),
    )
    flow.update(context, consented=True)
    return advance(context, flow)


def second_factor_passed(context: RequestContext, flow: Flow, *, remember: bool) -> Reply:
    """The user showed a second factor."""
    flow.update(context, methods=[*flow.kept["methods"], "mfa"], remember_mfa=remember)
    return advance(context, flow)


def _finish(context: RequestContext, flow: Flow, login: Login, effects: Effects) -> Reply:
    request = flow.request
    session = login.session
    if session is not None and "mfa" in login.methods:
        new = [name for name in login.methods if name not in sessions.methods(session)]
        sessions.touch(context, session, flow.client, new)
    grant = granted(
        context,
        login,
        effects,
        nonce=request.nonce,
        tell_time=True,
    )
    begun = sessions.alive(context, grant.session_id)
    cookie = flow.browser.cookie(context)
    if session is None and begun is not None:
        remember = bool(flow.kept["remember_mfa"])
        browser = sessions.logged_in(context, flow.browser, begun, remember_mfa=remember)
        cookie = browser.cookie(context)
    if (invitation := request.invitation) is not None:
        context.tx.delete("invitations", invitation["id"])
        shown = {name: value for name, value in invitation.items() if name in _INVITATION}
        log(context, "si", "Invitation accepted", login.about, login.user, invitation=shown)
    if "none" in request.prompts:
        name = LOG_TYPES["ssa"].name
        known = {"session_id": grant.session_id, **grant.log_details}
        log(context, "ssa", name, login.about, login.user, **known)
    context.tx.delete(_FLOWS, digest(flow.state))
    if flow.kept["kind"] == "device":
        device.decide(context, flow.kept["user_code"], grant)
        return redirect(f"{base_url(context)}/device/success", cookie)
    reply = responses.success(context, request, grant)
    reply.headers |= cookie
    return reply


KINDS["authorize"] = Kind(_authorization, _advance_login, _fail_client)
KINDS["device"] = Kind(device_request, _advance_login, _fail_device)
