"""Issues on a fake tenant what recorded requests presuppose: see `presupposed`.

Each thing is issued as users and clients come by it: users log in on the pages, enroll a factor, are
sent a code. What a recorded response shows of it (scopes, whether a second factor was enrolled, what
the user decided) is brought about.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from auth0_mgmt import ManagementError
from auth0_mgmt._json import is_object

from ..authentication.grants import mfa, password, token_exchange
from ..authentication.totp import code_at
from ..errors import StateError
from ..recordings.exchange import Exchange, parse_body
from .admission import CALLBACK
from .callers import caller_of, given, refusal
from .pages import Pages
from .presupposed import AUTHORIZATION, Issued

if TYPE_CHECKING:
    from ..tenant import FakeTenant

_PASSWORD = "Earlier-user-0"  # noqa: S105 - of a user whom this module makes
_CHANNELS = {"push": "auth0", "sms": "sms", "voice": "voice", "email": "email"}


def issue(tenant: FakeTenant, exchange: Exchange, names: frozenset[str]) -> Issued | None:
    """Issue what a request bears under these names; None where the tenant cannot."""
    issuer = _Issuer(tenant, exchange)
    with suppress(StateError, ManagementError, _NotIssuedError):
        return issuer.issue(names)
    return None


class _NotIssuedError(Exception):
    """The tenant cannot issue that."""


class _Issuer:
    def __init__(self, tenant: FakeTenant, exchange: Exchange) -> None:
        self._tenant = tenant
        self._mgmt = tenant.management()
        self._exchange = exchange
        self._path = exchange.request.path
        self._given = given(exchange.request)
        shown = parse_body(exchange.response.body)
        self._shown: Mapping[str, Any] = shown if is_object(shown) else {}
        self._listed: list[Any] = shown if isinstance(shown, list) else []
        self._client = caller_of(exchange)
        self._has_factor = False

    def issue(self, names: frozenset[str]) -> Issued:
        if "mfa_token" in names or (AUTHORIZATION in names and self._path.startswith("/mfa/")):
            return self._second_factor(names)
        parameters: dict[str, str] = {}
        for name in sorted(names - {AUTHORIZATION}):
            step = _STEPS.get(name)
            if step is None:
                raise _NotIssuedError(name)
            parameters[name] = step(self)
        headers = {}
        if AUTHORIZATION in names:
            headers = {"authorization": f"Bearer {self._access_token()}"}
        return Issued(parameters, headers)

    # --- what was granted ----------------------------------------------------------------------

    def _scope(self) -> str:
        """The scopes that the response shows to have been granted."""
        shown = str(self._shown.get("scope") or self._given.get("scope") or "")
        scopes = dict.fromkeys(shown.split())
        if "id_token" in self._shown:
            scopes["openid"] = None
        if "refresh_token" in self._shown:
            scopes["offline_access"] = None
        return " ".join(scopes)

    def _user(self) -> str:
        """A user of the tenant's database."""
        address = f"earlier{len(self._tenant.users)}@example.com"
        user = self._tenant.users.add(email=address, email_verified=True, password=_PASSWORD)
        return str(user.user_id)

    def _address(self, user: str) -> str:
        return str(self._mgmt.users.get(user).email)

    # --- single things -------------------------------------------------------------------------

    def code(self) -> str:
        query = {
            "client_id": str(self._client),
            "response_type": "code",
            "redirect_uri": str(self._given.get("redirect_uri") or CALLBACK),
            # A token response names the scopes that differ from the requested ones.
            "scope": self._scope() or "profile",
        }
        if verifier := self._given.get("code_verifier"):
            digest = sha256(str(verifier).encode()).digest()
            query["code_challenge"] = urlsafe_b64encode(digest).decode().rstrip("=")
            query["code_challenge_method"] = "S256"
        pages = Pages(self._tenant)
        pages.open(f"/authorize?{urlencode(query)}")
        pages.submit(username=self._address(self._user()), password=_PASSWORD)
        found = dict(parse_qsl(urlsplit(pages.left_for).query))
        if "code" not in found:
            raise _NotIssuedError(pages.left_for)
        return found["code"]

    def refresh_token(self) -> str:
        scopes = dict.fromkeys([*self._scope().split(), "offline_access"])
        if "refresh_token" in self._shown:
            rotation: Any = {"rotation_type": "rotating", "expiration_type": "expiring"}
            self._mgmt.clients.update(str(self._client), refresh_token=rotation)
        user = self._user()
        token = self._tenant.log_in(user, client=self._client, scope=" ".join(scopes)).refresh_token
        if token is None:
            raise _NotIssuedError("refresh_token")
        return token

    def _access_token(self) -> str:
        """A token whose user and scopes give the claims that the response shows."""
        claims = self._shown
        scopes = ["openid"]
        scopes += ["profile"] * ("nickname" in claims or "name" in claims)
        scopes += ["email"] * ("email" in claims)
        user = {n: claims[n] for n in ("nickname", "name", "picture", "email") if n in claims}
        user |= {"email_verified": bool(claims.get("email_verified"))}
        if isinstance(sub := claims.get("sub"), str):
            user["user_id"] = sub
            with suppress(ManagementError):
                self._mgmt.users.get(sub)
                return str(self._tenant.log_in(sub, scope=" ".join(scopes)).access_token)
        made = self._tenant.users.add(**user)
        return self._tenant.log_in(str(made.user_id), scope=" ".join(scopes)).access_token

    def otp(self) -> str:
        realm, address = str(self._given.get("realm")), str(self._given.get("username"))
        name = "email" if "@" in address else "phone_number"
        self._post(
            "/passwordless/start",
            client_id=self._client, client_secret=self._given.get("client_secret"),
            connection=realm, send="code", **{name: address},
        )  # fmt: skip
        return self._code_sent_to(address)

    def _code_sent_to(self, address: str) -> str:
        code = self._tenant.mailbox.latest(address).code
        if code is None:
            raise _NotIssuedError(address)
        return code

    def auth_req_id(self) -> str:
        user = self._user()
        hint = {"format": "iss_sub", "iss": f"https://{self._tenant.domain}/", "sub": user}
        scope = " ".join(dict.fromkeys(["openid", *self._scope().split()]))
        begun = self._post(
            "/bc-authorize",
            client_id=self._client, client_secret=self._given.get("client_secret"),
            scope=scope, binding_message="earlier", login_hint=json.dumps(hint),
        )  # fmt: skip
        self._decide(user)
        return str(begun["auth_req_id"])

    def _decide(self, user: str) -> None:
        """Let the user decide as the response shows."""
        if refusal(self._exchange) in (None, "access_denied"):
            self._tenant.decide_on_device(user, approve=refusal(self._exchange) is None)

    def device_code(self) -> str:
        begun = self._post(
            "/oauth/device/code",
            client_id=self._client, client_secret=self._given.get("client_secret"),
            scope=self._scope(), audience=self._given.get("audience"),
        )  # fmt: skip
        if refusal(self._exchange) in (None, "access_denied"):
            pages = Pages(self._tenant)
            pages.open(str(begun["verification_uri_complete"]))
            pages.submit()  # the code, which the link fills in
            pages.submit(action="confirm" if refusal(self._exchange) is None else "cancel")
            pages.submit(username=self._address(self._user()), password=_PASSWORD)
        return str(begun["device_code"])

    def client_assertion(self) -> str:
        import jwt
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        client = str(self._client)
        made = self._mgmt.clients.credentials.create(
            client, credential_type="public_key", name="earlier", pem=pem.decode(), alg="RS256"
        )
        methods: Any = {"private_key_jwt": {"credentials": [{"id": made.id}]}}
        self._mgmt.clients.update(client, client_authentication_methods=methods)
        now = self._tenant.clock.time()
        said = {"iss": client, "sub": client, "aud": f"https://{self._tenant.domain}/"}
        return jwt.encode({**said, "iat": now, "exp": now + 60, "jti": str(made.id)}, key, "RS256")

    def subject_token(self) -> str:
        """The token as it is: a profile's code takes it for a user's."""
        kind = str(self._given.get("subject_token_type"))
        if kind.startswith(token_exchange.RESERVED):
            raise _NotIssuedError(kind)
        code = (
            "exports.onExecuteCustomTokenExchange = async (event, api) => "
            f"api.authentication.setUserById({json.dumps(self._user())});"
        )
        trigger: Any = {"id": "custom-token-exchange", "version": "v1"}
        action = self._mgmt.actions.create(
            name="earlier", supported_triggers=[trigger], code=code, deploy=True
        )
        self._mgmt.token_exchange_profiles.create(
            name="earlier",
            subject_token_type=kind,
            action_id=str(action.id),
            type="custom_authentication",
        )
        allowed: Any = {"allow_any_profile_of_type": ["custom_authentication"]}
        self._mgmt.clients.update(str(self._client), token_exchange=allowed)
        return str(self._given["subject_token"])

    def client_secret(self) -> str:
        """The secret of a client that was not seen to have one."""
        secret = self._mgmt.clients.get(str(self._client)).client_secret
        if secret is None:
            raise _NotIssuedError("client_secret")
        return secret

    def invitation(self) -> str:
        wanted = str(self._given.get("organization"))
        organization = next(
            each for each in self._mgmt.organizations.list() if wanted in (each.id, each.name)
        )
        made = self._mgmt.organizations.invitations.create(
            str(organization.id),
            inviter={"name": "Earlier"},
            invitee={"email": "earlier@example.com"},
            client_id=str(self._client),
        )
        return str(made.ticket_id)

    # --- second factors ------------------------------------------------------------------------

    def _second_factor(self, names: frozenset[str]) -> Issued:
        """A first factor passed by a user who has the second one that the request is about."""
        user, grant = self._user(), str(self._given.get("grant_type"))
        parameters: dict[str, str] = {}
        ids: dict[str, str] = {}
        if self._path == "/mfa/associate":
            if "recovery_codes" not in self._shown:  # not the first factor
                self._enroll(user, "sms")
        elif self._path == "/mfa/authenticators":
            ids = self._enroll_listed(user)
        elif self._path.startswith("/mfa/authenticators/"):
            named = unquote(self._path.rpartition("/")[2])
            ids[named] = self._enroll(user, named.partition("|")[0])
        elif self._path == "/mfa/challenge":
            chosen = self._enroll(user, self._challenged())
            if "authenticator_id" in self._given:
                parameters["authenticator_id"] = chosen
        elif grant in _FACTORS:
            parameters = _FACTORS[grant](self, user)
        token = parameters.pop("mfa_token", None) or self._mfa_token(user)
        if "mfa_token" in names:
            return Issued({**parameters, "mfa_token": token}, ids=ids)
        if self._path == "/mfa/associate":
            token = self._enrolling(user, token)
        return Issued(parameters, {"authorization": f"Bearer {token}"}, ids)

    def _enroll_listed(self, user: str) -> dict[str, str]:
        """Enroll the factors that the response lists, shown to work or not; their ids."""
        recorded = {str(each["id"]): each for each in self._listed if is_object(each)}
        ids: dict[str, str] = {}
        for id, listed in recorded.items():
            kind = id.partition("|")[0]
            if kind != "recovery-code":
                active = listed.get("active") is not False
                ids[id] = self._enroll(user, kind) if active else self._begun(user, kind)
        # The recovery code came with the first of the others.
        codes = [id for id in recorded if id.startswith("recovery-code|")]
        if codes and ids:
            ids[codes[0]] = self._newest(self._mfa_token(user), "recovery-code")
        return ids

    def _begun(self, user: str, kind: str) -> str:
        """Begin to enroll a factor, and do not show it."""
        return self._newest(self._associated(user, kind)[0], kind)

    def _newest(self, token: str, kind: str) -> str:
        """The id of the user's newest factor of a kind."""
        headers = {"authorization": f"Bearer {token}"}
        listed = self._send("GET", "/mfa/authenticators", headers=headers)
        return [str(each["id"]) for each in listed if str(each["id"]).startswith(f"{kind}|")][-1]

    def _challenged(self) -> str:
        """The kind of factor that the request, or else the response, of a challenge names."""
        if "authenticator_id" in self._given:
            return str(self._given["authenticator_id"]).partition("|")[0]
        if self._shown.get("challenge_type") == "otp":
            return "totp"
        return "sms" if "binding_method" in self._shown else "push"

    def by_app(self, user: str) -> dict[str, str]:
        token, begun = self._associated(user, "totp")
        return {"mfa_token": token, "otp": code_at(begun["secret"], self._tenant.clock.time())}

    def by_challenge(self, user: str) -> dict[str, str]:
        prompted = "binding_code" in self._given
        token, begun = self._associated(user, "sms" if prompted else "push")
        answer = {"mfa_token": token, "oob_code": str(begun["oob_code"])}
        if prompted:
            return {**answer, "binding_code": self._code_sent_to(_PHONE)}
        self._decide(user)
        return answer

    def by_recovery_code(self, user: str) -> dict[str, str]:
        token, begun = self._associated(user, "totp")
        return {"mfa_token": token, "recovery_code": str(begun["recovery_codes"][0])}

    def _enroll(self, user: str, kind: str) -> str:
        """Enroll a factor, and show it once; returns its id at the MFA API."""
        token, begun = self._associated(user, kind)
        id = self._newest(token, kind)
        proof = {"mfa_token": token, "scope": "openid"}
        if kind == "totp":
            grant, code = mfa.OTP_GRANT, code_at(begun["secret"], self._tenant.clock.time())
            proof["otp"] = code
        else:
            grant = mfa.OOB_GRANT
            proof["oob_code"] = str(begun["oob_code"])
            if "binding_method" in begun:
                proof["binding_code"] = self._code_sent_to(self._place(user, kind))
            else:
                self._tenant.decide_on_device(user)
        self._token(grant_type=grant.name, **proof)
        self._has_factor = True
        return id

    def _place(self, user: str, kind: str) -> str:
        return self._address(user) if kind == "email" else _PHONE

    def _associated(self, user: str, kind: str) -> tuple[str, Mapping[str, Any]]:
        """Begin to enroll a factor: the MFA token used, and what the client is given."""
        token = self._mfa_token(user)
        wanted: dict[str, Any] = {"authenticator_types": ["otp"]}
        if kind in _CHANNELS:
            wanted = {"authenticator_types": ["oob"], "oob_channels": [_CHANNELS[kind]]}
            wanted["phone_number"] = _PHONE
        elif kind != "totp":
            raise _NotIssuedError(kind)
        headers = {"authorization": f"Bearer {self._enrolling(user, token)}"}
        return token, self._send("POST", "/mfa/associate", wanted, headers)

    def _enrolling(self, user: str, mfa_token: str) -> str:
        """What a user enrolls a factor with: a password suffices for the first one alone."""
        if not self._has_factor:
            return mfa_token
        api = f"https://{self._tenant.domain}/mfa/"
        if all(server.identifier != api for server in self._tenant.resource_servers):
            scopes: Any = [{"value": "enroll"}]
            self._tenant.resource_servers.add(identifier=api, name=api, scopes=scopes)
        login = self._tenant.log_in(user, client=self._client, audience=api, scope="enroll")
        return login.access_token

    def _mfa_token(self, user: str) -> str:
        """What a password alone gives where a second factor is required."""
        policies = self._mgmt.guardian.policies
        before: Any = policies.list()
        policies.set(body=["all-applications"])
        try:
            refused = self._token(
                grant_type=password.GRANT.name, username=self._address(user),
                password=_PASSWORD, scope=self._scope() or "openid",
            )  # fmt: skip
        finally:
            policies.set(body=before)
        return str(refused["mfa_token"])

    def _token(self, **values: Any) -> Any:
        secret = self._given.get("client_secret")
        return self._post("/oauth/token", client_id=self._client, client_secret=secret, **values)

    def _post(self, path: str, **values: Any) -> Any:
        return self._send("POST", path, {k: v for k, v in values.items() if v})

    def _send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        json_type = {"content-type": "application/json"}
        raw = b"" if body is None else json.dumps(body).encode()
        answer = self._tenant.send(method, path, {**json_type, **(headers or {})}, raw)
        value = parse_body(answer.body)
        if answer.status >= 400 and "mfa_token" not in value:
            raise _NotIssuedError(f"{path}: {answer.body.decode()}")
        return value


_PHONE = "+15550100"
_STEPS: Mapping[str, Callable[[_Issuer], str]] = {
    "code": _Issuer.code,
    "refresh_token": _Issuer.refresh_token,
    "otp": _Issuer.otp,
    "auth_req_id": _Issuer.auth_req_id,
    "device_code": _Issuer.device_code,
    "client_assertion": _Issuer.client_assertion,
    "client_secret": _Issuer.client_secret,
    "invitation": _Issuer.invitation,
    "subject_token": _Issuer.subject_token,
}
_FACTORS: Mapping[str, Callable[[_Issuer, str], dict[str, str]]] = {
    mfa.OTP_GRANT.name: _Issuer.by_app,
    mfa.OOB_GRANT.name: _Issuer.by_challenge,
    mfa.RECOVERY_CODE_GRANT.name: _Issuer.by_recovery_code,
}
