"""Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

PERIOD = 30
DIGITS = 6


def code_at(secret: str, seconds: float) -> str:
    """The code of a base32 secret at a time, in seconds since the epoch."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(seconds) // PERIOD)
    mac = hmac.new(key, counter, hashlib.sha1).digest()
    offset = mac[-1] & 0xF
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def is_code(secret: str, code: str, seconds: float) -> bool:
    """Whether a code is that of now, or of the period before or after."""
    near = (seconds + PERIOD * step for step in (-1, 0, 1))
    return any(hmac.compare_digest(code_at(secret, at).encode(), code.encode()) for at in near)
