"""What can be wrong with a cassette; every message says how to record again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def again(test: str) -> str:
    """The command that records a test's cassette again."""
    return f"record it again: pytest --auth0=record {test!r}"


class CassetteError(Exception):
    """The root of this room's errors."""


class CassetteNotFoundError(CassetteError):
    """The test has no cassette."""

    def __init__(self, path: Path, test: str) -> None:
        super().__init__(f"there is no cassette {path}; {again(test)}")


class CassetteFormatError(CassetteError):
    """The file is no cassette of ours."""

    def __init__(self, path: Path, reason: str, test: str) -> None:
        super().__init__(f"{path}: {reason}; {again(test)}")


class CassetteExpiredError(CassetteError):
    """The cassette is older than the set age."""

    def __init__(self, path: Path, days: int, limit: int, test: str) -> None:
        super().__init__(
            f"{path} was recorded {days} days ago, and cassettes are trusted for {limit} days; "
            f"{again(test)}"
        )


class UnrecordedRequestError(CassetteError):
    """A request was made that the cassette does not hold."""

    def __init__(self, path: Path, asked: str, nearest: Sequence[str], test: str) -> None:
        near = "\n".join(f"  nearest: {line}" for line in nearest) or "  it holds no exchanges"
        super().__init__(
            f"{path} holds no answer to\n  asked:   {asked}\n{near}\nIf the code under test "
            f"changed on purpose, {again(test)}"
        )


class UnusedInteractionsError(CassetteError):
    """The test ended without asking all that was recorded."""

    def __init__(self, path: Path, requests: Sequence[str], test: str) -> None:
        shown = "\n".join(f"  {line}" for line in requests[:_SHOWN])
        more = f"\n  and {len(requests) - _SHOWN} more" if len(requests) > _SHOWN else ""
        super().__init__(
            f"{path}: {len(requests)} recorded requests were not made:\n{shown}{more}\n"
            f"If the code under test changed on purpose, {again(test)}"
        )


_SHOWN = 5


class ScrubbingError(CassetteError):
    """Scrubbing left something that must not be written; nothing was written."""

    def __init__(self, path: Path, findings: Sequence[str]) -> None:
        shown = "\n".join(f"  {line}" for line in findings)
        super().__init__(
            f"{path} is not written: scrubbing left what must not be in a cassette:\n{shown}"
        )
