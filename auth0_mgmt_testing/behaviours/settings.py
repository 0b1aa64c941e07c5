"""`SettingsBehaviour`: one document that always exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.store import Doc, Key, visible
from .checks import Check, run_checks
from .documents import Change, Merge, View, merged, without_nulls
from .listing import identity, item_response
from .references import Missing

_NEVER_SET = "nothing was set here so far: set it first"


@dataclass
class SettingsBehaviour:
    """One document that always exists: read, changed, replaced, and perhaps reset."""

    name: str
    defaults: Mapping[str, Any] | Callable[[RequestContext], Mapping[str, Any]]
    merge: Merge = "shallow"
    drop_nulls: bool = False
    """A null in an update removes the setting instead of storing null."""
    change: Change | None = None
    view: View = identity
    missing: Missing | None = None
    """Set where the settings do not exist until they are first written."""
    checks: Sequence[Check] = ()
    """Rules of one property against another, or against the state, for every write."""
    keyed: str | None = None
    """The path parameter that identifies the document (a prompt, a template)."""

    def bind(
        self,
        family: Family,
        *,
        get: str | None = None,
        update: str | None = None,
        replace: str | None = None,
        delete: str | None = None,
    ) -> SettingsBehaviour:
        for operation, handler in (
            (get, self.get),
            (update, self.update),
            (replace, self.replace),
            (delete, self.delete),
        ):
            if operation is not None:
                family.bind(operation, handler, "settings")
        return self

    def key(self, context: RequestContext) -> Key:
        return (self.name, context.path[self.keyed]) if self.keyed else self.name

    def initial(self, context: RequestContext) -> Doc:
        return dict(self.defaults(context) if callable(self.defaults) else self.defaults)

    def read(self, context: RequestContext) -> Doc:
        """Return the current settings; raises the 404 where they were never set."""
        doc = context.tx.get("settings", self.key(context))
        if doc is not None:
            return doc
        if self.missing is not None:
            raise self.missing.problem(hint=_NEVER_SET)
        return self.initial(context)

    def write(self, context: RequestContext, doc: Doc) -> Doc:
        return context.tx.put("settings", self.key(context), doc)

    def get(self, context: RequestContext) -> Any:
        return item_response(context, self.view(context, self.read(context)))

    def update(self, context: RequestContext) -> Any:
        return self._changed(context, self.read(context))

    def replace(self, context: RequestContext) -> Any:
        return self._changed(context, self.initial(context))

    def _changed(self, context: RequestContext, old: Doc) -> Any:
        patch: Doc = context.body or {}
        if self.change is not None:
            new = self.change(context, old, patch)
        else:
            new = merged(old, patch, self.merge)
        if self.drop_nulls:
            new = without_nulls(new)
        run_checks(self.checks, context, new, old)
        return visible(self.view(context, self.write(context, new)))

    def delete(self, context: RequestContext) -> Any:
        if not context.tx.delete("settings", self.key(context)) and self.missing is not None:
            raise self.missing.problem(hint=_NEVER_SET)
        return None
