"""Validation of requests against the contract, with the API's own error responses.

Validators are compiled per operation on its first request and cached. They run natively; only a
rejected request pays for finding its message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from math import isfinite
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import jsonschema_rs as rs

from auth0_mgmt._json import is_array, is_object

from .. import contract
from . import messages
from .contract_hints import hint
from .errors import APIError
from .formats import FORMATS
from .messages import Place
from .refusal import Refusal

BODY_LIMIT = 1_048_576
"""The default maximum size of a request body in bytes."""
QUERY_LIMIT = 8_192
"""The maximum length of a query string in characters."""
_HINTS = 3
"""Errors of one request that are explained."""
_ENVELOPE = 4_096
"""The maximum size of a multipart body in bytes beside its file."""

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class ValidatedRequest:
    """A valid request: decoded path parameters, typed query values, the body as JSON.

    A multipart body is an object of its parts, files as text.
    """

    path: dict[str, str]
    query: dict[str, Any]
    body: Any


class RequestValidator:
    """Validates requests against the contract."""

    def __init__(self) -> None:
        self._rules: dict[str, _Rules] = {}

    def check(
        self,
        operation: str,
        path: dict[str, str],
        query: list[tuple[str, str]],
        content_type: str,
        body: bytes,
    ) -> ValidatedRequest:
        """Return the request with its values typed; raises `APIError` for what the API rejects.

        ``path`` and ``query`` are percent-decoded, a repeated query parameter appears repeatedly.
        """
        rules = self._rules.get(operation)
        if rules is None:
            rules = self._rules[operation] = _Rules(operation)
        if rules.path is not None:
            rules.path.check(path)
        values = rules.typed_query(query)
        return ValidatedRequest(path, values, rules.read_body(content_type, body))

    def body_fault(self, operation: str, body: Any) -> str | None:
        """What a body does not fit the contract by; None where it fits."""
        check = _Rules(operation).body
        if check is None or check.fits(body):
            return None
        try:
            check.refuse(body)
        except APIError as fault:
            return fault.message


@cache
def request_validator() -> RequestValidator:
    """The shared validator: compiled schemas serve every tenant."""
    return RequestValidator()


class _Rules:
    """The schemas of one operation."""

    def __init__(self, operation: str) -> None:
        family = contract.of_operation(operation)
        schemas = family.operation(operation)
        if schemas is None:
            raise KeyError(operation)
        path: contract.Schema = schemas.get("path", {})
        plain = all(schema == {"type": "string"} for schema in path.values())
        self.path = None if plain else _Check("path", {"properties": path}, family)
        parameters: contract.Schema = schemas.get("query", {})
        self._kinds = {name: _kind(family, schema) for name, schema in parameters.items()}
        self._query = _Check(
            "query",
            {
                "type": "object",
                "properties": parameters,
                "required": schemas.get("query_required", []),
                "additionalProperties": bool(schemas.get("query_open", False)),
            },
            family,
        )
        self._needs_query = bool(schemas.get("query_required"))
        self._media: tuple[str, ...] = tuple(schemas.get("body_media", ()))
        self._limit: int = schemas.get("body_limit", BODY_LIMIT)
        self.body: _Check | None = None
        self._fields: dict[str, str | list[str]] = {}
        self._optional = True
        self._ignores_others = False
        if (schema := schemas.get("body")) is not None:
            self.body = _Check("body", schema, family)
            self._fields = {
                name: _kind(family, sub)
                for name, sub in family.resolve(schema).get("properties", {}).items()
            }
            # What the document leaves open without describing it is ignored; `{}` is open on purpose.
            resolved = family.resolve(schema)
            self._ignores_others = (
                bool(self._fields) and resolved.get("additionalProperties") is True
            )
            self._optional = not schemas["body_required"] and self.body.fits({})

    def typed_query(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        if not pairs and not self._needs_query:
            return {}
        if sum(len(name) + len(value) + 2 for name, value in pairs) > QUERY_LIMIT:
            raise messages.uri_too_long()
        values = _typed(pairs, self._kinds)
        self._query.check(values)
        return values

    def read_body(self, content_type: str, body: bytes) -> Any:
        if self.body is None:
            return None
        if len(body) > self._limit + (_ENVELOPE if _MULTIPART in self._media else 0):
            raise messages.payload_too_large(self._limit)
        if not body:
            if self._optional:
                return {}
            self.body.refuse(None)
        value = self._parse(content_type, body)
        self.body.check(value)
        if self._ignores_others and is_object(value):
            return {name: item for name, item in value.items() if name in self._fields}
        return value

    def _parse(self, content_type: str, body: bytes) -> Any:
        media = content_type.partition(";")[0].strip().lower() or self._media[0]
        if media != _JSON and media not in self._media and not media.endswith("+json"):
            raise messages.unsupported_media_type()
        if media == _MULTIPART:
            return _typed(_parts(content_type, body), self._fields)
        if media == _FORM:
            return _typed(parse_qsl(body.decode("utf-8", "replace"), True), self._fields)
        try:
            value = _decode(body.decode())
            if b"\\ud" in body.lower():
                # A lone surrogate is not text: it could be stored but never encoded.
                json.dumps(value, ensure_ascii=False).encode()
            return value
        except (ValueError, RecursionError) as error:
            raise messages.invalid_json(error) from None


class _Check:
    """One compiled schema, with the messages of its errors."""

    def __init__(
        self, place: Place, schema: contract.Schema, family: contract.SchemaDocument
    ) -> None:
        self._place: Place = place
        self._described: dict[str, str] = {
            name: sub["description"]
            for name, sub in schema.get("properties", {}).items()
            if "description" in sub
        }
        """The prefix of a parameter's name in messages."""
        self._schema = family.whole(schema)
        self._validator = compiled(self._schema)
        self.fits: Callable[[Any], bool] = self._validator.is_valid

    def check(self, value: Any) -> None:
        if not self.fits(value):
            self.refuse(value)

    def refuse(self, value: Any) -> NoReturn:
        """Raise the first validation error, parents before children."""
        errors = sorted(
            self._validator.iter_errors(value),
            key=lambda error: (_position(value, error.instance_path), _rank(error)),
        )
        first = errors[0]
        where = _where(first.instance_path)
        described = self._described.get(where)
        refusal = Refusal(
            f"{first.kind.name} in the contract",
            "; ".join(dict.fromkeys(hint(error, self._schema) for error in errors[:_HINTS])),
            f"{self._place}.{where}" if where else self._place,
        )
        where = f"{where} ({described})" if described else where
        raise messages.invalid(self._place, _wording(first), where, refusal=refusal)


