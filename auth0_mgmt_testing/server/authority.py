"""A certificate authority of the user's own, for served tenants with TLS.

It is created once, stored in the user's data folder (its key readable by the user only), and never
added to a trust store: clients trust it by an environment variable (`trust_variables`).
"""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..adapters.local_authority import BUNDLE, CERTIFICATE, client_context, data_folder
from ..state.files import write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder

_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 397
_NAME = "auth0-fake local authority"
_KEY = "authority-key.pem"


class Authority:
    """Issues certificates for any host, on demand."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder()
        self._key, self._certificate = self._read() or self._make()
        self._leaf_key = _new_key()
        self.context = lru_cache(maxsize=256)(self._context)
        """Return the TLS context of a server for one host."""

    @property
    def certificate_file(self) -> Path:
        """The authority's certificate, PEM."""
        return self.folder / CERTIFICATE

    @property
    def bundle_file(self) -> Path:
        """The system's authorities and this one, PEM: for variables that replace the former."""
        return self.folder / BUNDLE

    def server_context(self, host: str, others: Iterable[str] = ()) -> ssl.SSLContext:
        """Return a TLS context for ``host`` and for each name that a client requests.

        ``others``: addresses of the server besides; clients request a certificate by name only.
        """
        context = self._context(host, tuple(others))

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name and len(name) <= 253:
                connection.context = self.context(name)

        context.sni_callback = choose
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return a TLS context for clients in Python that trusts this authority, too."""
        return client_context(self.certificate_file)

    def _context(self, host: str, others: tuple[str, ...] = ()) -> ssl.SSLContext:
        from cryptography.hazmat.primitives import serialization

        pem = self._issue(host, *others).public_bytes(serialization.Encoding.PEM)
        pem += self._certificate.public_bytes(serialization.Encoding.PEM)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        # Python loads a chain from files only.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "leaf.pem"
            write_private(path, _pem(self._leaf_key) + pem)
            context.load_cert_chain(path)
        return context

    def _issue(self, host: str, *others: str) -> Certificate:
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        names: list[x509.GeneralName] = []
        for each in dict.fromkeys((host, *others, "localhost", "*.localhost", "127.0.0.1", "::1")):
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(each.strip("[]"))))
            except ValueError:
                names.append(x509.DNSName(each))
        builder: CertificateBuilder = _builder(
            host[:64], self._certificate.subject, self._leaf_key, _LEAF_DAYS
        )
        key = self._key.public_key()
        return (
            builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key), critical=False)
            .sign(self._key, _sha256())
        )

    def _read(self) -> tuple[EllipticCurvePrivateKey, Certificate] | None:
        """Return the stored authority, None where there is none or it expires soon."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        with contextlib.suppress(FileNotFoundError, ValueError):
            key = load_pem_private_key((self.folder / _KEY).read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
            soon = datetime.now(UTC) + timedelta(days=_LEAF_DAYS)
            same = isinstance(key, EllipticCurvePrivateKey) and (
                key.public_key() == certificate.public_key()
            )
            if same and certificate.not_valid_after_utc > soon:
                assert isinstance(key, EllipticCurvePrivateKey)
                return key, certificate
        return None

    def _make(self) -> tuple[EllipticCurvePrivateKey, Certificate]:
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization

        key = _new_key()
        name = _subject(_NAME)
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder(_NAME, name, key, _AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, _sha256())
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        write_private(self.folder / _KEY, _pem(key))
        write_private(self.certificate_file, pem)
        write_private(self.bundle_file, _system_authorities() + pem)
        return key, certificate


def trust_variables(certificate: Path, bundle: Path) -> dict[str, str]:
    """Return the environment variables that make common tools trust an authority.

    ``bundle``: for those that trust no other then, such as `Authority.bundle_file`.
    """
    return {
        "SSL_CERT_FILE": str(bundle),
        "REQUESTS_CA_BUNDLE": str(bundle),
        "CURL_CA_BUNDLE": str(bundle),
        "NODE_EXTRA_CA_CERTS": str(certificate),
    }


def _system_authorities() -> bytes:
    """Return the authorities that Python trusts without this one, as PEM."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile and Path(paths.cafile).is_file():
        return Path(paths.cafile).read_bytes().rstrip() + b"\n"
    with contextlib.suppress(ImportError):
        import certifi

        return Path(certifi.where()).read_bytes().rstrip() + b"\n"
    return b""


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _sha256() -> Any:
    from cryptography.hazmat.primitives.hashes import SHA256

    return SHA256()


def _subject(name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(name: str, issuer: Any, key: EllipticCurvePrivateKey, days: int) -> CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )
