"""What must not be in a cassette, by where it stands and by its form.

The scrubber replaces by these rules. `check` looks with wider ones of its own, so that what these
overlook stops a recording.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from .pseudonyms import Kind

_SECRET_KEYS = frozenset({
    "secret", "token", "password", "ticket", "assertion", "client_assertion", "authorization",
    "private_key", "privatekey", "key", "pem", "cert", "certs", "certificate", "pkcs7", "x5c",
    "signingcert", "signing_cert", "signing_key", "signingkey", "decryption_key", "wrapped_key",
    "api_key", "apikey", "access_key", "accesskeyid", "access_key_id", "secretaccesskey",
    "cname_api_key", "datadogapikey", "segmentwritekey", "httpauthorization", "splunktoken",
    "mixpanelserviceaccountpassword", "sumosourceaddress", "azure_cs_connection_string",
    "connectionstring", "connection_string", "recovery_code", "otp_code", "otp", "code_verifier",
    "barcode_uri", "totp_uri", "invitation_url", "provisioning_ticket_url", "password_hash",
    "hash", "salt", "smtp_pass", "cookie", "device_code", "user_code", "auth_req_id", "sid_secret",
    "ticket_id", "firebase_credentials", "app_secret", "server_credentials",
})  # fmt: skip
_SECRET_ENDINGS = (
    "_secret", "secret", "_token", "authtoken", "accesstoken", "_password", "password", "_ticket",
    "ticket_url", "api_key", "apikey", "accesskey", "secret_key", "secretkey", "private_key",
    "privatekey", "sastoken", "_assertion", "passphrase", "writekey",
)  # fmt: skip
_NO_SECRETS = frozenset({"id", "kid", "name", "grant_type"})
_VAULTS = frozenset({
    "credentials", "secrets", "configuration", "setup", "signing_key", "signingkey",
    "decryptionkey", "decryption_key", "custom_headers", "upstream_secrets", "auth_config",
})  # fmt: skip
"""Objects whose texts are secrets, whatever their keys."""
_NO_VAULT_SECRETS = frozenset({
    "id", "kid", "alg", "name", "type", "region", "credential_type", "created_at", "updated_at",
    "expires_at", "thumbprint_sha256", "subject_dn", "smtp_host", "host", "domain", "key",
    "parse_expiry_from_cert", "api_user", "algorithm", "strategy", "jti", "credential_id",
    "authentication_method", "method", "environment", "version", "account_id", "app_id",
})  # fmt: skip
_SECRET_IN_VAULT = frozenset({"signing_key", "signingkey", "decryptionkey", "decryption_key"})
_VALUES_BY_NAME = frozenset({"secrets", "rules-configs", "custom_headers", "headers"})

_PERSON_KEYS = frozenset({
    "given_name", "family_name", "middle_name", "nickname", "user_name", "username",
    "preferred_username", "birthdate", "street_address",
})  # fmt: skip
_PERSONS = frozenset({"user", "users", "inviter", "invitee", "profiledata", "profile", "members"})
_USER_MARKS = frozenset({"email", "identities", "picture", "given_name", "family_name"})
_PLACES = frozenset({"location_info", "geoip", "geo"})
_PHONE_KEYS = frozenset({"phone", "phone_number", "phonenumber", "to", "mobile", "enrolled_phone"})
_PROVIDERS_WITH_NUMBERS = re.compile(r"(?:[a-z0-9-]+\|)?\d{9,}")

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]*[A-Za-z0-9_+'-](?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PHONE = re.compile(r"\+\d{8,15}(?!\d)")
_FREE_DOMAIN = re.compile(
    r"(?:^|\.)(?:example(?:\.[a-z]{2,3})?|test|invalid|localhost|local)$", re.IGNORECASE
)
_FREE_PHONE = re.compile(
    r"\+(?:1\d{3}555\d{4}|1555\d{7}|9990?\d{8,9}|0+\d*|1?234567\d*|44\d*7700900\d{3})"
)
_FREE_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32",
         "2001:2::/48"),
    )
)  # fmt: skip
"""Documentation (RFC 5737, RFC 3849) and benchmarks (RFC 2544, RFC 5180)."""
JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
PEM = re.compile(
    r"(-----BEGIN (?!PUBLIC KEY)([A-Z0-9 ]+)-----\s*)(.*?)(\s*(?:-----END \2-----|\Z))", re.DOTALL
)
"""Before, name, content and after of whatever is armoured but public keys."""
URL = re.compile(r"https?://[^\s/]+[^\s]*")


def free_email(address: str) -> bool:
    """Whether an address is of a domain that belongs to nobody (RFC 2606, RFC 6761)."""
    return _FREE_DOMAIN.search(re.split("@|%40", address)[-1]) is not None


def free_phone(number: str) -> bool:
    """Whether a number is one of those for fiction, or no number that could be called."""
    return _FREE_PHONE.fullmatch(number) is not None


def free_ip(text: str) -> bool | None:
    """Whether an address identifies nobody; None: it is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if any(address in network for network in _FREE_NETWORKS):
        return True
    return not address.is_global


def kind_of(keys: tuple[str, ...], holder: Mapping[str, Any], text: str) -> Kind | None:
    """What a whole text is that stands at these keys, in this object; None: nothing to hide."""
    if not text.strip():
        return None
    path = tuple(key.lower() for key in keys)
    key = path[-1] if path else ""
    if _secret(path, key, holder):
        return "secret"
    free = free_ip(text)
    if free is not None:
        return None if free else ("ipv6" if ":" in text else "ip")
    if key in _PHONE_KEYS and re.fullmatch(r"\+?[\d ()-]{7,}", text):
        return None if free_phone(re.sub(r"[^+\d]", "", text)) else "phone"
    return "person" if _person(path, key, holder, text) else None


def _secret(path: tuple[str, ...], key: str, holder: Mapping[str, Any]) -> bool:
    if key in _NO_SECRETS:
        return False
    if key in _SECRET_KEYS and key != "key":
        return not _public(key, holder)
    if key == "key":
        return len(path) > 1 and path[-2] in _SECRET_IN_VAULT
    if key.endswith(_SECRET_ENDINGS):
        return True
    if key == "value":
        return len(path) > 1 and path[-2] in _VALUES_BY_NAME
    return key not in _NO_VAULT_SECRETS and any(part in _VAULTS for part in path[:-1])


def _public(key: str, holder: Mapping[str, Any]) -> bool:
    """Whether a key is the public half: those tell nothing, and clients compare them."""
    return key == "pem" and str(holder.get("pem", "")).startswith("-----BEGIN PUBLIC KEY")


def _person(path: tuple[str, ...], key: str, holder: Mapping[str, Any], text: str) -> bool:
    if EMAIL.search(text):
        return False  # the address in it is replaced
    if key in _PERSON_KEYS:
        return True
    if any(part in _PLACES for part in path[:-1]):
        return True
    if key == "name":
        return bool(_USER_MARKS & holder.keys()) or any(part in _PERSONS for part in path[:-1])
    if key in ("user_id", "sub"):
        return _PROVIDERS_WITH_NUMBERS.fullmatch(text) is not None
    return False
