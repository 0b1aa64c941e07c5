"""Device credentials."""

from __future__ import annotations

import base64

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory


@pytest.mark.auth0_fake_only(reason="live, a credential is made with the user's own token")
def test_a_public_key_of_a_device_is_listed_until_it_is_deleted(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client, devices = auth0_factory.client(), auth0_mgmt.device_credentials
    made = devices.create_public_key(
        device_name="Telephone",
        type="public_key",
        value=base64.b64encode(b"a public key").decode(),
        device_id="device-1",
        client_id=client.client_id,
    )
    assert made.id is not None
    (found,) = devices.list(client_id=client.client_id, type="public_key")
    assert (found.id, found.device_name, found.device_id) == (made.id, "Telephone", "device-1")
    assert "value" not in found.to_dict()
    assert not devices.list(client_id=client.client_id, type="refresh_token").items
    (named,) = devices.list(client_id=client.client_id, type="public_key", fields="id")
    assert named.to_dict() == {"id": made.id}
    devices.delete(made.id)
    assert not devices.list(client_id=client.client_id, type="public_key").items


def test_a_new_user_has_no_devices(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user = auth0_factory.user()
    assert not auth0_mgmt.device_credentials.list(user_id=user.user_id, per_page=5).items
