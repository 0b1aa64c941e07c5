"""A parsed recording file, and access to it whose failures name file and line."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from auth0_mgmt._json import is_array, is_object

from ...errors import RecordingFormatError
from ..exchange import read_time

if TYPE_CHECKING:
    from yaml import SafeLoader as _Loader
else:
    # libyaml's parser is ten times as fast, where PyYAML was built with it.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Steps = tuple[str | int, ...]


class _Plain(_Loader):
    """YAML whose timestamps stay strings."""


_Plain.yaml_implicit_resolvers = {
    first: [entry for entry in resolvers if entry[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def _binary(loader: Any, node: Any) -> bytes:
    return base64.b64decode(loader.construct_scalar(node))


_Plain.add_constructor("!binary", _binary)


@dataclass(frozen=True, slots=True)
class RecordingDocument:
    """A file's content and path."""

    path: Path
    text: str
    value: Any

    @classmethod
    def read(cls, path: Path) -> RecordingDocument:
        """Parse a file as JSON if it looks like it, else as YAML."""
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise RecordingFormatError(path, 1, "not a text file") from error
        except OSError as error:
            raise RecordingFormatError(path, 1, error.strerror or "cannot be read") from error
        if text.lstrip()[:1] in ("{", "["):
            try:
                return cls(path, text, json.loads(text))
            except json.JSONDecodeError as error:
                raise RecordingFormatError(path, error.lineno, f"not JSON: {error.msg}") from error
        try:
            return cls(path, text, yaml.load(text, _Plain))  # noqa: S506 - a safe loader
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RecordingFormatError(path, line, f"not YAML: {error.problem}") from error
        except (yaml.YAMLError, ValueError) as error:
            raise RecordingFormatError(path, 1, f"not YAML: {error}") from error

    def node(self) -> Node:
        """The root, for reading with checks."""
        return Node(self, (), self.value)

    def fail(self, steps: Steps, reason: str) -> NoReturn:
        """Raise RecordingFormatError with the line of the place at these steps."""
        raise RecordingFormatError(self.path, self._line(steps), reason)

    def _line(self, steps: Steps) -> int:
        # JSON is read as YAML here: only this knows lines, and it is needed for failures only.
        try:
            node: Any = yaml.compose(self.text, _Loader)
        except yaml.YAMLError:
            return 1
        line = 1
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                found = next(
                    ((key, value) for key, value in node.value if key.value == str(step)), None
                )
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a document."""

    document: RecordingDocument
    steps: Steps
    value: Any

    def fail(self, reason: str) -> NoReturn:
        self.document.fail(self.steps, reason)

    def get(self, key: str) -> Node | None:
        """The member of this name; None where it is absent or null."""
        if not is_object(self.value):
            self.fail(f"expected a mapping with {key!r}")
        value = self.value.get(key)
        return None if value is None else Node(self.document, (*self.steps, key), value)

    def need(self, key: str) -> Node:
        """The member of this name."""
        found = self.get(key)
        if found is None:
            self.fail(f"{key!r} is missing")
        return found

    def each(self) -> Iterator[Node]:
        """The items of a list."""
        if not is_array(self.value):
            self.fail("expected a list")
        for index, item in enumerate(self.value):
            yield Node(self.document, (*self.steps, index), item)

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fail("expected a string")
        return self.value

    def number(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail("expected a whole number")
        return self.value

    def url(self) -> str:
        """An absolute URL or an absolute path."""
        text = self.text()
        if "://" not in text and not text.startswith("/"):
            self.fail(f"{text!r} is no URL")
        return text

    def headers(self) -> Mapping[str, str]:
        """Headers by lower-case name, from a mapping to strings or lists of strings."""
        if not is_object(self.value):
            self.fail("expected a mapping of headers")
        return {
            str(name).lower(): ", ".join(map(str, value)) if is_array(value) else str(value)
            for name, value in self.value.items()
        }


def headers_of(node: Node, key: str = "headers") -> Mapping[str, str]:
    """A member's headers; none where it is absent."""
    found = node.get(key)
    return {} if found is None else found.headers()


def body_bytes(value: Any, encoding: str = "utf-8") -> bytes:
    """A body of whatever type a format holds: none, text, bytes or JSON."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        try:
            return value.encode(encoding)
        except (LookupError, UnicodeEncodeError):
            return value.encode()
    return json.dumps(value, ensure_ascii=False).encode()


def base64_body(node: Node) -> bytes:
    """A base64-encoded body."""
    try:
        return base64.b64decode(node.text(), validate=False)
    except binascii.Error:
        node.fail("not base 64")


def when(node: Node | None) -> datetime | None:
    """A time that a format keeps; None where it can't be read."""
    from email.utils import parsedate_to_datetime

    if node is None or not isinstance(node.value, str):
        return None
    try:
        return read_time(node.value) or parsedate_to_datetime(node.value)
    except ValueError:
        return None
