"""Whom a scenario is replayed on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from ..errors import TargetError
from ..live.configuration import ALLOW_VARIABLE, LOOPBACK, TOKEN_VARIABLE, allowed
from ..recordings.exchange import RecordedResponse


class Target(Protocol):
    """A tenant that requests can be sent to."""

    @property
    def domain(self) -> str:
        """The tenant's host name, as its answers spell it."""
        ...

    def reset(self) -> None:
        """Begin a scenario: a fresh tenant where the target can give one."""
        ...

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        """Answer one request; ``target`` is path and query, encoded."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class FakeTarget:
    """A `FakeTenant` in this process."""

    def __init__(self) -> None:
        from ..tenant import FakeTenant

        self._tenant = FakeTenant()

    @property
    def domain(self) -> str:
        return self._tenant.domain

    def reset(self) -> None:
        self._tenant.reset()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        with warnings.catch_warnings():
            # What the fake does not act on shows as a difference.
            warnings.simplefilter("ignore")
            answer = self._tenant.send(method, target, headers, body)
        return RecordedResponse(answer.status, answer.headers, answer.body)

    def close(self) -> None:
        pass


class UrlTarget:
    """A tenant at a URL.

    A fake tenant's server is reset before each scenario. Any other is a live tenant: it is
    changed by what the scenarios do, so its host must be named in ``AUTH0_ALLOW_LIVE``, and the
    token comes from ``AUTH0_TOKEN``.
    """

    def __init__(self, url: str, environment: Mapping[str, str] | None = None) -> None:
        import httpx

        environment = os.environ if environment is None else environment
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TargetError(f"{url!r} is no http or https URL")
        self._host = parts.hostname
        if self._host not in LOOPBACK and not allowed(self._host, environment):
            raise TargetError(
                f"replaying on {self._host} creates, changes and deletes things there; "
                f"to allow it set {ALLOW_VARIABLE}={self._host}"
            )
        self._token = environment.get(TOKEN_VARIABLE, "replay")
        self._client = httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=30)
        try:
            health = self._client.get("/__fake/health") if self._host in LOOPBACK else None
        except httpx.HTTPError as error:
            self._client.close()
            raise TargetError(f"{url} does not answer: {error}") from error
        self._fake = health is not None and health.is_success
        if not self._fake and not allowed(self._host, environment):
            self._client.close()
            raise TargetError(
                f"{url} is no fake tenant's server, so it is taken for a live tenant: replaying "
                f"creates, changes and deletes things there; to allow it set "
                f"{ALLOW_VARIABLE}={self._host}"
            )
        self._domain = self._host
        if self._fake:
            about = self._client.get("/.well-known/openid-configuration")
            if about.is_success:
                self._domain = urlsplit(str(about.json().get("issuer", ""))).netloc or self._host

    @property
    def domain(self) -> str:
        return self._domain

    def reset(self) -> None:
        if self._fake:
            self._client.post("/__fake/reset").raise_for_status()

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        sent = {**headers, "authorization": f"Bearer {self._token}"}
        answer = self._client.request(method, target, headers=sent, content=body)
        return RecordedResponse(
            answer.status_code,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.content,
        )

    def close(self) -> None:
        self._client.close()
