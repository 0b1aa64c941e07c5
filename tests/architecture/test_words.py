"""The sources use the terms of the field; a relapse fails with file, line and the right term."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TERMS = {
    "anew": "again",
    "answered": "responded to, handled",
    "answers": "responses, responds",
    "asked": "requested, required",
    "blotted": "redacted",
    "door": "adapter",
    "doors": "adapters",
    "judged": "validated, compared",
    "judges": "validates, compares",
    "moment": "time, timestamp",
    "moments": "times, timestamps",
    "peculiar": "special",
    "tells": "shows, reports",
    "told": "reported, notified",
    "wishes": "specification",
}
"""A word of the former vocabulary, and the terms to use."""

SOURCES = ("auth0_mgmt", "auth0_mgmt_testing", "tools", "examples", "docs")
FILES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile")
SUFFIXES = frozenset({".py", ".md", ".html", ".js"})

EXCEPTIONS = (
    # Property names and texts are the vendor's.
    "auth0_mgmt/models/", "auth0_mgmt/params/", "auth0_mgmt/resources/",
)  # fmt: skip

WORD = re.compile(rf"\b({'|'.join(TERMS)})\b", re.IGNORECASE)


def _sources() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in SUFFIXES and not name.startswith(EXCEPTIONS):
                yield path
    yield from (ROOT / name for name in FILES)


def _relapses(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for found in WORD.finditer(line):
            term = TERMS[found[1].lower()]
            yield f"{path}:{number}: {found[1]!r}: use {term}"


def test_sources_use_the_terms_of_the_field() -> None:
    found = [
        relapse
        for path in _sources()
        for relapse in _relapses(path.relative_to(ROOT), path.read_text("utf-8"))
    ]
    assert not found, "\n".join(["words to replace:", *found])


@pytest.mark.parametrize("word", TERMS)
def test_a_relapse_names_place_and_term(word: str) -> None:
    [relapse] = _relapses(Path("a.py"), f"one\n# it is {word} here\n")
    assert relapse == f"a.py:2: {word!r}: use {TERMS[word]}"
