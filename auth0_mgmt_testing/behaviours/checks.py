"""`Check`: a rule that a document must keep, of one property against another or against the state.

The contract says what each property may be by itself. What two properties may be together, or a
property beside what the tenant holds, is a check, declared on the collection:

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

Checks are run in their order on the document that a create, an update or a replacement would
leave; the first one that is broken raises its error, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..state.store import Doc

Broken: TypeAlias = Callable[[RequestContext, Doc, Doc | None], Any]
"""Whether a rule is broken by a document (new) that replaces another (old; None at a create)."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule with the error that breaking it raises."""

    broken: Broken
    message: str | Callable[[Doc], str]
    """The API's text; a function of the new document where the text quotes it."""
    code: str | None = "invalid_body"
    status: int = 400

    def run(self, context: RequestContext, new: Doc, old: Doc | None) -> None:
        """Raise the rule's error if the document breaks it."""
        if self.broken(context, new, old):
            message = self.message if isinstance(self.message, str) else self.message(new)
            raise APIError(self.status, message, self.code)


def run_checks(checks: Iterable[Check], context: RequestContext, new: Doc, old: Doc | None) -> None:
    """Run checks in order; raises the error of the first that is broken."""
    for check in checks:
        check.run(context, new, old)
