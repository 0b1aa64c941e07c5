"""``GET /authorize``, ``POST /oauth/par``, and ``/continue`` after a redirect of post-login code."""

from __future__ import annotations

from typing import Any

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from . import authorization_request, interaction, responses
from .authorization_request import PUSHED_LIFETIME, read, read_client, resolve, signed_parameters
from .circumstances import Circumstances, log, log_refusal, oauth_error
from .client_authentication import authenticate_client
from .errors import OAuthError, invalid_request
from .http import body, endpoint, query, refuse, strings
from .lookup import find_client

family = Family()

_PROOFS = ("client_secret", "client_assertion", "client_assertion_type")


def authorize(context: RequestContext) -> Reply:
    """Begin a log-in for a client: with a screen, or at once where a session allows it."""
    try:
        given = strings(_parameters(context))
        given = resolve(context, given)
        target = read_client(context, given)
    except OAuthError as error:
        refuse(context, error)
        client = find_client(context, query(context).get("client_id", ""))
        log_refusal(context, error, Circumstances.of(context, client, None))
        return interaction.error_page(context, error)
    flow = None
    try:
        flow = interaction.begin(context, read(context, target, given))
        cookie = flow.browser.cookie(context) if flow.browser.is_new else {}
        reply = interaction.advance(context, flow)
        reply.headers = {**cookie, **reply.headers}
        return reply
    except OAuthError as error:
        refuse(context, error)
        about, user = Circumstances.of(context, target.client, None), None
        if flow is not None:
            about, user = flow.about(context), flow.user(context)
        silent = "none" in given.get("prompt", "").split()
        log_refusal(context, error, about, user, silent=silent)
        return responses.error(context, target, error)


def _parameters(context: RequestContext) -> dict[str, Any]:
    if context.operation.method == "POST":
        return body(context)
    return dict(query(context))


@endpoint
def push(context: RequestContext) -> Any:
    """``POST /oauth/par``: keep an authorization request; the browser then names it only."""
    given = strings(body(context))
    client = authenticate_client(context, given)
    if "request_uri" in given:
        raise invalid_request("request_uri is not allowed in a pushed request")
    parameters = {name: value for name, value in given.items() if name not in _PROOFS}
    parameters["client_id"] = client["client_id"]
    try:
        parameters = signed_parameters(context, client, parameters)
        read(context, read_client(context, parameters), parameters)
    except OAuthError as error:
        about, said = Circumstances.of(context, client, None), error
        raise error.recording(
            lambda again: log(again, "fpar", said.description, about, error=oauth_error(said))
        ) from None
    uri = authorization_request.push(context, client, parameters)
    return Reply(201, {"expires_in": PUSHED_LIFETIME, "request_uri": uri})


@interaction.standalone
def resume(context: RequestContext) -> Reply:
    """``/continue``: the user came back from where post-login code sent them."""
    sent = query(context)
    posted = strings(body(context)) if context.operation.method == "POST" else {}
    state = sent.get("state") or posted.get("state", "")
    try:
        flow = interaction.load(context, state)
    except OAuthError as error:
        refuse(context, error)
        return interaction.error_page(context, error)
    try:
        if flow.effects is None or flow.effects.redirect is None:
            raise invalid_request("The log-in waits for nobody to come back")
        flow.update(context, returned={"query": sent, "body": posted})
        return interaction.advance(context, flow)
    except OAuthError as error:
        refuse(context, error)
        return interaction.give_up(context, flow, error)


family.route("GET", "/authorize", authorize, "oauth.authorize")
family.route("POST", "/authorize", authorize)
family.route("POST", "/oauth/par", push, "oauth.par", cors=True)
family.route("GET", "/continue", resume)
family.route("POST", "/continue", resume)
