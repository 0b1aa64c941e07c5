"""From paths to scenarios: find the files, detect the format, import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from ...errors import RecordingFormatError
from ..exchange import Scenario
from . import _go_vcr, _har, _nock, _ruby_vcr, _vcrpy, _wiremock
from ._document import RecordingDocument

EXTENSIONS = (".yaml", ".yml", ".json", ".har")
_FORMATS: tuple[ModuleType, ...] = (_go_vcr, _vcrpy, _ruby_vcr, _har, _wiremock, _nock)


def find(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Recording files with the names of their scenarios: their paths below what was given."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.suffix in EXTENSIONS and file.is_file():
                    yield file, file.relative_to(path).with_suffix("").as_posix()
        elif path.exists():
            yield path, path.stem
        else:
            raise RecordingFormatError(path, 1, "no such file or directory")


def load(path: Path, name: str | None = None) -> list[Scenario]:
    """The scenarios of one file; `RecordingFormatError` names the line where it is no recording."""
    document = RecordingDocument.read(path)
    for format_ in _FORMATS:
        if format_.recognises(document.value):
            return list(format_.scenarios(document.node(), name or path.stem, str(path)))
    document.fail(
        (),
        "not a recording of vcrpy, go-vcr, Ruby VCR, nock, HAR or WireMock: nothing of theirs here",
    )
