"""A list of users to log in with a click, for development."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from .. import interaction
from ..errors import invalid_request
from ..interaction import Flow, screen
from ..lookup import connection_of, find_connection
from ..pages.page import Choice, Page
from ..protection import refuse_blocked_user

family = Family()

_SHOWN = 50


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    choices = [
        Choice(user["user_id"], str(user.get("email") or user["user_id"]), "user_id", True)
        for user in context.tx.all("users")[:_SHOWN]
    ]
    links = ((flow.url(interaction.login_screen(context)), "login"),)
    return flow.show(context, Page("picker", "picker", choices=choices, links=links))


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user = context.tx.get("users", given.get("user_id", ""))
    connection = None if user is None else find_connection(context, connection_of(user))
    if user is None or connection is None:
        raise invalid_request("There is no such user")
    if not interaction.shows_picker(context):
        raise invalid_request("The tenant shows no list of users")
    refuse_blocked_user(context, user, flow.about(context))
    return interaction.authenticated(context, flow, user, connection, "pwd")


family.route("GET", "/u/picker", show)
family.route("POST", "/u/picker", submit)
