"""What a live tenant answers to single small requests, resource by resource."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest

from auth0_mgmt_testing import Clock, FakeTenant
from auth0_mgmt_testing.engine import tokens
from auth0_mgmt_testing.engine.keyring import Keyring

EMAIL_TEMPLATES = (
    "verify_email",
    "verify_email_by_code",
    "reset_email",
    "reset_email_by_code",
    "welcome_email",
    "blocked_account",
    "stolen_credentials",
    "enrollment_email",
    "mfa_oob_code",
    "user_invitation",
    "change_password",
    "password_reset",
    "async_approval",
)


def created(http: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    response = http.post(path, json=body)
    assert response.status_code in (200, 201), response.text
    return dict(response.json())


# --- email templates ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", EMAIL_TEMPLATES)
def test_an_email_template_is_absent_until_it_is_written(http: httpx.Client, name: str) -> None:
    response = http.get(f"/email-templates/{name}")
    assert response.status_code == 404
    assert response.json() == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The template does not exist.",
        "errorCode": "inexistent_email_template",
    }


def test_putting_an_email_template_creates_it_with_what_was_written(http: httpx.Client) -> None:
    written = {
        "template": "welcome_email",
        "body": "b",
        "from": "",
        "resultUrl": "https://e.com",
        "subject": "s",
        "syntax": "liquid",
        "urlLifetimeInSeconds": 3600,
        "enabled": False,
    }
    assert http.put("/email-templates/welcome_email", json=written).json() == written
    assert http.get("/email-templates/welcome_email").json() == written


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_template_in_the_body_matches_the_path(http: httpx.Client, method: str) -> None:
    body = {
        "template": "verify_email",
        "body": "b",
        "from": "",
        "subject": "s",
        "syntax": "liquid",
        "enabled": False,
    }
    response = http.request(method, "/email-templates/welcome_email", json=body)
    assert response.status_code == 400
    message = "The template property provided in payload must match template in the URL"
    assert response.json()["message"] == message


# --- roles, blocks -----------------------------------------------------------------------------


def test_a_changed_role_shows_its_type(http: httpx.Client) -> None:
    role = created(http, "/roles", name="r", description="d")
    changed = http.patch(f"/roles/{role['id']}", json={"name": "s", "description": "e"})
    assert changed.json() == {
        "id": role["id"],
        "name": "s",
        "description": "e",
        "type": "tenant",
    }


def test_an_address_that_is_not_blocked_is_not_found(http: httpx.Client) -> None:
    response = http.get("/anomaly/blocks/ips/192.0.2.1")
    assert response.json() == {"statusCode": 404, "error": "Not Found", "message": "Not Found"}


# --- log streams -------------------------------------------------------------------------------

HTTP_SINK = {"httpEndpoint": "https://example.com/logs"}
AZURE_SINK = {
    "azureSubscriptionId": "b69a6835-57c7-4d53-b0d5-1c6ae580b6d5",
    "azureRegion": "northeurope",
    "azureResourceGroup": "logs",
}


def test_a_log_stream_is_not_a_priority_by_itself(http: httpx.Client) -> None:
    stream = created(http, "/log-streams", type="http", name="l", sink=HTTP_SINK)
    path = f"/log-streams/{stream['id']}"
    assert stream["isPriority"] is False
    assert http.get(path).json()["isPriority"] is False
    assert http.patch(path, json={"name": "m"}).json()["isPriority"] is False
    assert http.get("/log-streams").json()[0]["isPriority"] is False


@pytest.mark.parametrize(("given", "method"), [({}, "hash"), ({"method": "mask"}, "mask")])
def test_personal_data_of_logs_are_hashed_unless_said_otherwise(
    http: httpx.Client, given: dict[str, str], method: str
) -> None:
    pii = {"log_fields": ["email"], **given}
    stream = created(http, "/log-streams", type="http", name="l", sink=HTTP_SINK, pii_config=pii)
    completed = {"log_fields": ["email"], "method": method, "algorithm": "xxhash"}
    assert stream["pii_config"] == completed
    changed = http.patch(f"/log-streams/{stream['id']}", json={"pii_config": pii})
    assert changed.json()["pii_config"] == completed


def test_a_patched_sink_takes_the_personal_data_settings_along(http: httpx.Client) -> None:
    pii = {"log_fields": ["email"]}
    stream = created(http, "/log-streams", type="http", name="l", sink=HTTP_SINK, pii_config=pii)
    path = f"/log-streams/{stream['id']}"
    assert "pii_config" in http.patch(path, json={"name": "m"}).json()
    assert "pii_config" not in http.patch(path, json={"name": "m", "sink": HTTP_SINK}).json()
    assert "pii_config" not in http.get(path).json()


def test_an_event_grid_names_its_partner_topic_itself(
    http: httpx.Client, tenant: FakeTenant
) -> None:
    stream = created(http, "/log-streams", type="eventgrid", name="l", sink=AZURE_SINK)
    begin, _, rest = stream["sink"]["azurePartnerTopic"].partition("fake-tenant-")
    assert begin == "azure.partner/auth0.com/"
    assert len(rest.removesuffix("/auth0.logs")) == 36
    sink = {**AZURE_SINK, "azurePartnerTopic": "mine"}
    refused = http.post("/log-streams", json={"type": "eventgrid", "name": "m", "sink": sink})
    assert refused.status_code == 400


# --- event streams -----------------------------------------------------------------------------

WEBHOOK = {
    "type": "webhook",
    "configuration": {
        "webhook_endpoint": "https://example.com/events",
        "webhook_authorization": {"method": "bearer", "token": "t"},
    },
}
ABSENT_STREAM = "/event-streams/est_1111111111111111111111"


def test_an_absent_event_stream(http: httpx.Client) -> None:
    assert http.get(ABSENT_STREAM).json() == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The requested stream does not exist.",
    }
    assert http.delete(ABSENT_STREAM).status_code == 204


def test_a_malformed_event_stream_id_is_refused_with_its_description(http: httpx.Client) -> None:
    response = http.get("/event-streams/est_x")
    assert response.status_code == 400
    assert response.json()["message"] == (
        "Path validation error: 'Object didn't pass validation for format event-stream-id: est_x'"
        " on property id (Unique identifier for the event stream)."
    )
    assert response.json()["errorCode"] == "invalid_uri"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_subscription_names_its_event_type(http: httpx.Client, method: str) -> None:
    stream = created(http, "/event-streams", name="s", destination=WEBHOOK)
    path = "/event-streams" if method == "POST" else f"/event-streams/{stream['id']}"
    body: dict[str, Any] = {"name": "t", "subscriptions": [{}]}
    if method == "POST":
        body["destination"] = WEBHOOK
    assert http.request(method, path, json=body).status_code == 400
    user = {"connection": "Username-Password-Authentication", "email": "a@example.com"}
    assert http.post("/users", json={**user, "password": "s3cret-Word"}).status_code == 201


def test_an_event_stream_counts_its_attempts_by_day(http: httpx.Client, clock: Clock) -> None:
    clock.freeze("2025-09-08T06:35:00Z")
    subscriptions = [{"event_type": "user.created"}]
    stream = created(
        http, "/event-streams", name="s", destination=WEBHOOK, subscriptions=subscriptions
    )
    user = {"connection": "Username-Password-Authentication", "email": "a@example.com"}
    created(http, "/users", **user, password="s3cret-Word")
    clock.advance(60)
    stats = http.get(f"/event-streams/{stream['id']}/stats").json()
    assert stats["window"] == {
        "date_from": "2025-08-25T06:00:00.000Z",
        "date_to": "2025-09-08T07:00:00.000Z",
        "bucket_interval": {"scale_factor": 86400},
    }
    assert len(stats["buckets"]) == 15
    assert stats["buckets"][0] == "2025-08-25T00:00:00.000Z"
    successful, failed = stats["metrics"]
    assert successful["name"] == "auth0.event_streams.successful_deliveries"
    assert (successful["window_total"], sum(successful["data"])) == (0, 0)
    assert (failed["window_total"], failed["data"][-1], failed["type"]) == (4, 4, "sum")


# --- forms, prompts, guardian, branding, hooks, blacklists ---------------------------------------


def test_a_form_does_not_show_empty_members(http: httpx.Client) -> None:
    languages = {"primary": "en"}
    form = created(http, "/forms", name="f", languages=languages, messages={})
    assert "messages" not in form
    empty: list[dict[str, Any]] = [{"nodes": []}, {"style": {}}, {"messages": {}}]
    for member in empty:
        assert not member.keys() & http.patch(f"/forms/{form['id']}", json=member).json().keys()


def test_the_push_prompt_keeps_what_is_written(http: httpx.Client) -> None:
    assert http.get("/prompts/mfa-push").json() == {}
    written = {"app_name": "a", "apple_app_link": "https://a.example", "google_app_link": ""}
    assert http.patch("/prompts/mfa-push", json=written).json() == written
    assert http.get("/prompts/mfa-push").json() == written


def test_prompts_do_not_name_the_platform_factor_until_it_is_written(http: httpx.Client) -> None:
    assert "webauthn_platform_first_factor" not in http.get("/prompts").json()
    changed = http.patch("/prompts", json={"webauthn_platform_first_factor": False}).json()
    assert changed["webauthn_platform_first_factor"] is False


@pytest.mark.parametrize("kind", ["roaming", "platform"])
def test_webauthn_settings_are_answered_as_sent_and_read_completed(
    http: httpx.Client, kind: str
) -> None:
    path = f"/guardian/factors/webauthn-{kind}/settings"
    assert http.get(path).json() == {"overrideRelyingParty": False}
    sent = {"relyingPartyIdentifier": "example.com"}
    assert http.put(path, json=sent).json() == sent
    assert http.get(path).json() == {"overrideRelyingParty": False, **sent}


@pytest.mark.parametrize(
    "path", ["sms/providers/twilio", "phone/providers/twilio", "push-notification/providers/sns"]
)
def test_a_guardian_provider_without_configuration_is_empty(http: httpx.Client, path: str) -> None:
    assert http.get(f"/guardian/factors/{path}").json() == {}


def test_server_credentials_are_taken_as_they_are(http: httpx.Client) -> None:
    path = "/guardian/factors/push-notification/providers/fcmv1"
    response = http.put(path, json={"server_credentials": "abc123"})
    assert (response.status_code, response.json()) == (200, {})


def test_trying_a_phone_template_answers_its_code(http: httpx.Client) -> None:
    template = created(http, "/branding/phone/templates", type="otp_verify")
    body = {"to": "+15550100000"}
    response = http.post(f"/branding/phone/templates/{template['id']}/try", json=body)
    assert response.status_code == 202
    assert response.json() == {
        "code": 202,
        "message": "Test notification successfully sent for processing",
    }


def test_hooks_are_listed_by_the_fields_asked_for(http: httpx.Client) -> None:
    response = http.get("/hooks", params={"fields": "id", "include_fields": "true"})
    assert (response.status_code, response.json()) == (200, [])


def test_blacklisted_tokens_are_listed_by_audience(http: httpx.Client) -> None:
    for audience in ("one", "other", "one"):
        token = {"aud": audience, "jti": "t"}
        assert http.post("/blacklists/tokens", json=token).status_code == 204
    params: dict[str, str | int] = {"aud": "one", "per_page": 50, "include_totals": "true"}
    found = http.get("/blacklists/tokens", params=params)
    assert found.json() == [{"aud": "one", "jti": "t"}]


# --- actions -----------------------------------------------------------------------------------


def action(http: httpx.Client, **more: Any) -> dict[str, Any]:
    triggers = [{"id": "post-login", "version": "v3"}]
    return created(http, "/actions/actions", name="a", supported_triggers=triggers, **more)


def test_every_version_of_every_trigger_is_listed(http: httpx.Client) -> None:
    triggers = http.get("/actions/triggers").json()["triggers"]
    assert len(triggers) == 20
    assert triggers[0] == {
        "id": "post-login",
        "version": "v3",
        "status": "CURRENT",
        "runtimes": ["node18-actions", "node22"],
        "default_runtime": "node22",
        "binding_policy": "trigger-bound",
        "compatible_triggers": [{"id": "post-login", "version": "v2"}],
    }
    deprecated = [t for t in triggers if t["status"] == "DEPRECATED"]
    assert len(deprecated) == 7
    assert triggers[-1]["id"] == "mcp-tool"
    assert triggers[-1]["binding_policy"] == "entity-bound"


def test_bindings_of_an_entity_bound_trigger_are_an_empty_list(http: httpx.Client) -> None:
    params = {"page": 0, "per_page": 50}
    response = http.get("/actions/triggers/mcp-tool/bindings", params=params)
    assert response.json() == {"bindings": [], "per_page": 50}


def test_a_changed_action_is_pending_while_its_versions_are_built(http: httpx.Client) -> None:
    made = action(http, code="a")
    http.post(f"/actions/actions/{made['id']}/deploy")
    changed = http.patch(f"/actions/actions/{made['id']}", json={"code": "b"}).json()
    assert changed["status"] == "pending"
    assert changed["current_version"]["status"] == "BUILT"
    assert changed["current_version"]["build_time"]
    assert changed["deployed_version"]["status"] == "built"
    assert changed["deployed_version"]["built_at"]


def test_a_pending_action_is_not_deployed(
    http: httpx.Client, tenant: FakeTenant, clock: Clock
) -> None:
    tenant.build_delay = 2.0
    made = action(http, code="a")
    path = f"/actions/actions/{made['id']}"
    refused = http.post(f"{path}/deploy")
    assert refused.json() == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "A draft must be in the 'built' state before it can be deployed.",
    }
    assert http.get(path).json()["status"] == "building"
    clock.advance(2)
    assert http.get(path).json()["status"] == "built"
    assert http.post(f"{path}/deploy").status_code == 200


def test_an_action_is_bound_to_a_trigger_that_it_supports(http: httpx.Client) -> None:
    made = action(http, code="a")
    http.post(f"/actions/actions/{made['id']}/deploy")
    bindings = {"bindings": [{"ref": {"type": "action_id", "value": made["id"]}}]}
    refused = http.patch("/actions/triggers/credentials-exchange/bindings", json=bindings)
    assert refused.status_code == 400
    message = "Trying to create a binding between an incompatible action and trigger."
    assert refused.json()["message"] == message
    assert http.patch("/actions/triggers/post-login/bindings", json=bindings).status_code == 200


# --- users: search, linking --------------------------------------------------------------------

DATABASE = "Username-Password-Authentication"


def user(http: httpx.Client, name: str) -> str:
    body = {"connection": DATABASE, "email": f"{name}@example.com", "password": "s3cret-Word"}
    return str(created(http, "/users", **body)["user_id"])


@pytest.mark.parametrize("sort", ["user_metadata.x:1", "app_metadata.x.y:-1", "user_metadata:1"])
def test_users_are_not_sorted_by_metadata(http: httpx.Client, sort: str) -> None:
    assert http.get("/users", params={"sort": sort}).status_code == 400


def test_members_are_found_by_their_organization(http: httpx.Client) -> None:
    member, _other = user(http, "member"), user(http, "other")
    organization = created(http, "/organizations", name="acme")["id"]
    http.post(f"/organizations/{organization}/members", json={"members": [member]})
    found = http.get("/users", params={"q": f"organization_id:{organization}"}).json()
    assert [each["user_id"] for each in found] == [member]
    both = http.get("/users", params={"q": f"organization_id:{organization} AND email:other*"})
    assert both.json() == []
    assert http.get("/users", params={"q": "organization_id:org_none"}).json() == []


@pytest.mark.parametrize(
    "link",
    [{"user_id": "x"}, {"provider": "auth0", "user_id": "x", "connection_id": "con_" + "0" * 16}],
)
def test_linking_names_a_configured_provider(http: httpx.Client, link: dict[str, str]) -> None:
    response = http.post(f"/users/{user(http, 'main')}/identities", json=link)
    assert response.json() == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "The provider/connection is not configured.",
        "errorCode": "inexistent_connection",
    }


def id_token(tenant: FakeTenant, subject: str, **changed: Any) -> dict[str, Any]:
    now = tenant.clock.time()
    claims = {"iss": f"https://{tenant.domain}/", "sub": subject, "aud": "app", "exp": now + 60}
    return {**claims, **changed}


def test_an_account_is_linked_by_an_id_token_of_the_tenant(
    http: httpx.Client, tenant: FakeTenant
) -> None:
    main, other, third = user(http, "main"), user(http, "other"), user(http, "third")
    client = created(http, "/clients", name="app")
    signed = tokens.issue(id_token(tenant, other), Keyring(tenant.snapshot().state).current())
    path = f"/users/{main}/identities"
    assert http.post(path, json={"link_with": signed}).status_code == 201
    claims = id_token(tenant, third, aud=client["client_id"])
    signed = jwt.encode(claims, client["client_secret"], "HS256")
    assert len(http.post(path, json={"link_with": signed}).json()) == 3


@pytest.mark.parametrize("changed", [{"exp": 1}, {"iss": "https://other.example/"}])
def test_a_token_that_does_not_hold_links_nothing(
    http: httpx.Client, tenant: FakeTenant, changed: dict[str, Any]
) -> None:
    main, other = user(http, "main"), user(http, "other")
    key = Keyring(tenant.snapshot().state).current()
    signed = tokens.issue(id_token(tenant, other, **changed), key)
    response = http.post(f"/users/{main}/identities", json={"link_with": signed})
    assert (response.status_code, response.json()["message"]) == (400, "Invalid token")


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_that_anybody_signed_links_nothing(
    http: httpx.Client, tenant: FakeTenant, algorithm: str
) -> None:
    main, other = user(http, "main"), user(http, "other")
    key = "k" * 32 if algorithm == "HS256" else ""
    signed = jwt.encode(id_token(tenant, other), key, algorithm)
    response = http.post(f"/users/{main}/identities", json={"link_with": signed})
    assert response.status_code == 400
    assert http.get(f"/users/{other}").status_code == 200


def test_the_organizations_of_a_user_are_counted(http: httpx.Client) -> None:
    member = user(http, "member")
    for name in ("one", "two"):
        organization = created(http, "/organizations", name=name)["id"]
        http.post(f"/organizations/{organization}/members", json={"members": [member]})
    page = http.get(f"/users/{member}/organizations", params={"include_totals": "true"}).json()
    assert page["total"] == 2


def test_paging_users_ends_with_the_documentations_address(http: httpx.Client) -> None:
    response = http.get("/users", params={"page": 20, "per_page": 50})
    assert response.json()["message"].startswith("You can only page through the first 1000 rec")
    assert response.json()["message"].endswith("view-search-results-by-page#limitation")


# --- texts of access ---------------------------------------------------------------------------


def test_a_missing_scope_is_named_after_a_comma(http: httpx.Client, tenant: FakeTenant) -> None:
    headers = {"authorization": f"Bearer {tenant.token('read:clients')}"}
    assert http.get("/roles", headers=headers).json() == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:roles",
        "errorCode": "insufficient_scope",
    }


def test_a_wrong_audience_is_named_alone(http: httpx.Client, tenant: FakeTenant) -> None:
    claims = {**id_token(tenant, "x@clients", aud="urn:x"), "scope": "read:roles"}
    signed = tokens.issue(claims, Keyring(tenant.snapshot().state).current())
    response = http.get("/roles", headers={"authorization": f"Bearer {signed}"})
    assert response.json()["message"] == "Bad audience: urn:x"


# --- names that are empty ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameter",
    [5, {}, {"type": "x", "value": 1}, {"type": "string"}, {"type": "string", "value": 5}],
)
def test_a_parameter_without_a_name_is_refused_like_any_other(
    http: httpx.Client, parameter: Any
) -> None:
    body = {"name": "flag", "parameters": {"": parameter}}
    assert http.post("/experimentation/feature-flags", json=body).status_code == 400


# --- network ACLs ------------------------------------------------------------------------------


def test_a_single_read_of_a_network_acl_shows_its_tenant(http: httpx.Client) -> None:
    rule = {"action": {"block": True}, "scope": "tenant", "match": {"geo_country_codes": ["US"]}}
    acl = created(http, "/network-acls", description="d", active=False, priority=1, rule=rule)
    shown = http.get(f"/network-acls/{acl['id']}").json()
    assert (shown["tenant_id"], shown["deleted_at"]) == ("fake-tenant", None)
    assert "tenant_id" not in acl


# --- what is gone, and what is nowhere ---------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/logs/"),
        ("GET", "/users//roles"),
        ("DELETE", "/users/"),
        ("GET", "/organizations//members"),
        ("PATCH", "/clients/"),
    ],
)
def test_an_empty_path_segment_leads_to_no_other_operation(
    http: httpx.Client, method: str, path: str
) -> None:
    response = http.request(method, path, json={} if method == "PATCH" else None)
    assert response.status_code == 404
    assert response.json()["error"] == "Not Found"


def test_log_events_carry_both_of_their_ids(http: httpx.Client) -> None:
    created(http, "/roles", name="a")
    listed = http.get("/logs").json()
    assert listed
    for event in listed:
        assert event["_id"] == event["log_id"]
        assert http.get(f"/logs/{event['log_id']}").json()["_id"] == event["log_id"]


def test_emptied_metadata_are_gone(http: httpx.Client) -> None:
    path = f"/users/{user(http, 'emptied')}"
    both = {"app_metadata": {"a": 1}, "user_metadata": {"b": 2}}
    assert http.patch(path, json=both).json()["app_metadata"] == {"a": 1}
    changed = http.patch(path, json={"app_metadata": {}, "user_metadata": {}}).json()
    for shown in (changed, http.get(path).json()):
        assert "app_metadata" not in shown
        assert shown["user_metadata"] == {}
    organization = created(http, "/organizations", name="acme", metadata={"a": "1"})
    path = f"/organizations/{organization['id']}"
    changed = http.patch(path, json={"metadata": {}, "display_name": "Acme"}).json()
    for shown in (changed, http.get(path).json()):
        assert "metadata" not in shown
        assert shown["display_name"] == "Acme"


def test_a_regenerated_recovery_code_replaces_the_former_one(http: httpx.Client) -> None:
    path = f"/users/{user(http, 'recovering')}"
    codes = {http.post(f"{path}/recovery-code-regeneration").json()["recovery_code"] for _ in "12"}
    assert len(codes) == 2
    methods = http.get(f"{path}/authentication-methods").json()
    assert [method["type"] for method in methods] == ["recovery-code"]
    assert not any(code in str(methods) for code in codes)


# --- clients and connections -------------------------------------------------------------------


def test_the_global_client_shows_few_members(http: httpx.Client) -> None:
    (found,) = http.get("/clients", params={"is_global": "true"}).json()
    members = {
        "tenant", "global", "name", "callbacks", "client_id", "client_secret", "is_first_party",
        "refresh_token", "signing_keys", "custom_login_page_on",
    }  # fmt: skip
    assert set(found) == members
    assert (found["name"], found["global"], found["callbacks"]) == ("All Applications", True, [])
    page = {"custom_login_page": "<h>", "custom_login_page_on": True}
    changed = http.patch(f"/clients/{found['client_id']}", json=page).json()
    assert set(changed) == members | {"custom_login_page"}


def test_null_takes_only_the_delegation_of_session_transfers_away(http: httpx.Client) -> None:
    transfer = {
        "can_create_session_transfer_token": True,
        "delegation": {"allow_delegated_access": True},
    }
    client = created(http, "/clients", name="x", session_transfer=transfer)
    assert client["session_transfer"]["delegation"]["allow_delegated_access"] is True
    path = f"/clients/{client['client_id']}"
    changed = http.patch(path, json={"session_transfer": {"delegation": None}}).json()
    for shown in (changed, http.get(path).json()):
        assert "delegation" not in shown["session_transfer"]
        assert shown["session_transfer"]["can_create_session_transfer_token"] is True


def test_a_client_for_express_configuration_has_no_secret(http: httpx.Client) -> None:
    client = created(http, "/clients", name="x", app_type="express_configuration")
    assert not {"client_secret", "async_approval_notification_channels"} & set(client)


@pytest.mark.parametrize("strategy", ["sms", "email"])
def test_a_passwordless_connection_is_protected_from_brute_force(
    http: httpx.Client, strategy: str
) -> None:
    connection = created(http, "/connections", name=strategy, strategy=strategy)
    assert connection["options"] == {"brute_force_protection": True}


def test_an_imported_user_has_a_picture_of_the_secure_host(
    http: httpx.Client, clock: Clock
) -> None:
    (database,) = http.get("/connections", params={"name": DATABASE}).json()
    files = {"users": ("u.json", b'[{"email": "imported@example.com"}]')}
    data = {"connection_id": database["id"]}
    assert http.post("/jobs/users-imports", data=data, files=files).status_code == 202
    clock.advance(5)
    (found,) = http.get("/users-by-email", params={"email": "imported@example.com"}).json()
    assert found["picture"].startswith("https://secure.gravatar.com/avatar/")
