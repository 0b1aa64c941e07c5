"""What a tenant's plan does not include."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant

HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}
UPGRADE = "Please upgrade your subscription to use bot detection"
AKAMAI = "Please upgrade your subscription to enable Akamai Signals."


@pytest.mark.parametrize(
    ("feature", "method", "path", "message", "code"),
    [
        ("bot_detection", "GET", "attack-protection/bot-detection", UPGRADE, "entitlement"),
        ("bot_detection", "PATCH", "attack-protection/bot-detection", UPGRADE, "entitlement"),
        ("bot_detection", "GET", "attack-protection/captcha", UPGRADE, "entitlement"),
        ("bot_detection", "PATCH", "attack-protection/captcha", UPGRADE, "entitlement"),
        ("akamai_signals", "GET", "supplemental-signals", AKAMAI, "scope"),
    ],
)
def test_a_feature_that_the_plan_lacks_is_refused(
    feature: str, method: str, path: str, message: str, code: str
) -> None:
    tenant = FakeTenant(unavailable_features={feature})
    for each in (tenant, tenant.fork()):
        response = each.send(method, f"/api/v2/{path}", HEADERS, b"{}" if method != "GET" else b"")
        assert response.json() == {
            "statusCode": 403,
            "error": "Forbidden",
            "message": message,
            "errorCode": f"insufficient_{code}",
        }
    assert (
        tenant.send("GET", "/api/v2/attack-protection/brute-force-protection", HEADERS).status
        == 200
    )
    assert FakeTenant().send("GET", "/api/v2/attack-protection/captcha", HEADERS).status == 200


@pytest.mark.parametrize(
    ("feature", "path", "body"),
    [
        ("rules", "rules", b'{"name": "r", "script": "x"}'),
        ("hooks", "hooks", b'{"name": "h", "script": "x", "triggerId": "credentials-exchange"}'),
    ],
)
def test_rules_and_hooks_are_created_where_a_tenant_still_has_them(
    feature: str, path: str, body: bytes
) -> None:
    assert FakeTenant().send("POST", f"/api/v2/{path}", HEADERS, body).status in (200, 201)
    without = FakeTenant(unavailable_features=[feature])
    assert without.send("POST", f"/api/v2/{path}", HEADERS, body).status == 403
    assert without.send("GET", f"/api/v2/{path}", HEADERS).status == 200


def test_a_tenant_of_several_domains_wants_one_named_for_new_users() -> None:
    body = {
        "connection": "Username-Password-Authentication",
        "email": "ada@example.com",
        "password": "correct-Horse-7-battery",
    }
    tenant = FakeTenant(unavailable_features=["one_domain"])
    sent = json.dumps(body).encode()
    refused = tenant.send("POST", "/api/v2/users", HEADERS, sent)
    assert refused.json() == {
        "statusCode": 409,
        "error": "Conflict",
        "message": "The tenant has multiple verified custom domains.",
        "errorCode": "custom_domain_conflict",
    }
    named = {**HEADERS, "auth0-custom-domain": "login.example.com"}
    assert tenant.send("POST", "/api/v2/users", named, sent).status == 201
    assert FakeTenant().send("POST", "/api/v2/users", HEADERS, sent).status == 201


def test_a_page_template_needs_a_custom_domain_where_the_plan_says_so() -> None:
    path = "/api/v2/branding/templates/universal-login"
    page = b'{"template": "{%- auth0:head -%}{%- auth0:widget -%}"}'
    tenant = FakeTenant(unavailable_features=["page_templates"])
    assert tenant.send("PUT", path, HEADERS, page).status == 403
    domain = b'{"domain": "login.example.com", "type": "auth0_managed_certs"}'
    made = tenant.send("POST", "/api/v2/custom-domains", HEADERS, domain).json()
    assert tenant.send("PUT", path, HEADERS, page).status == 403
    tenant.publish_dns("login.example.com")
    tenant.send("POST", f"/api/v2/custom-domains/{made['custom_domain_id']}/verify", HEADERS)
    assert tenant.send("PUT", path, HEADERS, page).status == 201
    assert FakeTenant().send("PUT", path, HEADERS, page).status == 201


def test_a_feature_that_is_not_known_is_an_error() -> None:
    names: Any = ["teleport"]
    with pytest.raises(ValueError, match="no feature teleport; there are bot_detection"):
        FakeTenant(unavailable_features=names)


def test_a_plan_without_bot_detection_throttles_no_token_exchanges() -> None:
    path = "/api/v2/attack-protection/suspicious-ip-throttling"
    for lacking, shown in (((), True), (("bot_detection",), False)):
        tenant = FakeTenant(unavailable_features=lacking)
        for method, body in (("GET", b""), ("PATCH", b'{"enabled": true}')):
            stage = tenant.send(method, path, HEADERS, body).json()["stage"]
            assert ("pre-custom-token-exchange" in stage) is shown
            assert {"pre-login", "pre-user-registration"} <= stage.keys()
