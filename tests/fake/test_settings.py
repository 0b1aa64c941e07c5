"""Settings families of the fake tenant: defaults, changes, secrets, keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant


@pytest.fixture
def api() -> Iterator[httpx.Client]:
    tenant = FakeTenant()
    with httpx.Client(
        transport=tenant.transport(),
        base_url=f"https://{tenant.domain}/api/v2",
        headers={"authorization": "Bearer any"},
    ) as client:
        yield client


def _read(api: httpx.Client, path: str) -> Any:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "path",
    [
        "/tenants/settings",
        "/branding",
        "/prompts",
        "/guardian/settings",
        "/guardian/factors",
        "/attack-protection/captcha",
        "/attack-protection/bot-detection",
        "/risk-assessments/settings",
        "/supplemental-signals",
        "/prompts/login/screen/login/rendering",
    ],
)
def test_a_fresh_tenant_has_settings(api: httpx.Client, path: str) -> None:
    assert _read(api, path)


def test_a_patch_of_nested_settings_keeps_the_rest(api: httpx.Client) -> None:
    path = "/attack-protection/suspicious-ip-throttling"
    api.patch(path, json={"stage": {"pre-login": {"max_attempts": 5, "rate": 34560}}})
    stage = _read(api, path)["stage"]
    assert stage["pre-login"]["max_attempts"] == 5
    assert "pre-custom-token-exchange" in stage


def test_null_takes_a_tenant_setting_away(api: httpx.Client) -> None:
    api.patch("/tenants/settings", json={"friendly_name": "Mine", "flags": {"enable_sso": True}})
    before = _read(api, "/tenants/settings")
    assert before["friendly_name"] == "Mine"
    assert len(before["flags"]) > 1
    api.patch("/tenants/settings", json={"error_page": None})
    assert "error_page" not in _read(api, "/tenants/settings")


def test_an_email_provider_is_configured_once_and_hides_its_secrets(api: httpx.Client) -> None:
    assert api.get("/emails/provider").json()["errorCode"] == "inexistent_email_provider"
    body = {
        "name": "smtp",
        "credentials": {"smtp_host": "a.example", "smtp_port": 25, "smtp_pass": "x"},
    }
    assert api.post("/emails/provider", json=body).status_code == 201
    assert api.post("/emails/provider", json=body).status_code == 409
    assert _read(api, "/emails/provider")["credentials"] == {
        "smtp_host": "a.example",
        "smtp_port": 25,
    }


def test_another_email_provider_starts_anew(api: httpx.Client) -> None:
    ses = {"name": "ses", "credentials": {"accessKeyId": "a", "secretAccessKey": "b"}}
    settings = {"message": {"configuration_set_name": "x"}}
    api.post("/emails/provider", json={**ses, "settings": settings})
    api.patch("/emails/provider", json={"name": "mandrill", "credentials": {"api_key": "k"}})
    assert "settings" not in _read(api, "/emails/provider")


def test_the_page_template_is_there_once_it_is_put(api: httpx.Client) -> None:
    path = "/branding/templates/universal-login"
    page = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    assert api.get(path).status_code == 404
    assert api.put(path, json=page).status_code == 201
    assert _read(api, path) == {"body": page}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_push_provider_never_shows_its_secret(api: httpx.Client) -> None:
    path = "/guardian/factors/push-notification/providers/sns"
    api.put(path, json={"aws_access_key_id": "id", "aws_secret_access_key": "secret"})
    assert _read(api, path)["aws_access_key_id"] == "id"
    assert "secret" not in api.get(path).text


def test_rotating_makes_the_next_signing_key_the_current_one(api: httpx.Client) -> None:
    current, following = _read(api, "/keys/signing")
    assert (current["current"], following["next"]) == (True, True)
    assert current["cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert api.post("/keys/signing/rotate").json()["kid"] == following["kid"]
    old, new, _ = _read(api, "/keys/signing")
    assert (old["previous"], old["current"], new["current"]) == (True, False, True)
    assert api.put(f"/keys/signing/{old['kid']}/revoke").json()["revoked"] is True


def test_imported_material_becomes_the_root_over_a_new_master_key(api: httpx.Client) -> None:
    body = {"type": "customer-provided-root-key"}
    kid = api.post("/keys/encryption", json=body).json()["kid"]
    early = api.post(f"/keys/encryption/{kid}", json={"wrapped_key": "QUJD" * 200})
    assert early.status_code == 409
    wrapping = api.post(f"/keys/encryption/{kid}/wrapping-key").json()
    assert wrapping["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    bad = api.post(f"/keys/encryption/{kid}", json={"wrapped_key": "bad-key"})
    assert (bad.status_code, bad.json()["errorCode"]) == (400, "invalid_body")
    assert _read(api, f"/keys/encryption/{kid}")["state"] == "pre-activation"
    api.post(f"/keys/encryption/{kid}", json={"wrapped_key": "QUJD" * 200})
    active = [key for key in _read(api, "/keys/encryption") if key["state"] == "active"]
    assert {(key["type"], key["parent_kid"]) for key in active} == {
        ("customer-provided-root-key", None),
        ("tenant-master-key", kid),
    }
