"""Nearly fitting requests of the Authentication API and its pages, and what must not come of them.

``python -m tools.fuzz.login`` sends many and prints how many, of which status, and what went wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from auth0_mgmt._json import is_object
from auth0_mgmt_testing import Changes
from auth0_mgmt_testing.engine.response import Response

from .login_cases import BYE, CALLBACK, Case, cases
from .run import QUIET

MARK = "<xss'\">"
"""What is in every drawn text; it must reach no page as it is."""
PLANTED = "planted-secret"
"""How every drawn secret begins."""
SECRETS = frozenset((
    "password", "client_secret", "client_assertion", "code", "code_verifier", "refresh_token",
    "otp", "recovery_code", "oob_code", "binding_code", "mfa_token", "device_code", "auth_req_id",
    "subject_token", "token", "verification_code",
))  # fmt: skip
"""The parameters whose values no response may show."""
_ADDED = (
    "request", "request_uri", "organization", "invitation", "connection", "prompt", "max_age",
    "client_assertion", "client_assertion_type", "response_mode", "login_hint", "state", "scope",
    "screen_hint", "acr_values", "ui_locales", "audience", "requested_expiry", "id_token_hint",
    "logout_hint", "csrf_token", "action", "send", "authParams", "user_metadata", "subject",
    "authenticator_id", "oob_channels", "phone_number", "username", "ticket", "nonce",
)  # fmt: skip
_UNCHANGED_IF_REFUSED = ("users", "sessions", "refresh_tokens", "grants", "clients", "user_grants")
_NOT_IMPLEMENTED = 501


# --- what is sent --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A request as it is sent, and the case that it was made of."""

    case: Case
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    as_json: bool
    headers: Mapping[str, str]
    raw: str = ""
    """What the query has beside its parameters."""

    @property
    def target(self) -> str:
        search = "&".join(filter(None, (_form(self.query), self.raw)))
        return f"{self.case.path}?{search}" if search else self.case.path

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return (json.dumps(self.body) if self.as_json else _form(self.body)).encode()

    @property
    def given(self) -> dict[str, Any]:
        return {**self.query, **(self.body or {})}

    def __str__(self) -> str:
        shown = self.content.decode("utf-8", "replace")
        text = f"{self.case.method} {self.target} {dict(self.headers)} {shown}"
        return re.sub(r"(.)\1{100,}", r"\1…", text)[:1_000]


def _form(values: Mapping[str, Any]) -> str:
    def text(value: Any) -> str:
        return quote_plus(value if isinstance(value, str) else json.dumps(value), errors="replace")

    return "&".join(f"{text(name)}={text(value)}" for name, value in values.items())


_ADDRESSES = st.sampled_from((
    "//evil.example", "https://evil.example/", "javascript:alert(1)", "http://[", "http://[::1",
    "https://app.example.com:x/", "https://app.example.com:x/callback", "\ud800",
    "https://app.example.com/callback@evil.example", "https://app.example.com\\@evil.example",
    "https://app.example.com/callback?a=\r\nb: c", "https://APP.example.com/callback",
    "https://app.example.com/callback/", "https://app.example.com/callback#a", "data:text/html,a",
    "https://evil.example/callback", "https://app.example.com.evil.example/callback", MARK,
))  # fmt: skip
_ODD_NUMBERS: tuple[Any, ...] = (
    "-1", "1e999", "9" * 5_000, "9" * 20, "\u00b2", "\u0663", "0x10", "1.5", "", " 1", "+1",
    None, True, 0, -1, 10**30, float("inf"), float("nan"), 1.5, [1], {},
)  # fmt: skip
_ODD_VALUES: tuple[Any, ...] = (
    [], ["a"], [None], ["\ud800"], {}, {"a": "b"}, {"$ref": "x"}, [[[]]],
    {"format": "iss_sub", "sub": 7}, {"\ud800": 1},
)  # fmt: skip
_NUMBERS: st.SearchStrategy[Any] = st.sampled_from(_ODD_NUMBERS)
_TEXTS = st.one_of(
    st.just(MARK),
    st.text(max_size=12).map(lambda text: MARK + text),
    st.sampled_from((
        "", " ", "\x00", "\r\nset-cookie: a=b", "a" * 5_000, "\u00e9", "\ud800", "none", "a.b.c",
        "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOlsxXX0.e30.AA", "org_", "%", "${clientName}",
        "{{7*7}}", "auth0|ada", "ada@example.com", "ada@", "@", "app", "third", "undefined",
    )),
)  # fmt: skip
_VALUES: st.SearchStrategy[Any] = st.one_of(_TEXTS, _NUMBERS, st.sampled_from(_ODD_VALUES))


