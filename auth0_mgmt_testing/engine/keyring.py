"""The keys that a tenant signs tokens with, from its state.

A key is *current* (it signs), *next* (it will), or *previous* (it did); a revoked one is
ignored. All except revoked ones are published at ``/.well-known/jwks.json``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from ..state.store import Doc, Table
from .certificates import certificate, rsa_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

TABLE = "signing_keys"
_VALID_DAYS = 5000


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key by its id; ``slot`` selects the pair, ``since`` (seconds) is its creation time."""

    kid: str
    slot: int
    since: float

    @classmethod
    def of(cls, doc: Doc) -> SigningKey:
        """Return the key of a document of the table."""
        return cls(doc["kid"], doc["_slot"], doc["_since"])

    @property
    def private(self) -> RSAPrivateKey:
        return rsa_key(self.slot)

    @property
    def public(self) -> RSAPublicKey:
        return rsa_key(self.slot).public_key()

    def certificate(self, domain: str) -> Mapping[str, str]:
        """Return the key's self-signed certificate for a tenant (see `certificate`)."""
        return _certificate(self, domain)

    def jwk(self, domain: str) -> dict[str, Any]:
        """Return the public half as a JSON Web Key, with its certificate."""
        numbers = self.public.public_numbers()
        shown = self.certificate(domain)
        body = "".join(shown["cert"].split("\r\n")[1:-2])
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
            "x5t": b64(bytes.fromhex(shown["thumbprint"])),
            "x5c": [body],
        }


@lru_cache(maxsize=256)
def _certificate(key: SigningKey, domain: str) -> Mapping[str, str]:
    serial = key.kid.encode().hex()[:16]
    made = certificate(domain, key.since, serial, slot=key.slot, days=_VALID_DAYS)
    return MappingProxyType(made)


class _Tables(Protocol):
    def table(self, name: str) -> Table: ...


class Keyring:
    """The signing keys of a state (or of a transaction on one), read lazily."""

    __slots__ = ("_source",)

    def __init__(self, source: _Tables) -> None:
        self._source = source

    def _docs(self) -> Iterable[Doc]:
        table = self._source.table(TABLE)
        found = (table.get(key) for key in table.ordered())
        return (doc for doc in found if doc is not None and not doc["revoked"])

    def current(self) -> SigningKey:
        """The key that signs."""
        return SigningKey.of(next(doc for doc in self._docs() if doc["current"]))

    def find(self, kid: Any) -> SigningKey | None:
        """Return the key of an id; None where there is none or it was revoked."""
        doc = self._source.table(TABLE).get(kid) if isinstance(kid, str) else None
        return None if doc is None or doc["revoked"] else SigningKey.of(doc)

    def published(self) -> list[SigningKey]:
        """Return the keys that verify signatures."""
        return [SigningKey.of(doc) for doc in self._docs()]


def b64(data: bytes) -> str:
    """Encode as Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
