"""What is secret, by its name and by where it stands, and blotting it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._json import is_mapping, is_sequence

_SECRET = (
    "secret", "token", "password", "private_key", "privatekey", "signing_key", "api_key", "apikey",
    "client_assertion", "authorization", "credential_value", "encryption_key", "pem", "otp_secret",
    "recovery_code", "invitation_url", "ticket", "splunktoken", "httpauthorization", "pkcs7", "barcode_uri",
    "smtp_pass", "passphrase", "writekey", "write_key", "saskey", "sas_key", "access_key", "accesskey",
    "skey", "server_credentials", "connectionstring", "connection_string", "sumosourceaddress",
)  # fmt: skip
_HARMLESS = (
    "token_endpoint", "token_lifetime", "token_dialect", "token_type", "refresh_token_rotation",
    "token_exchange", "token_vault", "password_policy", "password_options", "id_token", "last_password",
    "authorization_endpoint", "access_key_id",
)  # fmt: skip
_VAULTS = frozenset({
    "secrets", "credentials", "setup", "decryptionkey", "decryption_key", "signing_key",
    "signingkey", "customheaders", "custom_headers", "bareconfiguration", "rules_configs",
    "rules-configs",
})  # fmt: skip
"""What holds secrets under names that do not sound of them."""
_CHOSEN = _VAULTS - {"credentials", "setup", "rules_configs", "rules-configs"}
"""Those of them whose members, unless in a list of objects, have whatever name a caller chose."""
_SUBJECTS = frozenset({"secrets", "rules-configs"})
"""Collections whose whole bodies hold them."""
_PLAIN = frozenset({
    "id", "kid", "alg", "algorithm", "name", "key", "header", "type", "region", "domain", "host",
    "credential_type", "credential_id", "method", "smtp_host", "smtp_user", "api_user", "account_id",
    "app_id", "environment", "created_at", "updated_at", "expires_at", "thumbprint_sha256",
    "subject_dn", "sid", "default_from", "mssid",
})  # fmt: skip
"""What in the others is no secret."""


def is_secret(name: str) -> bool:
    """Whether a field of this name holds something that no log or repr may show."""
    lower = name.lower()
    return any(word in lower for word in _SECRET) and not any(w in lower for w in _HARMLESS)


def subject(url: str) -> str:
    """What the bodies at a URL or path are, where that tells what of them is secret; else empty."""
    parts = url.partition("?")[0].split("/")
    return next((part for part in reversed(parts) if part in _SUBJECTS), "")


def redacted(value: Any, name: str = "") -> Any:
    """A JSON value with what is secret blotted out, at every depth; ``name``: what it is under."""
    return _BLOT(value, name)


@dataclass(frozen=True, slots=True)
class Hiding:
    """Puts something else in the place of every secret of a JSON value.

    Secret is what ``by_name`` says it is, and what stands in an object that holds secrets:
    the value of an action's secret, the configuration of a custom database.
    """

    by_name: Callable[[str], bool]
    instead: Callable[[Any], Any]

    def __call__(self, value: Any, name: str = "") -> Any:
        """The value without its secrets; ``name``: what it is under."""
        return self._hidden(value, name, "", vault=False, chosen=False)

    def _hidden(self, value: Any, name: str, holder: str, *, vault: bool, chosen: bool) -> Any:
        if is_mapping(value):
            lower = name.lower().lstrip("_")
            custom = holder == "options" and lower == "configuration"  # of a custom database
            vault, chosen = vault or custom or lower in _VAULTS, custom or lower in _CHOSEN
            return {
                key: self._hidden(item, str(key), name, vault=vault, chosen=chosen)
                for key, item in value.items()
            }
        if is_sequence(value):
            vault = vault or name.lower() in _VAULTS
            return [
                self._hidden(
                    item, "" if is_mapping(item) else name, holder, vault=vault, chosen=chosen
                )
                for item in value
            ]
        if not value or isinstance(value, bool) or not isinstance(value, (str, bytes, int, float)):
            return value
        held = isinstance(value, str) and (chosen or (vault and name.lower() not in _PLAIN))
        return self.instead(value) if held or self.by_name(name) else value


_BLOT = Hiding(is_secret, lambda _: "[REDACTED]")
