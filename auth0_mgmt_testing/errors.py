"""Every error and warning that the testing package raises, as one tree.

TestingError
├── LoadError (ValueError)             a file or mapping cannot be loaded
├── StateError (ValueError)            direct access to a tenant's state is invalid
│   └── MissingDocumentError (KeyError)  a collection has no such document
├── UnsupportedParameterError          the fake does not act on a query parameter
├── BehaviourError                     the fake failed to handle a request
├── ServerStartError                   a served tenant cannot listen
├── ControlError                       a served tenant cannot be controlled, or rejects the call
├── StateFileError (ValueError)        a file of a server's state is not usable
├── RecordingFormatError               a file is not a recording of a known format
├── TargetError                        a target of verification must not be used
├── UpstreamError (ValueError)         the URL of a shadowed tenant is not usable
├── CassetteError
│   ├── CassetteNotFoundError
│   ├── CassetteFormatError
│   ├── CassetteExpiredError
│   ├── UnrecordedRequestError
│   ├── UnusedInteractionsError
│   └── ScrubbingError
├── UserFileError (ValueError)         a cassette file of a user cannot be read
├── LiveModeError (ValueError)         a live tenant is not configured, or not allowed
├── LiveWriteBlockedError              a request would change preexisting data of a live tenant
├── MissingExtraError (ImportError)     auth0-mgmt was installed without [testing]
└── NetworkBlockedError                a request would have left for a real tenant

UnsupportedParameterWarning (UserWarning)
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path


class TestingError(Exception):
    """The root of every error of `auth0_mgmt_testing`."""

    __test__ = False  # not a test class, despite its name


class MissingExtraError(TestingError, ImportError):
    """A library of the extra ``[testing]`` is not installed."""


@contextmanager
def explain_missing_extra() -> Generator[None]:
    """Turn the failed import of a third-party module into `MissingExtraError`."""
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module in ("", "auth0_mgmt", "auth0_mgmt_testing"):
            raise
        raise MissingExtraError(
            f"the module {module!r} is not installed, which the fake tenant and its tools need: "
            "pip install 'auth0-mgmt[testing]'",
            name=error.name,
        ) from error


class LoadError(TestingError, ValueError):
    """A file or mapping cannot be loaded into a tenant; the message names line or path."""


class StateError(TestingError, ValueError):
    """Direct access to a tenant's state is invalid; the message says why."""


class MissingDocumentError(StateError, KeyError):
    """A collection has no document of that key."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows its quoted form


class UnsupportedParameterError(TestingError, AssertionError):
    """The fake does not act on a query parameter (``unsupported_parameters="error"``)."""


class ResponseContractError(TestingError, AssertionError):
    """The fake was about to send a response that the contract does not declare: our bug."""


class BehaviourError(TestingError, AssertionError):
    """The fake failed to handle a request, in strict checking; the message names the operation."""


class UnsupportedParameterWarning(UserWarning):
    """The fake accepted a query parameter that it does not act on."""


class ServerStartError(TestingError):
    """A served tenant cannot listen at its address; the message says why."""


class ControlError(TestingError):
    """A served tenant cannot be reached or rejects a control call; the message says why."""


class StateFileError(TestingError, ValueError):
    """A state file is foreign, damaged or of a newer version; it was not touched."""


class RecordingFormatError(TestingError):
    """A file is not a recording of a known format; the message names file and line."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path


class TargetError(TestingError):
    """A target of verification must not be used; the message says why and what to do."""


class UpstreamError(TestingError, ValueError):
    """The URL of the tenant to shadow is not usable; the message says why."""


class UserFileError(TestingError, ValueError):
    """A file is not a cassette that this package wrote; the message says why."""


class LiveModeError(TestingError, ValueError):
    """A live tenant is not touched; the message says what is missing."""


class LiveWriteBlockedError(TestingError):
    """A request would have changed preexisting data of a live tenant; it was not sent."""


class NetworkBlockedError(TestingError):
    """A request was about to leave for a real tenant; it was not sent."""


def _record_again(test: str) -> str:
    """The command that records a test's cassette again."""
    return f"record it again: pytest --auth0=record {test!r}"


class CassetteError(TestingError):
    """Something is wrong with a cassette; the message says how to record it again."""


class CassetteNotFoundError(CassetteError):
    """The test has no cassette."""

    def __init__(self, path: Path, test: str) -> None:
        super().__init__(f"there is no cassette {path}; {_record_again(test)}")


class CassetteFormatError(CassetteError):
    """The file is not a cassette that this package wrote."""

    def __init__(self, path: Path, reason: str, test: str) -> None:
        super().__init__(f"{path}: {reason}; {_record_again(test)}")


class CassetteExpiredError(CassetteError):
    """The cassette is older than the set age."""

    def __init__(self, path: Path, days: int, limit: int, test: str) -> None:
        super().__init__(
            f"{path} was recorded {days} days ago, and cassettes are trusted for {limit} days; "
            f"{_record_again(test)}"
        )


class UnrecordedRequestError(CassetteError):
    """A request was made that the cassette does not contain."""

    def __init__(self, path: Path, request: str, nearest: Sequence[str], test: str) -> None:
        near = "\n".join(f"  nearest: {line}" for line in nearest) or "  it has no exchanges"
        super().__init__(
            f"{path} has no response to\n  request: {request}\n{near}\nIf the code under test "
            f"changed on purpose, {_record_again(test)}"
        )


class UnusedInteractionsError(CassetteError):
    """The test ended before it had made every recorded request."""

    def __init__(self, path: Path, requests: Sequence[str], test: str) -> None:
        shown = "\n".join(f"  {line}" for line in requests[:_SHOWN])
        more = f"\n  and {len(requests) - _SHOWN} more" if len(requests) > _SHOWN else ""
        super().__init__(
            f"{path}: {len(requests)} recorded requests were not made:\n{shown}{more}\n"
            f"If the code under test changed on purpose, {_record_again(test)}"
        )


_SHOWN = 5


class ScrubbingError(CassetteError):
    """Scrubbing left something that must not be written; nothing was written."""

    def __init__(self, path: Path, findings: Sequence[str]) -> None:
        shown = "\n".join(f"  {line}" for line in findings)
        super().__init__(
            f"{path} is not written: scrubbing left what must not be in a cassette:\n{shown}"
        )
