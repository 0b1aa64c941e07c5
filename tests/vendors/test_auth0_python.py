"""PyPI `auth0-python`: its clients over TLS, by the environment alone."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from auth0.authentication import GetToken
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier
from auth0.management import AsyncManagementClient, ManagementClient

from .conftest import Served

# Its clients never close their connections.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def trust(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``auth0-fake env python`` sets."""
    monkeypatch.setenv("SSL_CERT_FILE", served.ca_bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", served.ca_bundle)


def test_its_management_client_gets_a_token_and_manages(served: Served) -> None:
    with httpx.Client() as http:
        sdk = ManagementClient(
            domain=served.domain,
            client_id=served.client_id,
            client_secret=served.client_secret,
            httpx_client=http,  # its own is never closed
        )
        role = sdk.roles.create(name="Editor")
        assert [each.id for each in sdk.roles.list()] == [role.id]


def test_its_asynchronous_client_does_the_same(served: Served) -> None:
    async def manage() -> list[str | None]:
        async with httpx.AsyncClient() as http:
            sdk = AsyncManagementClient(
                domain=served.domain,
                client_id=served.client_id,
                client_secret=served.client_secret,
                httpx_client=http,
            )
            await sdk.roles.create(name="Editor")
            return [role.name async for role in await sdk.roles.list()]

    assert asyncio.run(manage()) == ["Editor"]


def test_a_token_that_it_gets_is_verified_by_its_verifier(served: Served) -> None:
    getter = GetToken(served.domain, served.client_id, client_secret=served.client_secret)
    found = getter.client_credentials(f"https://{served.domain}/api/v2/")
    verifier = AsymmetricSignatureVerifier(f"https://{served.domain}/.well-known/jwks.json")
    claims = verifier.verify_signature(found["access_token"])
    assert claims["iss"] == f"https://{served.domain}/"
