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

from ..engine.tokens import is_loopback
from ..errors import ControlError

CERTIFICATE = "authority.pem"
BUNDLE = "bundle.pem"
"""The system's authorities and this one."""
HOME_VARIABLE = "AUTH0_FAKE_HOME"
"""The environment variable that names another data folder."""
BUNDLE_VARIABLE = "SSL_CERT_FILE"


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


def client_context(certificate: Path | None) -> ssl.SSLContext:
    """Return httpx's TLS context, which also trusts the authority of a file (PEM).

    Raises `ControlError` for a file, or one in ``SSL_CERT_FILE``, that cannot be read.
    """
    import httpx  # late: a server starts without it

    try:
        context = httpx.create_ssl_context()
        if certificate is not None:
            context.load_verify_locations(certificate)
    except OSError as error:
        given = os.environ.get(BUNDLE_VARIABLE)
        files = [str(certificate)] * (certificate is not None)
        files += [f"{BUNDLE_VARIABLE} ({given})"] * (given is not None)
        reason = error.strerror or error
        raise ControlError(f"{' or '.join(files)} is no readable CA file: {reason}") from error
    return context


def trust(url: str) -> ssl.SSLContext | bool:
    """Return what verifies the certificate of a URL, as httpx takes it.

    The user's authority is trusted for hosts that only a server on this machine can have (loopback,
    ``.localhost``, ``.test``), any other host by the usual authorities and ``SSL_CERT_FILE`` alone.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return True
    host, certificate = parts.hostname or "", data_folder() / CERTIFICATE
    local = is_loopback(f"[{host}]" if ":" in host else host) or host.endswith(".test")
    return client_context(certificate if local and certificate.is_file() else None)


def ca_files(url: str) -> tuple[Path, Path] | None:
    """Return what a tool trusts a server by: the authority's file, and one with the system's, too.

    They are the user's own, or what ``SSL_CERT_FILE`` names where only that verifies the server; None
    where the usual authorities do.
    """
    own, bundle = data_folder() / CERTIFICATE, data_folder() / BUNDLE
    if own.is_file() and _verifies(url, own):
        return own, bundle
    given = os.environ.get(BUNDLE_VARIABLE)
    return (Path(given), Path(given)) if given and _verifies(url, Path(given)) else None


def _verifies(url: str, certificate: Path) -> bool:
    import httpx

    try:
        httpx.head(
            f"{url}/__fake/health",
            verify=ssl.create_default_context(cafile=certificate),
            trust_env=False,
        )
    except (httpx.HTTPError, OSError):
        return False
    return True


def explain_distrust(url: str, error: BaseException) -> str | None:
    """Return what to do about a certificate that was rejected; None where another error occurred."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    return (
        f"the certificate of {url} is not trusted: {cause.verify_message.rstrip('.')}. If another user or a container "
        f"serves there, name its CA file (ca_file of auth0-fake serve --json) in {BUNDLE_VARIABLE} or by "
        f"verify=ssl.create_default_context(cafile=…), or its data folder in {HOME_VARIABLE}; of this "
        f"user only {data_folder() / CERTIFICATE} is trusted, for hosts of this machine"
    )
