"""Real RSA keys, and self-signed certificates for them, as shown by tenants and connections."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..state.clock import format_timestamp

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

_PAIRS = 16
_lock = threading.Lock()
_keys: dict[int, RSAPrivateKey] = {}


def rsa_key(slot: int = 0) -> RSAPrivateKey:
    """Return a key pair, created once for the process: creation takes a tenth of a second.

    There are sixteen pairs; slots select them modulo sixteen.
    """
    slot %= _PAIRS
    if slot not in _keys:
        from cryptography.hazmat.primitives.asymmetric import rsa

        with _lock:
            if slot not in _keys:
                _keys[slot] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _keys[slot]


def _made(name: str, now: float, serial: str, slot: int, days: int) -> tuple[str, str, str]:
    """Return the certificate as PEM and as PKCS#7, and its SHA-1."""
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
        _digits(made),
    )


def certificate(
    name: str, now: float, serial: str, *, slot: int = 0, days: int = 365
) -> dict[str, str]:
    """Return a certificate for a common name, valid for ``days`` from ``now`` (epoch seconds).

    ``serial`` is hexadecimal and distinguishes certificates; ``slot`` selects the key. Contains
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


def _digits(made: Certificate) -> str:
    """The SHA-1 thumbprint, in upper case hexadecimal, which identifies certificates."""
    from cryptography.hazmat.primitives import hashes

    return made.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303


def described(pem: str) -> dict[str, Any] | None:
    """Return a certificate's ``expires``, ``subject`` by names, and ``thumbprint``.

    None for a string that is not a PEM certificate.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        read = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return None
    spelt = {
        NameOID.COMMON_NAME: "commonName",
        NameOID.COUNTRY_NAME: "countryName",
        NameOID.EMAIL_ADDRESS: "emailAddress",
        NameOID.LOCALITY_NAME: "localityName",
        NameOID.ORGANIZATION_NAME: "organizationName",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "organizationalUnitName",
        NameOID.STATE_OR_PROVINCE_NAME: "stateOrProvinceName",
    }
    return {
        "expires": format_timestamp(read.not_valid_after_utc.timestamp()),
        "subject": {spelt[each.oid]: each.value for each in read.subject if each.oid in spelt},
        "thumbprint": _digits(read).lower(),
    }
