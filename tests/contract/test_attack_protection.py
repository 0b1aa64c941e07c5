"""Attack protection: detections, throttling, captchas and captcha policies."""

from __future__ import annotations

from .families import Family, Settings, serial

CAPTCHA_POLICIES = Family(
    at="attack_protection.captcha_policies",
    new=lambda make: {
        "name": make.name("policy"),
        "description": "Made by a test",
        "priority": serial(make),
        "match": {"geo_country_codes": ["FR"]},
        "action": {"active_provider_id": "auth_challenge"},
    },
    change={"priority": 20},
    missing="cap_0000000000000000",
    needs="captcha_policies",
)

BRUTE_FORCE = Settings(
    at="attack_protection.brute_force_protection",
    change={"max_attempts": 5, "mode": "count_per_identifier", "allowlist": ["127.0.0.1"]},
)
SUSPICIOUS_IP = Settings(
    at="attack_protection.suspicious_ip_throttling",
    change={"shields": ["block"], "allowlist": ["192.168.1.1"]},
)
BREACHED_PASSWORDS = Settings(
    at="attack_protection.breached_password_detection",
    change={"shields": ["block"], "method": "standard", "admin_notification_frequency": ["daily"]},
    needs="breached_password_detection",
)
BOT_DETECTION = Settings(
    at="attack_protection.bot_detection",
    change={"challenge_password_policy": "always", "monitoring_mode_enabled": True},
    needs="bot_detection",
)
CAPTCHA = Settings(
    at="attack_protection.captcha",
    change={"active_provider_id": "simple_captcha", "simple_captcha": {}},
    needs="captcha",
)
PHONE_PROVIDER = Settings(
    at="attack_protection.phone_provider_protection",
    update="patch",
    change={"type": "none"},
    needs="phone_provider_protection",
)
