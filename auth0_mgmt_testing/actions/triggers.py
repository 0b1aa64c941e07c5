"""What each trigger calls, and the ``api`` that it gives to code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .event import TriggerName

CACHE_LIFETIME = 900.0
"""Seconds that a cached value is kept where the code says nothing else."""


@dataclass(frozen=True, slots=True)
class Method:
    """A function of an ``api``: its parameters by name and kind (with ``?``: may be left out)."""

    parameters: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    """It only returns something: nothing is to happen."""
    unsupported: str = ""
    """Why the fake does not support it."""

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"parameters": [list(parameter) for parameter in self.parameters]}
        if self.quiet:
            shown["quiet"] = True
        return {**shown, "unsupported": self.unsupported} if self.unsupported else shown


@dataclass(frozen=True)
class TriggerKind:
    """A trigger whose code can run."""

    handler: str
    """The function that an action exports for it."""
    api: Mapping[str, Method] = field(default_factory=dict[str, Method])
    resumes_with: str = ""
    """The function that is called when the user comes back from a redirect."""
    blocking: bool = True
    """Whether code that fails stops what the trigger is part of."""
    failure_code: str = "access_denied"
    """The ``error`` of a request that code of it fails."""

    @cached_property
    def api_json(self) -> str:
        """The ``api`` as the prelude reads it."""
        return json.dumps({path: method.to_json() for path, method in self.api.items()})


def _named(*names: str) -> Method:
    """A function of parameters such as ``"name: string"``."""
    pairs = (name.partition(": ") for name in names)
    return Method(tuple((name, kind) for name, _, kind in pairs))


_UNMODELLED = Method(unsupported="the fake tenant has nothing that this acts on")
_CACHE = {
    "cache.get": Method((("key", "string"),), quiet=True),
    "cache.set": _named("key: string", "value: string", "options: object?"),
    "cache.delete": _named("key: string"),
}
_METADATA = {
    "user.setUserMetadata": _named("name: string", "value: any"),
    "user.setAppMetadata": _named("name: string", "value: any"),
}
_TRANSACTION = {"transaction.setMetadata": _named("key: string", "value: any")}
_REDIRECT = {
    "redirect.sendUserTo": _named("url: string", "options: object?"),
    "redirect.encodeToken": Method((("options", "object"),), quiet=True),
    "redirect.validateToken": Method((("options", "object"),), quiet=True),
}
_PROMPT = {"prompt.render": _named("promptId: string", "promptOptions: object?")}
_CHALLENGES = {
    "authentication.challengeWith": _named("factor: object", "options: object?"),
    "authentication.challengeWithAny": _named("factors: array"),
}
_SAML = (
    "setAttribute", "setAudience", "setRecipient", "setDestination", "setLifetimeInSeconds",
    "setNameIdentifierFormat", "setNameIdentifierProbes", "setAuthnContextClassRef", "setIssuer",
    "setSignatureAlgorithm", "setDigestAlgorithm", "setCert", "setKey", "setEncryptionCert",
    "setEncryptionPublicKey", "setSignResponse", "setTypedAttributes", "setRelayState",
    "setCreateUpnClaim", "setPassthroughClaimsWithNoMapping", "setMapUnknownClaimsAsIs",
    "setMapIdentities", "setIncludeAttributeNameFormat",
)  # fmt: skip
_NOTIFICATION = {
    "notification.drop": _named("reason: string"),
    "notification.retry": _named("reason: string"),
}

_POST_LOGIN = {
    "access.deny": _named("reason: string"),
    "accessToken.setCustomClaim": _named("name: string", "value: any"),
    "accessToken.addScope": _named("scope: string"),
    "accessToken.removeScope": _named("scope: string"),
    **_CHALLENGES,
    "authentication.enrollWith": _named("factor: object", "options: object?"),
    "authentication.enrollWithAny": _named("factors: array"),
    "authentication.recordMethod": _named("providerUrl: string", "options: object?"),
    "authentication.setPrimaryUser": _named("primaryUserId: string"),
    **_CACHE,
    "idToken.setCustomClaim": _named("name: string", "value: any"),
    "multifactor.enable": _named("provider: string", "options: object?"),
    **_PROMPT,
    **_REDIRECT,
    "refreshToken.revoke": _named("reason: string"),
    "refreshToken.setMetadata": _named("key: string", "value: any"),
    "refreshToken.deleteMetadata": _named("key: string"),
    "refreshToken.setExpiresAt": _named("expiresAt: number"),
    "refreshToken.setIdleExpiresAt": _named("expiresAt: number"),
    "rules.wasExecuted": Method((("ruleId", "string"),), quiet=True),
    **{f"samlResponse.{name}": _UNMODELLED for name in _SAML},
    "session.revoke": _named("reason: string", "options: object?"),
    "session.setMetadata": _named("key: string", "value: any"),
    "session.deleteMetadata": _named("key: string"),
    "session.setExpiresAt": _named("expiresAt: number"),
    "session.setIdleExpiresAt": _named("expiresAt: number"),
    "session.setCookieMode": _named("mode: string"),
    **_TRANSACTION,
    **_METADATA,
}

TRIGGERS: Mapping[TriggerName, TriggerKind] = {
    "post-login": TriggerKind("onExecutePostLogin", _POST_LOGIN, "onContinuePostLogin"),
    "credentials-exchange": TriggerKind(
        "onExecuteCredentialsExchange",
        {
            "access.deny": _named("code: string", "reason: string"),
            "accessToken.setCustomClaim": _named("name: string", "value: any"),
            **_CACHE,
        },
        failure_code="server_error",
    ),
    "pre-user-registration": TriggerKind(
        "onExecutePreUserRegistration",
        {
            "access.deny": _named("reason: string", "userMessage: string"),
            **_CACHE,
            **_METADATA,
            "validation.error": _named("errorCode: string", "errorMessage: string"),
        },
    ),
    "post-user-registration": TriggerKind("onExecutePostUserRegistration", _CACHE, blocking=False),
    "post-change-password": TriggerKind("onExecutePostChangePassword", _CACHE, blocking=False),
    "send-phone-message": TriggerKind("onExecuteSendPhoneMessage", _CACHE, blocking=False),
    "password-reset-post-challenge": TriggerKind(
        "onExecutePostChallenge",
        {
            "access.deny": _named("reason: string"),
            **_CHALLENGES,
            **_CACHE,
            **_PROMPT,
            **_REDIRECT,
            "transaction.setResultUrl": _named("url: string"),
        },
        "onContinuePostChallenge",
    ),
    "custom-token-exchange": TriggerKind(
        "onExecuteCustomTokenExchange",
        {
            "access.deny": _named("code: string", "reason: string"),
            "access.rejectInvalidSubjectToken": _named("reason: string"),
            "authentication.setActor": _named("actor: object"),
            "authentication.setOrganization": _named("organization: string"),
            "authentication.setUserByConnection": _named(
                "connectionName: string", "userProfile: object", "options: object?"
            ),
            "authentication.setUserById": _named("userId: string"),
            **_CACHE,
            **_TRANSACTION,
            **_METADATA,
        },
        failure_code="server_error",
    ),
    "custom-phone-provider": TriggerKind(
        "onExecuteCustomPhoneProvider", {**_CACHE, **_NOTIFICATION}
    ),
    "custom-email-provider": TriggerKind(
        "onExecuteCustomEmailProvider", {**_CACHE, **_NOTIFICATION}
    ),
}
"""The triggers whose code can run, by name."""
