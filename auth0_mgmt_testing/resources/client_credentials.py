"""Credentials of clients: public keys and certificates that a client proves itself with."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..behaviours import CollectionBehaviour, Missing, Parent, merged, visible, without_nulls
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

NO_CLIENT = Missing("The client does not exist", "inexistent_client")
_MOST = 2
"""How many credentials a client may have."""
_CERTIFICATES = ("x509_cert", "cert_subject_dn")
_RSA_MEMBERS = ("e", "kty", "n")
_EC_MEMBERS = ("crv", "kty", "x", "y")


# --- what a key or a certificate says ----------------------------------------------------------


def _digest(raw: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()


def _certificate(pem: str) -> Any:
    """The certificate in a PEM; None where there is none that can be read."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return None


def _public_key(pem: str) -> Any:
    """The public key in a PEM, bare or of a certificate; None where none can be read."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    certificate = _certificate(pem)
    if certificate is not None:
        return certificate.public_key()
    try:
        return load_pem_public_key(pem.encode())
    except ValueError:
        return None


def thumbprint(pem: str) -> str:
    """SHA-256 (base64url) of the certificate or public key in a PEM; of its text if unreadable."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    certificate = _certificate(pem)
    if certificate is not None:
        return _digest(certificate.public_bytes(Encoding.DER))
    key = _public_key(pem)
    if key is None:
        return _digest(pem.encode())
    return _digest(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def key_id(pem: str) -> str:
    """The thumbprint of a PEM's public key (RFC 7638, SHA-256), as the API derives key ids."""
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm

    key = _public_key(pem)
    if key is None:
        return _digest(pem.encode())
    for algorithm, names in ((RSAAlgorithm, _RSA_MEMBERS), (ECAlgorithm, _EC_MEMBERS)):
        try:
            jwk: Doc = algorithm.to_jwk(key, as_dict=True)
        except (TypeError, AttributeError, ValueError):
            continue
        if all(name in jwk for name in names):
            members = {name: jwk[name] for name in names}
            return _digest(json.dumps(members, separators=(",", ":")).encode())
    return _digest(pem.encode())


def normalized_timestamp(text: str) -> str:
    """A time given with or without milliseconds, as the API writes it."""
    return _written(datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC))


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _said_by(certificate: Any, kind: str) -> Doc:
    """What a certificate says of its holder: its thumbprint, or its subject a line each."""
    from cryptography.hazmat.primitives.serialization import Encoding

    if kind == "x509_cert":
        return {"thumbprint_sha256": _digest(certificate.public_bytes(Encoding.DER))}
    return {"subject_dn": "\n".join(part.rfc4514_string() for part in certificate.subject.rdns)}


# --- the collection ----------------------------------------------------------------------------


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    doc = dict(doc)
    pem = str(doc.get("pem", ""))
    kind = str(doc.get("credential_type"))
    parse = doc.pop("parse_expiry_from_cert", False) or kind == "x509_cert"
    certificate = _certificate(pem)
    if kind == "public_key":
        doc.setdefault("kid", key_id(pem))
        doc.setdefault("alg", "RS256")
    elif certificate is not None and kind in _CERTIFICATES:
        doc |= _said_by(certificate, kind)
    if parse and certificate is not None:
        doc["expires_at"] = _written(certificate.not_valid_after_utc)
    elif "expires_at" in doc:
        doc["expires_at"] = normalized_timestamp(doc["expires_at"])
    return doc


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    new = without_nulls(merged(old, patch))
    return (
        {**new, "expires_at": normalized_timestamp(new["expires_at"])}
        if "expires_at" in new
        else new
    )


def _without_key(context: RequestContext, credential: Doc) -> Doc:
    """The key itself is written and never read back."""
    return {key: value for key, value in credential.items() if key != "pem"}


def _detach(context: RequestContext, credential: Doc) -> None:
    """A credential that goes is no longer named by its client's settings."""
    client = context.tx.get("clients", credential["_clients"])
    if client is not None:
        gone = credential["id"]
        left = with_credentials(client, lambda refs: [ref for ref in refs if ref["id"] != gone])
        context.tx.put("clients", client["client_id"], left)


CREDENTIALS = CollectionBehaviour(
    "credentials",
    new_id=id_forms.CLIENT_CREDENTIAL,
    missing=Missing("The credential does not exist", "inexistent_credential"),
    drop_nulls=True,
    stamps=True,
    parent=Parent("clients", "client_id", NO_CLIENT),
    prepare=_prepare,
    change=_change,
    view=_without_key,
    before_delete=_detach,
    idempotent_delete=True,
    limit=(_MOST, APIError(400, f"A client can have a maximum of {_MOST} credentials")),
)
CREDENTIALS.bind(
    family,
    list="clients.credentials.list",
    create="clients.credentials.create",
    get="clients.credentials.get",
    delete="clients.credentials.delete",
)


@family.operation("clients.credentials.update", kind="collection")
def change_credential(context: RequestContext) -> Any:
    """Change a credential; a live tenant responds 200 where the contract says 201."""
    return Reply(200, CREDENTIALS.update(context))


# --- how a client's settings name them ----------------------------------------------------------


def with_credentials(client: Doc, change: Callable[[list[Doc]], list[Doc]]) -> Doc:
    """A client (or a change of one) with each of its lists of credentials changed."""

    def changed(holder: Any) -> Any:
        if not is_object(holder) or not is_array(holder.get("credentials")):
            return holder
        return {**holder, "credentials": change(holder["credentials"])}

    result = dict(client)
    if is_object(methods := client.get("client_authentication_methods")):
        result["client_authentication_methods"] = {
            name: changed(method) for name, method in methods.items()
        }
    for name in ("signed_request_object", "token_vault_privileged_access"):
        if name in client:
            result[name] = changed(client[name])
    return result


def registered(context: RequestContext, client: Doc, client_id: str) -> Doc:
    """A client with credentials by id only: those that came whole are created."""

    def stored(credential: Doc) -> Doc:
        if "id" not in credential:
            credential = CREDENTIALS.add(context, {**credential, "_clients": client_id})
        return {"id": credential["id"]}

    return with_credentials(client, lambda given: [stored(credential) for credential in given])


def spelled_out(context: RequestContext, client: Doc) -> Doc:
    """A client with its credentials shown whole."""

    def shown(refs: list[Doc]) -> list[Doc]:
        found = (context.tx.get(CREDENTIALS.table, ref["id"]) for ref in refs)
        return [visible(_without_key(context, doc)) for doc in found if doc is not None]

    return with_credentials(client, shown)
