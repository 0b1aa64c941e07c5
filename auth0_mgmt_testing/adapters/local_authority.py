"""Trust in tenants that are served on this machine, by the user's own certificate authority.

A server with TLS issues its certificates (`auth0_mgmt_testing.server.authority`); what calls one from Python
trusts it by this module, which reads the authority's certificate only.
"""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ..engine.tokens import is_loopback

CERTIFICATE = "authority.pem"
HOME_VARIABLE = "AUTH0_FAKE_HOME"
"""The environment variable that names another data folder."""


def data_folder() -> Path:
    """The user's data folder of this tool."""
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "auth0-fake"


def client_context(certificate: Path) -> ssl.SSLContext:
    """Return a TLS context that also trusts the authority of a file (PEM)."""
    context = httpx.create_ssl_context()
    context.load_verify_locations(certificate)
    return context


def trust(url: str) -> ssl.SSLContext | bool:
    """Return what verifies the certificate of a URL, as httpx takes it.

    The user's authority is trusted for hosts that only a server on this machine can have (loopback,
    ``.localhost``, ``.test``), any other host by the usual authorities and ``SSL_CERT_FILE`` alone.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return True
    certificate = data_folder() / CERTIFICATE
    host = parts.hostname or ""
    if (is_loopback(f"[{host}]" if ":" in host else host) or host.endswith(".test")) and (
        certificate.is_file()
    ):
        return client_context(certificate)
    return httpx.create_ssl_context()


def explain_distrust(url: str, error: BaseException) -> str | None:
    """Return what to do about a certificate that was rejected; None where another error occurred."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    return (
        f"the certificate of {url} is not trusted: {cause.verify_message}. If another user or a container "
        "serves there, name its CA file (ca_file of auth0-fake serve --json) in SSL_CERT_FILE or by "
        f"verify=ssl.create_default_context(cafile=…), or its data folder in {HOME_VARIABLE}; of this "
        f"user only {data_folder() / CERTIFICATE} is trusted, for hosts of this machine"
    )
