"""What is secret, in one table, and its redaction: read by every log, repr, error and recording.

A member, parameter or header is secret by its name: by an exact entry of ``SECRET_NAMES``, or by a
fragment of ``SECRET_FRAGMENTS`` unless the name is an exact entry of ``PUBLIC_NAMES``. Names are
compared in lower case without ``_``, ``-`` and ``.``, so ``api_key``, ``apiKey`` and ``X-API-Key``
are one. ``CONTAINERS`` hold secrets under names that a caller chose: every string below them is
secret except ``PUBLIC_IN_CONTAINERS``. In a ``FORM``, ``code`` is a grant; elsewhere it is source code. ``URL_NAMES`` hold addresses whose query is a credential
(a presigned file); of every other URL, the query parameters that are secret by name are.

A test walks the members of the contract and demands a classification of each suspicious name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode

from ._json import is_mapping, is_sequence

REDACTED: Final = "[REDACTED]"

SECRET_FRAGMENTS: Final = (
    "secret", "token", "password", "passphrase", "passcode", "privatekey", "signingkey", "apikey",
    "clientassertion", "authorization", "credentialvalue", "encryptionkey", "otpsecret",
    "recoverycode", "writekey", "saskey", "accesskey", "masterkey", "serverkey", "servercredential",
    "connectionstring", "connectorkey", "cookie", "signature", "setupkey", "sharedkey", "licensekey",
    "passwd", "ticketurl",
)  # fmt: skip
"""Parts of a name that make it secret, spelled without separators."""

SECRET_NAMES: Final = frozenset({
    # Credentials of a request or of a signed address.
    "dpop", "assertion", "linkwith", "idtokenhint", "codeverifier", "sig", "sas", "jwt", "samlresponse",
    "xamzsignature", "xamzcredential", "xamzsecuritytoken", "googleaccessid", "xgoogsignature",
    "xgoogcredential", "xvaulttoken", "xapikey", "xcsrf", "authsession", "wresult",
    # Keys and certificates with their private half.
    "pem", "p12", "pkcs7", "pkcs12", "pfx", "skey", "wrappedkey", "unwrappedkey", "privkey",
    "customdomainkey",
    # Invitations, enrollments and one-time codes.
    "ticket", "ticketid", "loginticket", "invitationurl", "barcodeuri", "totp", "totpuri", "otp", "otpcode",
    "bindingcode", "oobcode", "devicecode", "usercode", "authreqid", "pin", "securitycode", "passwordhash",
    "verificationcode", "pwd",
    # Service credentials under names of their own.
    "smtppass", "splunktoken", "httpauthorization", "sumosourceaddress", "webhookauthorization",
    "headervalue", "firebasecredentials",
    "salt", "hashvalue", "ssn",
})  # fmt: skip
"""Whole names that are secret, spelled without separators."""

PUBLIC_NAMES: Final = frozenset({
    # Identifiers, algorithms and addresses around a secret.
    "accesskeyid", "awsaccesskeyid", "saskeyname", "privatekeyid", "privatekeyjwt", "tokenid", "tokentype",
    "tokendialect", "subjecttokentype", "tokenendpoint", "tokenendpointurl", "tokenurl", "accesstokenurl",
    "requesttokenurl", "authorizationurl", "userauthorizationurl", "authorizationendpoint",
    "pushedauthorizationrequestendpoint", "tokenendpointauthmethod", "tokenendpointauthmethodssupported",
    "tokenendpointauthsigningalg", "tokenendpointauthsigningalgvaluessupported", "tokenendpointjwtcaaudformat",
    "signaturealgorithm", "signaturemethod", "httpmessagesignature", "globaltokenrevocationjwtiss",
    "globaltokenrevocationjwtsub", "subjecttypeauthorization", "enableidtokenapi2",
    "idtokenencryptionalgvaluessupported", "idtokenencryptionencvaluessupported",
    "idtokensessionexpirysupported", "idtokensignedresponsealg", "idtokensignedresponsealgs",
    "idtokensigningalgvaluessupported", "refreshtokenmetadata", "useroauthtokenlifetime",
    # Settings about tokens.
    "tokenlifetime", "tokenlifetimeforweb", "tokenlifetimeforanonymousaccesstokens", "idletokenlifetime",
    "infinitetokenlifetime", "infiniteidletokenlifetime", "tokenexchange", "tokenencryption", "tokenquota",
    "defaulttokenquota", "tokenvaultprivilegedaccess", "refreshtokenrotation", "refreshtokens",
    "preserverefreshtokens", "enforceonlinerefreshtokens", "revokerefreshtokengrant", "allowrefreshtoken",
    "allowlegacytokeninfoendpoint", "istokenendpointipheadertrusted", "cancreatesessiontransfertoken",
    "dpopstrictrefreshtokenbinding", "federatedconnectionsaccesstokens", "adminaccesstokenexpiresin",
    "authorizationdetails", "authorizationdetailstypes", "authorizationpolicy",
    "authorizationresponseissparametersupported", "enablepushedauthorizationrequests",
    "pushedauthorizationrequestssupported", "requirepushedauthorizationrequests",
    "identityassertionauthorizationgrant", "enforceclientauthenticationonpasswordlessstart",
    # Settings about passwords, secrets and cookies.
    "passwordpolicy", "passwordoptions", "passwordcomplexityoptions", "passworddictionary", "passwordhistory",
    "passwordnopersonalinfo", "passwordless", "passwordreset", "changepassword", "prechangepassword",
    "lastpasswordreset", "lastpasswordchange", "leakedpasswords", "challengepasswordpolicy",
    "challengepasswordlesspolicy", "challengepasswordresetpolicy", "disableselfservicechangepassword",
    "precustomtokenexchange", "requiredsecrets", "secretbase64encoded", "secretencoded", "credentialtype",
    # Public halves, identifiers and settings whose names only sound of secrets.
    "adminpublickey", "publickey", "readpublickey", "writepublickey", "certificate", "certificateauthority",
    "customcertificateauthority", "cert", "certs", "certauth", "certrollovernotification", "signingcert",
    "parseexpiryfromcert", "sha256certfingerprints", "pkcs", "key", "keys", "keyid", "keyops", "keyuse",
    "ikey", "sitekey", "passkey", "passkeyoptions", "hash", "header", "headerkey", "headers",
    "customclientipheader", "disableclickjackprotectionheaders", "securityheaders", "clientcredentials",
    "credentialbackedup", "credentialdevicetype", "jwtconfiguration", "assertiondecryptionsettings",
    "emailotp", "phoneotp", "otpautocomplete", "otpexpirationtime", "otplength", "sendbackchannelnonce",
    "webhookendpoint",
    "sessioncookie", "activatecookie", "passwordexpired", "passwordlessemail", "passwordlesssms",
})  # fmt: skip
"""Whole names that are not secret although they contain a secret fragment."""

URL_NAMES: Final = frozenset({"location", "resulturl", "presignedurl", "downloadurl"})
"""Names of URLs whose whole query is a credential."""

CONTAINERS: Final = frozenset({
    "secrets", "credentials", "setup", "decryptionkey", "signingkey", "signingkeys", "customheaders",
    "httpcustomheaders", "bareconfiguration", "rulesconfigs", "servercredentials", "httpheaders",
    "headers", "custompasswordhash", "upstreamsecrets", "authconfig",
})  # fmt: skip
"""Containers of secrets whose members' names do not show it."""
_CHOSEN = CONTAINERS - {"credentials", "setup", "rulesconfigs", "signingkeys", "custompasswordhash"}
"""Those whose members, unless in a list of objects, have whatever name a caller chose."""
_KEY_PAIRS = frozenset({"signingkey", "signingkeys", "decryptionkey"})
"""Containers of a private key, named ``key``, and its certificate."""
_SUBJECTS = frozenset({"secrets", "rules-configs"})
"""Collections whose bodies are secret as a whole."""
FORM: Final = "<form>"
"""The container of the fields of a form, of a query, and of bodies outside of ``/api/v2``."""
ITEM: Final = "[]"
"""An object in a list, among the names that lead to a member (`secret_at`)."""
PUBLIC_IN_CONTAINERS: Final = frozenset({
    "id", "kid", "alg", "algorithm", "name", "key", "header", "type", "region", "domain", "host",
    "credentialtype", "credentialid", "method", "smtphost", "smtpuser", "apiuser", "accountid",
    "appid", "environment", "createdat", "updatedat", "expiresat", "thumbprintsha256",
    "subjectdn", "sid", "defaultfrom", "mssid", "kty", "use", "keyuse", "subject", "thumbprint",
    "fingerprint", "cert", "currentsince", "currentuntil", "revokedat", "encoding",
    "digest", "position",
})  # fmt: skip
"""What is no secret inside a container."""

