"""Consent: the user agrees to what a client asks for, or does not."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from .. import interaction
from ..access import OIDC_SCOPES
from ..errors import access_denied
from ..interaction import Flow, screen
from ..lookup import find_resource_server
from ..pages.page import Choice, Page

family = Family()


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    flow.require_user(context)
    page = Page(
        "consent",
        "consent",
        items=_described(context, flow),
        choices=(
            Choice("accept", "acceptButtonText"),
            Choice("deny", "declineButtonText", secondary=True),
        ),
    )
    return flow.show(context, page)


def _described(context: RequestContext, flow: Flow) -> list[str]:
    """The scopes as people read them."""
    audience = flow.request.audience
    server = None if audience is None else find_resource_server(context, audience)
    descriptions = {
        scope["value"]: scope.get("description") or scope["value"]
        for scope in (server or {}).get("scopes") or ()
    }
    wanted = [scope for scope in flow.request.scopes or () if scope != "openid"]
    return [
        str(descriptions.get(scope, scope))
        for scope in wanted
        if scope in {*descriptions, *OIDC_SCOPES}
    ]


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    flow.require_user(context)
    if given.get("action") != "accept":
        raise access_denied("The user denied the authorization request")
    return interaction.consented(context, flow)


family.route("GET", "/u/consent", show)
family.route("POST", "/u/consent", submit)
