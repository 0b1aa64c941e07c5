"""Which maker serves which mode; each is imported only where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .handle import Maker
    from .modes import Mode


def maker(mode: Mode) -> Maker:
    """The maker of a mode's tenants."""
    if mode == "server":
        from .server import ServerMaker

        return ServerMaker()
    from .fake import FakeMaker

    return FakeMaker()
