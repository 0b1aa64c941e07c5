"""What recordings and comparisons add to the table of what is secret (`auth0_mgmt._redact`).

No other module lists names of secrets; `tests/architecture` checks that. Here are also the names of
identifiers and digests, which look like secrets and are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from auth0_mgmt._redact import PUBLIC_IN_CONTAINERS, is_secret, normalized, secret_at

CERTIFICATES: Final = frozenset({"cert", "certs", "certificate", "signingcert", "x5c"})
"""Names of certificates: public, but they identify a tenant."""
_PUBLIC_KEYS = frozenset({"publickey", "pkcs", "x5t", "n", "e", "modulus", "thumbprintsha256"})
"""Names of public keys and digests, which every tenant has its own of."""
_ACCOUNTS = frozenset({"accesskeyid", "awsaccesskeyid", "hash", "smtpuser", "mssid", "defaultfrom"})
"""Names of what is no secret on its own, but identifies an account or verifies a secret."""
_CONFIGURATION = "configuration"
"""A container of settings that may be secret: of a custom database, of a provider."""
_ID_KEYS = frozenset({
    "id", "ids", "_id", "kid", "sid", "sub", "clientid", "userid", "themeid", "flowid", "jti",
    "fingerprint", "thumbprint", "next", "subject_dn", "entityid", "request_uri",
})  # fmt: skip
_DIGESTS = _PUBLIC_KEYS | {"etag", "picture", "cursor", "from", "logid", "verificationtxt"}
_ID_ENDINGS = ("_id", "_ids", "_kid", "_sid", "_fingerprint")


def secret_in_recording(keys: Sequence[str]) -> bool:
    """Whether no recording may hold a string that these names lead to (`secret_at`)."""
    plain = [normalized(key) for key in keys]
    return (
        secret_at(keys)
        or bool(plain and plain[-1] in CERTIFICATES | _ACCOUNTS)
        or (_CONFIGURATION in plain[:-1] and plain[-1] not in PUBLIC_IN_CONTAINERS)
    )


def secret_of_tenant(name: str) -> bool:
    """Whether what this name holds is a secret or a key, so that two tenants' differ."""
    return is_secret(name) or normalized(name) in CERTIFICATES | _PUBLIC_KEYS


def digest_key(key: str) -> bool:
    """Whether the values under this key are digests of what is public."""
    return normalized(key) in _DIGESTS or identifying_key(key)


def identifying_key(key: str) -> bool:
    """Whether the values under this key are ids."""
    key = key.lower()
    return key in _ID_KEYS or key.endswith(_ID_ENDINGS)
