"""What a fake tenant makes of a client's settings: defaults, changes, who sees what, cascades."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ClientCredentials, ConflictError, Management, NotFoundError
from auth0_mgmt.models.clients import Client
from auth0_mgmt_testing import FakeTenant


def fields(client: Client) -> dict[str, object]:
    """What the tenant sent, by name; what it did not send is not there."""
    return client.model_dump(mode="json", exclude_unset=True)


def identity(client: Client) -> str:
    return str(client.client_id)


@pytest.mark.parametrize(
    ("method", "days"),
    [(None, 30), ("none", 30), ("client_secret_post", 365.25), ("client_secret_basic", 365.25)],
)
def test_refresh_tokens_live_longest_where_a_secret_comes_with_them(
    mgmt: Management, method: str | None, days: float
) -> None:
    given: dict[str, Any] = {} if method is None else {"token_endpoint_auth_method": method}
    client = fields(mgmt.clients.create(name="Till", **given))
    lifetime = client["refresh_token"]
    assert isinstance(lifetime, dict)
    assert lifetime["token_lifetime"] == days * 86400


def test_null_takes_a_setting_away_and_what_is_not_named_stays(mgmt: Management) -> None:
    made = mgmt.clients.create(
        name="Till",
        description="first",
        client_metadata={"a": "1", "b": "2"},
        jwt_configuration={"alg": "RS256", "lifetime_in_seconds": 60},
    )
    changed = fields(
        mgmt.clients.update(
            identity(made),
            logo_uri="https://till.example/logo.png",
            client_metadata={"a": None, "c": "3"},
            jwt_configuration={"lifetime_in_seconds": 90},
        )
    )
    assert changed["description"] == "first"
    assert changed["client_metadata"] == {"b": "2", "c": "3"}
    jwt = {"secret_encoded": False, "alg": "RS256", "lifetime_in_seconds": 90}
    assert changed["jwt_configuration"] == jwt


def test_two_names_of_the_logout_addresses_show_the_same(mgmt: Management) -> None:
    urls = ["https://till.example/out"]
    made = mgmt.clients.create(name="Till", oidc_logout={"backchannel_logout_urls": urls})
    assert fields(made)["oidc_backchannel_logout"] == {"backchannel_logout_urls": urls}
    gone: Any = {"oidc_logout": None}
    left = fields(mgmt.clients.update(identity(made), **gone))
    assert "oidc_logout" not in left
    assert "oidc_backchannel_logout" not in left


def test_an_alias_belongs_to_one_client(mgmt: Management) -> None:
    mgmt.clients.create(name="Till", client_aliases=["a", "b"])
    with pytest.raises(ConflictError):
        mgmt.clients.create(name="Shop", client_aliases=["b"])


def test_the_global_client_stays(mgmt: Management) -> None:
    (everything,) = mgmt.clients.list(is_global=True)
    with pytest.raises(BadRequestError):
        mgmt.clients.delete(identity(everything))


def test_deleting_a_client_that_is_gone_is_no_error(mgmt: Management) -> None:
    client = identity(mgmt.clients.create(name="Till"))
    mgmt.clients.delete(client)
    mgmt.clients.delete(client)


def test_a_client_that_goes_is_enabled_nowhere(mgmt: Management) -> None:
    client = identity(mgmt.clients.create(name="Till"))
    connection = mgmt.connections.create(name="db", strategy="auth0", enabled_clients=[client])
    assert [c.name for c in mgmt.clients.connections.get(client)] == ["db"]
    mgmt.clients.delete(client)
    assert mgmt.connections.get(str(connection.id)).enabled_clients == []


# --- scopes ------------------------------------------------------------------------------------


def seen_with(tenant: FakeTenant, scope: str) -> set[str]:
    """The properties of a client that a token with one scope gets to see."""
    admin = tenant.management()
    machine = admin.clients.create(name="Machine", description="reads")
    audience = f"https://{tenant.domain}/api/v2/"
    admin.client_grants.create(client_id=identity(machine), audience=audience, scope=[scope])
    secret = ClientCredentials(identity(machine), str(machine.client_secret))
    reader = tenant.management(auth=secret)
    return set(fields(reader.clients.get(identity(machine))))


def test_secrets_are_shown_to_those_who_may_read_keys_only(tenant: FakeTenant) -> None:
    assert "client_secret" not in seen_with(tenant, "read:clients")
    assert "client_secret" in seen_with(tenant, "read:client_keys")
    summary = seen_with(tenant, "read:client_summary")
    assert summary == {"client_id", "name", "description"}


# --- credentials -------------------------------------------------------------------------------

PEM = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
"""


