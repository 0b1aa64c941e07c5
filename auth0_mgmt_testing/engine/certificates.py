"""Self-signed certificates over real keys, as connections show them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@cache
def _key() -> RSAPrivateKey:
    """One key for the process: making one takes longer than everything else here."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(name: str, now: float, serial: str) -> dict[str, str]:
    """A certificate for a common name, valid for a year from ``now`` (seconds since the epoch).

    ``serial`` is hexadecimal and tells certificates apart. Gives ``kid``, ``cert``, ``pkcs``,
    ``fingerprint``, ``thumbprint`` and ``subject_dn``; line ends are CRLF.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs7
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    start = datetime.fromtimestamp(now, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(_key().public_key())
        .serial_number(int(serial, 16) >> 1 or 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
        .sign(_key(), hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    digits = made.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
    kid = base64.urlsafe_b64encode(hashlib.sha256(serial.encode()).digest())
    return {
        "kid": kid.rstrip(b"=").decode(),
        "subject_dn": f"/CN={name}",
        "cert": made.public_bytes(pem).decode().replace("\n", "\r\n"),
        "pkcs": pkcs7.serialize_certificates([made], pem).decode().replace("\n", "\r\n"),
        "fingerprint": ":".join(digits[i : i + 2] for i in range(0, len(digits), 2)),
        "thumbprint": digits,
    }