_SEPARATORS = r"[_\-.\s]"
_PRIVATE_QUERY = frozenset({"q", "search", "email", "phonenumber"})
"""Query parameters that hold personal data, which no log or error shows."""
_BEARER = r"(?i)\b(bearer|basic|dpop)\s+[^\s'\"\\]+"
_JWT = r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*"
_QUOTED = r"b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\""
_ADDRESS = r"\w+://\S+"


@lru_cache(4096)
def normalized(name: str) -> str:
    """A name in lower case without separators."""
    return re.sub(_SEPARATORS, "", name).lower()


@lru_cache(4096)
def is_secret(name: str) -> bool:
    """Whether a member, parameter or header of this name is secret."""
    plain = normalized(name)
    if plain in SECRET_NAMES:
        return True
    return plain not in PUBLIC_NAMES and any(word in plain for word in SECRET_FRAGMENTS)


def subject(url: str) -> str:
    """Return the container that a body to or from a URL or path is: a collection's name or ``FORM``.

    Empty where the container makes nothing secret.
    """
    path = url.partition("?")[0]
    if "/api/v2" not in path:
        return FORM
    return next((part for part in reversed(path.split("/")) if part in _SUBJECTS), "")


_Place: TypeAlias = tuple[str, str, bool, bool, bool]
"""Where a value is: the name it has, the name of the object around it, whether that object is in a
container, whether a caller chose the names in it, and whether the value is an item of a list."""
_ROOT: _Place = ("", "", False, False, False)