def test_a_key_is_written_and_never_read_back(mgmt: Management) -> None:
    client = identity(mgmt.clients.create(name="Till"))
    made = mgmt.clients.credentials.create(
        client, credential_type="public_key", name="first", pem=PEM, alg="RS256"
    )
    shown = mgmt.clients.credentials.get(client, str(made.id))
    assert shown.kid == made.kid
    assert "BEGIN" not in shown.model_dump_json()
    assert [each.id for each in mgmt.clients.credentials.list(client)] == [made.id]


def test_the_same_key_has_the_same_id_everywhere(mgmt: Management) -> None:
    kids: set[str | None] = set()
    for name in ("Till", "Shop"):
        client = identity(mgmt.clients.create(name=name))
        made = mgmt.clients.credentials.create(client, credential_type="public_key", pem=PEM)
        kids.add(made.kid)
    assert len(kids) == 1


def test_a_credential_that_goes_is_named_nowhere(mgmt: Management) -> None:
    key: Any = {"credential_type": "public_key", "name": "first", "pem": PEM}
    made = mgmt.clients.create(
        name="Till",
        client_authentication_methods={"private_key_jwt": {"credentials": [key]}},
    )
    client = identity(made)
    (credential,) = mgmt.clients.credentials.list(client)
    assert credential.name == "first"
    mgmt.clients.credentials.delete(client, str(credential.id))
    shown = fields(mgmt.clients.get(client))["client_authentication_methods"]
    assert shown == {"private_key_jwt": {"credentials": []}}
    with pytest.raises(NotFoundError):
        mgmt.clients.credentials.get(client, str(credential.id))


# --- clients by document, and for express configuration -----------------------------------------


def test_a_client_is_registered_from_its_document_once(mgmt: Management) -> None:
    address = "https://wiki.example/client.json"
    preview = mgmt.clients.preview_cimd_metadata(external_client_id=address)
    assert preview.client_id is None
    raw = mgmt.clients.with_raw_response
    first = raw.register_cimd_client(external_client_id=address)
    second = raw.register_cimd_client(external_client_id=address)
    assert (first.status_code, second.status_code) == (201, 200)
    made = first.value
    assert second.value.client_id == made.client_id
    assert made.validation is not None
    assert made.validation.warnings is not None
    assert made.validation.warnings[0].startswith("Ignoring unsupported properties: client_uri.")
    client = fields(mgmt.clients.get(str(made.client_id)))
    assert client["is_first_party"] is False
    assert client["external_metadata_type"] == "cimd"


@pytest.mark.parametrize("address", ["http://wiki.example/client.json", "https://wiki.example"])
def test_a_document_has_an_https_address_with_a_path(mgmt: Management, address: str) -> None:
    with pytest.raises(BadRequestError):
        mgmt.clients.preview_cimd_metadata(external_client_id=address)


def test_a_client_for_express_configuration_is_granted_what_it_needs(mgmt: Management) -> None:
    client = mgmt.clients.create(name="Okta", app_type="express_configuration")
    (grant,) = mgmt.client_grants.list(client_id=identity(client))
    assert grant.is_system is True
    assert "create:scim_config" in (grant.scope or [])


@pytest.mark.parametrize(
    ("name", "value"), [("client_metadata", {"a": "b"}), ("addons", {"wams": {}})]
)
def test_a_group_whose_members_the_caller_names_may_be_empty(
    mgmt: Management, name: str, value: Any
) -> None:
    made = mgmt.clients.create(name="app", **{name: value})
    id = identity(made)
    emptied: Any = {name: dict.fromkeys(value)}
    assert mgmt.clients.update(id, **emptied).to_dict()[name] == {}
    assert mgmt.clients.get(id).to_dict()[name] == {}
    empty: Any = {name: {}}
    assert mgmt.clients.update(id, **empty).to_dict()[name] == {}


def test_null_leaves_a_member_of_a_new_clients_settings_out(mgmt: Management) -> None:
    addons: Any = {"samlp": None, "wams": {}}
    made = mgmt.clients.create(name="app", addons=addons)
    assert made.to_dict()["addons"] == {"wams": {}}


def test_a_group_of_settings_of_which_all_are_unset_is_unset() -> None:
    with FakeTenant().management() as mgmt:
        client = mgmt.clients.create(name="app", fedcm_login={"google": {"is_enabled": True}})
        changed = mgmt.clients.update(client.client_id, fedcm_login={"google": None})
        assert "fedcm_login" not in changed.to_dict()
        client = mgmt.clients.create(name="app", native_social_login={"google": {"enabled": True}})
        changed = mgmt.clients.update(client.client_id, native_social_login={"google": None})
        assert "native_social_login" not in changed.to_dict()
        changed = mgmt.clients.update(client.client_id, native_social_login={"apple": None})
        assert "native_social_login" not in changed.to_dict()
