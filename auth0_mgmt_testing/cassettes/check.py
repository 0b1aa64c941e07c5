"""What must never be in a cassette, looked for on its own: the scrubber is not taken at its word.

The detectors look more widely than the scrubber's rules: at every text's form, at every key that
sounds of a secret, and at random-looking texts wherever no identifier belongs.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from ..errors import UserFileError
from ..recordings import bodies
from ..recordings.exchange import Exchange
from ..recordings.pseudonyms import PSEUDONYM
from ..recordings.sensitive import EMAIL, JWT, PHONE, free_email, free_ip, free_phone
from ..verification.identity import identifying_key
from .store import load


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be there; it is told of, never shown."""

    place: str
    kind: str

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}"


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The cassettes among these files and in these folders."""
    for path in paths:
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def check(paths: Iterable[Path]) -> Iterator[Finding]:
    """Scan cassettes, given as files or folders; what can't be read is a finding."""
    for file in files(paths):
        yield from _check_file(file)


def _check_file(file: Path) -> Iterator[Finding]:
    try:
        _, exchanges = load(file)
        text = file.read_text("utf-8")
    except (UserFileError, OSError) as error:
        yield Finding(str(file), str(error))
        return
    for finding in findings(exchanges):
        yield Finding(f"{file}: {finding.place}", finding.kind)
    # Comments and what stands beside the exchanges, too.
    for kind in dict.fromkeys(_by_form(text)):
        yield Finding(str(file), kind)


def findings(exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """What must not be in these exchanges."""
    for number, exchange in enumerate(exchanges, 1):
        place = f"exchange {number}"
        for part, keys, text in _texts(exchange):
            for kind in dict.fromkeys(_found(keys, text)):
                yield Finding(f"{place}, {part} {'.'.join(keys)}".rstrip(), kind)


def _texts(exchange: Exchange) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every text: which part of the exchange, at which keys."""
    request, response = exchange.request, exchange.response
    yield "host", (), request.host
    for segment in request.path.split("/"):
        yield "path", (), unquote(segment)
    for name, value in parse_qsl(request.query):
        yield "query", (name,), value
    for part, headers, raw in (
        ("request", request.headers, request.body),
        ("answer", response.headers, response.body),
    ):
        for name, value in headers.items():
            yield f"{part} header", (name,), value
        yield from ((part, keys, text) for keys, text in _body(headers, raw))


def _body(headers: Mapping[str, str], raw: bytes) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []

    def note(keys: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> Any:
        if isinstance(value, str):
            found.append((keys, value))
        return value

    body = bodies.read(headers.get("content-type", ""), raw)
    body.map(note)
    if body.form == "binary":
        found.append(((), raw.decode("latin-1")))
    return found


# --- detectors -----------------------------------------------------------------------------------

_FORMS = {
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
_SECRET_KEY = re.compile(
    r"secret|passw|passphrase|token$|api_?key|private_?key|access_?key|assertion$|authorization$"
    r"|cookie|credential$|sas_?token|write_?key|recovery_code|connection_?string",
    re.IGNORECASE,
)
_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
_PUBLIC = frozenset({
    "next", "from", "cursor", "code", "n", "x5t", "pem", "public_key", "script", "template",
    "css", "fingerprint", "picture", "log_id", "body",
})  # fmt: skip
_WORDS = frozenset({"[REDACTED]", "none", "true", "false"})
_LEAST_BITS = 4.0
_LEAST_SECRET = 6


def _found(keys: tuple[str, ...], text: str) -> Iterator[str]:
    yield from _by_form(text)
    key = keys[-1].lower() if keys else ""
    if key in _HEADERS:
        yield f"the header {key}"
    bare = PSEUDONYM.sub("", text)
    if _SECRET_KEY.search(key) and len(bare) >= _LEAST_SECRET and not _harmless(bare):
        yield "a secret, by its key"
    if not identifying_key(key) and key not in _PUBLIC:
        random = any(_bits(part) >= _LEAST_BITS for part in _RANDOM.findall(bare))
        if random and not _sentence(bare):
            yield "a random-looking text"
    if free_ip(text) is False:
        yield "an IP address"


def _by_form(text: str) -> Iterator[str]:
    text = PSEUDONYM.sub("", text)
    for kind, pattern in _FORMS.items():
        if pattern.search(text):
            yield kind
    if not all(map(free_email, EMAIL.findall(text))):
        yield "an e-mail address"
    if not all(map(free_phone, PHONE.findall(text))):
        yield "a telephone number"


def _harmless(text: str) -> bool:
    """Whether a text under a secret's key is a setting: a word, words, a URL of nobody's."""
    return (
        text in _WORDS
        or text.isdigit()
        or re.fullmatch(r"[a-z]+(?:[_:.-][a-z]+)*", text) is not None
    )


def _sentence(text: str) -> bool:
    """Whether a text is prose, code or a URL: what is long in these is not random."""
    return " " in text or "://" in text or text.startswith("/")


def _bits(text: str) -> float:
    """The entropy of a text's characters, in bits each."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
