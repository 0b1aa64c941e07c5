"""Opening a test's cassette."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

from . import vcrpy
from .recording import Recording
from .replay import Replay
from .vcr_patch import Cassette, Recorded

MAX_AGE = timedelta(days=365)


@contextmanager
def open_cassette(
    path: Path,
    mode: Literal["record", "replay"],
    *,
    test: str,
    tenant: Recorded | None = None,
    max_age: timedelta | None = MAX_AGE,
    allow: Iterable[str] = (),
) -> Generator[Cassette]:
    """The cassette of a test, while its block runs; every HTTP client that vcrpy supports uses it.

    ``test`` is the id by which pytest runs the test. Recording needs the ``tenant`` and writes the
    file when the block succeeds; an equivalent file stays as it is. Replay raises
    `CassetteNotFoundError`, `CassetteFormatError` or, beyond ``max_age``, `CassetteExpiredError` at once,
    `UnrecordedRequestError` at a request that the cassette doesn't hold, and `UnusedInteractionsError` at the end. Recording
    raises `ScrubbingError` instead of writing what must not be in a file; ``allow`` are texts that
    may be (see `AllowList`).
    """
    cassette: Recording | Replay
    if mode == "replay":
        cassette = Replay(path, test, max_age)
    elif tenant is None:
        raise ValueError("recording needs the tenant that is recorded")
    else:
        cassette = Recording(path, test, tenant, allow)
    with vcrpy.patched(cassette):
        try:
            yield cassette
        except BaseException:
            cassette.finish(failed=True)
            raise
        cassette.finish(failed=False)
