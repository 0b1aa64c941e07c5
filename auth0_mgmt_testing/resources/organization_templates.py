"""Organization templates: rules that a tenant sets for the organizations assigned to them."""

from __future__ import annotations

from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    End,
    Listing,
    Missing,
    RelationBehaviour,
    Unique,
    list_response,
)
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc, visible
from .organizations import SELF as ORGANIZATION
from .relations import ORGANIZATION_TEMPLATE_ASSIGNMENTS

family = Family()

# Neither the form of the ids nor the wording of the errors is recorded: both are assumed.
MISSING = Missing("The organization template does not exist.", "organization_template_not_found")
TEMPLATES = CollectionBehaviour(
    "organization_templates",
    new_id=id_forms.ORGANIZATION_TEMPLATE,
    missing=MISSING,
    unique=(Unique("name", "An organization template with this name already exists."),),
    defaults={"is_default": False},
    stamps=True,
    drop_nulls=True,
)
TEMPLATES.bind(
    family,
    list="organization_templates.list",
    create="organization_templates.create",
    get="organization_templates.get",
    update="organization_templates.update",
)

ASSIGNED = RelationBehaviour(
    ORGANIZATION_TEMPLATE_ASSIGNMENTS,
    ORGANIZATION,
    End("organization_templates", MISSING, "template_id"),
)
ASSIGNED.bind(family)


def _ends(context: RequestContext) -> tuple[str, str]:
    """The keys of the path's organization and template, which both must exist."""
    organization, template = context.path["id"], context.path["template_id"]
    ASSIGNED.left.require(context, organization)
    ASSIGNED.right.require(context, template)
    return organization, template


@family.operation("organizations.organization_template.get", kind="relation")
def assigned_template(context: RequestContext) -> Any:
    """Return the template that an organization is assigned to; 404 where there is none."""
    ASSIGNED.left.require(context, context.path["id"])
    found: list[Doc] = ASSIGNED.rights(context, context.path["id"])
    if not found:
        raise MISSING.problem()
    return visible(found[0])


@family.operation(
    "organizations.organization_template.assign_organization_template", kind="relation"
)
def assign_template(context: RequestContext) -> Any:
    """Assign an organization to a template, instead of the one that it was assigned to."""
    organization, template = _ends(context)
    ORGANIZATION_TEMPLATE_ASSIGNMENTS.delete_of(context, organizations=organization)
    ASSIGNED.link(context, organization, template)
    return None


@family.operation(
    "organizations.organization_template.unassign_organization_template", kind="relation"
)
def unassign_template(context: RequestContext) -> Any:
    """Take an organization from a template; succeeds also where it was not assigned to it."""
    ASSIGNED.unlink(context, *_ends(context))
    return None


@family.operation("organization_templates.list_organizations", kind="relation")
def assigned_organizations(context: RequestContext) -> Any:
    """List the ids of the organizations that are assigned to a template."""
    template: str = TEMPLATES.require(context)["id"]
    found = ASSIGNED.lefts(context, template)
    return list_response(
        context, found, Listing(per_page=5), lambda context, doc: {"id": doc["id"]}
    )
