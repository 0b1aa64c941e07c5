"""The backend of each mode, imported only where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cassette import Shelf
    from .handle import Backend
    from .modes import Mode


def make_backend(mode: Mode, shelf: Shelf | None = None, url: str = "") -> Backend:
    """Return the backend of a mode without a live tenant.

    ``url``: where mode ``server`` finds a server; empty: it starts one.
    ``shelf``: where cassettes are, by default ``cassettes``; recording uses a server.
    """
    if mode == "server" and url:
        from .remote import RemoteBackend

        return RemoteBackend(url)
    if mode == "server":
        from .server import ServerBackend

        return ServerBackend()
    if mode == "cassette":
        from .cassette import CassetteBackend, Shelf

        return CassetteBackend(shelf or Shelf())
    if mode == "record":
        from .cassette import RecordingBackend, Shelf
        from .server import ServerBackend

        return RecordingBackend(shelf or Shelf(), ServerBackend(), "fake server")
    from .fake import FakeBackend

    return FakeBackend()


def make_live_backend(
    mode: Mode, environment: Mapping[str, str], *, dry: bool = False, shelf: Shelf | None = None
) -> Backend:
    """Return the backend of a mode with a live tenant.

    ``dry``: a fake replaces the live tenant. Raises `LiveModeError` where the
    environment does not name the tenant, allow its use and contain credentials.
    """
    if dry:
        from .dry_run import DryRunBackend

        return DryRunBackend()
    from ..live.configuration import live_credentials
    from .live import LiveBackend

    live = LiveBackend(live_credentials(environment))
    if mode == "record":
        from .cassette import RecordingBackend, Shelf

        return RecordingBackend(shelf or Shelf(), live, "live tenant")
    return live
