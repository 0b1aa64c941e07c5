"""Passwordless log-in: an address, then the code that was sent there, or the link of a mail."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...state.store import Doc
from .. import authorization_request, interaction, passwordless, responses
from ..errors import OAuthError, invalid_request
from ..http import query, redirect, refuse
from ..interaction import Flow, screen
from ..lookup import PASSWORDLESS, find_connection
from ..pages.page import Choice, Field, Page

family = Family()


def _connection(context: RequestContext, flow: Flow, wanted: str | None) -> Doc:
    """The passwordless connection of a name; the first one where none is named."""
    for doc in flow.connections(context):
        if doc["strategy"] in PASSWORDLESS and wanted in (None, doc["name"]):
            return doc
    raise invalid_request("no passwordless connection is enabled for the client")


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    email = _connection(context, flow, given.get("connection"))["strategy"] == "email"
    hint = flow.request.login_hint
    field = (
        Field("address", "emailPlaceholder", "email", hint, "email")
        if email
        else Field("address", "phonePlaceholder", "tel", hint, "tel")
    )
    page = Page(
        "email-otp-challenge",
        "email-otp-challenge",
        title="startTitle",
        description="startDescription",
        fields=(field,),
        choices=(Choice("default", "buttonText"),),
    )
    return flow.show(context, page)


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    connection = _connection(context, flow, given.get("connection"))
    address = given.get("address", "").strip()
    if not address:
        return show(context)
    passwordless.send_code(context, flow.client, connection, address)
    flow.update(context, challenge=address, connection=connection["name"])
    return redirect(flow.url("passwordless-code"))


def _code_page(flow: Flow, error: str = "") -> Page:
    return Page(
        "email-otp-challenge",
        "email-otp-challenge",
        fields=(
            Field("code", "codePlaceholder", autocomplete="one-time-code", inputmode="numeric"),
        ),
        choices=(Choice("default", "buttonText"),),
        links=((flow.url("passwordless"), "backText"),),
        variables={"address": str(flow.kept["challenge"] or "")},
        error=error,
        status=400 if error else 200,
    )


@screen
def show_code(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    return flow.show(context, _code_page(flow))


@screen
def submit_code(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    address = flow.kept["challenge"]
    if not address:
        raise invalid_request("No code was sent")
    connection = _connection(context, flow, flow.kept["connection"])
    try:
        user = passwordless.prove(
            context, flow.client, connection, address, given.get("code", "").strip()
        )
    except OAuthError as error:
        refuse(context, error)
        return flow.show(context, _code_page(flow, "wrong-code"))
    return interaction.authenticated(context, flow, user, connection, "otp")


def follow_link(context: RequestContext) -> Reply:
    """``/passwordless/verify_redirect``: the link of a mail, which carries its code."""
    given = query(context)
    try:
        target = authorization_request.read_client(context, given)
        connection = find_connection(context, given.get("connection", ""))
        if connection is None:
            raise invalid_request("The connection does not exist")
        address = given.get(passwordless.address_name(connection), "")
        code = given.get("verification_code", "")
        user = passwordless.prove(context, target.client, connection, address, code)
    except OAuthError as error:
        refuse(context, error)
        return interaction.error_page(context, error)
    try:
        request = authorization_request.read(context, target, given)
        flow = interaction.begin(context, request, user_id=user["user_id"])
        cookie = flow.browser.cookie(context)
        reply = interaction.authenticated(context, flow, user, connection, "otp")
        reply.headers = {**cookie, **reply.headers}
        return reply
    except OAuthError as error:
        refuse(context, error)
        return responses.error(context, target, error)


family.route("GET", "/u/passwordless", show)
family.route("POST", "/u/passwordless", submit)
family.route("GET", "/u/passwordless-code", show_code)
family.route("POST", "/u/passwordless-code", submit_code)
family.route("GET", "/passwordless/verify_redirect", follow_link)
