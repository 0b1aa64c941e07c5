"""Social and enterprise log-ins, simulated: a page asks who comes back from the provider."""

from __future__ import annotations

from ...connection_strategies import title
from ...engine.context import Reply, RequestContext
from ...engine.errors import APIError
from ...engine.registry import Family
from ...resources.users import USERS
from ...state.store import Doc
from .. import interaction
from ..errors import access_denied, invalid_request
from ..home_realm import is_federated, sole_enterprise
from ..interaction import Flow, screen
from ..pages.page import Choice, Field, Page
from ..protection import refuse_blocked_user

family = Family()


def _connection(context: RequestContext, flow: Flow, given: dict[str, str]) -> Doc:
    wanted = given.get("connection") or flow.request.connection
    connections = flow.connections(context)
    for doc in filter(is_federated, connections):
        if doc["name"] == wanted or (wanted is None and sole_enterprise(connections)):
            return doc
    raise invalid_request(f"the connection was not found: {wanted}")


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    connection = _connection(context, flow, given)
    hint = flow.kept["identifier"] or flow.request.login_hint
    page = Page(
        "simulated-identity",
        "simulated-identity",
        fields=(
            Field("email", "emailPlaceholder", "email", hint, "email"),
            Field("name", "namePlaceholder", autocomplete="name", required=False),
        ),
        choices=(
            Choice("default", "buttonText"),
            Choice("deny", "denyButtonText", secondary=True),
        ),
        hidden={"connection": connection["name"]},
        variables={"connectionName": title(connection)},
    )
    return flow.show(context, page)


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    connection = _connection(context, flow, given)
    if given.get("action") == "deny":
        raise access_denied("The user denied access at the identity provider")
    user = come_back(context, connection, given.get("email", ""), given.get("name", ""))
    refuse_blocked_user(context, user, flow.about(context))
    return interaction.authenticated(context, flow, user, connection, "federated")


def come_back(context: RequestContext, connection: Doc, email: str, name: str) -> Doc:
    """The user of a provider with an address: the one who came before, or a new one."""
    address = email.strip().lower()
    if "@" not in address:
        raise invalid_request("The identity provider gave no email address")
    for user in context.tx.find("users", "folded_email", address):
        if any(each["connection"] == connection["name"] for each in user["identities"]):
            return user
    given: Doc = {"connection": connection["name"], "email": address, "email_verified": True}
    if name:
        given["name"] = name
    try:
        return USERS.add(context, given)
    except APIError as error:
        raise invalid_request(error.message) from None


family.route("GET", "/u/identity", show)
family.route("POST", "/u/identity", submit)
