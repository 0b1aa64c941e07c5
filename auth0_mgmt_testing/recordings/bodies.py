"""Bodies of requests and responses as values: JSON, forms, multipart forms, lines of JSON, text.

`read` and `write` are inverse except for spelling, so a body can be scrubbed, compared and
written back whatever its form.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.parser import BytesParser
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._redact import FORM, ITEM

BOUNDARY = "cassette-boundary"
"""Replaces the boundary of multipart forms, which senders choose at random."""
_GZIP = b"\x1f\x8b"

Form = Literal["none", "json", "lines", "form", "multipart", "text", "binary"]
Visit = Callable[[tuple[str, ...], Mapping[str, Any], Any], Any]
"""Gives a new scalar for one at these keys (`ITEM` for an object in a list), in this object."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as a value: forms are lists of objects with ``name`` and ``value``."""

    form: Form
    value: Any = None
    packed: bool = False
    """Whether it is a gzip file."""

    def map(self, visit: Visit) -> Body:
        """A body of the same form with every scalar replaced."""
        if self.form in ("form", "multipart"):
            value = [_map_field(field, visit) for field in self.value]
        elif self.form in ("none", "binary"):
            value = self.value
        else:
            value = map_scalars(self.value, visit)
        return replace(self, value=value)


def map_scalars(
    value: Any, visit: Visit, keys: tuple[str, ...] = (), holder: Mapping[str, Any] | None = None
) -> Any:
    """A JSON value with every scalar replaced."""
    if is_object(value):
        return {key: map_scalars(item, visit, (*keys, key), value) for key, item in value.items()}
    if is_array(value):
        return [
            map_scalars(item, visit, (*keys, ITEM) if is_object(item) else keys, holder)
            for item in value
        ]
    return visit(keys, holder or {}, value)


def _map_field(field: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """One field of a form; a JSON file is traversed."""
    return {**field, "value": map_scalars(field["value"], visit, (FORM, field["name"]), {})}


def read(content_type: str, raw: bytes | None) -> Body:
    """Return the value of a body; unknown formats are text or binary."""
    if not raw:
        return Body("none")
    if raw.startswith(_GZIP):
        return replace(read(content_type, gzip.decompress(raw)), packed=True)
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return Body("multipart", _fields(content_type, raw))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return Body("binary", raw)
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(text, keep_blank_values=True)
        return Body("form", [{"name": name, "value": value} for name, value in pairs])
    return _json_or_text(text)


def _json_or_text(text: str) -> Body:
    try:
        return Body("json", json.loads(text))
    except ValueError:
        pass
    try:
        return Body("lines", [json.loads(line) for line in text.splitlines()])
    except ValueError:
        return Body("text", text)


def _fields(content_type: str, raw: bytes) -> list[dict[str, Any]]:
    """The fields of a multipart form; files of JSON as values, others as text."""
    head = b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message: Any = BytesParser().parsebytes(head + raw)
    fields: list[dict[str, Any]] = []
    for part in message.get_payload():
        content: bytes = part.get_payload(decode=True)
        field: dict[str, Any] = {
            "name": str(part.get_param("name", "", "content-disposition")),
            "value": _part(content),
        }
        file = part.get_filename()
        if file is not None:
            field |= {"file": file, "type": part.get_content_type()}
        fields.append(field)
    return fields


def _part(content: bytes) -> Any:
    text = content.decode(errors="surrogateescape")
    body = _json_or_text(text)
    structured = body.form == "json" and (is_object(body.value) or is_array(body.value))
    return body.value if structured else text


def write(body: Body) -> bytes:
    """The bytes of a body, in a canonical spelling."""
    if body.packed:
        return gzip.compress(write(replace(body, packed=False)), mtime=0)
    match body.form:
        case "none":
            return b""
        case "binary":
            return bytes(body.value)
        case "json":
            return _dumps(body.value).encode()
        case "lines":
            return "".join(f"{_dumps(item)}\n" for item in body.value).encode()
        case "form":
            return urlencode([(field["name"], field["value"]) for field in body.value]).encode()
        case "multipart":
            return b"".join(map(_written, body.value)) + f"--{BOUNDARY}--\r\n".encode()
        case "text":
            return str(body.value).encode()


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _written(field: Mapping[str, Any]) -> bytes:
    value = field["value"]
    text = value if isinstance(value, str) else _dumps(value)
    lines = [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{field["name"]}"']
    if "file" in field:
        lines[-1] += f'; filename="{field["file"]}"'
        lines.append(f"Content-Type: {field['type']}")
    return "\r\n".join([*lines, "", text, ""]).encode(errors="surrogateescape")


def neutral_type(content_type: str) -> str:
    """A content type with the boundary that `write` uses."""
    return re.sub(r"boundary=[^;]+", f"boundary={BOUNDARY}", content_type)
