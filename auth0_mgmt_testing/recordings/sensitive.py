"""What must not be in a cassette, by where it stands and by its form.

Which names are secret says the client's table (`auth0_mgmt._redact`); what only recordings show is
added here. The scrubber replaces by these rules, and the check of cassettes looks by them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from auth0_mgmt._redact import (
    CONTAINERS,
    PUBLIC_IN_CONTAINERS,
    PUBLIC_NAMES,
    is_secret,
    normalized,
    subject,
)

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
_CHOSEN_NAMES = frozenset({"customheaders", "httpcustomheaders", "httpheaders", "rulesconfigs"})
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
    "preferred_username", "birthdate", "birthday", "birth_date", "date_of_birth", "dob",
    "street_address",
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
TOKEN_LIKE = re.compile(r"(?=.*\d).{16,}|[^-]{24,}")
"""What is taken for a secret in the path of a URL that is one."""

_MASKS = frozenset({"[REDACTED]", "_VALUE_NOT_SHOWN_"})
"""What stands for a secret already; the second is how tenants show those of hooks."""
_WORDS = _MASKS | {"none", "true", "false"}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){13,18}\d(?![\w.-])")
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|35")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


FORMS = {
    "a JWT": JWT,
    "a certificate or key": re.compile(
        r"-----BEGIN (?!PUBLIC KEY)[A-Z0-9 ]+-----\s*[A-Za-z0-9+/=]{8,}"
    ),
    "a bearer token": re.compile(r"\b[Bb]earer\s+(?!token\b)[\w.~+/-]{12,}=*"),
    "basic credentials": re.compile(r"\bBasic\s+[A-Za-z0-9+/]{12,}=*"),
    "credentials in a URL": re.compile(r"://[^/\s:@\"']+:[^/\s@\"']+@"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a Stripe key": re.compile(r"\b[rs]k_(?:live|test)_\w{16,}"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,})"),
    "a Slack token": re.compile(r"\bxox[abprs]-[\w-]{10,}"),
    "a Slack webhook": re.compile(r"hooks\.slack\.com/services/\w+/\w+/\w{8,}"),
    "a Google key": re.compile(r"\bAIza[\w-]{30,}"),
    "a SendGrid key": re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    "a tenant's host": re.compile(
        r"(?<![\w.-])(?!cassette-tenant\.|login\.|cdn\.|s\.|manage\.|marketplace\.)"
        r"[a-z0-9-]+(?:\.[a-z]{2}(?:-\d)?)?\.auth0\.com\b"
    ),
}
"""What is secret by its form alone, by what it is called."""


def found_forms(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What of a text is secret by its form: what it is called, and where it stands."""
    for kind, pattern in FORMS.items():
        yield from ((kind, found) for found in pattern.finditer(text))
    for kind, pattern, valid in (
        ("a payment card's number", _CARD, _valid_card),
        ("a bank account's number", _IBAN, _valid_iban),
    ):
        yield from ((kind, found) for found in pattern.finditer(text) if valid(found[0]))


def _valid_card(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [2 * one - 9 * (one > 4) for one in digits[-2::-2]]
    issuer = _ISSUER.match("".join(map(str, digits))) is not None
    return issuer and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _valid_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def holders(path: str, status: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys around the request's and the response's body: the collection whose values are secret.

    An error is about such a collection, not one of it.
    """
    inside = (subject(path),) if subject(path) else ()
    return inside, inside if status < 400 else ()


def secret_member(keys: tuple[str, ...], text: str) -> bool:
    """Whether the last key, or an object that it stands in, makes a text secret.

    Settings under such names (a word, a number, a timestamp) are not.
    """
    if setting(text) or not keys:
        return False
    key, *holders = (normalized(one) for one in reversed(keys))
    if is_secret(key) or ("passw" in key and key not in PUBLIC_NAMES):
        return not text.startswith("-----BEGIN PUBLIC KEY")
    return key == "value" and bool(holders) and holders[0] in CONTAINERS


def setting(text: str) -> bool:
    """Whether a text is a word, words, a number or a timestamp."""
    return (
        text in _WORDS
        or text.isdigit()
        or _TIMESTAMP.fullmatch(text) is not None
        or re.fullmatch(r"[a-z]+(?:[_:.-][a-z]+)*", text) is not None
    )


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
    if not text.strip() or text in _MASKS:
        return None
    path = tuple(key.lower() for key in keys)
    key = path[-1] if path else ""
    if _secret(path, key, holder) or secret_member(keys, text):
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
        return len(path) > 1 and (
            path[-2] in _SECRET_IN_VAULT or normalized(path[-2]) == "signingkeys"
        )
    if key.endswith(_SECRET_ENDINGS):
        return True
    if key == "value":
        return len(path) > 1 and path[-2] in _VALUES_BY_NAME
    if any(normalized(part) in _CHOSEN_NAMES for part in path[:-1]):
        return normalized(key) not in PUBLIC_IN_CONTAINERS
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
