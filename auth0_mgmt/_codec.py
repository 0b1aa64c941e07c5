"""From keyword arguments to a request, and from a response to models. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Literal
from urllib.parse import quote, urlencode

from ._errors import InvalidRequestError
from ._json import is_array, is_many, is_mapping, is_object
from ._operation import Operation
from ._options import MAX_RESPONSE_BYTES, Settings

_JOINED = frozenset({"fields", "app_type"})
"""Query parameters that take several values as one comma-separated string."""


@dataclass(slots=True)
class Prepared:
    """A request as it is sent, except the token."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None
    operation: str | None
    timeout: float | None
    multipart: Mapping[str, Any] | None = None
    deadline: float | None = None
    """When the call has to end, by ``time.monotonic()``."""
    max_bytes: int = MAX_RESPONSE_BYTES
    """The largest response body, decompressed."""


def check_arguments(
    op: Operation[Any], ids: tuple[object, ...], params: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments by the API's own names.

    Raises TypeError for an unknown or a missing keyword, ValueError for two styles of pagination.
    Surplus ``ids`` are refused by `prepare`, here only where they are why a keyword is missing.
    """
    known = (*op.query, *(op.body or ()))
    given: dict[str, Any] = {}
    for name, value in params.items():
        api = name[:-1] if name.endswith("_") and name[:-1] in known else name
        if api not in known and op.body_kind != "value":
            import difflib  # late: only mistakes need it

            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            if is_mapping(value) and any(member in known for member in value):
                hint = f"; give its members by name: **{name}"
            raise TypeError(f"{op.name}() got an unexpected keyword argument {name!r}{hint}")
        given[api] = value
    for name in op.required:
        if name not in given:
            _check_surplus(op, ids)
            raise TypeError(f"{op.name}() is missing the keyword argument {name!r}")
    if given.get("page") is not None and given.get("take") is not None:
        raise ValueError(f"{op.name}(): give page (by number) or take (by checkpoint), not both")
    return given


def prepare(
    op: Operation[Any],
    ids: tuple[str, ...],
    given: Mapping[str, Any],
    base: str,
    settings: Settings,
    fixed: Mapping[str, str],
) -> Prepared:
    """Build the request of an operation; ``given`` is by API names, already checked.

    Raises `InvalidRequestError` (a ValueError) for an id or a value that cannot be sent, TypeError
    for one of the wrong type.
    """
    path = op.path
    if ids:
        path = _fill(op, ids)
    query = {name: given[name] for name in op.query if name in given}
    headers = {**fixed, **settings.headers}
    if settings.custom_domain and op.custom_domain:
        headers["auth0-custom-domain"] = settings.custom_domain
    content: bytes | None = None
    multipart: Mapping[str, Any] | None = None
    if op.body_kind == "value":
        if given.get("body") is not None:
            content = encode_json(given["body"])
    elif op.body_kind == "multipart":
        multipart = {name: _part(given[name]) for name in op.body or () if name in given}
    elif op.body_kind == "object":
        body = {name: given[name] for name in op.body or () if name in given}
        if body or settings.body or op.method != "DELETE":
            content = encode_json({**body, **settings.body})
    if content is not None:
        headers["content-type"] = "application/json"
    url = base + path + encode_query({**query, **settings.query}, op.days)
    return Prepared(
        op.method,
        url,
        headers,
        content,
        op.name,
        settings.timeout,
        multipart,
        max_bytes=settings.max_response_bytes,
    )


def _part(value: Any) -> Any:
    """A part of a form; a file is read here, once, so that a retry sends all of it again."""
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bool, int)):
        return value
    if isinstance(value, str):
        return value.encode() if value.lstrip()[:1] == "[" else value
    return encode_json(value)


def _fill(op: Operation[Any], ids: tuple[object, ...]) -> str:
    parts = op.path.split("/")
    values = iter(ids)
    for position, part in enumerate(parts):
        if part.startswith("{"):
            value = next(values)
            if not isinstance(value, str):
                raise TypeError(
                    f"{op.name}(): {part[1:-1]} must be a str, not {type(value).__name__}"
                )
            if not value.strip():
                raise InvalidRequestError(f"{op.name}(): {part[1:-1]} must not be empty")
            if value in (".", ".."):
                raise InvalidRequestError(f"{op.name}(): {part[1:-1]} must not be {value!r}")
            try:
                parts[position] = quote(value, safe="")
            except UnicodeError:
                raise InvalidRequestError(
                    f"{op.name}(): {part[1:-1]} holds a lone surrogate"
                ) from None
    _check_surplus(op, ids)
    return "/".join(parts)


def _check_surplus(op: Operation[Any], ids: tuple[object, ...]) -> None:
    """Raise TypeError for positional arguments beyond the ids."""
    count = op.path.count("{")
    if len(ids) <= count:
        return
    names = [part[1:-1] for part in op.path.split("/") if part.startswith("{")]
    taken = f"takes only {', '.join(names)} by position" if names else "takes keywords only"
    kinds = ", ".join(type(value).__name__ for value in ids[count:])
    known = (*op.required, *op.query, *(op.body or ()))
    given = next((value for value in ids[count:] if is_mapping(value)), None)
    meant = [name for name in known if given is None or name in given] or known
    right = f"{op.name}({', '.join([*names, *(f'{name}=…' for name in meant[:1])])}"
    if given is not None and known:
        right += f", …) or {op.name}({', '.join([*names, '**{…}'])}"
    raise TypeError(f"{op.name}() {taken}, but was also given a {kinds}; write {right})")


def encode_query(query: Mapping[str, Any], days: tuple[str, ...] = ()) -> str:
    """``?a=1&b=x``; booleans in lower case, lists repeated (or joined where the API says so).

    ``days`` names the parameters whose dates are written without hyphens.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        if name in days and isinstance(value, date):
            value = value.isoformat()[:10].replace("-", "")
        if is_many(value):
            if name in _JOINED:
                pairs.append((name, ",".join(query_value(item) for item in value)))
            else:
                pairs += [(name, query_value(item)) for item in value]
        else:
            pairs.append((name, query_value(value)))
    try:
        return "?" + urlencode(pairs) if pairs else ""
    except UnicodeError:
        raise InvalidRequestError("a query parameter holds a lone surrogate") from None


def query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return timestamp(value, "seconds")  # the API takes 20 characters in a query
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | str):
        try:
            return str(value)
        except ValueError:  # Python writes no number of more than 4,300 digits
            raise InvalidRequestError("a number of the query has too many digits") from None
    raise TypeError(f"a value of type {type(value).__name__} cannot be sent in a query")