def compiled(schema: contract.Schema) -> rs.Draft202012Validator:
    """A schema with the API's formats; patterns may use look-around and are not anchored."""
    return rs.Draft202012Validator(
        schema,
        formats=FORMATS,
        validate_formats=True,
        offline=True,
        pattern_options=rs.FancyRegexOptions(),
    )


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _no_number(text)


_decode = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite).decode

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


# --- values from text --------------------------------------------------------------------------


def _kind(family: contract.SchemaDocument, schema: contract.Schema) -> str | list[str]:
    """Return the JSON type of a parameter; a list of one for an array of that type."""
    resolved = family.resolve(schema)
    kind: Any = resolved.get("type", "string")
    if is_array(kind):
        kind = next((k for k in kind if k != "null"), "string")
    if kind == "array":
        item = _kind(family, resolved.get("items", {}))
        return [item if isinstance(item, str) else "string"]
    return str(kind)


def _typed(pairs: Iterable[tuple[str, str]], kinds: dict[str, str | list[str]]) -> dict[str, Any]:
    """Convert values to the contract's types; what cannot be read stays a string, and fails."""
    values: dict[str, Any] = {}
    for name, text in pairs:
        name = name.removesuffix("[]") if name not in kinds else name
        kind = kinds.get(name, "string")
        if isinstance(kind, list):
            values.setdefault(name, []).append(_value(kind[0], text))
        else:
            values[name] = _value(kind, text)
    return values


def _value(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in ("integer", "number") and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "object":
        try:
            return _decode(text)
        except (ValueError, RecursionError):
            return text
    return text


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    head = f"content-type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise messages.invalid_multipart()
    found: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found.append((name, content.decode("utf-8", "replace")))
    return found


# --- messages ----------------------------------------------------------------------------------

_ORDER = (
    "type",
    "enum",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "minLength",
    "maxLength",
    "format",
)
"""The order of several errors at one place; others come after these."""


def _rank(error: rs.ValidationError) -> int:
    name = error.kind.name
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _position(value: Any, path: list[str | int]) -> tuple[int, ...]:
    """Return the position of a path in the document, to sort parents before their children.

    The validator leaves empty names out of its paths; they are added again.
    """
    steps: list[int] = []

    def enter(place: int, key: str | int) -> Any:
        steps.append(place)
        return value[key]

    for part in path:
        while is_object(value) and part not in value and "" in value:
            value = enter(list(value).index(""), "")
        value = enter(part if isinstance(part, int) else list(value).index(part), part)
    return tuple(steps)


def _where(path: list[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _wording(error: rs.ValidationError) -> str:
    value: Any = error.instance
    says = error.kind.as_dict()
    match error.kind.name:
        case "type":
            return messages.wrong_type(says["types"], value)
        case "enum" | "const":
            return messages.no_enum_match(value)
        case "format":
            return messages.wrong_format(says["format"], value)
        case "pattern":
            return messages.pattern(says["pattern"], value)
        case "required":
            return messages.missing_property(says["property"])
        case "additionalProperties" | "unevaluatedProperties":
            return messages.additional_properties(says["unexpected"])
        case "minLength":
            return messages.too_short(value, says["limit"])
        case "maxLength":
            return messages.too_long(value, says["limit"])
        case "minItems":
            return messages.array_short(len(value), says["limit"])
        case "maxItems":
            return messages.array_long(len(value), says["limit"])
        case "minProperties":
            return messages.too_few_properties(len(value), says["limit"])
        case "maxProperties":
            return messages.too_many_properties(len(value), says["limit"])
        case "minimum":
            return messages.below_minimum(value, says["limit"])
        case "maximum":
            return messages.above_maximum(value, says["limit"])
        case "multipleOf":
            return messages.not_multiple(value, says["multiple_of"])
        case "uniqueItems":
            return messages.array_not_unique(*_twins(value))
        case "anyOf":
            return messages.none_of("anyOf")
        case "oneOf":
            several = "Multiple" in type(error.kind).__name__
            return messages.several_of() if several else messages.none_of("oneOf")
        case _:
            return messages.unfit()


def _twins(items: list[Any]) -> tuple[int, int]:
    for second, item in enumerate(items):
        for first in range(second):
            if items[first] == item:
                return first, second
    return 0, 0