@st.composite
def requests(draw: st.DrawFn, case: Case) -> Sent:
    """The case, changed in one to three places."""
    query, body = dict(case.query), None if case.body is None else dict(case.body)
    as_json, headers, raw = case.media == "json", dict(case.headers), ""
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        kind = draw(st.sampled_from(("value", "value", "drop", "swap", "add", "header", "raw")))
        part = query if body is None or (query and draw(st.booleans())) else body
        if kind == "header":
            name = draw(st.sampled_from(("cookie", "authorization", "content-type", "host",
                                         "x-forwarded-for", "user-agent", "origin")))  # fmt: skip
            headers[name] = draw(st.sampled_from(_HEADERS[name]))
        elif kind == "raw":
            raw = draw(
                st.sampled_from(("%ff%fe", "state=a&state=b", "=", "a[b]=c", "&&&", "%00=1"))
            )
        elif kind == "add":
            name = draw(st.sampled_from(_ADDED))
            part[name] = draw(_of(name))
        elif part:
            name = draw(st.sampled_from(sorted(part)))
            if kind == "drop":
                del part[name]
            elif kind == "swap":
                part[name] = part[draw(st.sampled_from(sorted(part)))]
            else:
                part[name] = draw(_of(name))
    if body is not None:
        as_json = draw(st.booleans()) if draw(st.integers(0, 3)) == 0 else as_json
        media = "application/json" if as_json else "application/x-www-form-urlencoded"
        headers.setdefault("content-type", media)
        if headers["content-type"] not in _HEADERS["content-type"]:
            headers["content-type"] = media
    return Sent(case, query, body, as_json, headers, raw)


_HEADERS: Mapping[str, tuple[str, ...]] = {
    "cookie": ("", "auth0=nobody", 'auth0="', "=;=;", "auth0=a; auth0=b", "a" * 5_000),
    "authorization": (
        "", "Basic", "Basic !!!", "Basic YXBwOg==", "Basic /w==", "Bearer", "Bearer a.b.c",
        "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer \xff", "Fe26 x",
    ),
    "content-type": (
        "", "text/plain", "application/json; charset=utf-16", "multipart/form-data",
    ),
    "host": ("localhost:8400", "evil.example", "127.0.0.1:x", "[::1]:80", "a\\b", ""),
    "x-forwarded-for": ("", "203.0.113.9, 10.0.0.1", "nonsense", ","),
    "user-agent": ("", MARK, "\xff"),
    "origin": ("null", "https://evil.example", ""),
}  # fmt: skip


def _of(name: str) -> st.SearchStrategy[Any]:
    if "uri" in name or name == "returnTo":
        return st.one_of(_ADDRESSES, _ADDRESSES, _VALUES)
    if name in ("max_age", "requested_expiry"):
        return _NUMBERS
    if name in SECRETS:
        return st.one_of(_TEXTS.map(lambda text: f"{PLANTED}{text}"), _VALUES)
    return _VALUES


# --- what comes of it ----------------------------------------------------------------------------