def timestamp(
    value: datetime, precision: Literal["seconds", "milliseconds"] = "milliseconds"
) -> str:
    """Return a datetime as the API writes it; one without a zone is taken as UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        aware = aware.astimezone(UTC)
    except OverflowError:  # in the first or the last hours of the calendar
        aware = aware.replace(tzinfo=UTC)
    return aware.isoformat(timespec=precision).replace("+00:00", "Z")


def encode_json(value: Any) -> bytes:
    """Return JSON; models as they were sent, datetimes as ISO 8601.

    Raises TypeError for what JSON cannot hold, naming its type, and `InvalidRequestError` for NaN,
    infinities, circles, lone surrogates and what is nested too deeply.
    """
    try:
        text = json.dumps(
            value, default=_jsonable, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        return text.encode()
    except UnicodeError:
        raise InvalidRequestError("a string of the body holds a lone surrogate") from None
    except RecursionError:
        raise InvalidRequestError("the body is nested too deeply") from None
    except ValueError as error:
        reason = "holds itself" if "ircular" in str(error) else "holds a number that JSON lacks"
        raise InvalidRequestError(f"the body {reason}") from None


def _jsonable(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_mapping(value):
        return dict(value)
    if not isinstance(value, bytes | bytearray) and (is_many(value) or hasattr(value, "__iter__")):
        return list(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be sent as JSON")


@cache
def model(result: str) -> Any:
    """Return a model class by its place, ``users.User``; loads its family."""
    family, _, name = result.partition(".")
    return getattr(import_module(f"auth0_mgmt.models.{family}"), name)


def read(op: Operation[Any], status: int, content: bytes) -> Any:
    """Return a response's value.

    Raises ValueError, with the reason, where the body is not JSON, is missing although a value is
    due, is there although the status says that there is none, or is of another kind than promised.
    """
    from .models._base import read_json, read_list

    if status == 204 or not content:
        check_body(op, status, content)
        return [] if op.is_list else None
    if op.response_model is None:
        return parse_json(content)
    if op.is_list:
        if op.items_key:
            return read_items(op, content)[0]
        if op.or_object and content.lstrip()[:1] == b"{":
            return [read_json(model(op.response_model), content)]
        if content.lstrip()[:1] != b"[":
            raise _wrong_kind(content, "an array")
        return read_list(model(op.response_model), content)
    if content.lstrip()[:1] != b"{":
        raise _wrong_kind(content, "an object")
    return read_json(model(op.response_model), content)


def _wrong_kind(content: bytes, due: str) -> ValueError:
    """The error of a body that is JSON, but not what is due."""
    value = parse_json(content)
    kind = "an object" if is_object(value) else "an array" if is_array(value) else "a single value"
    return ValueError(f"is {kind} where {due} is due")


def check_body(op: Operation[Any], status: int, content: bytes) -> None:
    """Raise ValueError where a body is missing or is one too many."""
    if status == 204 and content.strip() not in (b"", b"null"):
        raise ValueError("has a body")
    due = op.response_model is not None or op.is_list or op.pagination is not None
    if not content and due and not (status == 204 and 204 in op.success_statuses):
        raise ValueError("has no body")


def parse_json(content: bytes) -> Any:
    """Return the value of a JSON body. Raises ValueError where it is none."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:
        raise ValueError("is not JSON") from None


def read_items(op: Operation[Any], content: bytes) -> tuple[list[Any], dict[str, Any]]:
    """Return a page's items and what its envelope says beside them."""
    from .models._base import read_page

    if content.lstrip()[:1] not in (b"[", b"{"):
        raise _wrong_kind(content, "a list")
    if op.response_model is not None:
        return read_page(model(op.response_model), op.items_key, content)
    value = parse_json(content)
    if is_array(value):
        return value, {}
    items = value.pop(op.items_key, None)
    if not is_array(items):
        raise ValueError(f"has no list {op.items_key!r}")
    return items, value
