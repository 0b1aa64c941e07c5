"""Log-in by an identifier and a password, on one page or on two, or by another connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources.prompts import is_identifier_first
from ...state.store import Doc
from .. import home_realm, interaction
from ..errors import OAuthError, invalid_request
from ..http import redirect, refuse
from ..interaction import Flow, login_screen, screen, signup_screen
from ..logins import check_password
from ..lookup import find_user, member
from ..pages.page import Choice, Field, Page
from .connections import connection_buttons, leave_by_button, to_connection

family = Family()

_ErrorPage: TypeAlias = Callable[[RequestContext, Flow, str, str, int], Page]
"""A page with an identifier, an error and its status."""
_NOTHING = "no connections enabled for the {} are visible"


# --- the first page, or the only one -------------------------------------------------------------


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    """The page that the tenant's settings want; the other one leads to it."""
    wanted = login_screen(context)
    if context.operation.path != f"/u/{wanted}":
        return redirect(flow.url(wanted))
    page = _first_page(context, flow, flow.kept["identifier"] or flow.request.login_hint)
    if not page.fields and not page.choices:
        whose = "client" if flow.organization(context) is None else "organization"
        return interaction.error_page(context, invalid_request(_NOTHING.format(whose)))
    return flow.show(context, page)


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    """An identifier, perhaps with its password: with both there is no second page."""
    if (name := given.get("connection")) is not None:
        return leave_by_button(context, flow, name)
    identifier, password = given.get("username", "").strip(), given.get("password")
    flow.update(context, identifier=identifier)
    realm = home_realm.of_address(flow.connections(context), identifier)
    if realm is not None:
        return to_connection(flow, realm)
    if not identifier:
        return flow.show(context, _first_page(context, flow, "", "no-username", 400))
    if not home_realm.databases(flow.connections(context)):
        page = _first_page(context, flow, identifier, "hrd-not-matching-email", 400)
        return flow.show(context, page)
    if password is None and is_identifier_first(context):
        return redirect(flow.url("login/password"))
    return _log_in(context, flow, identifier, password or "", _first_page)


def _first_page(
    context: RequestContext, flow: Flow, identifier: str, error: str = "", status: int = 200
) -> Page:
    connections, alone = flow.connections(context), is_identifier_first(context)
    databases = home_realm.databases(connections)
    asks = databases or any(map(home_realm.has_domains, connections))
    fields: list[Field] = []
    choices: list[Choice] = []
    links: list[tuple[str, str]] = []
    if asks:
        fields.append(
            Field("username", "usernamePlaceholder", value=identifier, autocomplete="username")
        )
        choices.append(Choice("default", "buttonText"))
    if databases and not alone:
        fields.append(_password_field())
        links.append((flow.url("reset-password"), "forgotPasswordText"))
    if not all(member(doc, "options").get("disable_signup") for doc in databases):
        links.append((flow.url(signup_screen(context)), "signupActionLinkText"))
    choices += connection_buttons(context, flow)
    name = "login-id" if alone else "login"
    return Page(name, name, fields=fields, choices=choices, links=links, error=error, status=status)


def _password_field() -> Field:
    return Field("password", "passwordPlaceholder", "password", autocomplete="current-password")


# --- the password on a page of its own -----------------------------------------------------------


@screen
def show_password(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    if not flow.kept["identifier"]:
        return redirect(flow.url(login_screen(context)))
    return flow.show(context, _password_page(context, flow, flow.kept["identifier"]))


@screen
def submit_password(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    identifier = flow.kept["identifier"]
    if not identifier:
        return redirect(flow.url(login_screen(context)))
    return _log_in(context, flow, identifier, given.get("password", ""), _password_page)


def _password_page(
    context: RequestContext, flow: Flow, identifier: str, error: str = "", status: int = 200
) -> Page:
    edit = flow.url(login_screen(context))
    return Page(
        "login-password",
        "login-password",
        fields=(
            Field(
                "username",
                "usernamePlaceholder",
                value=identifier,
                autocomplete="username",
                edit=edit,
            ),
            _password_field(),
        ),
        choices=(Choice("default", "buttonText"),),
        links=((flow.url("reset-password"), "forgotPasswordText"),),
        error=error,
        status=status,
    )


# --- both ----------------------------------------------------------------------------------------


def _log_in(
    context: RequestContext, flow: Flow, identifier: str, password: str, page: _ErrorPage
) -> Reply:
    """Go on with the user whom the password proves, else show the page again and say why."""
    connection = _database(context, flow, identifier)
    flow.kept["connection"] = connection["name"]
    try:
        user = check_password(context, identifier, password, flow.about(context))
    except OAuthError as error:
        refuse(context, error)
        wrong = error.error == "invalid_grant"
        key = "wrong-credentials" if wrong else error.description
        return flow.show(
            context, page(context, flow, identifier, key, 400 if wrong else error.status)
        )
    return interaction.authenticated(context, flow, user, connection, "pwd")


def _database(context: RequestContext, flow: Flow, identifier: str) -> Doc:
    """The database that knows the user; the first one where none does."""
    found = home_realm.databases(flow.connections(context))
    if not found:
        raise invalid_request("no database connection is enabled for the client")
    known = (doc for doc in found if find_user(context, doc, identifier) is not None)
    return next(known, found[0])


family.route("GET", "/u/login", show)
family.route("POST", "/u/login", submit)
family.route("GET", "/u/login/identifier", show)
family.route("POST", "/u/login/identifier", submit)
family.route("GET", "/u/login/password", show_password)
family.route("POST", "/u/login/password", submit_password)
