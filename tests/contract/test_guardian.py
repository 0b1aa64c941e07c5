"""Guardian: factors, their providers and texts, policies, enrolment tickets."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Factory

from .families import Settings

GUARDIAN = Settings(
    at="guardian",
    update="set",
    change={
        "display_remember_me_checkbox": False,
        "remember_me_default_value": True,
        "mfa_session_inactivity_timeout": 3600,
        "mfa_session_overall_timeout": 7200,
    },
)
DUO = Settings(
    at="guardian.factors.duo.settings",
    change={"ikey": "DIXXXXXXXXXXXXXXXXXX", "skey": "secret", "host": "api-1.duosecurity.com"},
    replace="set",
    needs="duo",
)
DUO_WHOLE = Settings(at=DUO.at, update="set", change=DUO.change, replace="set", needs="duo")
EMAIL = Settings(
    at="guardian.factors.email",
    update="set",
    change={"otp_length": 8, "otp_expiration_time": 600},
)
PHONE = Settings(
    at="guardian.factors.phone",
    update="set",
    change={"otp_length": 8, "otp_expiration_time": 600},
)
PHONE_TYPES = Settings(
    at="guardian.factors.phone",
    get="get_message_types",
    update="set_message_types",
    change={"message_types": ["sms", "voice"]},
    needs="phone_mfa",
)


def by_telephone(at: str) -> tuple[Settings, ...]:
    """What the phone factor keeps under its new name and under its old one alike."""
    return (
        Settings(
            at=at,
            get="get_selected_provider",
            update="set_provider",
            change={"provider": "twilio"},
            needs="phone_mfa",
        ),
        Settings(
            at=at,
            get="get_templates",
            update="set_templates",
            change={
                "enrollment_message": "Enrol: {{code}}",
                "verification_message": "Code: {{code}}",
            },
            needs="phone_mfa",
        ),
        Settings(
            at=at,
            get="get_twilio_provider",
            update="set_twilio_provider",
            change={"from": "+1234567890", "messaging_service_sid": None, "sid": "AC1"},
            needs="phone_mfa",
        ),
    )


BY_PHONE = by_telephone("guardian.factors.phone")
BY_SMS = by_telephone("guardian.factors.sms")
PUSH_PROVIDER = Settings(
    at="guardian.factors.push_notification",
    get="get_selected_provider",
    update="set_provider",
    change={"provider": "sns"},
    needs="push_mfa",
)
SNS = Settings(
    at="guardian.factors.push_notification",
    get="get_sns_provider",
    update="set_sns_provider",
    change={
        "aws_access_key_id": "AKIA",
        "aws_secret_access_key": "hush",
        "aws_region": "us-west-1",
        "sns_apns_platform_application_arn": "arn:aws:sns:us-west-1:1:app/APNS/x",
        "sns_gcm_platform_application_arn": "arn:aws:sns:us-west-1:1:app/GCM/x",
    },
    secret=("aws_secret_access_key",),
    needs="push_mfa",
)
SNS_PART = Settings(
    at=SNS.at,
    get="get_sns_provider",
    update="update_sns_provider",
    change={"aws_region": "eu-west-1"},
    needs="push_mfa",
)


WEBAUTHN_ROAMING = Settings(
    at="guardian.factors.webauthn_roaming",
    update="set",
    replace="set",
    change={
        "userVerification": "required",
        "overrideRelyingParty": True,
        "relyingPartyIdentifier": "example.com",
    },
    needs="webauthn_mfa",
)
WEBAUTHN_PLATFORM = Settings(
    at="guardian.factors.webauthn_platform",
    update="set",
    replace="set",
    change={"overrideRelyingParty": True, "relyingPartyIdentifier": "example.com"},
    needs="webauthn_mfa",
)


@pytest.mark.auth0_requires("webauthn_mfa")
@pytest.mark.parametrize("settings", [WEBAUTHN_ROAMING, WEBAUTHN_PLATFORM])
def test_settings_of_webauthn_are_returned_as_sent_and_read_with_the_default(
    settings: Settings, auth0_mgmt: Management, changed_settings: Callable[..., Any]
) -> None:
    client: Any = attrgetter(settings.at)(auth0_mgmt)
    with changed_settings(settings):
        part = {"relyingPartyIdentifier": "a.example.com"}
        assert client.set(**part).to_dict() == part
        assert client.get().to_dict() == {"overrideRelyingParty": False, **part}


@pytest.mark.auth0_requires("webauthn_mfa")
def test_only_security_keys_have_a_user_verification(auth0_mgmt: Management) -> None:
    path = "/guardian/factors/webauthn-{}/settings"
    for factor, value in (("roaming", "sometimes"), ("platform", "required")):
        with pytest.raises(BadRequestError):
            auth0_mgmt.request("PUT", path.format(factor), json={"userVerification": value})


@pytest.fixture
def factors(auth0_mgmt: Management) -> Any:
    """The factors; afterwards those that were enabled are enabled, and no others."""
    factors = auth0_mgmt.guardian.factors
    before = {factor.name: factor.enabled for factor in factors.list()}
    yield factors
    for factor in factors.list():
        if factor.enabled != before[factor.name]:
            factors.set(str(factor.name), enabled=before[factor.name])


@pytest.mark.auth0_fake_only
def test_a_factor_is_switched_on_and_off_alone(factors: Any) -> None:
    before = {factor.name: factor.enabled for factor in factors.list()}
    assert {"sms", "push-notification", "otp", "email", "duo"} <= set(before)
    for enabled in (True, False):
        assert factors.set("otp", enabled=enabled).enabled is enabled
        after = {factor.name: factor.enabled for factor in factors.list()}
        assert after == {**before, "otp": enabled}


@pytest.mark.auth0_fake_only
def test_policies_are_replaced_whole(auth0_mgmt: Management) -> None:
    policies = auth0_mgmt.guardian.policies
    before: Any = policies.list()
    try:
        assert policies.set(body=["all-applications"]) == ["all-applications"]
        assert policies.list() == ["all-applications"]
        assert policies.set(body=[]) == []
        assert policies.list() == []
    finally:
        policies.set(body=before)


@pytest.mark.auth0_requires("push_mfa")
@pytest.mark.auth0_fake_only
def test_keys_of_push_providers_are_written_and_never_read(auth0_mgmt: Management) -> None:
    push = auth0_mgmt.guardian.factors.push_notification
    for answer in (
        push.set_fcm_provider(server_key="hush"),
        push.update_fcm_provider(server_key="hush"),
        push.set_fcmv1_provider(server_credentials='{"private_key": "hush"}'),
        push.update_fcmv1_provider(server_credentials='{"private_key": "hush"}'),
    ):
        assert "hush" not in str(answer)


def key_store() -> str:
    """A PKCS #12 file with a new key, in Base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    return b64encode(
        pkcs12.serialize_key_and_certificates(None, key, None, None, NoEncryption())
    ).decode()


