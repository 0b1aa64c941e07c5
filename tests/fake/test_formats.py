"""The API's own string formats."""

from __future__ import annotations

import json

import pytest

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt_testing import contract
from auth0_mgmt_testing.engine.formats import FORMATS
from auth0_mgmt_testing.state.clock import format_timestamp

STANDARD = {"date", "date-time", "ipv4", "ipv6", "uuid"}


def formats_in(value: object) -> set[str]:
    if is_array(value):
        return {found for item in value for found in formats_in(item)}
    if not is_object(value):
        return set()
    found = {name for item in value.values() for name in formats_in(item)}
    if isinstance(value.get("format"), str):
        found.add(value["format"])
    return found


def test_every_format_of_the_contract_is_tested() -> None:
    used: set[str] = set()
    for name in contract.schema_documents():
        for schema in contract.schema_document(name).all():
            used |= formats_in(json.loads(json.dumps(schema)))
    assert used - STANDARD - set(FORMATS) == set()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("email", ["ada@example.com", "a+b@x.co"], ["", "ada", "ada@", "a b@x.co", "a@x"]),
        ("email-or-empty", ["", "ada@example.com"], ["ada"]),
        ("uri", ["https://example.com", "urn:a:b", "com.app:/cb"], ["", "example", "/a", "a b:c"]),
        ("strict-https-uri", ["https://example.com/a"], ["http://example.com", "https://", ""]),
        ("absolute-https-uri-or-empty", ["", "https://example.com"], ["http://example.com"]),
        ("absolute-uri-or-empty", ["", "http://example.com"], ["example.com"]),
        ("callback-url", ["https://*.example.com/{organization_name}", "app://cb"], ["cb"]),
        ("url-with-placeholders", ["https://*.example.com"], ["example.com"]),
        ("hostname", ["example.com", "a"], ["", "-a.com", "a..b", "a" * 64 + ".com"]),
        ("cidr", ["10.0.0.0/8"], ["10.0.0.0", "10.0.0.0/33", "::/8", "x"]),
        ("ipv6_cidr", ["2001:db8::/32"], ["2001:db8::", "10.0.0.0/8"]),
        ("organization-id", ["org_" + "a" * 16], ["org_", "rol_" + "a" * 16]),
        ("organization-template-id", ["ort_" + "a" * 22], ["ort_", "a" * 22]),
        ("connection-id", ["con_" + "a" * 16], ["con", "con_a b"]),
        ("organization-name", ["acme", "a-b_c"], ["Acme", "-a", "", "org_x"]),
        ("connection-realm", ["Username-Password-Authentication"], ["", "-a", "a_b"]),
        ("html-color", ["#fff", "#0059d6", "#0059d6ff", "red"], ["", "#", "#ggg"]),
        ("forms-hex-color", ["#fff", "#ffffff"], ["red", "#ff"]),
        ("forms-custom-identifier", ["step_1", "a"], ["", "a b", "_a"]),
        ("forms-url-https", ["https://example.com"], ["http://example.com"]),
        ("user-id", ["auth0|123", "samlp|x|a@b c"], ["auth0", ""]),
        ("client-id", ["abcDEF123"], ["", "a b"]),
        ("non-empty-string", [" "], [""]),
    ],
)
def test_a_format_takes_what_its_name_says(name: str, good: list[str], bad: list[str]) -> None:
    test = FORMATS[name]
    assert [value for value in good if not test(value)] == []
    assert [value for value in bad if test(value)] == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1e30, "9999-12-31T23:59:59.000Z"),
        (-1e30, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_beyond_the_calendar_are_its_ends(seconds: float, text: str) -> None:
    """As of a token that is to be valid for longer than there are years."""
    assert format_timestamp(seconds) == text
