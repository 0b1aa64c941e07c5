"""Settings families of the fake tenant: defaults, changes, secrets, keys."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def _read(http: httpx.Client, path: str) -> Any:
    answer = http.get(path)
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
def test_a_fresh_tenant_has_settings(http: httpx.Client, path: str) -> None:
    assert _read(http, path)


def test_a_patch_of_nested_settings_keeps_the_rest(http: httpx.Client) -> None:
    path = "/attack-protection/suspicious-ip-throttling"
    http.patch(path, json={"stage": {"pre-login": {"max_attempts": 5, "rate": 34560}}})
    stage = _read(http, path)["stage"]
    assert stage["pre-login"]["max_attempts"] == 5
    assert "pre-custom-token-exchange" in stage


def test_null_takes_a_tenant_setting_away(http: httpx.Client) -> None:
    http.patch("/tenants/settings", json={"friendly_name": "Mine", "flags": {"enable_sso": True}})
    before = _read(http, "/tenants/settings")
    assert before["friendly_name"] == "Mine"
    assert len(before["flags"]) > 1
    http.patch("/tenants/settings", json={"error_page": None})
    assert "error_page" not in _read(http, "/tenants/settings")


def test_an_email_provider_is_configured_once_and_hides_its_secrets(http: httpx.Client) -> None:
    assert http.get("/emails/provider").json()["errorCode"] == "inexistent_email_provider"
    body = {
        "name": "smtp",
        "credentials": {"smtp_host": "a.example", "smtp_port": 25, "smtp_pass": "x"},
    }
    assert http.post("/emails/provider", json=body).status_code == 201
    assert http.post("/emails/provider", json=body).status_code == 409
    assert _read(http, "/emails/provider")["credentials"] == {
        "smtp_host": "a.example",
        "smtp_port": 25,
    }


def test_another_email_provider_starts_anew(http: httpx.Client) -> None:
    ses = {"name": "ses", "credentials": {"accessKeyId": "a", "secretAccessKey": "b"}}
    settings = {"message": {"configuration_set_name": "x"}}
    http.post("/emails/provider", json={**ses, "settings": settings})
    http.patch("/emails/provider", json={"name": "mandrill", "credentials": {"api_key": "k"}})
    assert "settings" not in _read(http, "/emails/provider")


def test_the_page_template_is_there_once_it_is_put(http: httpx.Client) -> None:
    path = "/branding/templates/universal-login"
    page = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    assert http.get(path).status_code == 404
    assert http.put(path, json=page).status_code == 201
    assert _read(http, path) == {"body": page}
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


def test_a_push_provider_never_shows_its_secret(http: httpx.Client) -> None:
    path = "/guardian/factors/push-notification/providers/sns"
    http.put(path, json={"aws_access_key_id": "id", "aws_secret_access_key": "secret"})
    assert _read(http, path)["aws_access_key_id"] == "id"
    assert "secret" not in http.get(path).text


def test_rotating_makes_the_next_signing_key_the_current_one(http: httpx.Client) -> None:
    current, following = _read(http, "/keys/signing")
    assert (current["current"], following["next"]) == (True, True)
    assert current["cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert http.post("/keys/signing/rotate").json()["kid"] == following["kid"]
    old, new, _ = _read(http, "/keys/signing")
    assert (old["previous"], old["current"], new["current"]) == (True, False, True)
    assert http.put(f"/keys/signing/{old['kid']}/revoke").json()["revoked"] is True


def test_imported_material_becomes_the_root_over_a_new_master_key(http: httpx.Client) -> None:
    body = {"type": "customer-provided-root-key"}
    kid = http.post("/keys/encryption", json=body).json()["kid"]
    early = http.post(f"/keys/encryption/{kid}", json={"wrapped_key": "QUJD" * 200})
    assert early.status_code == 409
    wrapping = http.post(f"/keys/encryption/{kid}/wrapping-key").json()
    assert wrapping["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    bad = http.post(f"/keys/encryption/{kid}", json={"wrapped_key": "bad-key"})
    assert (bad.status_code, bad.json()["errorCode"]) == (400, "invalid_body")
    assert _read(http, f"/keys/encryption/{kid}")["state"] == "pre-activation"
    http.post(f"/keys/encryption/{kid}", json={"wrapped_key": "QUJD" * 200})
    active = [key for key in _read(http, "/keys/encryption") if key["state"] == "active"]
    assert {(key["type"], key["parent_kid"]) for key in active} == {
        ("customer-provided-root-key", None),
        ("tenant-master-key", kid),
    }


def test_changing_no_flag_at_all_is_refused(http: httpx.Client) -> None:
    before = http.get("/tenants/settings").json()["flags"]
    refused = http.patch("/tenants/settings", json={"flags": {}})
    assert refused.status_code == 400
    assert "Too few properties defined (0), minimum 1" in refused.json()["message"]
    assert http.get("/tenants/settings").json()["flags"] == before
    assert http.patch("/tenants/settings", json={"flags": {"enable_sso": True}}).is_success


def test_flags_that_were_unset_are_set_again_one_by_one(http: httpx.Client) -> None:
    assert http.patch("/tenants/settings", json={"flags": None}).status_code == 200
    assert "flags" not in http.get("/tenants/settings").json()
    assert http.patch("/tenants/settings", json={"flags": {"enable_sso": True}}).is_success
    assert http.get("/tenants/settings").json()["flags"] == {"enable_sso": True}
