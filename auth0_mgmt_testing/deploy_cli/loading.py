"""Configurations and lists of users as sources for ``load``, and a tenant's configuration."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from auth0_mgmt._json import is_array, is_mapping, is_object

from ..errors import LoadError
from ..setup.documents import LoadedDocument, parse_json, read
from .exporting import Exporter
from .files import is_configuration, read_configuration
from .importing import Importer
from .keywords import put_back

if TYPE_CHECKING:
    from auth0_mgmt import Management

VARIABLE = "AUTH0_KEYWORD_REPLACE_MAPPINGS"
"""The environment variable, and member of deploy-cli's configuration file, with keywords."""
_USER_FILES = (".ndjson", ".jsonl", ".csv")
_TITLES = {"id": "user_id", "last_ip_address": "last_ip", "login_count": "logins_count"}
"""Titles of columns that are no names of fields."""


class Scratch(Protocol):
    """A tenant that may be changed and thrown away."""

    @property
    def requests(self) -> Any: ...
    def management(self) -> Management: ...


def read_source(
    source: str | PathLike[str] | Mapping[str, Any], mappings: Mapping[str, Any] | None
) -> LoadedDocument:
    """Whatever ``load`` takes: a mapping, a file, or a folder. Raises `LoadError`.

    ``mappings``: the values of keywords in a configuration; default: the environment variable
    ``AUTH0_KEYWORD_REPLACE_MAPPINGS`` (JSON), as for deploy-cli.
    """
    if is_mapping(source):
        return LoadedDocument(source)
    try:
        path = Path(cast("str", source))
    except TypeError:
        return read(source)
    if is_configuration(path):
        given = _environment() if mappings is None else mappings
        return LoadedDocument(read_configuration(path, given), path.name)
    if path.suffix.lower() in _USER_FILES:
        return LoadedDocument({"users": _users(path)}, path.name)
    if path.suffix == ".json" and (users := _json_list(path)) is not None:
        return LoadedDocument({"users": [_user(each, path.name) for each in users]}, path.name)
    return read(source)


def read_mappings(path: Path) -> dict[str, Any]:
    """Keywords from a JSON file: the mapping itself, or deploy-cli's configuration with one.

    Raises `LoadError`.
    """
    value = dict(read(path).value)
    inner = value.get(VARIABLE)
    return dict(inner) if is_object(inner) else value


def import_assets(tenant: Scratch, assets: Mapping[str, Any]) -> None:
    """Put a configuration into a tenant. Raises `LoadError`; the tenant is changed by then."""

    def explain() -> str:
        return str(tenant.requests[-1].explanation) if len(tenant.requests) else ""

    with tenant.management() as mgmt:
        Importer(mgmt, assets, explain).run()


def export_assets(
    tenant: Scratch,
    *,
    secrets: bool,
    mappings: Mapping[str, Any] | None,
    left_out: Iterable[str] = (),
) -> dict[str, Any]:
    """The configuration of a tenant; see `Exporter`."""
    with tenant.management() as mgmt:
        keywords = put_back(mappings or {})
        own = frozenset(left_out)
        return Exporter(mgmt, secrets=secrets, keywords=keywords, left_out=own).run()


def _environment() -> dict[str, Any]:
    text = os.environ.get(VARIABLE)
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not is_object(value):
        raise LoadError(f"the environment variable {VARIABLE} is no JSON object")
    return value


# --- users ---------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise LoadError(f"{path.name}: {error.strerror}") from error
    except UnicodeEncodeError as error:  # a surrogate in the name
        raise LoadError(f"{path.name!r} is no file name") from error
    except UnicodeDecodeError as error:
        raise LoadError(f"{path.name}: not a text file of UTF-8") from error


def _json_list(path: Path) -> list[Any] | None:
    """The items of a JSON array; None for anything else."""
    text = _text(path)
    if not text.lstrip().startswith("["):
        return None
    value = parse_json(text, path.name)
    return value if is_array(value) else None


def _users(path: Path) -> list[dict[str, Any]]:
    text = _text(path)
    if path.suffix.lower() == ".csv":
        rows = csv.DictReader(StringIO(text))
        return [_user(_row(row, path.name), path.name) for row in rows]
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found.append(_user(parse_json(line, path.name, number), f"{path.name}:{number}"))
    return found


def _row(row: Mapping[str | Any, Any], where: str) -> dict[str, Any]:
    """A row of a CSV file as a user: dotted columns are members, empty cells are left out."""
    user: dict[str, Any] = {}
    for title, cell in row.items():
        if title is None or cell in (None, ""):
            continue
        name = str(title).strip()
        if " " in name or name[:1].isupper():
            name = name.lower().replace(" ", "_")
        name = _TITLES.get(name, name)
        holder = user
        *above, last = name.split(".")
        for member in above:
            inner = holder.setdefault(member, {})
            if not is_object(inner):
                raise LoadError(f"{where}: column {title!r}: {member!r} is a column of its own")
            holder = inner
        holder[last] = _cell(last, str(cell))
    return user


def _cell(name: str, text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if name == "logins_count" and text.isdigit():
        return int(text)
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _user(value: Any, where: str) -> dict[str, Any]:
    """A user of an export file, or of a file for imports, as ``load`` takes it."""
    if not is_object(value):
        raise LoadError(f"{where}: a user is an object, not {value!r}")
    user = dict(value)
    identities: Any = user.get("identities")
    first: Any = identities[0] if is_array(identities) and identities else None
    if "connection" not in user and is_object(first):
        user["connection"] = first.get("connection")
    if is_array(identities) and len(identities) < 2:
        user.pop("identities", None)
    for name in (
        "custom_password_hash",
        "password_hash",
        "mfa_factors",
        "multifactor_last_modified",
    ):
        user.pop(name, None)
    return {name: part for name, part in user.items() if part is not None}
