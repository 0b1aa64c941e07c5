"""Verifiable credentials: what to ask a holder of a mobile driving licence for."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing, Unique
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A null leaves a property as it was; ``version`` names the format, it is not kept."""
    given = {key: value for key, value in patch.items() if value is not None and key != "version"}
    return {**old, **given}


TEMPLATES = CollectionBehaviour(
    "vc_templates",
    new_id=id_forms.VERIFIABLE_CREDENTIAL_TEMPLATE,
    missing=Missing("The verifiable credential template does not exist."),
    unique=(Unique("name", "A template with the same name already exists."),),
    defaults={"custom_certificate_authority": None},
    stamps=True,
    change=_change,
    idempotent_delete=True,
)
TEMPLATES.bind(
    family,
    list="verifiable_credentials.verification.templates.list",
    create="verifiable_credentials.verification.templates.create",
    get="verifiable_credentials.verification.templates.get",
    update="verifiable_credentials.verification.templates.update",
    delete="verifiable_credentials.verification.templates.delete",
)
