"""Real RSA keys, and self-signed certificates over them, as tenants and connections show them."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_PAIRS = 16
_lock = threading.Lock()
_keys: dict[int, RSAPrivateKey] = {}


def rsa_key(slot: int = 0) -> RSAPrivateKey:
    """A key pair of the process, made by whoever asks first: making one takes a tenth of a second.

    Different slots have different pairs, of which there are sixteen; then they come again.
    """
    slot %= _PAIRS
    if slot not in _keys:
        from cryptography.hazmat.primitives.asymmetric import rsa

        with _lock:
            if slot not in _keys:
                _keys[slot] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _keys[slot]


@lru_cache(maxsize=256)
def _made(name: str, now: float, serial: str, slot: int, days: int) -> tuple[str, str, str]:
    """The certificate as PEM and as PKCS#7, and its SHA-1."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs7
    from cryptography.x509.oid import NameOID

    key = rsa_key(slot)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    start = datetime.fromtimestamp(now, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int(serial, 16) >> 1 or 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return (
        made.public_bytes(pem).decode().replace("\n", "\r\n"),
        pkcs7.serialize_certificates([made], pem).decode().replace("\n", "\r\n"),
        made.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - the API names it so
    )


def certificate(
    name: str, now: float, serial: str, *, slot: int = 0, days: int = 365
) -> dict[str, str]:
    """A certificate for a common name, valid for ``days`` from ``now`` (seconds since the epoch).

    ``serial`` is hexadecimal and tells certificates apart; ``slot`` names the key pair. Gives
    ``kid``, ``cert``, ``pkcs``, ``fingerprint``, ``thumbprint`` and ``subject_dn``; line ends are
    CRLF.
    """
    pem, bundle, digits = _made(name, now, serial, slot, days)
    kid = base64.urlsafe_b64encode(hashlib.sha256(serial.encode()).digest())
    return {
        "kid": kid.rstrip(b"=").decode(),
        "subject_dn": f"/CN={name}",
        "cert": pem,
        "pkcs": bundle,
        "fingerprint": ":".join(digits[i : i + 2] for i in range(0, len(digits), 2)),
        "thumbprint": digits,
    }
