"""Secrets that were put into a tenant are shown by nothing that tells of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from auth0_mgmt import Management, ManagementError
from auth0_mgmt_testing import FakeTenant

PLANTED = "PLANTED-0123456789"
WRITES: Mapping[str, tuple[str, str, Any]] = {
    "an action's secret": (
        "POST",
        "/actions/actions",
        {
            "name": "a",
            "supported_triggers": [{"id": "post-login", "version": "v3"}],
            "code": "",
            "secrets": [{"name": "KEY", "value": PLANTED}],
        },
    ),
    "a custom database's configuration": (
        "POST",
        "/connections",
        {
            "name": "own",
            "strategy": "auth0",
            "options": {"configuration": {"name": PLANTED, "URL": PLANTED}},
        },
    ),
    "a private key": (
        "POST",
        "/connections",
        {
            "name": "saml",
            "strategy": "samlp",
            "options": {
                "signInEndpoint": "https://idp.example",
                "signingCert": "x",
                "decryptionKey": {"key": PLANTED, "cert": "x"},
            },
        },
    ),
    "a write key": (
        "POST",
        "/log-streams",
        {"name": "s", "type": "segment", "sink": {"segmentWriteKey": PLANTED}},
    ),
    "an address with a key": (
        "POST",
        "/log-streams",
        {
            "name": "u",
            "type": "sumo",
            "sink": {"sumoSourceAddress": f"https://sumo.example/{PLANTED}"},
        },
    ),
    "a mail server's password": (
        "POST",
        "/emails/provider",
        {
            "name": "smtp",
            "credentials": {
                "smtp_host": "mail.example",
                "smtp_port": 25,
                "smtp_user": "u",
                "smtp_pass": PLANTED,
            },
        },
    ),
    "a vault's key": (
        "POST",
        "/flows/vault/connections",
        {
            "name": "v",
            "app_id": "JWT",
            "setup": {"type": "JWT", "algorithm": "HS256", "secret_base64": PLANTED},
        },
    ),
    "a rule's setting": ("PUT", "/rules-configs/KEY", {"value": PLANTED}),
    "a factor's key": (
        "PUT",
        "/guardian/factors/duo/settings",
        {"ikey": "DI", "skey": PLANTED, "host": "duo.example"},
    ),
    "a shared access key": (
        "POST",
        "/clients",
        {"name": "c", "addons": {"azure_sb": {"sasKey": PLANTED}}},
    ),
}


@pytest.mark.parametrize("what", WRITES)
def test_what_tells_of_a_tenant_shows_no_secret(
    what: str, tenant: FakeTenant, mgmt: Management, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    method, path, body = WRITES[what]
    with pytest.raises(AssertionError) as changed, tenant.expect_changes(created={"roles": 9}):
        mgmt.request(method, path, json=body)
    with pytest.raises(ManagementError) as refused:
        mgmt.request(method, path, json={**body, "no_such_property": 1})
    told = {
        "journal": str(tenant.requests),
        "request": repr([request.json for request in tenant.requests]),
        "tenant log": json.dumps([event.to_dict() for event in tenant.logs]),
        "changes": str(changed.value),
        "error": f"{refused.value} {vars(refused.value)}",
        "log lines": caplog.text,
        "export": json.dumps(tenant.export()),
    }
    assert [name for name, text in told.items() if PLANTED in text] == []
    assert PLANTED in json.dumps(tenant.export(secrets=True))


def test_what_stands_beside_secrets_stays_legible(tenant: FakeTenant, mgmt: Management) -> None:
    for what in ("an action's secret", "a mail server's password"):
        method, path, body = WRITES[what]
        mgmt.request(method, path, json=body)
    action, provider = (request.json for request in tenant.requests)
    assert action["secrets"] == [{"name": "KEY", "value": "[REDACTED]"}]
    assert provider["credentials"]["smtp_host"] == "mail.example"
    twin = FakeTenant()
    twin.load(tenant.export())
    kept = next(iter(twin.actions)).to_dict()["secrets"]
    assert [secret["name"] for secret in kept] == ["KEY"]


def test_a_refusal_is_told_where_bodies_hold_secrets(tenant: FakeTenant, mgmt: Management) -> None:
    with pytest.raises(ManagementError, match="Expected type string but found type array"):
        mgmt.request("PUT", "/rules-configs/KEY", json={"value": [PLANTED]})
    (event,) = tenant.logs
    assert "Expected type string" in str(event.to_dict()["details"]["response"]["body"]["message"])
    assert PLANTED not in str(event.to_dict())