@lru_cache(4096)
def _inside(place: _Place) -> tuple[bool, bool]:
    """Return whether members of the object there are contained, and whether a caller chose them."""
    name, holder, contained, _, item = place
    plain = normalized(name)
    custom = plain == "configuration" and normalized(holder) == "options"  # of a custom database
    return (
        contained or custom or plain in CONTAINERS,
        not item and (custom or plain in _CHOSEN),
    )


@lru_cache(4096)
def _hidden(place: _Place) -> bool:
    """Whether a string there is secret."""
    name, holder, contained, chosen, _ = place
    plain = normalized(name)
    return (
        is_secret(name)
        or chosen
        or (contained and plain not in PUBLIC_IN_CONTAINERS)
        or (plain == "key" and normalized(holder) in _KEY_PAIRS)
        or (plain == "code" and holder == FORM)
    )


def secret_at(keys: Sequence[str]) -> bool:
    """Whether a string is secret that these names lead to; ``ITEM`` is an object in a list."""
    return _hidden(_place(keys))


def _place(keys: Sequence[str]) -> _Place:
    place = _ROOT
    for key in keys:
        place = (*place[:4], True) if key == ITEM else (key, place[0], *_inside(place), False)
    return place


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces every secret of a JSON value.

    ``replacement`` is called with the secret and returns what takes its place.
    """

    replacement: Callable[[Any], Any]

    def __call__(self, value: Any, *keys: str) -> Any:
        """Return the value without its secrets; ``keys`` lead to it (see `secret_at`)."""
        return self._replace(value, _place(keys))

    def _replace(self, value: Any, place: _Place) -> Any:
        if isinstance(value, str):
            return self._text(value, place) if value else value
        if value is None or isinstance(value, bool):
            return value
        if is_mapping(value):
            name = place[0]
            contained, chosen = _inside(place)
            return {
                key: self._replace(member, (str(key), name, contained, chosen, False))
                for key, member in value.items()
            }
        if is_sequence(value):
            name, holder, contained, chosen, _ = place
            contained = contained or normalized(name) in CONTAINERS
            place = (name, holder, contained, chosen, True)
            return [self._replace(each, place) for each in value]
        secret = bool(value) and isinstance(value, (bytes, int, float)) and is_secret(place[0])
        return self.replacement(value) if secret else value

    def _text(self, value: str, place: _Place) -> Any:
        if _hidden(place):
            return self.replacement(value)
        if "?" in value and normalized(place[0]) in URL_NAMES:
            return value.partition("?")[0] + "?" + str(self.replacement(value))
        return value


def _redacted_text(_: Any) -> str:
    return REDACTED


_redact = Redactor(_redacted_text)


def redacted(value: Any, *keys: str) -> Any:
    """A JSON value with every secret replaced, at every depth; ``keys`` lead to it."""
    try:
        return _redact(value, *keys)
    except RecursionError:
        return "[REDACTED: nested too deeply]"


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without credentials, names in lower case."""
    shown: dict[str, str] = {}
    for name, value in headers.items():
        plain = normalized(name)
        if is_secret(name):
            value = REDACTED
        elif plain == "location" or plain == "link":
            value = safe_url(value) if plain == "link" else safe_url(value, whole_query=True)
        shown[name.lower()] = value
    return shown


def safe_url(url: str, *, whole_query: bool = False) -> str:
    """A URL without user information and without the values of secret or private parameters.

    ``whole_query``: redact every parameter's value, for presigned addresses.
    """
    url = url.partition("#")[0]
    base, mark, query = url.partition("?")
    scheme, separator, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    base = scheme + separator + host.rpartition("@")[2] + slash + path if separator else base
    if not mark:
        return base
    pairs = [
        (
            name,
            REDACTED
            if whole_query or secret_at((FORM, name)) or normalized(name) in _PRIVATE_QUERY
            else value,
        )
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    return f"{base}?{urlencode(pairs, safe='[]')}"


def safe_body(content: bytes, content_type: str = "", url: str = "") -> Any:
    """A body to or from a URL as it may be shown: parsed and redacted, else only its size."""
    if not content:
        return None
    if "form-urlencoded" in content_type:
        return redacted(dict(parse_qsl(content.decode("utf-8", "replace"))), FORM)
    try:
        return redacted(json.loads(content), unquote(subject(url)))
    except (ValueError, RecursionError):
        return f"<{len(content)} bytes>"


def safe_text(text: str) -> str:
    """A message of another library without addresses, quoted values and credentials."""
    if "header" in text.lower():
        return ""
    for pattern in (_BEARER, _JWT, _ADDRESS, _QUOTED):
        text = re.sub(pattern, "…", text)
    return text[:200]
