"""What is secret by its name, and blotting it out."""

from __future__ import annotations

from typing import Any

from ._json import is_mapping, is_sequence

_SECRET = (
    "secret", "token", "password", "private_key", "privatekey", "signing_key", "api_key", "apikey",
    "client_assertion", "authorization", "credential_value", "encryption_key", "pem", "otp_secret",
    "recovery_code", "invitation_url", "ticket", "splunktoken", "httpauthorization", "pkcs7", "barcode_uri",
)  # fmt: skip
_HARMLESS = (
    "token_endpoint", "token_lifetime", "token_dialect", "token_type", "refresh_token_rotation",
    "token_exchange", "token_vault", "password_policy", "password_options", "id_token", "last_password",
)  # fmt: skip


def is_secret(name: str) -> bool:
    """Whether a field of this name holds something that no log or repr may show."""
    lower = name.lower()
    return any(word in lower for word in _SECRET) and not any(w in lower for w in _HARMLESS)


def redacted(value: Any, name: str = "") -> Any:
    """A JSON value with what its names call secret blotted out, at every depth."""
    if is_mapping(value):
        return {key: redacted(item, str(key)) for key, item in value.items()}
    if is_sequence(value):
        return [redacted(item, name) for item in value]
    if isinstance(value, (str, bytes, int, float)) and not isinstance(value, bool):
        return "[REDACTED]" if value and is_secret(name) else value
    return value
