"""Which members of a document a rule looks at, for the explanation of its refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import redacted

from ..state.store import Doc

_MEMBERS = 6
_LONGEST = 60


class _Observed(dict[str, Any]):
    """A document that notes the members that are read, at every depth."""

    def __init__(self, value: Doc, path: str, seen: dict[str, Any]) -> None:
        super().__init__(value)
        self._path, self._seen = path, seen

    def _note(self, name: object, value: Any) -> Any:
        if not isinstance(name, str) or name[:1] == "_":
            return value
        place = f"{self._path}{name}"
        if is_object(value):
            return _Observed(value, f"{place}.", self._seen)
        self._seen.setdefault(place, value)
        return value

    def __getitem__(self, name: str) -> Any:
        return self._note(name, super().__getitem__(name))

    def get(self, name: str, default: Any = None, /) -> Any:
        return self._note(name, super().get(name, default))

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str) and not super().__contains__(name):
            self._note(name, None)
        return super().__contains__(name)


def members_seen(rule: Callable[[Doc], object], document: Doc) -> str:
    """Return the members of a document that a rule reads, with their values and without secrets.

    The rule is called again, with a copy of the document that notes what is read.
    """
    seen: dict[str, Any] = {}
    rule(_Observed(document, "", seen))
    shown = [f"{path} is {_shown(path, value)}" for path, value in seen.items()]
    return ", ".join(shown[:_MEMBERS])


def _shown(path: str, value: Any) -> str:
    if value is None:
        return "not set"
    name = path.rpartition(".")[2]
    text = json.dumps(redacted({name: value})[name], default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
