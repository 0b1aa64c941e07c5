"""Cassettes: a test's requests to a tenant and the responses, stored in a file and replayed.

The files are vcrpy's (YAML, readable by any of its users), and vcrpy records and replays; this package
adds what it lacks: scrubbing by pseudonyms (`scrub`), matching that follows them (`match`), a
header with time, source and version (`metadata`), errors that say how to record
again, and a check for what must never be in a file (`check`).

    with open_cassette(path, "record", test="tests/test_a.py::test_b", tenant=tenant) as cassette:
        client = httpx.Client(transport=cassette.transport())
"""

from __future__ import annotations

from ..errors import (
    CassetteError,
    CassetteExpiredError,
    CassetteFormatError,
    CassetteNotFoundError,
    ScrubbingError,
    UnrecordedRequestError,
    UnusedInteractionsError,
)
from .loading import MAX_AGE, open_cassette
from .metadata import CassetteMetadata, Source
from .replay import REPLAY_TOKEN
from .store import cassette_path
from .vcr_patch import NEUTRAL_HOST, REPLAY_ID, REPLAY_SECRET, Cassette, Recorded, Upstream

__all__ = [
    "MAX_AGE",
    "NEUTRAL_HOST",
    "REPLAY_ID",
    "REPLAY_SECRET",
    "REPLAY_TOKEN",
    "Cassette",
    "CassetteError",
    "CassetteExpiredError",
    "CassetteFormatError",
    "CassetteMetadata",
    "CassetteNotFoundError",
    "Recorded",
    "ScrubbingError",
    "Source",
    "UnrecordedRequestError",
    "UnusedInteractionsError",
    "Upstream",
    "cassette_path",
    "open_cassette",
]
