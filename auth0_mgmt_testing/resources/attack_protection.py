"""Attack protection: one document of settings for each shield, and captcha policies."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import is_secret

from ..behaviours import CollectionBehaviour, Missing, SettingsBehaviour, Unique
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def without_secrets(value: Any) -> Any:
    """The same with no secret at any depth: secrets are written and never read back."""
    if not is_object(value):
        return value
    return {key: without_secrets(item) for key, item in value.items() if not is_secret(key)}


def _public(context: RequestContext, doc: Doc) -> Doc:
    return dict(without_secrets(doc))


SettingsBehaviour(
    "attack_protection.bot_detection",
    {
        "challenge_password_policy": "never",
        "challenge_passwordless_policy": "never",
        "challenge_password_reset_policy": "never",
        "allowlist": [],
        "bot_detection_level": "medium",
        "monitoring_mode_enabled": False,
    },
).bind(
    family,
    get="attack_protection.bot_detection.get",
    update="attack_protection.bot_detection.update",
)

SettingsBehaviour(
    "attack_protection.breached_password_detection",
    {
        "enabled": False,
        "shields": [],
        "admin_notification_frequency": [],
        "method": "standard",
        "stage": {
            "pre-user-registration": {"shields": []},
            "pre-change-password": {"shields": []},
        },
    },
    merge="deep",
).bind(
    family,
    get="attack_protection.breached_password_detection.get",
    update="attack_protection.breached_password_detection.update",
)

SettingsBehaviour(
    "attack_protection.brute_force_protection",
    {
        "enabled": True,
        "shields": ["block", "user_notification"],
        "mode": "count_per_identifier",
        "allowlist": [],
        "max_attempts": 10,
    },
).bind(
    family,
    get="attack_protection.brute_force_protection.get",
    update="attack_protection.brute_force_protection.update",
)

_EXCHANGES = "pre-custom-token-exchange"


def _of_plan(context: RequestContext, doc: Doc) -> Doc:
    """Plans without bot detection throttle no token exchanges."""
    if "bot_detection" not in context.world.unavailable_features:
        return doc
    return {**doc, "stage": {k: v for k, v in doc["stage"].items() if k != _EXCHANGES}}


SettingsBehaviour(
    "attack_protection.suspicious_ip_throttling",
    {
        "enabled": True,
        "shields": ["admin_notification", "block"],
        "allowlist": [],
        "stage": {
            "pre-login": {"max_attempts": 100, "rate": 864000},
            "pre-user-registration": {"max_attempts": 50, "rate": 1200},
            _EXCHANGES: {"max_attempts": 10, "rate": 600000},
        },
    },
    merge="deep",
    view=_of_plan,
).bind(
    family,
    get="attack_protection.suspicious_ip_throttling.get",
    update="attack_protection.suspicious_ip_throttling.update",
)

SettingsBehaviour(
    "attack_protection.captcha",
    {
        "active_provider_id": "auth_challenge",
        "simple_captcha": {},
        "auth_challenge": {"fail_open": False},
        "recaptcha_v2": {"site_key": ""},
        "recaptcha_enterprise": {"site_key": "", "project_id": ""},
        "hcaptcha": {"site_key": ""},
        "friendly_captcha": {"site_key": ""},
        "arkose": {
            "site_key": "",
            "client_subdomain": "client-api",
            "verify_subdomain": "verify-api",
            "fail_open": False,
        },
    },
    merge="deep",
    view=_public,
).bind(family, get="attack_protection.captcha.get", update="attack_protection.captcha.update")

SettingsBehaviour("attack_protection.phone_provider_protection", {"type": "default"}).bind(
    family,
    get="attack_protection.phone_provider_protection.get",
    update="attack_protection.phone_provider_protection.patch",
)

CollectionBehaviour(
    "captcha_policies",
    new_id=id_forms.CAPTCHA_POLICY,
    missing=Missing("The captcha policy does not exist.", "inexistent_captcha_policy"),
    unique=(
        Unique(
            "priority",
            "A captcha policy with the same priority already exists.",
            "duplicate_priority",
        ),
    ),
    stamps=True,
    view=_public,
).bind(
    family,
    list="attack_protection.captcha_policies.list",
    create="attack_protection.captcha_policies.create",
    get="attack_protection.captcha_policies.get",
    update="attack_protection.captcha_policies.update",
    delete="attack_protection.captcha_policies.delete",
)
