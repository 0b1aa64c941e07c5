"""What a recording may hold in clear although it looks like a secret or like personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEAST = 4
"""Characters, besides ``*``, that an entry must have."""


class AllowList:
    """Texts to keep: each entry is a whole secret or address, ``*`` standing for any characters.

    Raises ValueError for an entry that would allow nearly anything. ``used`` are the texts that
    were kept.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        patterns: list[str] = []
        for entry in entries:
            if len(entry.replace("*", "")) < _LEAST:
                raise ValueError(
                    f"{entry!r} would allow too much: give at least {_LEAST} characters of the text"
                )
            patterns.append(".*".join(map(re.escape, entry.split("*"))))
        self._pattern = re.compile("|".join(patterns), re.DOTALL) if patterns else None
        self.used: set[str] = set()

    def keeps(self, text: str) -> bool:
        """Whether a text is allowed; if it is, it counts as used."""
        if self._pattern is None or self._pattern.fullmatch(text) is None:
            return False
        self.used.add(text)
        return True
