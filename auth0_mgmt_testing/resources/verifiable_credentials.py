"""Verifiable credentials: what to ask a holder of a mobile driving licence for."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing, Unique
from ..state.ids import base58
from ..state.store import Doc

family = Family()


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    """A null leaves a property as it was; ``version`` names the format, it is not kept."""
    given = {key: value for key, value in patch.items() if value is not None and key != "version"}
    return {**old, **given}


TEMPLATES = Collection(
    "vc_templates",
    new_id=base58(16, "vct_"),
    missing=Missing("The verifiable credential template does not exist."),
    unique=(Unique("name", "A template with the same name already exists."),),
    defaults={"custom_certificate_authority": None},
    stamps=True,
    change=_change,
    idempotent_delete=True,
)
TEMPLATES.bind(
    family,
    list="get_vc_templates",
    create="post_vc_templates",
    get="get_vc_templates_by_id",
    update="patch_vc_templates_by_id",
    delete="delete_vc_templates_by_id",
)
