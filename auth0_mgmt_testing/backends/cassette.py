"""Modes ``cassette`` and ``record``: a test's exchanges played from its file, or written to it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._credentials import Credentials
from ..cassettes import (
    MAX_AGE,
    REPLAY_ID,
    REPLAY_SECRET,
    REPLAY_TOKEN,
    Cassette,
    Recorded,
    Source,
    cassette_path,
    open_cassette,
)
from ..cassettes.recording import Recording
from ..engine.tokens import management_audience
from .handle import Backend, TenantHandle
from .modes import Mode
from .tenant_spec import TenantSpec

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import Management
    from auth0_mgmt._auth import Auth


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of the cassettes, and their maximum age; ``max_age`` None: any age.

    ``allow``: what may be recorded in clear although it looks secret.
    """

    folder: Path = Path("cassettes")
    max_age: timedelta | None = MAX_AGE
    allow: tuple[str, ...] = ()

    def of(self, test: str) -> Path:
        """Return the path of a test's cassette."""
        return cassette_path(self.folder, test)


class _CassetteHandle(TenantHandle):
    """The common part of both modes: requests go through the cassette."""

    def __init__(self, cassette: Cassette, credentials: Credentials) -> None:
        super().__init__()
        self.cassette = cassette
        self.credentials = self.admin_credentials = credentials

    def transport(self) -> httpx.BaseTransport:
        return self.cassette.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return self.cassette.async_transport()

    def mark_failed(self) -> None:
        self.cassette.finish(failed=True)


class CassetteHandle(_CassetteHandle):
    """A tenant that replays recorded responses; no time passes."""

    mode: Mode = "cassette"

    def auth(self) -> Auth:
        return REPLAY_TOKEN

    def admin(self) -> Management:
        return self.management()

    def reset(self) -> None:
        """What was recorded after a reset is played after it."""

    def advance(self, seconds: float) -> None:
        """What was recorded after a pause is played at once."""


class CassetteBackend:
    """Replays each test's cassette."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        test = spec.test
        with open_cassette(
            self._shelf.of(test), "replay", test=test, max_age=self._shelf.max_age
        ) as cassette:
            audience = management_audience(cassette.domain)
            known = Credentials(
                cassette.domain, cassette.base_url, audience, REPLAY_ID, REPLAY_SECRET
            )
            with closing(CassetteHandle(cassette, known)) as handle:
                yield handle

    def close(self) -> None:
        """Do nothing: nothing is shared."""


class RecordingHandle(_CassetteHandle):
    """Another mode's tenant whose requests are recorded.

    Its controls are out of reach, as they will be in replay.
    """

    mode: Mode = "record"

    def __init__(self, cassette: Cassette, inner: TenantHandle) -> None:
        super().__init__(cassette, inner.credentials)
        self._inner = inner
        self.admin_credentials = inner.admin_credentials
        self.options = inner.options
        self.run_id = inner.run_id

    def auth(self) -> Auth:
        return self._inner.auth()

    def reset(self) -> None:
        self._inner.reset()

    def advance(self, seconds: float) -> None:
        self._inner.advance(seconds)

    def clear_faults(self) -> None:
        self._inner.clear_faults()

    def add_created(self, *ids: str) -> None:
        self._inner.add_created(*ids)

    def wait_until_readable(self, resource: Any, id: str) -> None:
        if isinstance(self.cassette, Recording):
            with self.cassette.paused():
                self._inner.wait_until_readable(resource, id)


class RecordingBackend:
    """Records on the tenants of another backend, which serve real HTTP."""

    def __init__(self, shelf: Shelf, inner: Backend, source: Source) -> None:
        self._shelf = shelf
        self._inner = inner
        self._source: Source = source

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        test = spec.test
        with (
            self._inner.tenant(spec) as inner,
            open_cassette(
                self._shelf.of(test),
                "record",
                test=test,
                tenant=self._recorded(inner),
                allow=self._shelf.allow,
            ) as cassette,
            closing(RecordingHandle(cassette, inner)) as handle,
        ):
            yield handle

    def _recorded(self, inner: TenantHandle) -> Recorded:
        known, full = inner.credentials, inner.admin_credentials
        return Recorded(
            self._source,
            known.url,
            known.domain,
            known.client_id,
            known.client_secret,
            others={full.client_id: full.client_secret} if full.client_id else {},
            run=inner.run_id,
            upstream=inner,
        )

    def close(self) -> None:
        self._inner.close()
