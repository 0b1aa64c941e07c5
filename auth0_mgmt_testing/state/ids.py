"""Identifiers in each resource's own format, derived from the tenant's seed and a counter.

The same seed and the same requests give the same ids, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def derive_bytes(seed: int | str, number: int | str) -> bytes:
    """Return 64 bytes that depend only on the seed and the number (or a name)."""
    return hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=64).digest()


def random_text(raw: bytes, length: int, alphabet: str = _BASE62) -> str:
    """``length`` characters of an alphabet; longer strings extend the bytes by further hashing."""
    while len(raw) < length:
        raw += hashlib.blake2b(raw[-64:], digest_size=64).digest()
    return raw[:length].translate(_letters(alphabet)).decode("ascii")


@cache
def _letters(alphabet: str) -> bytes:
    """Return the letter of an alphabet (of ASCII) that each byte stands for."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


def digest(secret: str) -> str:
    """Return what the state keeps of a code, token or ticket: it recognizes it, and is of no use."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class IdForm:
    """A form of identifiers: a prefix, then ``length`` characters of an alphabet.

    Called with 64 random-looking bytes, it makes an identifier.
    """

    prefix: str
    length: int
    alphabet: str
    own: Callable[[bytes], str]
    """Makes the part after the prefix."""
    expression: str
    """A regular expression of the part after the prefix."""

    def __call__(self, raw: bytes) -> str:
        return self.prefix + self.own(raw)

    @property
    def pattern(self) -> str:
        """A regular expression of whole identifiers, without anchors."""
        return re.escape(self.prefix) + self.expression

    def matches(self, text: str) -> bool:
        """Whether a text has this form."""
        return re.fullmatch(self.pattern, text) is not None


def _of(alphabet: str, length: int, prefix: str) -> IdForm:
    own = f"[{re.escape(alphabet)}]{{{length}}}"
    return IdForm(prefix, length, alphabet, lambda raw: random_text(raw, length, alphabet), own)


def hexadecimal(length: int) -> IdForm:
    """``length`` lower-case hexadecimal digits."""
    own = f"[0-9a-f]{{{length}}}"
    return IdForm("", length, "0123456789abcdef", lambda raw: raw.hex()[:length], own)


def alphanumeric_id(length: int, prefix: str = "") -> IdForm:
    """A prefix and ``length`` letters and digits."""
    return _of(_BASE62, length, prefix)


def base58(length: int, prefix: str = "") -> IdForm:
    """A prefix and ``length`` letters and digits without the ambiguous ones (0, O, I, l)."""
    return _of(_BASE58, length, prefix)


def digits(length: int, prefix: str = "") -> IdForm:
    """A prefix and ``length`` digits."""
    return IdForm(
        prefix,
        length,
        string.digits,
        lambda raw: f"{int.from_bytes(raw[:6]) % 10**length:0{length}d}",
        f"[0-9]{{{length}}}",
    )


def ulid() -> IdForm:
    """A ULID of this decade."""
    return _of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24, "01")


def _uuid(raw: bytes) -> str:
    value = bytearray(raw[:16])
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    text = bytes(value).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


uuid = IdForm("", 36, "0123456789abcdef-", _uuid, r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A version 4 UUID."""
