"""Identifiers in each resource's own format, derived from the tenant's seed and a counter.

The same seed and the same requests give the same ids, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable
from typing import TypeAlias

IdForm: TypeAlias = Callable[[bytes], str]
"""Derives an identifier from 64 random-looking bytes."""

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def derive_bytes(seed: int | str, number: int | str) -> bytes:
    """Return 64 bytes that depend only on the seed and the number (or a name)."""
    return hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=64).digest()


def random_text(raw: bytes, length: int, alphabet: str = _BASE62) -> str:
    """``length`` characters of an alphabet; longer strings extend the bytes by further hashing."""
    while len(raw) < length:
        raw += hashlib.blake2b(raw[-64:], digest_size=64).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in raw[:length])


def hexadecimal(length: int) -> IdForm:
    """``length`` lower-case hexadecimal digits (24: resource servers, rules, users' own part)."""
    return lambda raw: raw.hex()[:length]


def alphanumeric_id(length: int, prefix: str = "") -> IdForm:
    """A prefix and ``length`` letters and digits: ``con_…`` and ``org_…`` have 16, clients 32."""
    return lambda raw: prefix + random_text(raw, length)


def base58(length: int, prefix: str = "") -> IdForm:
    """A prefix and ``length`` characters without the ambiguous ones: ``cred_…``, ``est_…``."""
    return lambda raw: prefix + random_text(raw, length, _BASE58)


def uuid(raw: bytes) -> str:
    """A version 4 UUID, as actions and sessions use it."""
    value = bytearray(raw[:16])
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    digits = bytes(value).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
