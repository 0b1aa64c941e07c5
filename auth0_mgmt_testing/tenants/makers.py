"""Which maker serves which mode; each is imported only where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cassette import Shelf
    from .handle import Maker
    from .modes import Mode


def maker(mode: Mode, shelf: Shelf | None = None) -> Maker:
    """The maker of a mode's tenants, where no live one takes part.

    ``shelf`` says where cassettes are, ``cassettes`` if not; recording is done from a server.
    """
    if mode == "server":
        from .server import ServerMaker

        return ServerMaker()
    if mode == "cassette":
        from .cassette import CassetteMaker, Shelf

        return CassetteMaker(shelf or Shelf())
    if mode == "record":
        from .cassette import RecordMaker, Shelf
        from .server import ServerMaker

        return RecordMaker(shelf or Shelf(), ServerMaker(), "fake server")
    from .fake import FakeMaker

    return FakeMaker()


def live_maker(
    mode: Mode, environment: Mapping[str, str], *, dry: bool = False, shelf: Shelf | None = None
) -> Maker:
    """The maker of a mode in which a live tenant takes part.

    ``dry``: what would go out to it goes to a fake. Raises `safety.LiveRefused` where the
    environment does not name the tenant, allow it and say how to sign in.
    """
    if dry:
        from .dry_run import DryMaker

        return DryMaker()
    from .live import LiveMaker
    from .safety import live_credentials

    live = LiveMaker(live_credentials(environment))
    if mode == "record":
        from .cassette import RecordMaker, Shelf

        return RecordMaker(shelf or Shelf(), live, "live tenant")
    return live
