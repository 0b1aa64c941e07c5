"""Rules for sensitive values in a cassette, by place and by format.

The names of secrets are in `auth0_mgmt._redact` and `auth0_mgmt_testing._secrets`; here are forms of
secrets, and personal data. The scrubber replaces by these rules, and the check of cassettes finds by
them.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from auth0_mgmt._redact import FORM, REDACTED, URL_NAMES, normalized, secret_at, subject

from .._secrets import digest_key, identifying_key, secret_in_recording
from .pseudonyms import Kind

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

PATH = ("path",)
"""The names that lead to a segment of a path: it may be an identifier of any form."""

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
"""Before, name, content and after of PEM blocks, except public keys."""
URL = re.compile(r"https?://[^\s/]+[^\s]*")
TOKEN_LIKE = re.compile(r"(?=.*\d).{16,}|[^-]{24,}")
"""Secrets in the path of a secret URL."""

_MASKS = frozenset({"[REDACTED]", "_VALUE_NOT_SHOWN_"})
"""Placeholders of secrets; the second is how tenants show those of hooks."""
_WORDS = _MASKS | {"none", "true", "false"}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){13,18}\d(?![\w.-])")
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|35")
_PARAMETER = re.compile(r"[?&][A-Za-z][\w.-]*=[\w.~+/%-]+=*")
_HEXADECIMAL = re.compile(r"(?=.*\d)(?:[0-9a-f]{32,128}|[0-9A-F]{32,128})")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


WEBHOOK = "a webhook's URL"
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
    WEBHOOK: re.compile(
        r"hooks\.slack\.com/(?:services|workflows|triggers)/\w+/[\w/]{8,}"
        r"|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[\w-]{8,}"
        r"|[\w.-]+\.webhook\.office\.com/webhook\w*/[\w@/-]{8,}"
        r"|hooks\.zapier\.com/hooks/[\w/-]{8,}"
        r"|hook\.[\w.-]*make\.com/\w{8,}"
        r"|maker\.ifttt\.com/trigger/[\w/-]+/key/[\w-]{8,}"
        r"|api\.telegram\.org/bot\d+:[\w-]{8,}"
    ),
    "a key in code": re.compile(
        r"(?i)(?:key|secret|token|passw(?:or)?d)[\"']?\s*[:=]\s*[\"'](?=[a-z]*\d)[\w+/-]{16,}=*(?=[\"'])"
    ),
    "a Google key": re.compile(r"\bAIza[\w-]{30,}"),
    "a SendGrid key": re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    "a tenant's host": re.compile(
        r"(?<![\w.-])(?!cassette-tenant\.|login\.|cdn\.|s\.|manage\.|marketplace\.)"
        r"[a-z0-9-]+(?:\.[a-z]{2}(?:-\d)?)?\.auth0\.com\b"
    ),
}
"""Secrets by format alone, with their names."""


def found_forms(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the secrets of a string by format: name and span."""
    for kind, pattern in FORMS.items():
        yield from ((kind, found) for found in pattern.finditer(text))
    for kind, pattern, valid in (
        ("a payment card's number", _CARD, _valid_card),
        ("a bank account's number", _IBAN, _valid_iban),
        ("a secret in a URL's query", _PARAMETER, _secret_parameter),
    ):
        yield from ((kind, found) for found in pattern.finditer(text) if valid(found[0]))


def without_secret_parameters(text: str) -> str:
    """A text with the values of secret parameters in URLs redacted."""

    def shown(found: re.Match[str]) -> str:
        return (
            f"{found[0].partition('=')[0]}={REDACTED}" if _secret_parameter(found[0]) else found[0]
        )

    return _PARAMETER.sub(shown, text)


def _secret_parameter(text: str) -> bool:
    name, _, value = text[1:].partition("=")
    return secret_at((FORM, name)) and value not in _WORDS


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


_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
_PUBLIC = frozenset({
    "next", "from", "cursor", "code", "n", "x5t", "pem", "public_key", "script", "template",
    "css", "fingerprint", "picture", "log_id", "body",
})  # fmt: skip
_LEAST_BITS = 4.0


def secret_member(keys: tuple[str, ...], text: str) -> bool:
    """Whether the names that lead to a text make it secret.

    Masks, timestamps and public keys are not.
    """
    public = (
        text in _WORDS
        or _TIMESTAMP.fullmatch(text) is not None
        or text.startswith("-----BEGIN PUBLIC KEY")
    )
    return not public and secret_in_recording(keys)


def hexadecimal_key(keys: tuple[str, ...], text: str) -> bool:
    """Whether a text has the form of a key of 128 bits or more, and is no identifier's or digest's."""
    named = bool(keys) and keys != PATH and not digest_key(keys[-1])
    return named and _HEXADECIMAL.fullmatch(text) is not None


def random_parts(keys: tuple[str, ...], text: str) -> list[str]:
    """The random-looking parts of a text that is no identifier, prose or public value."""
    key = keys[-1].lower() if keys else ""
    if identifying_key(key) or key in _PUBLIC or _sentence(text):
        return []
    return [part for part in _RANDOM.findall(text) if _bits(part) >= _LEAST_BITS]


def _sentence(text: str) -> bool:
    """Whether a text is prose, code or a URL: what is long in these is not random."""
    return " " in text or "://" in text or text.startswith("/")


def _bits(text: str) -> float:
    """The entropy of a text's characters, in bits each."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def free_email(address: str) -> bool:
    """Whether an address is of a reserved domain (RFC 2606, RFC 6761)."""
    return _FREE_DOMAIN.search(re.split("@|%40", address)[-1]) is not None


def free_phone(number: str) -> bool:
    """Whether a number is one of those for fiction, or not a valid one."""
    return _FREE_PHONE.fullmatch(number) is not None


def free_ip(text: str) -> bool | None:
    """Whether an address is not personal; None: it is not an address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if any(address in network for network in _FREE_NETWORKS):
        return True
    return not address.is_global


def kind_of(keys: tuple[str, ...], holder: Mapping[str, Any], text: str) -> Kind | None:
    """Return the kind of a secret string at these keys, in this object; None: it is not secret."""
    if not text.strip() or text in _MASKS:
        return None
    path = tuple(key.lower() for key in keys)
    key = path[-1] if path else ""
    if secret_member(keys, text) or hexadecimal_key(keys, text):
        return "secret"
    if normalized(key) in URL_NAMES and "?" in text:
        return "secret"
    free = free_ip(text)
    if free is not None:
        return None if free else ("ipv6" if ":" in text else "ip")
    if key in _PHONE_KEYS and re.fullmatch(r"\+?[\d ()-]{7,}", text):
        return None if free_phone(re.sub(r"[^+\d]", "", text)) else "phone"
    return "person" if _person(path, key, holder, text) else None


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
