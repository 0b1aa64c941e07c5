"""Client assertions: the only module that needs PyJWT and cryptography."""

from __future__ import annotations

import time
import uuid
from importlib import import_module
from typing import Any

ALGORITHMS = tuple(family + size for family in ("RS", "PS", "ES") for size in ("256", "384", "512"))
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
LIFETIME = 60
"""Seconds that an assertion is valid for; the vendor recommends at most a minute."""


def load_key(pem: str | bytes, algorithm: str) -> Any:
    """The private key of a PEM text, fit for the algorithm.

    Raises ValueError where the algorithm is unknown, the key cannot be read or does not fit;
    ImportError where PyJWT with cryptography is not installed.
    """
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, not {algorithm!r}")
    try:
        import_module("jwt")
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise ImportError("a private key needs PyJWT: pip install 'auth0-mgmt[jwt]'") from error
    try:
        key = load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password=None)
    except (ValueError, TypeError) as error:
        reason = "is encrypted" if isinstance(error, TypeError) else "is not a private key in PEM"
        raise ValueError(f"private_key_pem {reason}") from None
    if algorithm.startswith("ES"):
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != _CURVES[algorithm]:
            raise ValueError(f"{algorithm} needs an EC key on the curve {_CURVES[algorithm]}")
    elif not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{algorithm} needs an RSA key")
    return key


def assertion(client_id: str, issuer: str, key: Any, algorithm: str, kid: str | None) -> str:
    """A new assertion for the token endpoint of ``issuer`` (``https://{domain}/``)."""
    import jwt

    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": uuid.uuid4().hex,
    }
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)
