"""Small families of the fake tenant: their limits, conflicts, filters and secrets."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt.params.actions import ActionTrigger

from .conftest import DATABASE

RULE: Any = {
    "action": {"block": True},
    "scope": "authentication",
    "match": {"geo_country_codes": ["AQ"]},
}


# --- agents, profiles, policies ----------------------------------------------------------------


def test_an_agent_keeps_its_external_id_to_itself(mgmt: Management) -> None:
    agent = mgmt.agents.create(name="Helper", external_agent_id="h-1", metadata={"a": "1"})
    key = str(agent.agent_id)
    with pytest.raises(ConflictError):
        mgmt.agents.create(name="Other", external_agent_id="h-1")
    assert mgmt.agents.read(key).metadata == {"a": "1"}
    assert mgmt.agents.update(key, metadata=None).metadata == {}
    mgmt.agents.delete(key)
    with pytest.raises(NotFoundError):
        mgmt.agents.read(key)


def test_a_tenant_has_one_client_profile(mgmt: Management) -> None:
    policy: Any = {"external_metadata_type": "cimd", "external_metadata_created_by": "client"}

    def make(name: str) -> str:
        made = mgmt.client_profiles.create(
            name=name,
            client_configuration={"require_proof_of_possession": {"default_value": True}},
            apply_policy=policy,
        )
        return made.id

    first = make("first")
    with pytest.raises(ConflictError):
        make("second")
    mgmt.client_profiles.delete(first)
    assert make("second")


def test_rate_limit_policies_are_found_by_whom_they_bind(mgmt: Management) -> None:
    for consumer in ("client_a", "client_b"):
        mgmt.rate_limit_policies.create(
            resource="oauth_authentication_api",
            consumer="client",
            consumer_selector=consumer,
            configuration={"action": "allow"},
        )
    found = mgmt.rate_limit_policies.list(consumer_selector="client_b")
    assert [policy.consumer_selector for policy in found] == ["client_b"]


def test_a_network_acl_has_a_priority_of_its_own(mgmt: Management) -> None:
    mgmt.network_acls.create(description="first", active=True, priority=1, rule=RULE)
    with pytest.raises(ConflictError):
        mgmt.network_acls.create(description="second", active=True, priority=1, rule=RULE)
    with pytest.raises(BadRequestError, match="not a valid ACL ID"):
        mgmt.network_acls.get("acl_1")


# --- token exchange ----------------------------------------------------------------------------


def test_an_action_made_for_it_and_deployed_answers_for_a_token_type(mgmt: Management) -> None:
    def exchange(action: str) -> str:
        made = mgmt.token_exchange_profiles.create(
            name="Old tokens",
            subject_token_type="urn:old:token",
            action_id=action,
            type="custom_authentication",
        )
        return str(made.id)

    def action(name: Any, version: str) -> str:
        trigger: ActionTrigger = {"id": name, "version": version}
        made = mgmt.actions.create(
            name=name,
            supported_triggers=[trigger],
            code="exports.onExecute = async () => {}",
        )
        return str(made.id)

    with pytest.raises(BadRequestError, match="does not exist"):
        exchange("00000000-0000-4000-8000-000000000000")
    with pytest.raises(BadRequestError, match="does not support"):
        exchange(action("post-login", "v3"))
    mine = action("custom-token-exchange", "v1")
    with pytest.raises(BadRequestError, match="must be deployed"):
        exchange(mine)
    mgmt.actions.deploy(mine)
    profile = exchange(mine)
    with pytest.raises(ConflictError):
        exchange(mine)
    mgmt.token_exchange_profiles.delete(profile)
    assert list(mgmt.token_exchange_profiles.list()) == []


# --- attack protection -------------------------------------------------------------------------


def test_a_captcha_provider_keeps_its_secret(mgmt: Management) -> None:
    changed = mgmt.attack_protection.captcha.update(
        active_provider_id="hcaptcha", hcaptcha={"site_key": "site", "secret": "hidden"}
    )
    assert changed.active_provider_id == "hcaptcha"
    shown = mgmt.attack_protection.captcha.get()
    assert shown.hcaptcha is not None
    assert shown.hcaptcha.site_key == "site"
    assert "hidden" not in shown.model_dump_json()


def test_captcha_policies_have_different_priorities(mgmt: Management) -> None:
    policies = mgmt.attack_protection.captcha_policies
    match: Any = {"geo_country_codes": ["AQ"]}
    action: Any = {"active_provider_id": "simple_captcha"}
    made = policies.create(name="a", priority=1, match=match, action=action)
    with pytest.raises(ConflictError):
        policies.create(name="b", priority=1, match=match, action=action)
    other = policies.create(name="b", priority=2, match=match, action=action)
    with pytest.raises(ConflictError):
        policies.update(other.id, priority=1)
    policies.delete(made.id)
    assert [policy.name for policy in policies.list()] == ["b"]


# --- branding ----------------------------------------------------------------------------------


def test_a_tenant_has_one_phone_provider_and_hides_its_token(mgmt: Management) -> None:
    providers = mgmt.branding.phone.providers
    configuration: Any = {"sid": "AC1", "default_from": "+123456789", "delivery_methods": ["text"]}
    made = providers.create(
        name="twilio",
        configuration=configuration,
        credentials={"auth_token": "hidden"},
    )
    assert "hidden" not in providers.get(str(made.id)).model_dump_json()
    with pytest.raises(ConflictError):
        providers.create(
            name="custom", configuration={"delivery_methods": ["text"]}, credentials={}
        )
    bare: Any = {"sid": "AC1", "delivery_methods": ["text"]}
    with pytest.raises(BadRequestError):
        providers.update(str(made.id), configuration=bare)
    providers.update(str(made.id), disabled=True)
    assert providers.list(disabled=False).providers == []


def test_a_phone_template_of_a_kind_is_there_once_and_can_be_reset(mgmt: Management) -> None:
    templates = mgmt.branding.phone.templates
    body: Any = {"text": "Code {{ code }}", "voice": "Code {{ code }}"}
    made = templates.create(
        type="otp_verify", content={"syntax": "liquid", "from": "+123456789", "body": body}
    )
    with pytest.raises(ConflictError):
        templates.create(type="otp_verify")
    reset = templates.reset(str(made.id), {})
    assert reset.content is not None
    assert reset.content.body is not None
    assert reset.content.body.text != body["text"]
    assert reset.content.from_ == "+123456789"


def test_a_page_must_leave_room_for_the_tenant(mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="auth0:widget"):
        mgmt.branding.templates.update_universal_login(
            template="<html><head>{%- auth0:head -%}</head></html>"
        )


# --- guardian ----------------------------------------------------------------------------------


def test_an_enrolment_is_a_users_method_seen_from_guardian(mgmt: Management) -> None:
    user = mgmt.users.create(connection=DATABASE, email="a@example.com", password="s3cret-Word")
    who = str(user.user_id)
    mgmt.users.authentication_methods.create(who, type="phone", phone_number="+441234567890")
    (enrolled,) = mgmt.users.enrollments.get(who)
    assert (enrolled.auth_method, enrolled.status) == ("sms", "confirmed")
    device = str(enrolled.id)
    shown = mgmt.guardian.enrollments.get(device)
    assert shown.phone_number == "XXXXXXXXX7890"
    assert shown.enrolled_at is not None
    mgmt.guardian.enrollments.delete(device)
    assert mgmt.users.enrollments.get(who) == []
    with pytest.raises(NotFoundError):
        mgmt.guardian.enrollments.get(device)


def test_a_ticket_is_for_a_user_that_there_is(mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        mgmt.guardian.enrollments.create_ticket(user_id="auth0|nobody")


def test_phone_and_sms_name_the_same_texts(mgmt: Management) -> None:
    texts: Any = {"enrollment_message": "Enrol {{code}}", "verification_message": "Code {{code}}"}
    mgmt.guardian.factors.phone.set_templates(**texts)
    shown = mgmt.guardian.factors.sms.get_templates()
    assert shown.enrollment_message == texts["enrollment_message"]


def test_a_push_provider_refuses_what_is_no_key(mgmt: Management) -> None:
    push = mgmt.guardian.factors.push_notification
    with pytest.raises(BadRequestError):
        push.set_apns_provider(bundle_id="a.b", p12="no bundle")


# --- prompts and settings ----------------------------------------------------------------------


def test_a_changed_screen_is_listed_and_found_by_what_it_is(mgmt: Management) -> None:
    rendering = mgmt.prompts.rendering
    rendering.update("login", "login", rendering_mode="advanced")
    rendering.update("signup", "signup", rendering_mode="standard")
    assert [each.screen for each in rendering.list(rendering_mode="advanced")] == ["login"]
    assert [each.screen for each in rendering.list(prompt="signup")] == ["signup"]
    assert rendering.get("login", "login").filters is None


def test_texts_are_kept_by_prompt_and_language(mgmt: Management) -> None:
    mgmt.prompts.custom_text.set("login", "de", {"login": {"title": "Hallo"}})
    assert mgmt.prompts.custom_text.get("login", "de") == {"login": {"title": "Hallo"}}
    assert mgmt.prompts.custom_text.get("login", "en") == {}


def test_lifetimes_in_minutes_are_kept_in_hours(mgmt: Management) -> None:
    settings = mgmt.tenants.settings.update(idle_session_lifetime_in_minutes=15)
    assert settings.idle_session_lifetime == 0.25
    with pytest.raises(BadRequestError):
        mgmt.tenants.settings.update(session_lifetime=1, session_lifetime_in_minutes=60)


# --- keys --------------------------------------------------------------------------------------


def test_revoking_the_current_key_lets_the_next_one_sign(mgmt: Management) -> None:
    current, following = mgmt.keys.signing.list()
    revoked = mgmt.keys.signing.revoke(current.kid)
    assert (revoked.kid, revoked.get("revoked")) == (current.kid, True)
    keys = {key.kid: key for key in mgmt.keys.signing.list()}
    assert keys[following.kid].current is True
    assert sum(1 for key in keys.values() if key.next_ and not key.revoked) == 1
    assert mgmt.keys.signing.get(current.kid).current is False


def test_a_client_shows_the_certificate_that_its_tokens_are_signed_with(mgmt: Management) -> None:
    client = str(mgmt.clients.create(name="Till").client_id)
    chosen = mgmt.keys.signing.rotate()
    shown = mgmt.clients.get(client).model_dump(mode="json", exclude_unset=True)
    (key,) = shown["signing_keys"]
    assert key["cert"] == chosen.cert
