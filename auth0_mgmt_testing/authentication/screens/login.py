"""Log-in with an identifier and a password, or by a button of another connection."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...state.store import Doc
from .. import interaction
from ..errors import OAuthError, invalid_request
from ..http import redirect, refuse
from ..interaction import Flow, screen
from ..logins import check_password
from ..lookup import DATABASE, find_user, member
from ..pages.page import Choice, Field, Page

family = Family()


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    return flow.show(context, _page(context, flow, flow.request.login_hint))


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    if (name := given.get("connection")) is not None:
        return redirect(flow.url("identity", connection=name))
    identifier = given.get("username", "")
    connection = _database(context, flow, identifier)
    if connection is None:
        raise invalid_request("no database connection is enabled for the client")
    flow.kept["connection"] = connection["name"]
    try:
        user = check_password(context, identifier, given.get("password", ""), flow.about(context))
    except OAuthError as error:
        refuse(context, error)
        key = "wrong-credentials" if error.error == "invalid_grant" else error.description
        status = 400 if error.error == "invalid_grant" else error.status
        return flow.show(context, _page(context, flow, identifier, error=key, status=status))
    return interaction.authenticated(context, flow, user, connection, "pwd")


def _database(context: RequestContext, flow: Flow, identifier: str) -> Doc | None:
    """The database that knows the user; the first one where none does."""
    databases = [doc for doc in flow.connections(context) if doc["strategy"] == DATABASE]
    known = (doc for doc in databases if find_user(context, doc, identifier) is not None)
    return next(known, databases[0] if databases else None)


def _page(
    context: RequestContext, flow: Flow, identifier: str, *, error: str = "", status: int = 200
) -> Page:
    connections = flow.connections(context)
    databases = [doc for doc in connections if doc["strategy"] == DATABASE]
    others = [doc for doc in connections if doc["strategy"] != DATABASE]
    fields: tuple[Field, ...] = ()
    choices: list[Choice] = []
    links: list[tuple[str, str]] = []
    if databases:
        fields = (
            Field("username", "usernamePlaceholder", value=identifier, autocomplete="username"),
            Field("password", "passwordPlaceholder", "password", autocomplete="current-password"),
        )
        choices.append(Choice("default", "buttonText"))
        links.append((flow.url("reset-password"), "forgotPasswordText"))
        if not all(member(doc, "options").get("disable_signup") for doc in databases):
            links.append((flow.url("signup"), "signupActionLinkText"))
    for doc in others:
        text = f"Continue with {doc.get('display_name') or doc['name']}"
        choices.append(Choice(doc["name"], text, name="connection", secondary=True))
    return Page(
        "login", "login", fields=fields, choices=choices, links=links, error=error, status=status
    )


family.route("GET", "/u/login", show)
family.route("POST", "/u/login", submit)
