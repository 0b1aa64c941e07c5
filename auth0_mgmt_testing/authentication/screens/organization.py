"""Organizations: named by the user before the log-in, or picked from memberships after it."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from .. import interaction
from ..interaction import Flow, screen
from ..lookup import find_organization, organizations_of
from ..pages.page import Choice, Field, Page

family = Family()

_SHOWN = 20
"""So many organizations a picker shows at most."""


def _prompt(error: str = "") -> Page:
    return Page(
        "organizations",
        "organization-selection",
        fields=(Field("organization", "organizationPlaceholder", autocomplete="organization"),),
        choices=(Choice("default", "buttonText"),),
        error=error,
        status=400 if error else 200,
    )


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    return flow.show(context, _prompt())


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    found = find_organization(context, given.get("organization", "").strip())
    if found is None:
        return flow.show(context, _prompt("no-organization"))
    flow.update(context, organization_id=found["id"])
    return interaction.advance(context, flow)


@screen
def show_picker(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user = flow.require_user(context)
    choices = [
        Choice(doc["id"], str(doc.get("display_name") or doc["name"]), "organization", True)
        for doc in organizations_of(context, user["user_id"])[:_SHOWN]
    ]
    return flow.show(context, Page("organizations", "organization-picker", choices=choices))


@screen
def pick(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    flow.require_user(context)
    found = find_organization(context, given.get("organization", ""))
    if found is None:
        return show_picker(context)
    flow.update(context, organization_id=found["id"])
    return interaction.advance(context, flow)


family.route("GET", "/u/organization", show)
family.route("POST", "/u/organization", submit)
family.route("GET", "/u/organization-picker", show_picker)
family.route("POST", "/u/organization-picker", pick)
