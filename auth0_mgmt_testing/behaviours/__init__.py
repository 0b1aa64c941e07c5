"""The kinds of behaviour that most operations have: collection, attachment, settings, relation.

A resource declares what it is, and its operations are bound by their client names. Every hook takes
the `RequestContext`, so that a special case overrides one step only:

    family = Family()
    ROLES = CollectionBehaviour(
        "roles",
        new_id=id_forms.ROLE,
        missing=Missing("The role does not exist.", "inexistent_role"),
        unique=(Unique("name", "A role with the same name already exists."),),
        defaults={"description": None},
        listing=Listing(filters={"name_filter": contains("name")}),
    )
    ROLES.bind(family, list="roles.list", create="roles.create", get="roles.get")
"""

from ..state.store import visible as visible
from .attachment import AttachmentBehaviour as AttachmentBehaviour
from .checks import Check as Check
from .checks import run_checks as run_checks
from .collection import CollectionBehaviour as CollectionBehaviour
from .documents import Cascade as Cascade
from .documents import Change as Change
from .documents import Merge as Merge
from .documents import Prepare as Prepare
from .documents import View as View
from .documents import get_path as get_path
from .documents import merged as merged
from .documents import non_empty as non_empty
from .documents import without_nulls as without_nulls
from .filters import Filter as Filter
from .filters import contains as contains
from .filters import equals as equals
from .filters import includes as includes
from .filters import one_of as one_of
from .listing import Listing as Listing
from .listing import identity as identity
from .listing import item_response as item_response
from .listing import list_response as list_response
from .listing import select_fields as select_fields
from .references import Missing as Missing
from .references import Parent as Parent
from .references import Unique as Unique
from .relation import End as End
from .relation import Relation as Relation
from .relation import RelationBehaviour as RelationBehaviour
from .settings import SettingsBehaviour as SettingsBehaviour
