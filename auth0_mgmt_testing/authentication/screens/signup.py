"""Sign-up by an identifier and a password, on one page or on two, or by another connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources.prompts import is_identifier_first
from ...resources.relations import ORGANIZATION_CONNECTIONS
from ...state.store import Doc
from .. import home_realm, interaction
from ..database import sign_up
from ..errors import BodyError, OAuthError, invalid_request
from ..http import redirect, refuse
from ..interaction import Flow, login_screen, screen, signup_screen
from ..lookup import member
from ..pages.page import Choice, Field, Page
from ..passwords import described_policy
from .connections import connection_buttons, leave_by_button, to_connection

family = Family()

_ErrorPage: TypeAlias = Callable[[RequestContext, Flow, Mapping[str, str], str], Page]
"""A page with what was given and an error."""
_IDENTIFIERS = ("email", "username")


def _database(context: RequestContext, flow: Flow) -> Doc:
    """The database that users may sign up to; raises where there is none."""
    organization = flow.organization(context)
    for doc in home_realm.databases(flow.connections(context)):
        if member(doc, "options").get("disable_signup"):
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


# --- the first page, or the only one -------------------------------------------------------------


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    """The page that the tenant's settings want; the other one leads to it."""
    wanted = signup_screen(context)
    if context.operation.path != f"/u/{wanted}":
        return redirect(flow.url(wanted))
    return flow.show(context, _first_page(context, flow, flow.kept["signup"]))


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    """Identifiers, perhaps with a password: with both there is no second page."""
    if (name := given.get("connection")) is not None:
        return leave_by_button(context, flow, name)
    identifiers = {name: given[name] for name in _IDENTIFIERS if name in given}
    email = identifiers.get("email", "")
    flow.update(context, signup=identifiers, identifier=email)
    realm = home_realm.of_address(flow.connections(context), email)
    if realm is not None:
        return to_connection(flow, realm)
    if not is_identifier_first(context) or "password" in given:
        return _sign_up(context, flow, given, _first_page)
    if not identifiers:
        return flow.show(context, _first_page(context, flow, {}, "no-email"))
    return redirect(flow.url("signup/password"))


def _first_page(
    context: RequestContext, flow: Flow, given: Mapping[str, str], error: str = ""
) -> Page:
    database, alone = _database(context, flow), is_identifier_first(context)
    fields = _identifier_fields(flow, database, given)
    if not alone:
        fields.append(_password_field())
    name = "signup-id" if alone else "signup"
    return Page(
        name,
        name,
        fields=fields,
        choices=(Choice("default", "buttonText"), *connection_buttons(context, flow)),
        links=((flow.url(login_screen(context)), "loginActionLinkText"),),
        items=() if alone else _rules(database),
        error=error,
        status=400 if error else 200,
    )


def _identifier_fields(
    flow: Flow, database: Doc, given: Mapping[str, str], edit: str = ""
) -> list[Field]:
    email = given.get("email") or _invited(flow) or flow.request.login_hint
    fields = [Field("email", "emailPlaceholder", "email", email, "email", edit=edit)]
    if member(database, "options").get("requires_username"):
        name = given.get("username", "")
        fields.append(Field("username", "usernamePlaceholder", "text", name, "username", edit=edit))
    return fields


def _password_field() -> Field:
    return Field("password", "passwordPlaceholder", "password", "", "new-password")


def _rules(database: Doc) -> list[str]:
    return [line.strip("* ") for line in described_policy(database).splitlines()]


# --- the password on a page of its own -----------------------------------------------------------


@screen
def show_password(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    if not flow.kept["signup"]:
        return redirect(flow.url(signup_screen(context)))
    return flow.show(context, _password_page(context, flow, flow.kept["signup"]))


@screen
def submit_password(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    identifiers: dict[str, str] = flow.kept["signup"]
    if not identifiers:
        return redirect(flow.url(signup_screen(context)))
    return _sign_up(context, flow, {**given, **identifiers}, _password_page)


def _password_page(
    context: RequestContext, flow: Flow, given: Mapping[str, str], error: str = ""
) -> Page:
    database, edit = _database(context, flow), flow.url(signup_screen(context))
    return Page(
        "signup-password",
        "signup-password",
        fields=(*_identifier_fields(flow, database, given, edit), _password_field()),
        choices=(Choice("default", "buttonText"),),
        links=((flow.url(login_screen(context)), "loginActionLinkText"),),
        items=_rules(database),
        error=error,
        status=400 if error else 200,
    )


# --- both ----------------------------------------------------------------------------------------


def _sign_up(context: RequestContext, flow: Flow, given: dict[str, str], page: _ErrorPage) -> Reply:
    """Go on with the new user, else show the page again and say why."""
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
        return flow.show(context, page(context, flow, given, key))
    return interaction.authenticated(context, flow, user, database, "pwd")


family.route("GET", "/u/signup", show)
family.route("POST", "/u/signup", submit)
family.route("GET", "/u/signup/identifier", show)
family.route("POST", "/u/signup/identifier", submit)
family.route("GET", "/u/signup/password", show_password)
family.route("POST", "/u/signup/password", submit_password)
