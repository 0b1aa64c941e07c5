"""Which maker serves which mode; each is imported only where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cassette import Shelf
    from .handle import Maker
    from .modes import Mode


def maker(mode: Mode, shelf: Shelf | None = None) -> Maker:
    """The maker of a mode's tenants; ``shelf`` says where cassettes are, ``cassettes`` if not."""
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
