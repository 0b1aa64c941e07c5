"""The API's own string formats, as predicates on strings.

JSON Schema's standard formats (``date-time``, ``email``, ``uuid``, ``ipv4`` …) come with the
validator; these are the contract's own. Each is as strict as its name says and
no stricter: what a live tenant accepts must pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit

from ..state import id_forms
from ..state.ids import IdForm

Test = Callable[[str], bool]

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_PLACEHOLDER = re.compile(r"\{[A-Za-z0-9_.-]+\}|\*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


def matching(expression: str) -> Test:
    """Return a predicate: the string fully matches an expression."""
    fits = re.compile(expression).fullmatch
    return lambda value: fits(value) is not None


def or_empty(test: Test) -> Test:
    """Return a predicate that also accepts the empty string."""
    return lambda value: value == "" or test(value)


def either(one: Test, other: Test) -> Test:
    """Return a predicate: one of two holds."""
    return lambda value: one(value) or other(value)


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError:
        return None
    return parts


def uri(value: str) -> bool:
    """An absolute URI of any scheme."""
    parts = _split(value)
    if parts is None or any(c.isspace() for c in value):
        return False
    return _SCHEME.fullmatch(parts.scheme) is not None and bool(parts.netloc or parts.path)


def web_url(value: str) -> bool:
    """An absolute http or https URL with a host."""
    parts = _split(value)
    return (
        uri(value) and parts is not None and parts.scheme in ("http", "https") and _has_host(parts)
    )


def https_url(value: str) -> bool:
    """An absolute https URL with a host."""
    return web_url(value) and value[:6].lower() == "https:"


def _has_host(parts: SplitResult) -> bool:
    return bool(parts.hostname)


def with_placeholders(test: Test) -> Test:
    """Return a predicate that first replaces ``{placeholders}`` and ``*`` by a label."""
    return lambda value: test(_PLACEHOLDER.sub("x", value))


def hostname(value: str) -> bool:
    """A host name by RFC 2181: labels of at most 63, 255 in all."""
    labels = value.rstrip(".").split(".")
    return 0 < len(value) <= 255 and all(_HOST_LABEL.fullmatch(label) for label in labels)


def email(value: str) -> bool:
    """An address with a local part of at most 64 and a domain with a dot."""
    return len(value) <= 254 and _EMAIL.fullmatch(value) is not None


def _network(kind: type[IPv4Network] | type[IPv6Network]) -> Test:
    def test(value: str) -> bool:
        try:
            return "/" in value and isinstance(ip_network(value, strict=False), kind)
        except ValueError:
            return False

    return test


def prefixed(form: IdForm, length: str = "16,24") -> Test:
    """Return a predicate: letters and digits after the prefix of a form."""
    return matching(rf"{form.prefix}[A-Za-z0-9]{{{length}}}")


_text = matching(r"[\s\S]+")
_hex_color = matching(r"#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_custom_identifier = matching(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_opaque = matching(r"[A-Za-z0-9_-]{1,128}")

FORMATS: dict[str, Test] = {
    "yyyymmdd": matching(r"[0-9]{8}"),
    "absolute-https-uri-or-empty": or_empty(https_url),
    "absolute-https-uri-with-placeholders-or-empty": or_empty(with_placeholders(https_url)),
    "absolute-uri-or-empty": or_empty(uri),
    "acr": _text,
    "authenticator-id": matching(r"[a-z-]+\|[A-Za-z0-9_-]+"),
    "callback-url": with_placeholders(uri),
    "cidr": _network(IPv4Network),
    "client-grant-id": either(prefixed(id_forms.CLIENT_GRANT, "1,24"), matching(r"[0-9a-f]{24}")),
    "client-id": matching(r"[^\s\x00]{1,64}"),
    "connection-id": prefixed(id_forms.CONNECTION),
    "connection-profile-id": prefixed(id_forms.CONNECTION_PROFILE, "16,32"),
    "connection-realm": matching(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "credential-id": prefixed(id_forms.CLIENT_CREDENTIAL, "1,32"),
    "ec-initiate-login-uri-template-url": with_placeholders(https_url),
    "email": email,
    "email-or-empty": or_empty(email),
    "event-id": prefixed(id_forms.EVENT),
    "event-stream-id": prefixed(id_forms.EVENT_STREAM),
    "flow-execution-id": _opaque,
    "flow-id": prefixed(id_forms.FLOW, "1,32"),
    "flows-vault-connections-id": prefixed(id_forms.FLOW_VAULT_CONNECTION, "1,32"),
    "form-id": prefixed(id_forms.FORM, "1,32"),
    "forms-custom-identifier": _custom_identifier,
    "forms-expression": _text,
    "forms-file-extension": matching(r"\.?[A-Za-z0-9]{1,10}"),
    "forms-hex-color": _hex_color,
    "forms-url-https": https_url,
    "hmac_sha256_key_value": matching(r"[A-Za-z0-9+/=_-]{1,128}"),
    "hostname": hostname,
    "hostname-rfc2181": hostname,
    "html-color": matching(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(?:rgb|hsl)a?\([^)]*\)"),
    "html-color-or-null": matching(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(?:rgb|hsl)a?\([^)]*\)"),
    "ipv6_cidr": _network(IPv6Network),
    "log-stream-id": prefixed(id_forms.LOG_STREAM),
    "non-empty-string": _text,
    "organization-discovery-domain-id": prefixed(id_forms.ORGANIZATION_DISCOVERY_DOMAIN, "1,32"),
    "organization-id": prefixed(id_forms.ORGANIZATION),
    "organization-name": matching(
        rf"(?!{id_forms.ORGANIZATION.prefix})[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"
    ),
    "organization-template-id": matching(r"[a-z]{2,8}_[A-Za-z0-9]{16,32}"),
    "rate-limit-policy-id": prefixed(id_forms.RATE_LIMIT_POLICY, "1,32"),
    "role-id": prefixed(id_forms.ROLE),
    "session-id": _opaque,
    "strict-https-uri": https_url,
    "strict-https-uri-or-null": https_url,
    "strict-uri": web_url,
    "ticket-id": _text,
    "token-exchange-profile-id": prefixed(id_forms.TOKEN_EXCHANGE_PROFILE, "1,32"),
    "uri": uri,
    "url": with_placeholders(uri),
    "url-or-null": or_empty(uri),
    "url-with-placeholders": with_placeholders(uri),
    "user-attribute-profile-id": prefixed(id_forms.USER_ATTRIBUTE_PROFILE, "16,32"),
    "user-id": matching(r"[^|]+\|[\s\S]+"),
    "user-id-with-max-length": matching(r"[\s\S]{1,300}"),
    "user-invitation-id": prefixed(id_forms.USER_INVITATION, "1,32"),
}
"""Format name -> predicate on a string."""
