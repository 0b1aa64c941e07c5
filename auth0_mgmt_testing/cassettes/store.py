"""Cassette files: paths, reading and writing."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import yaml

from ..errors import UserFileError
from ..recordings.exchange import Exchange, RecordedResponse
from ..state.files import replace_file
from ..verification.identity import canonical
from . import vcrpy
from .metadata import CassetteMetadata

_VERSION = 1
_LONGEST = 120
_WORTH_AN_ALIAS = 60
_WIDTH = 2**31 - 1
"""Lines are never wrapped: bodies stay readable, and diffs are by exchange."""
_UNSAFE = re.compile(r"[^\w.,=+\[\]-]+")


def cassette_path(folder: Path, test: str) -> Path:
    """Return the path of a test's cassette: folders and name from the test's node id."""
    file, *names = test.split("::")
    name = "-".join(names) or "cassette"
    plain = _UNSAFE.sub("_", name)
    if plain != name or len(plain) > _LONGEST:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        plain = f"{plain[:_LONGEST]}-{digest}"
    parts = [
        _portable(part)
        for part in PurePosixPath(file.replace("\\", "/")).with_suffix("").parts
        if part not in ("..", "/") and not part.endswith(":")
    ]
    return folder.joinpath(*parts, f"{_portable(plain)}.yaml")


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)


def _portable(name: str) -> str:
    """Return a file or folder name that is valid on Windows: no device name, no final dot."""
    name = f"_{name}" if _RESERVED.match(name) else name
    return f"{name}_" if name.endswith(".") else name


def load(path: Path) -> tuple[CassetteMetadata, list[Exchange]]:
    """A cassette; raises UserFileError, and OSError as reading a file does."""
    try:
        requests, responses, *metadata = vcrpy.load_text(path.read_text("utf-8"))
        header = CassetteMetadata.read(metadata[0] if metadata else {})
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise UserFileError(f"it is not a cassette: {_reason(error)}") from error
    pairs = zip(requests, responses, strict=True)
    return header, [Exchange(vcrpy.request_of(one), _response(other)) for one, other in pairs]


def _reason(error: Exception) -> str:
    """Return, in one line, why a file is invalid."""
    if isinstance(error, UnicodeDecodeError):
        return "no text of UTF-8"
    if isinstance(error, yaml.YAMLError):
        return "no YAML, " + " ".join(str(error).split())
    return (
        str(error) if isinstance(error, ValueError) else "its structure is not that of a cassette"
    )


def _response(response: Mapping[str, Any]) -> RecordedResponse:
    body = response["body"]["string"]
    return RecordedResponse(
        response["status"]["code"],
        {name.lower(): ", ".join(values) for name, values in response["headers"].items()},
        body.encode() if isinstance(body, str) else body or b"",
    )


def text_of(header: CassetteMetadata, exchanges: Iterable[Exchange]) -> str:
    """The text of a cassette file."""
    texts: dict[bytes, str | bytes] = {}

    def once(body: bytes) -> str | bytes:
        """Equal bodies as one object."""
        return texts.setdefault(body, _text(body))

    document = {
        "version": _VERSION,
        "metadata": header.metadata(),
        "interactions": [_interaction(exchange, once) for exchange in exchanges],
    }
    return _dump(document)


def _dump(document: dict[str, Any]) -> str:
    return yaml.dump(
        document,
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )


def _has_no_alias(_: object, data: Any) -> bool:
    return not isinstance(data, str) or len(data) < _WORTH_AN_ALIAS


_Dumper: Any = type(
    "CassetteDumper",
    (getattr(yaml, "CSafeDumper", yaml.SafeDumper),),
    {"ignore_aliases": _has_no_alias},
)
"""Writes a long string once, and refers to it wherever the same object occurs again."""


class _Line(dict[str, Any]):
    """An object that is written on one line."""


def _on_one_line(dumper: Any, value: _Line) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)


_Dumper.add_representer(_Line, _on_one_line)


def _interaction(exchange: Exchange, text: Callable[[bytes], str | bytes]) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "request": _Line(
            method=request.method,
            uri=f"https://{request.host}{request.target}",
            body=text(request.body) if request.body else None,
            headers=_headers(request.headers),
        ),
        "response": _Line(
            status=_Line(code=response.status, message=_phrase(response.status)),
            headers=_headers(response.headers),
            body=_Line(string=text(response.body)),
        ),
    }


def _headers(headers: Mapping[str, str]) -> _Line:
    return _Line({name: [value] for name, value in headers.items()})


def _text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def save(path: Path, header: CassetteMetadata, exchanges: Sequence[Exchange]) -> bool:
    """Write a cassette atomically; False: the exchanges on file stay.

    Two recordings are equivalent if they differ only in times and generated identifiers, each
    always in the same way; then the exchanges on file stay and only its metadata are renewed.
    """
    try:
        old, before = load(path)
    except (UserFileError, OSError):
        pass
    else:
        if (old.source, old.test) == (header.source, header.test) and same(before, exchanges):
            _write(path, text_of(header, before))
            return False
    _write(path, text_of(header, exchanges))
    return True


def _write(path: Path, text: str) -> None:
    """Replace a file atomically; retry while another process has it open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)
        replace_file(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def same(ours: Sequence[Exchange], theirs: Sequence[Exchange]) -> bool:
    """Whether two recordings differ in times and generated identifiers only."""
    return len(ours) == len(theirs) and list(map(_level, ours)) == list(map(_level, theirs))


def _level(exchange: Exchange) -> tuple[object, ...]:
    request, response = exchange.request, exchange.response
    return (
        request.method,
        _levelled(unquote(request.target)),
        _levelled(request.body.decode("latin-1")),
        response.status,
        sorted(response.headers),
        _levelled(response.body.decode("latin-1")),
    )


_GENERATED = re.compile(
    r"(?<!\w)(?:"
    r"\d{10,}"  # timestamps, ids of log events
    r"|(?:[0-9A-Fa-f]{2}:){15,}[0-9A-Fa-f]{2}"  # fingerprints
    r"|(?=[A-Za-z+/_]*\d)[\w+/]{20,}={0,2}"  # keys, cursors
    r")(?!\w)"
    r"|(?<=-----BEGIN PUBLIC KEY-----).*?(?=-----END)"
    r"|(?<=_left_seconds\":)\d+|(?<=percentage_done\":)\d+"  # how far a job is
)


def _levelled(text: str) -> str:
    return _GENERATED.sub("<generated>", canonical(text))
