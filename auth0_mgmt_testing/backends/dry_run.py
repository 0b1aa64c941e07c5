"""A dry run of mode ``live``: tests run on the fake, and writes are reported."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager

from ..contract.router import BASE
from ..engine.request import LoggedRequest
from ..server.served_tenant import ServedTenant
from .fake import FakeHandle
from .handle import TenantHandle
from .modes import Mode
from .tenant_spec import TenantSpec

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST = 160


class DryRunHandle(FakeHandle):
    """A fake tenant in the place of a live one."""

    mode: Mode = "live"


class DryRunBackend:
    """Creates a fake tenant for each test; its handle records what was written."""

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        fake = ServedTenant()
        with fake, closing(DryRunHandle(fake, spec)) as handle:
            try:
                yield handle
            finally:
                handle.dry_run_writes = tuple(written(fake.requests))

    def close(self) -> None:
        """Do nothing: nothing is shared."""


def written(requests: Iterable[LoggedRequest]) -> Generator[str, None, None]:
    """Return the requests that would change a tenant, each as a line without secrets."""
    for request in requests:
        if request.method in _READING or not request.path.startswith(BASE + "/"):
            continue
        body = "" if request.json is None else " " + json.dumps(request.json)
        line = f"{request.method} {request.path.removeprefix(BASE)}{body}"
        yield line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
