"""Seed files: YAML and JSON as data, with the line of each part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from auth0_mgmt._json import is_mapping

from ..errors import LoadError
from ..state.files import write_private

if TYPE_CHECKING:
    from yaml import Node

Place: TypeAlias = tuple[str | int, ...]
"""The path of a part of a document: member names and positions."""


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """The data that a test loads into a tenant."""

    value: Mapping[str, Any]
    name: str = ""
    """The file's name; empty for a mapping."""
    lines: Mapping[Place, int] = field(default_factory=dict[Place, int])

    def where(self, place: Place) -> str:
        """``users[2].email``, with file and line where they are known."""
        text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        line = next((self.lines[place[:n]] for n in _shorter(place) if place[:n] in self.lines), 0)
        spot = f"{self.name}:{line}: " if line else f"{self.name}: " if self.name else ""
        return f"{spot}{text}" if text else spot.rstrip(": ") or "seed"

    def error(self, place: Place, reason: str) -> LoadError:
        """Return the error at a place, with that place."""
        return LoadError(f"{self.where(place)}: {reason}")


def _shorter(place: Place) -> Iterator[int]:
    return iter(range(len(place), -1, -1))


def read(source: object) -> LoadedDocument:
    """Read a mapping, or a file: JSON by its suffix, else YAML.

    Raises `LoadError` for a file that cannot be read, or contains no mapping.
    """
    if is_mapping(source):
        return LoadedDocument(source)
    try:
        path = Path(cast("str", source))
    except TypeError:
        reason = f"seed: a file or a mapping was expected, not {source!r}"
        raise LoadError(reason) from None
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise LoadError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LoadError(f"{path.name}: not a text file of UTF-8") from error
    except ValueError as error:  # a null character or half of a surrogate pair
        raise LoadError(f"{path.name!r} is no file name") from error
    if path.suffix == ".json":
        found = LoadedDocument(parse_json(text, path.name), path.name)
    else:
        found = _yaml(text, path.name)
    if not is_mapping(found.value):
        raise LoadError(f"{path.name}: names of families were expected at the top")
    return found


def write(value: Mapping[str, Any], path: str | PathLike[str]) -> None:
    """Write JSON by the file's suffix, else YAML; only the owner may read the file."""
    target = Path(fspath(path))
    if target.suffix == ".json":
        text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    else:
        import yaml

        text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    write_private(target, text.encode())


def parse_json(text: str, name: str, line: int = 0) -> Any:
    """Return the value of JSON text. Raises `LoadError` with the file's name and the line.

    ``line``: of the text in its file, if it is one of many.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise LoadError(f"{name}:{line or error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise LoadError(f"{name}: nested too deeply, or a number of too many digits") from error


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; no path that the system cannot take is one."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _yaml(text: str, name: str) -> LoadedDocument:
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return LoadedDocument({}, name)
        lines = dict(_lines(node, (), _Walk(name)))
        return LoadedDocument(yaml.safe_load(text), name, lines)
    except LoadError:
        raise
    except RecursionError as error:
        raise LoadError(f"{name}: nested too deeply") from error
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        raise LoadError(f"{name}:{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise LoadError(f"{name}: {str(error).splitlines()[0]}") from error


class _Walk:
    """Ends what aliases of YAML could make endless."""

    _REPEATED = 100_000
    _DEPTH = 100

    def __init__(self, name: str) -> None:
        self.name = name
        self._seen: set[int] = set()
        self._repeated = 0

    def enter(self, node: Node, depth: int) -> None:
        """Note one more value. Raises `LoadError` for too many by aliases, and for one in itself."""
        where = f"{self.name}:{node.start_mark.line + 1}"
        if depth > self._DEPTH:
            raise LoadError(f"{where}: nested more than {self._DEPTH} levels deep, or in itself")
        self._repeated += id(node) in self._seen
        self._seen.add(id(node))
        if self._repeated > self._REPEATED:
            raise LoadError(f"{where}: aliases repeat more than {self._REPEATED:,} values")


def _lines(node: Node, place: Place, walk: _Walk) -> Iterator[tuple[Place, int]]:
    import yaml

    walk.enter(node, len(place))
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            member = str(key.value)
            line = key.start_mark.line + 1
            if member in seen:
                raise LoadError(f"{walk.name}:{line}: {member} is given twice")
            seen.add(member)
            yield from _lines(value, (*place, member), walk)
            yield (*place, member), line
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield from _lines(item, (*place, position), walk)
