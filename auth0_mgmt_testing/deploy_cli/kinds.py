"""What each part of a configuration is in the Management API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A list of documents: each is created, or updated where one of its identity exists."""

    key: str
    """Its name in a configuration."""
    path: str
    """Of the collection, in the API."""
    resource: str
    """Of the client, such as ``flows.vault.connections``: what lists the documents."""
    folder: str
    """Of the layout in files."""
    identity: str = "name"
    id: str = "id"
    fixed: tuple[str, ...] = ()
    """Members that an update does not take."""
    later: tuple[str, ...] = ()
    """Members that only an update takes."""
    read_only: tuple[str, ...] = ()
    """Members that no request takes."""
    relations: tuple[str, ...] = ()
    """Members that further requests set."""


_TIMES = ("created_at", "updated_at")

KINDS: tuple[Kind, ...] = (
    Kind(
        "resourceServers", "/resource-servers", "resource_servers", "resource-servers",
        "identifier", fixed=("identifier",), read_only=("client_id", "is_system"),
    ),
    Kind(
        "clients", "/clients", "clients", "clients", id="client_id",
        read_only=(
            "tenant", "global", "signing_keys", "callback_url_template", "owners", "config_route",
            "custom_login_page_preview",
        ),
    ),
    Kind(
        "actionModules", "/actions/modules", "actions.modules", "action-modules",
        fixed=("name",),
        read_only=(
            *_TIMES, "actions_using_module_total", "all_changes_published",
            "latest_version_number", "latest_version",
        ),
    ),
    Kind(
        "actions", "/actions/actions", "actions", "actions",
        read_only=(
            *_TIMES, "all_changes_deployed", "status", "deployed_version", "current_version",
            "built_at", "installed_integration_id", "integration",
        ),
        relations=("deployed",),
    ),
    Kind(
        "databases", "/connections", "connections", "database-connections",
        fixed=("name", "strategy"), read_only=("realms", "provisioning_ticket_url"),
        relations=("enabled_clients",),
    ),
    Kind(
        "connections", "/connections", "connections", "connections",
        fixed=("name", "strategy"), read_only=("realms", "provisioning_ticket_url"),
        relations=("enabled_clients",),
    ),
    Kind("roles", "/roles", "roles", "roles", read_only=("type", "owner_id"), relations=("permissions",)),
    Kind("userAttributeProfiles", "/user-attribute-profiles", "user_attribute_profiles", "user-attribute-profiles"),
    Kind("connectionProfiles", "/connection-profiles", "connection_profiles", "connection-profiles"),
    Kind(
        "organizations", "/organizations", "organizations", "organizations",
        relations=("connections", "client_grants", "discovery_domains", "clients"),
    ),
    Kind("rules", "/rules", "rules", "rules", fixed=("stage",)),
    Kind("hooks", "/hooks", "hooks", "hooks", fixed=("triggerId",), relations=("secrets",)),
    Kind(
        "logStreams", "/log-streams", "log_streams", "log-streams", fixed=("type",), later=("status",),
    ),
    Kind(
        "customDomains", "/custom-domains", "custom_domains", "custom-domains", "domain",
        id="custom_domain_id", fixed=("domain", "type", "verification_method"),
        read_only=("status", "primary", "verification", "origin_domain_name", "certificate", "cname_api_key"),
    ),
    Kind("flowVaultConnections", "/flows/vault/connections", "flows.vault.connections", "flow-vault-connections",
         fixed=("app_id",), read_only=(*_TIMES, "refreshed_at", "fingerprint", "ready", "account_name", "environment")),
    Kind("flows", "/flows", "flows", "flows", read_only=(*_TIMES, "executed_at")),
    Kind("forms", "/forms", "forms", "forms", read_only=(*_TIMES, "submitted_at", "embedded_at", "flow_count")),
    Kind("networkACLs", "/network-acls", "network_acls", "network-acls", "description", read_only=_TIMES),
    Kind("selfServiceProfiles", "/self-service-profiles", "self_service_profiles", "self-service-profiles", read_only=_TIMES),
    Kind("tokenExchangeProfiles", "/token-exchange-profiles", "token_exchange_profiles", "token-exchange-profiles",
         fixed=("action_id", "type"), read_only=_TIMES),
    Kind("eventStreams", "/event-streams", "event_streams", "event-streams", read_only=_TIMES),
    Kind(
        "phoneProviders", "/branding/phone/providers", "branding.phone.providers",
        "phone-providers", read_only=(*_TIMES, "channel", "tenant"),
    ),
    Kind(
        "phoneTemplates", "/branding/phone/templates", "branding.phone.templates",
        "phone-templates", "type", fixed=("type",),
        read_only=(*_TIMES, "channel", "customizable", "tenant"),
    ),
    Kind(
        "rateLimitPolicies", "/rate-limit-policies", "rate_limit_policies", "rate-limit-policies",
        "consumer_selector", fixed=("resource", "consumer", "consumer_selector"), read_only=_TIMES,
    ),
    Kind("themes", "/branding/themes", "branding.themes", "themes", "displayName", id="themeId"),
)  # fmt: skip

SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "tenant": ("/tenants/settings", "PATCH", "tenant.json"),
    "emailProvider": ("/emails/provider", "PATCH", "emails/provider.json"),
    "guardianPhoneFactorMessageTypes": (
        "/guardian/factors/phone/message-types", "PUT", "guardian/phoneFactorMessageTypes.json",
    ),
    "guardianPhoneFactorSelectedProvider": (
        "/guardian/factors/phone/selected-provider", "PUT", "guardian/phoneFactorSelectedProvider.json",
    ),
    "supplementalSignals": ("/supplemental-signals", "PATCH", "supplemental-signals.json"),
}  # fmt: skip
"""Settings: their path, the method that sets them, the file of the layout in files."""

PROTECTION: Mapping[str, tuple[str, str]] = {
    "botDetection": ("bot-detection", "bot-detection"),
    "breachedPasswordDetection": ("breached-password-detection", "breached-password-detection"),
    "bruteForceProtection": ("brute-force-protection", "brute-force-protection"),
    "captcha": ("captcha", "captcha"),
    "suspiciousIpThrottling": ("suspicious-ip-throttling", "suspicious-ip-throttling"),
}
"""Parts of ``attackProtection``: path below ``/attack-protection``, file."""

TENANT_PAGES: Mapping[str, str] = {
    "password_reset": "change_password",
    "guardian_multifactor": "guardian_mfa_page",
    "error_page": "error_page",
}
"""Pages that are settings of the tenant."""
READ_ONLY_TENANT = (
    "sandbox_versions_available", "legacy_sandbox_versions_available", *TENANT_PAGES.values(),
)  # fmt: skip
READ_ONLY_FLAGS = (
    "allow_changing_enable_sso", "enable_sso", "disable_impersonation", "remove_stale_idp_attributes",
    "universal_login",
)  # fmt: skip

ONLY_HERE = frozenset(
    {
        "resourceServers", "actionModules", "databases", "userAttributeProfiles", "connectionProfiles",
        "logStreams", "customDomains", "flowVaultConnections", "networkACLs", "selfServiceProfiles",
        "tokenExchangeProfiles", "eventStreams", "themes", "tenant", "emailProvider",
        "emailTemplates", "clientGrants", "triggers", "pages", "prompts", "guardianFactors",
        "guardianFactorProviders", "guardianFactorTemplates", "guardianPolicies",
        "guardianPhoneFactorMessageTypes", "guardianPhoneFactorSelectedProvider",
        "attackProtection", "rulesConfigs", "riskAssessment", "supplementalSignals",
        "phoneProviders", "phoneTemplates", "rateLimitPolicies",
    }
)  # fmt: skip
"""Names by which a configuration is distinguished from a seed."""


def is_assets(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a configuration rather than a seed: it has parts that only one has."""
    return any(name in ONLY_HERE for name in value)


SHARED = frozenset({kind.key for kind in KINDS} - ONLY_HERE | {"branding"})
KNOWN = ONLY_HERE | SHARED
