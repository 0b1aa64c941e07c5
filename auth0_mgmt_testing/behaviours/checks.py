"""`Check`: a rule on a document: one property against another, or against the state.

The contract says what each property may be by itself. A rule on two properties, or on a
property and the state of the tenant, is a check, declared on the collection:

    CollectionBehaviour(
        "clients",
        checks=(
            Check(
                lambda context, new, old: new.get("a") and not new.get("b"),
                "a needs b",
            ),
        ),
        ...
    )

Checks run in order on the document that a create, an update or a replacement would
store; the first violated one raises its error, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.refusal import refusal_by
from ..state.store import Doc
from .observed import members_seen

Broken: TypeAlias = Callable[[RequestContext, Doc, Doc | None], Any]
"""Whether a document (new) that replaces another (old; None at a create) violates a rule."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with the error that a violation raises."""

    broken: Broken
    message: str | Callable[[Doc], str]
    """The API's message; a function of the new document where the message quotes it."""
    code: str | None = "invalid_body"
    status: int = 400
    hint: Callable[[RequestContext, Doc], str] | None = None
    """What would be right for the new document; logs show it, clients do not see it."""

    def error(self, context: RequestContext, new: Doc, old: Doc | None) -> APIError:
        """Return the error of a document that violates the rule."""
        message = self.message if isinstance(self.message, str) else self.message(new)
        if self.hint is not None:
            hint = self.hint(context, new)
        else:
            hint = members_seen(lambda document: self.broken(context, document, old), new)
        refusal = refusal_by(self.broken, hint)
        return APIError(self.status, message, self.code, refusal=refusal)


def run_checks(checks: Iterable[Check], context: RequestContext, new: Doc, old: Doc | None) -> None:
    """Run checks in order; raises the error of the first that is violated."""
    for check in checks:
        if check.broken(context, new, old):
            raise check.error(context, new, old)
