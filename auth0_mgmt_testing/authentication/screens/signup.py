"""Sign-up with an email address (or what else the database identifies by) and a password."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources.relations import ORGANIZATION_CONNECTIONS
from ...state.store import Doc
from .. import interaction
from ..database import sign_up
from ..errors import BodyError, OAuthError, invalid_request
from ..http import refuse
from ..interaction import Flow, screen
from ..lookup import DATABASE, member
from ..pages.page import Choice, Field, Page
from ..passwords import described_policy

family = Family()


def _database(context: RequestContext, flow: Flow) -> Doc:
    for doc in flow.connections(context):
        organization = flow.organization(context)
        if doc["strategy"] != DATABASE or member(doc, "options").get("disable_signup"):
            continue
        if organization is None or flow.request.invitation is not None:
            return doc
        link = ORGANIZATION_CONNECTIONS.get(context, organization["id"], doc["id"]) or {}
        if link.get("is_signup_enabled"):
            return doc
    raise invalid_request("signup is not enabled for any connection of the client")


def _invited(flow: Flow) -> str:
    invitation = flow.request.invitation or {}
    return str(member(invitation, "invitee").get("email") or "")


def _page(flow: Flow, database: Doc, given: dict[str, str], error: str = "") -> Page:
    options: Doc = member(database, "options")
    email = given.get("email") or _invited(flow) or flow.request.login_hint
    fields = [Field("email", "emailPlaceholder", "email", email, "email")]
    if options.get("requires_username"):
        name = given.get("username", "")
        fields.append(Field("username", "usernamePlaceholder", "text", name, "username"))
    fields.append(Field("password", "passwordPlaceholder", "password", "", "new-password"))
    return Page(
        "signup",
        "signup",
        fields=fields,
        choices=(Choice("default", "buttonText"),),
        links=((flow.url("login"), "loginActionLinkText"),),
        items=[line.strip("* ") for line in described_policy(database).splitlines()],
        error=error,
        status=400 if error else 200,
    )


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    return flow.show(context, _page(flow, _database(context, flow), {}))


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    database = _database(context, flow)
    flow.kept["connection"] = database["name"]
    try:
        user = sign_up(context, database, given, flow.about(context))
    except OAuthError as error:
        refuse(context, error)
        description = error.body().get("description") if isinstance(error, BodyError) else None
        own = isinstance(description, str) and error.error != "invalid_signup"
        text = str(description) if own else error.description
        key = "email-in-use" if error.error == "invalid_signup" else text
        return flow.show(context, _page(flow, database, given, key))
    return interaction.authenticated(context, flow, user, database, "pwd")


family.route("GET", "/u/signup", show)
family.route("POST", "/u/signup", submit)
