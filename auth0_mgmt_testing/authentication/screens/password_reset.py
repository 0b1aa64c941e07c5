"""Forgotten passwords and verified addresses: asking for a link, and what the links lead to."""

from __future__ import annotations

from ...actions.effects import Effects
from ...actions.event import Event, TriggerName
from ...engine.addresses import base_url
from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources import mail
from ...resources.action_executions import is_bound, run_trigger
from ...resources.tickets import use
from ...state.ids import digest
from ...state.store import Doc
from .. import interaction, mfa_policy
from ..authorization_request import AuthorizationRequest, Target
from ..circumstances import Circumstances, log
from ..database import request_password_reset
from ..errors import OAuthError, access_denied
from ..http import (
    body,
    client_ip,
    query,
    redirect,
    refuse,
    strings,
    user_agent,
)
from ..interaction import KINDS, Flow, Kind, login_screen, screen, standalone
from ..logins import notice_leak
from ..lookup import DATABASE, connection_of, find_connection
from ..pages.page import Choice, Field, Page, show
from ..passwords import check_policy, described_policy, with_password

family = Family()

_CHALLENGED = "__password_resets"


@screen
def show_request(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    identifier: str = flow.kept["identifier"] or flow.request.login_hint
    known = identifier if "@" in identifier else ""
    page = Page(
        "reset-password",
        "reset-password-request",
        fields=(Field("email", "emailPlaceholder", "email", known, "email"),),
        choices=(Choice("default", "buttonText"),),
        links=((flow.url(login_screen(context)), "backText"),),
    )
    return flow.show(context, page)


@screen
def submit_request(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    for connection in flow.connections(context):
        if connection["strategy"] == DATABASE:
            about = flow.about(context)
            request_password_reset(context, connection, given.get("email", ""), about)
    page = Page(
        "reset-password",
        "reset-password-email",
        title="sentTitle",
        description="sentDescription",
    )
    return flow.show(context, page)


def _link(context: RequestContext, kind: str, secret: str) -> str:
    return f"{base_url(context)}/lo/{kind}?ticket={secret}#"


def _page(user: Doc, database: Doc, secret: str, error: str = "") -> Page:
    return Page(
        "reset-password",
        "reset-password",
        title="changeTitle",
        description="changeDescription",
        fields=(
            Field("password", "newPasswordPlaceholder", "password", "", "new-password"),
            Field("password_again", "reEnterPasswordPlaceholder", "password", "", "new-password"),
        ),
        choices=(Choice("default", "buttonText"),),
        items=[line.strip("* ") for line in described_policy(database).splitlines()],
        hidden={"ticket": secret},
        error=error,
        status=400 if error else 200,
    )


def _expired(context: RequestContext) -> Reply:
    page = Page(
        "reset-password", "reset-password-error", title="title", description="expired", status=400
    )
    return show(context, page)


@standalone
def reset(context: RequestContext) -> Reply:
    """``/lo/reset``: the page of a ticket, and on a POST the new password."""
    posted = context.operation.method == "POST"
    given = {**query(context), **(strings(body(context)) if posted else {})}
    secret = given.get("ticket", "")
    found = mail.find(context, secret, "reset")
    if found is None:
        return _expired(context)
    _, user = found
    database = find_connection(context, connection_of(user)) or {}
    challenged = _passed(context, secret)
    if challenged is None:
        return _challenge(context, secret, user)
    if not posted:
        return show(context, _page(user, database, secret))
    password = given.get("password", "")
    if password != given.get("password_again"):
        return show(context, _page(user, database, secret, "reset-password-error-mismatch"))
    try:
        check_policy(database, password, user)
        about = Circumstances.of(context, None, database)
        notice_leak(context, "pre-change-password", password, about, user)
    except OAuthError as error:
        refuse(context, error)
        _log_failure(context, error, database, user)
        return show(context, _page(user, database, secret, error.description))
    kept = with_password(context, user, password).get("_password_history", [])
    use(context, _link(context, "reset", secret), password)
    user = context.tx.get("users", user["user_id"]) or user
    user = context.tx.put("users", user["user_id"], {**user, "_password_history": kept})
    context.tx.delete_where("user_blocks", "user", user["user_id"])
    context.tx.delete(_CHALLENGED, digest(secret))
    if challenged.result_url is not None:
        return redirect(challenged.result_url)
    page = Page(
        "reset-password",
        "reset-password-success",
        title="doneTitle",
        description="doneDescription",
    )
    return show(context, page)


def _log_failure(context: RequestContext, error: OAuthError, database: Doc, user: Doc) -> None:
    """Log that a password was not changed; what was typed is not shown."""
    hidden = "[REDACTED]"
    typed = {"newPassword": hidden, "confirmNewPassword": hidden, "_csrf": hidden, "ticket": hidden}
    requested: Doc = {
        "client_id": "",
        "connection": database.get("name", ""),
        "email": user.get("email", ""),
        "includeEmailInRedirect": False,
        "markEmailAsVerified": False,
        "newPassword": hidden,
        "resultUrl": "",
        "tenant": context.tenant_name,
        "user_id": user["user_id"],
        "username": user.get("username", ""),
    }
    about, reason = Circumstances.of(context, None, database), error.description
    log(context, "fcp", reason, about, user, body=typed, query=requested, description=reason)


# --- the code of actions between the link and the page -------------------------------------------

_TRIGGER: TriggerName = "password-reset-post-challenge"


def _passed(context: RequestContext, secret: str) -> Effects | None:
    """What the tenant's code wants of a reset; None where it has yet to let the user pass."""
    if not is_bound(context, _TRIGGER):
        return Effects()
    kept = context.tx.get(_CHALLENGED, digest(secret))
    return None if kept is None else Effects.from_json(kept["effects"])


def _request(context: RequestContext, given: dict[str, str]) -> AuthorizationRequest:
    """No client wants anything: a reset begins with a mail."""
    return AuthorizationRequest(Target({}, "", None, frozenset(), "query"), None, None)


def _challenge(context: RequestContext, secret: str, user: Doc) -> Reply:
    """Run the code: it lets the user pass, challenges a factor, or sends the user somewhere."""
    flow = interaction.begin(
        context,
        _request(context, {}),
        kind="reset",
        ticket=secret,
        user_id=user["user_id"],
        connection=connection_of(user),
    )
    cookie = flow.browser.cookie(context) if flow.browser.is_new else {}
    try:
        reply = interaction.advance(context, flow)
    except OAuthError as error:
        refuse(context, error)
        reply = interaction.give_up(context, flow, error)
    reply.headers = {**cookie, **reply.headers}
    return reply


def _advance(context: RequestContext, flow: Flow) -> Reply:
    user, effects, returned = flow.require_user(context), flow.effects, flow.kept["returned"]
    if effects is None or (effects.suspends and returned is not None):
        effects = run_trigger(context, _TRIGGER, _about(context, flow, user), resume=effects)
        flow.update(context, effects=effects.to_json(), returned=None)
    if effects.denied is not None:
        raise access_denied(effects.denied)
    if effects.suspends:
        return interaction.suspend(flow, effects)
    if effects.challenge_with and "mfa" not in flow.kept["methods"]:
        if not mfa_policy.is_enrolled(context, user):
            raise access_denied("The user has no factor that could be challenged")
        return interaction.go(flow, "mfa")
    secret: str = flow.kept["ticket"]
    context.tx.put(_CHALLENGED, digest(secret), {"effects": effects.to_json()})
    context.tx.trim(_CHALLENGED, 10_000)
    return redirect(_link(context, "reset", secret))


def _about(context: RequestContext, flow: Flow, user: Doc) -> Event:
    returned: Doc = flow.kept["returned"] or {}
    return Event(
        user=user,
        connection=find_connection(context, connection_of(user)),
        ip=client_ip(context),
        user_agent=user_agent(context),
        methods=tuple(flow.kept["methods"]),
        query=returned.get("query", {}),
        body=returned.get("body", {}),
        prompt=returned.get("prompt"),
    )


def _fail(context: RequestContext, flow: Flow, error: OAuthError) -> Reply:
    return interaction.error_page(context, error)


KINDS["reset"] = Kind(_request, _advance, _fail)


def verify_email(context: RequestContext) -> Reply:
    """``/lo/verify_email``: the link of a mail; following it is enough."""
    secret = query(context).get("ticket", "")
    if mail.find(context, secret, "verify_email") is None:
        page = Page(
            "email-verification",
            "email-verification-result",
            title="invalidTitle",
            description="invalidDescription",
            status=400,
        )
        return show(context, page)
    use(context, _link(context, "verify_email", secret), None)
    return show(context, Page("email-verification", "email-verification-result"))


family.route("GET", "/u/reset-password", show_request)
family.route("POST", "/u/reset-password", submit_request)
family.route("GET", "/lo/reset", reset)
family.route("POST", "/lo/reset", reset)
family.route("GET", "/lo/verify_email", verify_email)
