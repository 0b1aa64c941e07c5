"""Clients (applications): secrets, credentials, enabled connections, search."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import (
    BadRequestError,
    ClientCredentials,
    Management,
    NotFoundError,
    TokenError,
    UnauthorizedError,
)
from auth0_mgmt_testing import Factory, TenantHandle

from .families import Family
from .material import CERTIFICATE, PUBLIC_KEY

CLIENTS = Family(
    at="clients",
    id="client_id",
    new=lambda make: {
        "name": make.name("client"),
        "description": "Made by a test",
        "app_type": "regular_web",
        "callbacks": ["https://app.example.com/callback"],
        "skip_non_verifiable_callback_uri_confirmation_prompt": True,
    },
    form=r"\w{32}",
    change={"callbacks": ["https://app.example.com/other"]},
    null="skip_non_verifiable_callback_uri_confirmation_prompt",
    filters={"app_type": ("app_type", {"app_type": "spa"})},
    moves=("signing_keys", "encrypted"),
    unlisted=("tenant",),
    always=("tenant",),
    missing="00000000000000000000000000000000",
    absent="inexistent_client",
)

CREDENTIALS = Family(
    at="clients.credentials",
    under=lambda make: (make.client(app_type="non_interactive").client_id,),
    new=lambda make: {
        "credential_type": "public_key",
        "name": make.name("credential"),
        "pem": PUBLIC_KEY,
    },
    form=r"cred_\w{22}",
    change={"expires_at": "2096-05-13T09:33:13.000Z"},
    secret=("pem",),
    missing="cred_1111111111111111111111",
    absent="",
    single=True,
    needs="private_key_jwt",
)


def test_a_new_client_gets_what_a_tenant_fills_in(auth0_factory: Factory) -> None:
    client = auth0_factory.client()
    assert client.is_first_party is True
    assert client.oidc_conformant is False
    assert client.sso_disabled is False
    assert client.cross_origin_authentication is False
    assert client.custom_login_page_on is True
    assert set(client.grant_types or []) == {
        "authorization_code", "implicit", "refresh_token", "client_credentials",
    }  # fmt: skip
    assert client.get("refresh_token.rotation_type") == "non-rotating"
    assert client.get("jwt_configuration.lifetime_in_seconds") == 36000
    assert len(str(client.client_secret)) == 64


def test_empty_lists_are_lists(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    client = auth0_factory.client(callbacks=["https://app.example.com/a"])
    auth0_mgmt.clients.update(client.client_id, callbacks=[])
    assert auth0_mgmt.clients.get(client.client_id).callbacks == []


def test_a_key_of_client_metadata_is_deleted_with_null(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client(client_metadata={"kept": "1", "gone": "2"})
    auth0_mgmt.clients.update(client.client_id, client_metadata={"gone": None, "new": "3"})
    assert auth0_mgmt.clients.get(client.client_id).client_metadata == {"kept": "1", "new": "3"}


def test_a_rotated_secret_is_the_only_good_one(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client(app_type="non_interactive", grant_types=["client_credentials"])
    api = auth0_factory.resource_server(scopes=[{"value": "a"}])
    grant = auth0_mgmt.client_grants.create(
        client_id=client.client_id, audience=api.identifier, scope=["a"]
    )
    assert grant.id is not None
    auth0_factory.add_cleanup(auth0_mgmt.client_grants.delete, grant.id)
    rotated = auth0_mgmt.clients.rotate_secret(client.client_id)
    assert rotated.client_id == client.client_id
    assert rotated.client_secret != client.client_secret

    def signed_in(secret: str) -> Management:
        auth = ClientCredentials(client.client_id, secret, audience=api.identifier)
        return auth0_tenant.management(auth=auth)

    with pytest.raises(TokenError, match=r"access_denied|invalid_client"):
        signed_in(str(client.client_secret)).roles.list()
    # A token for another API is good, and no token for this one.
    with pytest.raises(UnauthorizedError, match=r"audience"):
        signed_in(rotated.client_secret or "").roles.list()


@pytest.mark.auth0_allow_changes("clients.rotate_secret")
def test_the_secret_of_a_missing_client_is_not_rotated(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.clients.rotate_secret(CLIENTS.missing)


def test_secrets_are_seen_with_their_own_scope_only(auth0_factory: Factory, scoped: Any) -> None:
    client = auth0_factory.client()
    reader = scoped("read:clients")
    seen = reader.clients.get(client.client_id)
    assert (seen.name, seen.client_secret) == (client.name, None)
    listed = {c.client_id: c for c in reader.clients.list()}
    assert listed[client.client_id].client_secret is None
    keeper = scoped("read:clients", "read:client_keys")
    assert keeper.clients.get(client.client_id).client_secret == client.client_secret


def test_clients_are_listed_by_kind(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    spa = auth0_factory.client(app_type="spa")
    native = auth0_factory.client(app_type="native")
    web = auth0_factory.client(app_type="regular_web")
    found = {c.client_id for c in auth0_mgmt.clients.list(app_type="spa,native")}
    assert {spa.client_id, native.client_id} <= found
    assert web.client_id not in found
    third = auth0_factory.client(is_first_party=False, oidc_conformant=True)
    found = {c.client_id for c in auth0_mgmt.clients.list(is_first_party=False)}
    assert third.client_id in found
    assert spa.client_id not in found
    assert all(c.get("global") is not True for c in auth0_mgmt.clients.list(is_global=False))


def test_clients_are_searched(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client()
    auth0_factory.client()

    def found() -> None:
        (only,) = auth0_mgmt.clients.search(q=f'name:"{client.name}"', fields="client_id,name")
        assert (only.client_id, only.name, only.app_type) == (client.client_id, client.name, None)

    auth0_tenant.eventually(found)


def test_a_callback_that_is_no_url_is_refused(auth0_factory: Factory) -> None:
    with pytest.raises(BadRequestError, match="Payload validation error: ") as refused:
        auth0_factory.client(callbacks=["not a url"])
    assert refused.value.error_code == "invalid_body"


def test_a_client_knows_the_connections_enabled_for_it(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client()
    connection = auth0_factory.connection(strategy="auth0")
    auth0_mgmt.connections.clients.update(
        connection.id, body=[{"client_id": client.client_id, "status": True}]
    )
    found = {c.id for c in auth0_mgmt.clients.connections.get(client.client_id)}
    assert connection.id in found
    none = auth0_mgmt.clients.connections.get(client.client_id, strategy=["google-oauth2"])
    assert connection.id not in {c.id for c in none}


def test_a_deleted_client_takes_its_grants_along(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client(app_type="non_interactive")
    api = auth0_factory.resource_server(scopes=[{"value": "a"}])
    auth0_mgmt.client_grants.create(
        client_id=client.client_id, audience=api.identifier, scope=["a"]
    )
    auth0_mgmt.clients.delete(client.client_id)
    assert not auth0_mgmt.client_grants.list(audience=api.identifier).items


# Credentials.


@pytest.mark.auth0_requires("private_key_jwt")
def test_a_credential_is_known_by_its_key(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    client = auth0_factory.client(app_type="non_interactive")
    made = auth0_mgmt.clients.credentials.create(
        client.client_id, credential_type="public_key", name="Key", pem=PUBLIC_KEY, alg="RS256"
    )
    assert (made.alg, made.name) == ("RS256", "Key")
    assert made.kid
    assert made.id is not None
    shown = auth0_mgmt.clients.credentials.get(client.client_id, made.id)
    assert shown.kid == made.kid
    auth0_mgmt.clients.credentials.delete(client.client_id, made.id)
    assert auth0_mgmt.clients.credentials.list(client.client_id) == []


@pytest.mark.auth0_requires("private_key_jwt")
def test_a_credential_may_expire_with_its_certificate(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client = auth0_factory.client(app_type="non_interactive")
    made = auth0_mgmt.clients.credentials.create(
        client.client_id,
        credential_type="public_key",
        name="Certificate",
        pem=CERTIFICATE,
        parse_expiry_from_cert=True,
    )
    assert made.expires_at is not None
    assert made.expires_at.year == 2126


@pytest.mark.auth0_fake_only(reason="a live tenant fetches the document")
def test_a_client_is_registered_by_its_document(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    document = "https://app.example.com/client.json"
    preview = auth0_mgmt.clients.preview_cimd_metadata(external_client_id=document)
    assert preview.get("validation.valid") is True
    made = auth0_mgmt.clients.register_cimd_client(external_client_id=document)
    auth0_factory.add_cleanup(auth0_mgmt.clients.delete, made.client_id)
    again = auth0_mgmt.clients.register_cimd_client(external_client_id=document)
    assert made.client_id == again.client_id
    read = auth0_mgmt.clients.get(made.client_id or "")
    assert (read.get("external_client_id"), read.is_first_party) == (document, False)
    found = auth0_mgmt.clients.list(external_client_id=document)
    assert [client.client_id for client in found] == [made.client_id]
