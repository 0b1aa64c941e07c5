"""Pseudonyms: replacements of sensitive values in a cassette.

Within one cassette the same value always gets the same pseudonym, numbered as they appear, and a
pseudonym is distinguishable from any other string, so that replay can match them. They have the
format of the value that they replace: email addresses are undeliverable
(``.example``, RFC 2606), telephone numbers have an unassigned country code, IP addresses of the
blocks for benchmarks (RFC 2544, RFC 5180), secrets have the same length (within 19 to 128).
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["secret", "email", "phone", "ip", "ipv6", "person"]

PSEUDONYM = re.compile(
    r"scrubbed(?:secret|person)\d+z"
    r"|scrubbed\d+(?:@|%40)cassette\.example"
    r"|\+999\d{9}"
    r"|198\.18\.\d{1,3}\.\d{1,3}"
    r"|2001:2:0:[0-9a-f]+::1"
)
"""Any pseudonym within a string."""


_LONGEST = 128


def is_pseudonym(text: str) -> bool:
    """Whether a string is exactly one pseudonym."""
    return PSEUDONYM.fullmatch(text) is not None


class Pseudonyms:
    """The pseudonyms of one cassette."""

    def __init__(self) -> None:
        self._given: dict[tuple[Kind, str], str] = {}
        self._counts: dict[Kind, int] = {}

    def of(self, kind: Kind, value: str) -> str:
        """Return the pseudonym of a value; addresses are case-insensitive."""
        if is_pseudonym(value):
            return value
        mark = (kind, value.lower() if kind == "email" else value)
        if mark not in self._given:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            self._given[mark] = _form(kind, number, len(value))
        return self._given[mark]

    def given(self) -> list[tuple[Kind, str, str]]:
        """All of them: kind, value, pseudonym."""
        return [(kind, value, pseudonym) for (kind, value), pseudonym in self._given.items()]


def _form(kind: Kind, number: int, length: int) -> str:
    match kind:
        case "secret":
            digits = max(4, min(length, _LONGEST) - 15)
            return f"scrubbedsecret{number:0{digits}d}z"
        case "person":
            return f"scrubbedperson{number:04d}z"
        case "email":
            return f"scrubbed{number}@cassette.example"
        case "phone":
            return f"+999{number:09d}"
        case "ip":
            return f"198.18.{number // 256}.{number % 256}"
        case "ipv6":
            return f"2001:2:0:{number:x}::1"