@pytest.mark.auth0_fake_only
def test_the_apple_provider_tells_its_bundle_and_not_its_key(auth0_mgmt: Management) -> None:
    push = auth0_mgmt.guardian.factors.push_notification
    push.set_apns_provider(sandbox=False, bundle_id="com.example.app", p12=key_store())
    push.update_apns_provider(sandbox=True)
    read = push.get_apns_provider()
    assert (read.bundle_id, read.get("sandbox")) == ("com.example.app", True)
    assert "p12" not in read.to_dict()


@pytest.mark.auth0_allow_changes("guardian.enrollments.create_ticket")
def test_a_ticket_leads_to_enrolment(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user = auth0_factory.user()
    tickets = auth0_mgmt.guardian.enrollments
    made = [tickets.create_ticket(user_id=user.user_id, send_mail=False) for _ in range(2)]
    assert made[0].ticket_id != made[1].ticket_id
    assert made[0].ticket_id is not None
    assert (made[0].ticket_url or "").endswith(made[0].ticket_id)
    with pytest.raises(NotFoundError, match="inexistent_user"):
        tickets.create_ticket(user_id="auth0|000000000000000000000000")


@pytest.mark.auth0_fake_only
def test_a_missing_enrolment_answers_404(auth0_mgmt: Management) -> None:
    enrollments = auth0_mgmt.guardian.enrollments
    with pytest.raises(NotFoundError, match="enrollment_not_found"):
        enrollments.get("dev_0000000000000000")
    with pytest.raises(NotFoundError, match="enrollment_not_found"):
        enrollments.delete("dev_0000000000000000")
