"""``##NAME##`` and ``@@NAME@@`` in configurations: strings, and JSON values, that differ by tenant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from auth0_mgmt._json import is_array, is_object

_VALUE = re.compile(r"""(["']?)@@([A-Za-z0-9_.-]+)@@\1""")
_TEXT = re.compile(r"##([A-Za-z0-9_.-]+)##")
_SHORTEST = 6
"""Characters of a string that is replaced by its keyword again; a shorter one stands by chance."""


def fill_in(text: str, mappings: Mapping[str, Any]) -> str:
    """A file's text with the keywords that have a value replaced; others stay."""

    def value(found: re.Match[str]) -> str:
        return json.dumps(mappings[found[2]]) if found[2] in mappings else found[0]

    def string(found: re.Match[str]) -> str:
        if found[1] not in mappings:
            return found[0]
        given = mappings[found[1]]
        return given if isinstance(given, str) else json.dumps(given)

    return _TEXT.sub(string, _VALUE.sub(value, text))


def put_back(mappings: Mapping[str, Any]) -> Callable[[Any], Any]:
    """What replaces whole values by the keywords that they are the values of."""
    strings = {v: k for k, v in mappings.items() if isinstance(v, str) and len(v) >= _SHORTEST}
    others = {
        json.dumps(v, sort_keys=True): k for k, v in mappings.items() if is_array(v) or is_object(v)
    }

    def replaced(value: Any) -> Any:
        if isinstance(value, str):
            return f"##{strings[value]}##" if value in strings else value
        if (is_array(value) or is_object(value)) and others:
            name = others.get(json.dumps(value, sort_keys=True))
            if name is not None:
                return f"@@{name}@@"
        if is_object(value):
            return {name: replaced(item) for name, item in value.items()}
        if is_array(value):
            return [replaced(item) for item in value]
        return value

    return replaced