@dataclass
class Report:
    """How many requests had which status, and what must not happen."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    succeeded: set[str] = field(default_factory=set[str])
    faults: dict[str, str] = field(default_factory=dict[str, str])
    """Each kind of fault with the first request that had it."""

    @property
    def lines(self) -> list[str]:
        """The report for people."""
        total, by_status = sum(self.statuses.values()), sorted(self.statuses.items())
        shown = ", ".join(f"{count} with {status}" for status, count in by_status)
        return [
            *(f"{what}: {request}" for what, request in sorted(self.faults.items())),
            f"{total} requests to the Authentication API and its pages ({shown})",
            f"{len(self.succeeded)} of {len(cases())} kinds succeeded, {len(self.faults)} faults",
        ]


def fuzz(case: Case, report: Report, examples: int, *, seeded: int | None = None) -> None:
    """Send a case and so many requests made of it, each to a fork of its tenant."""
    note(unchanged(case), report)

    @settings(QUIET, max_examples=examples)
    @given(sent=requests(case))
    def check(sent: Sent) -> None:
        note(sent, report)

    (check if seeded is None else seed(f"{seeded} {case.name}")(check))()


def unchanged(case: Case) -> Sent:
    """The case as it is sent."""
    media = "application/json" if case.media == "json" else "application/x-www-form-urlencoded"
    headers = {"content-type": media, **case.headers}
    return Sent(case, case.query, case.body, case.media == "json", headers)


def note(sent: Sent, report: Report) -> None:
    """Send one request and note in the report what came of it."""
    tenant = sent.case.tenant.fork()
    before = tenant.snapshot()
    try:
        response = tenant.send(sent.case.method, sent.target, dict(sent.headers), sent.content)
        response.read()
    except Exception as error:  # nothing may be raised: that is looked for
        cause = error.__cause__ or error.__context__ or error
        report.statuses[500] += 1
        report.faults.setdefault(f"{sent.case.name}: raises {cause!r}"[:300], str(sent))
        return
    report.statuses[response.status] += 1
    if not is_refusal(response):
        report.succeeded.add(sent.case.name)
    changes = tenant.changes_since(before)
    for name, fault in _CHECKS.items():
        if fault(sent, response, changes):
            body = response.body[:300].decode("utf-8", "replace")
            what = f"{sent.case.name}: {name} (status {response.status})"
            report.faults.setdefault(what, f"{sent} -> {response.headers.get('location')} {body}")


def is_refusal(response: Response) -> bool:
    """Whether the response reports an error."""
    if response.status >= 400:
        return True
    location = response.headers.get("location", "")
    parts = urlsplit(location)
    return "error" in {**parse_qs(parts.query), **parse_qs(parts.fragment)}


def _fails(sent: Sent, response: Response, changes: Changes) -> bool:
    retired = sent.case.name == "retired"
    return response.status >= 500 and not (retired and response.status == _NOT_IMPLEMENTED)


def _has_no_error_form(sent: Sent, response: Response, changes: Changes) -> bool:
    """Whether an error is neither a page nor an object of the API."""
    if not 400 <= response.status < 500:
        return False
    if sent.case.is_page:
        return not response.headers["content-type"].startswith("text/html")
    if not response.headers["content-type"].startswith("application/json"):
        return True
    body: Any = response.json()
    if not is_object(body):
        return True
    if sent.case.path.startswith("/dbconnections/") and isinstance(body.get("code"), str):
        return body.get("statusCode") != response.status
    return not all(isinstance(body.get(name), str) for name in ("error", "error_description"))


def _shows_a_secret(sent: Sent, response: Response, changes: Changes) -> bool:
    """Whether an error or a page shows a secret that was sent."""
    is_html = response.headers.get("content-type", "").startswith("text/html")
    if response.status < 400 and not is_html and "location" not in response.headers:
        return False
    shown = response.body.decode("utf-8", "replace") + response.headers.get("location", "")
    secrets, others = set[str](), set[str]()
    for name, value in sent.given.items():
        if isinstance(value, str):
            (secrets if name in SECRETS else others).add(value)
    planted = {value for value in secrets if value.startswith(PLANTED)}
    known = ((secrets & _real(sent.case)) | planted) - others
    return any(value in shown for value in known)


def _real(case: Case) -> set[str]:
    """The secrets that the unchanged case sends."""
    values = {**case.query, **(case.body or {})}
    return {str(value) for name, value in values.items() if name in SECRETS and len(value) >= 6}


def _is_injected(sent: Sent, response: Response, changes: Changes) -> bool:
    """Whether a drawn text reached a page, a script or a header as it is."""
    headers = "".join(f"{name}{value}" for name, value in response.headers.items())
    if re.search(r"[\r\n\x00]", headers):
        return True
    is_html = response.headers.get("content-type", "").startswith("text/html")
    return is_html and b"<xss" in response.body


def _leads_away(sent: Sent, response: Response, changes: Changes) -> bool:
    """Whether the browser is sent to an address that is neither the tenant's nor listed."""
    location = response.headers.get("location")
    if location is None:
        return False
    if "\\" in location or location.startswith("//"):
        return True
    if location.startswith("/"):
        return False
    parts = urlsplit(location)
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
    own = sent.headers.get("host") or sent.case.tenant.domain
    return bare not in (CALLBACK, BYE) and parts.netloc not in (own, sent.case.tenant.domain)


def _writes_though_refused(sent: Sent, response: Response, changes: Changes) -> bool:
    if not is_refusal(response):
        return False
    written = {**changes.created, **changes.updated}
    return any(table in written for table in _UNCHANGED_IF_REFUSED)


def _may_be_stored(sent: Sent, response: Response, changes: Changes) -> bool:
    """Whether caches may keep what a user or a client was given."""
    if sent.case.path.startswith("/.well-known/") or response.status >= 300:
        return False
    shown = response.body.decode("utf-8", "replace")
    secret = "_token" in shown or 'name="csrf_token"' in shown
    return secret and response.headers.get("cache-control") != "no-store"


_CHECKS: Mapping[str, Callable[[Sent, Response, Changes], bool]] = {
    "fails": _fails,
    "has no error form": _has_no_error_form,
    "shows a secret": _shows_a_secret,
    "is injected": _is_injected,
    "leads away": _leads_away,
    "writes though refused": _writes_though_refused,
    "may be stored": _may_be_stored,
}


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 where something happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz.login", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CASE", help="only these (default: all)")
    parser.add_argument("--examples", type=int, default=300, help="requests per case (300)")
    parser.add_argument("--seed", type=int, default=None, help="for the same requests again")
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # the engine logs each traceback
    chosen = [case for case in cases() if not given.names or case.name in given.names]
    begun, report = time.monotonic(), Report()
    for case in chosen:
        fuzz(case, report, given.examples, seeded=given.seed)
    print("\n".join([*report.lines, f"{time.monotonic() - begun:.0f} s"]))
    return 1 if report.faults or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
