"""SAML and WS-Federation: what certificates and metadata documents say is put into the options."""

from __future__ import annotations

import base64
import binascii
import textwrap
from typing import TYPE_CHECKING

from ..behaviours import without_nulls
from ..engine.certificates import described
from ..state.store import Doc
from ._strategy import Options, Strategy

if TYPE_CHECKING:
    from xml.etree import ElementTree

_OWN_TICKET = "https://{domain}/p/{strategy}/"
_DERIVED = (
    "cert", "expires", "subject", "thumbprints", "signingCert",
    "signInEndpoint", "signOutEndpoint", "bindingMethod",
)  # fmt: skip


def _samlp(options: Options) -> Doc:
    whole = dict(options.given)
    document: str | None = whole.pop("metadataXml", None)
    if document is not None:
        whole = _under(_identity_provider(document), whole)
    elif whole.get("metadataUrl") and options.before is not None:
        # The address cannot be fetched: what was derived before stays.
        whole = _under({k: v for k, v in options.before.items() if k in _DERIVED}, whole)
    whole = _under(_of_certificate(whole.get("signingCert")), whole)
    if options.new:
        settings: Doc = {"algorithm_profile": "v2026-1", "algorithm_exceptions": []}
        whole.setdefault("assertion_decryption_settings", settings)
    return whole


def _ping_federate(options: Options) -> Doc:
    """The certificate is kept as ``cert`` alone; the server itself is where one signs in."""
    whole = dict(options.given)
    whole = _under(_of_certificate(whole.pop("signingCert", None)), whole)
    if (server := whole.get("pingFederateBaseUrl")) is not None:
        whole.setdefault("signInEndpoint", server)
    return whole


def _adfs(options: Options) -> Doc:
    document: str | None = options.given.get("fedMetadataXml")
    fill: Doc = {} if document is None else _federation(document)
    if options.new or document is not None:
        fill.setdefault("thumbprints", [])
    if options.new:
        fill["should_trust_email_verified_connection"] = "always_set_emails_as_verified"
    return options.over(fill)


def _under(found: Doc, whole: Doc) -> Doc:
    """What was found, where nothing was said."""
    return {**found, **without_nulls(whole)}


# --- certificates ------------------------------------------------------------------------------


def _of_certificate(given: str | None) -> Doc:
    """What a certificate (PEM, or PEM in base64) says; nothing where it is none."""
    pem = _pem(given or "")
    about = None if pem is None else described(pem)
    if about is None:
        return {}
    return {"cert": pem, "thumbprints": [about.pop("thumbprint")], **about}


def _pem(given: str) -> str | None:
    if "BEGIN CERTIFICATE" in given:
        return given
    try:
        text = base64.b64decode(given).decode()
    except (binascii.Error, ValueError):
        return None
    return text if "BEGIN CERTIFICATE" in text else None


# --- metadata ----------------------------------------------------------------------------------


def _root(document: str) -> ElementTree.Element:
    """The document's root; an empty element where it is no XML."""
    from xml.etree import ElementTree

    try:
        return ElementTree.fromstring(document.strip())  # noqa: S314  the test's own document
    except ElementTree.ParseError:
        return ElementTree.Element("nothing")


def _all(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return root.findall(f".//{{*}}{name}")


def _certificate(root: ElementTree.Element) -> str | None:
    """The first signing certificate of the document, as PEM."""
    for key in _all(root, "KeyDescriptor"):
        if key.get("use") in (None, "signing"):
            for found in _all(key, "X509Certificate"):
                lines = textwrap.wrap("".join((found.text or "").split()), 64)
                inner = "\n".join(lines)
                return f"-----BEGIN CERTIFICATE-----\n{inner}\n-----END CERTIFICATE-----\n"
    return None


def _identity_provider(document: str) -> Doc:
    """What the metadata of a SAML identity provider say."""
    root = _root(document)
    found: Doc = {}
    for service, option in (
        ("SingleSignOnService", "signInEndpoint"),
        ("SingleLogoutService", "signOutEndpoint"),
    ):
        for element in _all(root, service)[:1]:
            found[option] = element.get("Location")
            if service == "SingleSignOnService":
                found["bindingMethod"] = element.get("Binding")
    if (pem := _certificate(root)) is not None:
        encoded = base64.b64encode(pem.encode()).decode()
        found["signingCert"] = encoded
    return found


def _federation(document: str) -> Doc:
    """What WS-Federation metadata say."""
    root = _root(document)
    found: Doc = {}
    for endpoint in _all(root, "PassiveRequestorEndpoint")[:1]:
        for address in _all(endpoint, "Address")[:1]:
            found["signInEndpoint"] = (address.text or "").strip()
    if (pem := _certificate(root)) is not None and (about := described(pem)) is not None:
        found["thumbprints"] = [about["thumbprint"]]
    return found


STRATEGIES = {
    "adfs": Strategy(_adfs, enterprise=True, ticket=_OWN_TICKET),
    "pingfederate": Strategy(_ping_federate, enterprise=True, ticket=_OWN_TICKET),
    "samlp": Strategy(_samlp, enterprise=True, ticket=_OWN_TICKET, scim=True, lists_clients=False),
}
