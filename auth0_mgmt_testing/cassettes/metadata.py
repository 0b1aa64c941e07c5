"""The header of a cassette: time, source, version and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from auth0_mgmt._json import is_array
from auth0_mgmt._version import __version__

Source = Literal["fake server", "live tenant"]
"""The source of a cassette; it never names the tenant."""

_REQUIRED = ("recorded_at", "source", "package", "test")
PACKAGE = f"auth0-mgmt {__version__}"


@dataclass(frozen=True, slots=True)
class CassetteMetadata:
    """Stored in the file as vcrpy's ``metadata``."""

    recorded_at: datetime
    source: Source
    package: str
    test: str
    allowed: tuple[str, ...] = ()
    """Texts that are in the file although they look secret: the user allows them."""

    @classmethod
    def now(cls, source: Source, test: str) -> CassetteMetadata:
        """The header of a cassette that is being recorded."""
        return cls(datetime.now(UTC).replace(microsecond=0), source, PACKAGE, test)

    @classmethod
    def read(cls, metadata: Mapping[str, Any]) -> CassetteMetadata:
        """Read the header of a file. Raises ValueError for an invalid one."""
        missing = [name for name in _REQUIRED if not isinstance(metadata.get(name), str)]
        if missing:
            raise ValueError(f"its metadata lacks {', '.join(missing)}")
        if metadata["source"] not in get_args(Source):
            raise ValueError(f"its source is not one of {', '.join(get_args(Source))}")
        at = datetime.fromisoformat(metadata["recorded_at"])
        if at.tzinfo is None:
            raise ValueError("its recorded_at has no time zone")
        allowed = metadata.get("allowed", [])
        if not is_array(allowed) or not all(isinstance(text, str) and text for text in allowed):
            raise ValueError("its allowed is no list of strings")
        return cls(at, metadata["source"], metadata["package"], metadata["test"], tuple(allowed))

    def metadata(self) -> dict[str, Any]:
        """The header as stored in the file."""
        return {
            "recorded_at": self.recorded_at.isoformat().replace("+00:00", "Z"),
            "source": self.source,
            "package": self.package,
            "test": self.test,
            **({"allowed": list(self.allowed)} if self.allowed else {}),
        }

    def age(self, now: datetime | None = None) -> int:
        """Whole days since it was recorded."""
        return ((now or datetime.now(UTC)) - self.recorded_at).days
