"""A large made-up configuration of auth0-deploy-cli: some of every kind of resource that it deploys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DOMAIN = "login.example.com"
"""The custom domain, which has to be verified before the first import: page templates need one."""
SECRETS = {
    "CAPTCHA_ARKOSE_SECRET": "",
    "CAPTCHA_FRIENDLY_CAPTCHA_SECRET": "",
    "CAPTCHA_HCAPTCHA_SECRET": "captcha-secret",
    "CAPTCHA_RECAPTCHA_ENTERPRISE_API_KEY": "",
    "CAPTCHA_RECAPTCHA_ENTERPRISE_PROJECT_ID": "",
    "CAPTCHA_RECAPTCHA_V2_SECRET": "",
    "CONNECTIONS_GITHUB_SECRET": "github-secret",
    "CONNECTIONS_OIDC_SECRET": "partner-secret",
    "EVENT_STREAM_WEBHOOK_BASIC_AUTH_PASSWORD": "hooks-pw",
    "LOGSTREAMS_DATADOG_SECRET": "d" * 32,
    "LOGSTREAMS_HTTP_SECRET": "a-token-of-the-collector",
    "SMTP_PASS": "mailer-pw",
    "SMTP_USER": "mailer",
    "TWILIO_AUTH_TOKEN": "a-token-of-twilio",
}
"""What an export names instead of secrets."""
_PERMISSION = "resource_server_identifier"
_PAGE = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
_API = "https://api{}.example.com"
_TRIGGERS = {
    "post-login": ("v3", "onExecutePostLogin"),
    "credentials-exchange": ("v2", "onExecuteCredentialsExchange"),
    "pre-user-registration": ("v2", "onExecutePreUserRegistration"),
    "post-user-registration": ("v2", "onExecutePostUserRegistration"),
    "post-change-password": ("v2", "onExecutePostChangePassword"),
    "send-phone-message": ("v2", "onExecuteSendPhoneMessage"),
    "password-reset-post-challenge": ("v1", "onExecutePostChallenge"),
    "custom-token-exchange": ("v1", "onExecuteCustomTokenExchange"),
}
_SCRIPTS = ("login", "get_user", "create", "verify", "change_password", "delete")
_EMAILS = (
    "verify_email", "verify_email_by_code", "reset_email", "reset_email_by_code", "welcome_email",
    "blocked_account", "stolen_credentials", "enrollment_email", "mfa_oob_code", "user_invitation",
    "password_reset",
)  # fmt: skip


def write_large_configuration(folder: Path, *, size: int = 5) -> Path:
    """Write it below a folder; return its ``tenant.yaml``. ``size``: how many of the ordinary kinds."""
    files: dict[str, str] = {}
    assets = {**_tenant(), **_applications(size), **_connections(size, files), **_code(size, files)}
    assets |= {**_organizations(size), **_pages(files), **_messages(files), **_security()}
    assets |= _forms(size, files)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tenant = folder / "tenant.yaml"
    tenant.write_text(yaml.safe_dump(assets, sort_keys=False))
    return tenant


def _kept(files: dict[str, str], name: str, text: str) -> str:
    files[name] = text
    return f"./{name}"


def _tenant() -> dict[str, Any]:
    return {
        "tenant": {
            "friendly_name": "Large",
            "support_email": "support@example.com",
            "support_url": "https://example.com/support",
            "picture_url": "https://example.com/logo.png",
            "session_lifetime": 168.5,
            "idle_session_lifetime": 72,
            "enabled_locales": ["en", "de", "fr"],
            "default_directory": "database-0",
            "sandbox_version": "22",
            "allowed_logout_urls": ["https://example.com/out"],
            "session_cookie": {"mode": "persistent"},
            "flags": {
                "disable_clickjack_protection_headers": False,
                "enable_client_connections": False,
                "enable_pipeline2": True,
                "revoke_refresh_token_grant": False,
            },
            "oidc_logout": {"rp_logout_end_session_endpoint_discovery": True},
        },
        "customDomains": [
            {
                "domain": DOMAIN,
                "type": "auth0_managed_certs",
                "verification_method": "txt",
                "tls_policy": "recommended",
                "domain_metadata": {"team": "identity"},
            }
        ],
        "logStreams": [
            {
                "name": "Collector",
                "type": "http",
                "status": "active",
                "filters": [{"type": "category", "name": "auth.login.fail"}],
                "sink": {
                    "httpContentFormat": "JSONLINES",
                    "httpContentType": "application/json",
                    "httpEndpoint": "https://logs.example.com",
                    "httpAuthorization": "a-token-of-the-collector",
                },
            },
            {
                "name": "Datadog",
                "type": "datadog",
                "sink": {"datadogApiKey": "d" * 32, "datadogRegion": "eu"},
            },
        ],
        "eventStreams": [
            {
                "name": "Warehouse",
                "status": "enabled",
                "subscriptions": [{"event_type": "user.created"}, {"event_type": "user.deleted"}],
                "destination": {
                    "type": "webhook",
                    "configuration": {
                        "webhook_endpoint": "https://hooks.example.com",
                        "webhook_authorization": {"method": "basic", "username": "hooks", "password": "hooks-pw"},
                    },
                },
            }
        ],
        "networkACLs": [
            {
                "description": "Block a country",
                "active": True,
                "priority": 1,
                "rule": {
                    "action": {"block": True},
                    "scope": "authentication",
                    "match": {"geo_country_codes": ["ZZ"]},
                },
            },
            {
                "description": "Send away",
                "active": False,
                "priority": 2,
                "rule": {
                    "action": {"redirect": True, "redirect_uri": "https://example.com/away"},
                    "scope": "tenant",
                    "not_match": {"ipv4_cidrs": ["198.51.100.0/24"]},
                },
            },
        ],
        "rateLimitPolicies": [
            {
                "resource": "oauth_authentication_api",
                "consumer": "client",
                "consumer_selector": "third_party_clients",
                "configuration": {"action": "block", "limit": 40},
            }
        ],
    }  # fmt: skip


def _applications(size: int) -> dict[str, Any]:
    kinds = ("spa", "native", "regular_web", "non_interactive")
    apis = [
        {
            "name": f"API {number}",
            "identifier": _API.format(number),
            "scopes": [
                {"value": f"{verb}:things", "description": f"{verb} things"}
                for verb in ("read", "write", "delete")
            ],
            "signing_alg": "RS256",
            "token_lifetime": 3600 + number,
            "token_lifetime_for_web": 1800,
            "allow_offline_access": number % 2 == 0,
            "skip_consent_for_verifiable_first_party_clients": True,
            "enforce_policies": True,
            "token_dialect": "access_token_authz",
        }
        for number in range(size)
    ]
    clients: list[dict[str, Any]] = []
    for number in range(size * 2):
        kind = kinds[number % len(kinds)]
        client: dict[str, Any] = {
            "name": f"Application {number}",
            "description": f"The application {number}",
            "app_type": kind,
            "is_first_party": True,
            "oidc_conformant": True,
            "sso_disabled": False,
            "cross_origin_authentication": False,
            "client_metadata": {"number": str(number)},
            "grant_types": ["authorization_code", "refresh_token"],
            "jwt_configuration": {
                "alg": "RS256",
                "lifetime_in_seconds": 7200,
                "secret_encoded": False,
            },
            "callbacks": [f"https://app{number}.example.com/callback"],
            "allowed_logout_urls": [f"https://app{number}.example.com"],
            "web_origins": [f"https://app{number}.example.com"],
            "refresh_token": {
                "rotation_type": "rotating",
                "expiration_type": "expiring",
                "leeway": 10,
                "token_lifetime": 864000,
                "idle_token_lifetime": 432000,
                "infinite_token_lifetime": False,
                "infinite_idle_token_lifetime": False,
            },
        }
        if kind == "non_interactive":
            client |= {"grant_types": ["client_credentials"], "callbacks": [], "web_origins": []}
            client["token_endpoint_auth_method"] = "client_secret_post"
        if kind == "native":
            client["mobile"] = {
                "ios": {
                    "team_id": "ABCDEF1234",
                    "app_bundle_identifier": f"com.example.app{number}",
                }
            }
            client["native_social_login"] = {"apple": {"enabled": True}}
        if kind == "regular_web":
            client |= {
                "organization_usage": "allow",
                "organization_require_behavior": "no_prompt",
                "initiate_login_uri": f"https://app{number}.example.com/login",
                "oidc_logout": {
                    "backchannel_logout_urls": [f"https://app{number}.example.com/backchannel"],
                    "backchannel_logout_initiators": {
                        "mode": "custom",
                        "selected_initiators": ["rp-logout", "idp-logout"],
                    },
                },
            }
        clients.append(client)
    clients.append(
        {
            "name": "Signed job",
            "app_type": "non_interactive",
            "grant_types": ["client_credentials"],
            "client_authentication_methods": {
                "private_key_jwt": {
                    "credentials": [
                        {"name": "key", "credential_type": "public_key", "pem": _public_key()}
                    ]
                }
            },
        }
    )
    grants = [
        {
            "client_id": f"Application {number}",
            "audience": _API.format(number % size),
            "scope": ["read:things", "write:things"],
        }
        for number in range(3, size * 2, 4)
    ]
    roles = [
        {
            "name": f"Role {number}",
            "description": f"The role {number}",
            "permissions": [
                {"permission_name": f"{verb}:things", _PERMISSION: _API.format(number)}
                for verb in ("read", "write")
            ],
        }
        for number in range(size)
    ]
    return {"resourceServers": apis, "clients": clients, "clientGrants": grants, "roles": roles}  # fmt: skip


def _public_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def _connections(size: int, files: dict[str, str]) -> dict[str, Any]:
    databases: list[dict[str, Any]] = []
    for number in range(max(2, size // 3)):
        name = f"database-{number}"
        options: dict[str, Any] = {
            "brute_force_protection": True,
            "disable_signup": number % 2 == 0,
            "import_mode": False,
            # Beside the older rules a tenant shows these, too, and an export then has these alone.
            "password_options": {
                "complexity": {
                    "min_length": 10,
                    "character_types": [],
                    "character_type_rule": "all",
                    "identical_characters": "allow",
                    "sequential_characters": "allow",
                    "max_length_exceeded": "error",
                },
                "history": {"active": True, "size": 5},
                "profile_data": {"active": True, "blocked_fields": []},
                "dictionary": {"active": True, "default": "en_10k", "custom": ["acme"]},
            },
            "mfa": {"active": True, "return_enroll_settings": True},
            "authentication_methods": {
                "password": {"enabled": True},
                "passkey": {"enabled": False},
            },
            "enabledDatabaseCustomization": False,
        }
        if number == 1:
            options["enabledDatabaseCustomization"] = True
            options["customScripts"] = {
                script: _kept(
                    files,
                    f"databases/{name}/{script}.js",
                    f"function {script}(a, callback) {{ callback(null, {{}}); }}",
                )
                for script in _SCRIPTS
            }
        databases.append(
            {
                "name": name,
                "strategy": "auth0",
                "enabled_clients": [f"Application {each}" for each in range(number, size, 2)],
                "is_domain_connection": False,
                "options": options,
            }
        )
    connections: list[dict[str, Any]] = [
        {
            "name": "google-oauth2",
            "strategy": "google-oauth2",
            "enabled_clients": ["Application 0", "Application 2"],
            "options": {"email": True, "profile": True, "scope": ["email", "profile"]},
        },
        {
            "name": "github",
            "strategy": "github",
            "enabled_clients": ["Application 0"],
            "options": {"client_id": "github-id", "client_secret": "github-secret", "scope": []},
        },
        {
            "name": "partners-oidc",
            "strategy": "oidc",
            "display_name": "Partners",
            "enabled_clients": ["Application 2"],
            "options": {
                "type": "back_channel",
                "client_id": "partner",
                "client_secret": "partner-secret",
                "issuer": "https://idp.example.com/",
                "authorization_endpoint": "https://idp.example.com/authorize",
                "token_endpoint": "https://idp.example.com/token",
                "jwks_uri": "https://idp.example.com/jwks",
                "scope": "openid profile email",
            },
            "scim_configuration": {
                "mapping": [{"scim": "userName", "auth0": "preferred_username"}],
                "user_id_attribute": "externalId",
            },
        },
        {
            "name": "sms",
            "strategy": "sms",
            "enabled_clients": [],
            "options": {
                "provider": "twilio",
                "twilio_sid": f"AC{'1' * 32}",
                "twilio_token": "twilio-token",
                "from": "+4930123456",
                "template": "{{ code }}",
                "syntax": "liquid",
                "totp": {"length": 6, "time_step": 180},
                "brute_force_protection": True,
            },
        },
    ]
    profiles = {
        "userAttributeProfiles": [
            {
                "name": "Employees",
                "user_id": {
                    "oidc_mapping": "sub",
                    "saml_mapping": ["urn:id"],
                    "scim_mapping": "externalId",
                },
                "user_attributes": {
                    "email": {
                        "description": "The address",
                        "label": "E-mail",
                        "profile_required": True,
                        "auth0_mapping": "email",
                        "oidc_mapping": {"mapping": "${context.tokenset.email}"},
                        "saml_mapping": ["urn:email"],
                        "scim_mapping": "emails[primary eq true].value",
                    }
                },
            }
        ],
        "connectionProfiles": [
            {
                "name": "Enterprise",
                "organization": {
                    "show_as_button": "required",
                    "assign_membership_on_login": "optional",
                },
                "connection_name_prefix_template": "con-{org_name}",
                "enabled_features": ["scim"],
            }
        ],
        "selfServiceProfiles": [
            {
                "name": "Partner set-up",
                "description": "For partners",
                "allowed_strategies": ["oidc", "samlp"],
                "user_attributes": [
                    {"name": "email", "description": "E-mail", "is_optional": False}
                ],
                "branding": {
                    "logo_url": "https://example.com/logo.png",
                    "colors": {"primary": "#112233"},
                },
                "customText": {"en": {"get-started": {"introduction": "Welcome, partner"}}},
            }
        ],
    }
    return {"databases": databases, "connections": connections, **profiles}  # fmt: skip


def _code(size: int, files: dict[str, str]) -> dict[str, Any]:
    actions: list[dict[str, Any]] = []
    for trigger, (version, function) in _TRIGGERS.items():
        for number in range(max(1, size // 5) if trigger == "post-login" else 1):
            name = f"{trigger}-{number}"
            actions.append(
                {
                    "name": name,
                    "code": _kept(
                        files,
                        f"actions/{name}/code.js",
                        f"exports.{function} = async (event, api) => {{}};\n",
                    ),
                    "runtime": "node22",
                    "deployed": True,
                    "dependencies": [{"name": "lodash", "version": "4.17.21"}],
                    "secrets": [{"name": "API_KEY", "value": f"key-of-{name}"}],
                    "supported_triggers": [{"id": trigger, "version": version}],
                }
            )
    bound = ("post-login", "credentials-exchange", "pre-user-registration", "post-change-password")
    return {
        "actions": actions,
        "triggers": {
            trigger: [
                {"action_name": each["name"], "display_name": f"The {each['name']}"}
                for each in actions
                if each["supported_triggers"][0]["id"] == trigger
            ]
            for trigger in bound
        },
        "actionModules": [
            {
                "name": "shared-code",
                "code": _kept(files, "action-modules/shared.js", "exports.one = () => 1;\n"),
                "dependencies": [],
                "secrets": [],
            }
        ],
        "tokenExchangeProfiles": [
            {
                "name": "Legacy tokens",
                "subject_token_type": "https://example.com/legacy",
                "action": "custom-token-exchange-0",
                "type": "custom_authentication",
            }
        ],
    }


def _organizations(size: int) -> dict[str, Any]:
    return {
        "organizations": [
            {
                "name": f"org-{number}",
                "display_name": f"Organization {number}",
                "branding": {
                    "logo_url": f"https://org{number}.example.com/logo.png",
                    "colors": {"primary": "#112233", "page_background": "#ffffff"},
                },
                "metadata": {"tier": "gold"},
                "connections": [
                    {
                        "name": "database-0",
                        "assign_membership_on_login": True,
                        "show_as_button": True,
                        "is_signup_enabled": False,
                    },
                    {
                        "name": "google-oauth2",
                        "assign_membership_on_login": False,
                        "show_as_button": True,
                    },
                ],
                "discovery_domains": [
                    {"domain": f"org{number}.example.com", "status": "verified"}
                ],
            }
            for number in range(size)
        ]
    }  # fmt: skip


def _pages(files: dict[str, str]) -> dict[str, Any]:
    return {
        "branding": {
            "colors": {"primary": "#0a6ebd", "page_background": "#f0f0f0"},
            "logo_url": "https://example.com/logo.png",
            "favicon_url": "https://example.com/favicon.png",
            "font": {"url": "https://example.com/font.woff"},
            "templates": [
                {
                    "template": "universal_login",
                    "body": _kept(files, "branding_templates/universal_login.html", _PAGE),
                }
            ],
        },
        "themes": [_THEME],
        "pages": [
            {
                "name": "login",
                "html": _kept(files, "pages/login.html", "<html>log in</html>"),
                "enabled": False,
            },
            {
                "name": "password_reset",
                "html": _kept(files, "pages/password_reset.html", "<html>reset</html>"),
                "enabled": True,
            },
            {
                "name": "guardian_multifactor",
                "html": _kept(files, "pages/guardian_multifactor.html", "<html>mfa</html>"),
                "enabled": True,
            },
            {
                "name": "error_page",
                "html": _kept(files, "pages/error_page.html", "<html>error</html>"),
                "show_log_link": False,
                "url": "",
            },
        ],
        "prompts": {
            "identifier_first": True,
            "universal_login_experience": "new",
            "webauthn_platform_first_factor": False,
            "customText": {
                "en": {
                    "login": {"login": {"title": "Welcome", "description": "Log in, please"}},
                    "signup": {"signup": {"title": "Join"}},
                },
                "de": {"login": {"login": {"title": "Willkommen"}}},
            },
            "partials": {
                "login": {"login": {"form-content-start": "<p>Hello</p>"}},
                "signup-id": {"signup-id": {"form-content-end": "<p>Terms</p>"}},
            },
            "screenRenderers": [
                {
                    "login": {
                        "login": _kept(
                            files, "screenRenderers/login.json", json.dumps(_RENDERER, indent=2)
                        )
                    }
                }
            ],
        },
    }


def _messages(files: dict[str, str]) -> dict[str, Any]:
    return {
        "emailProvider": {
            "name": "smtp",
            "enabled": True,
            "default_from_address": "no-reply@example.com",
            "credentials": {
                "smtp_host": "smtp.example.com",
                "smtp_port": 587,
                "smtp_user": "mailer",
                "smtp_pass": "mailer-pw",
            },
        },
        "emailTemplates": [
            {
                "template": template,
                "body": _kept(files, f"emailTemplates/{template}.html", f"<p>{template}</p>"),
                "from": "no-reply@example.com",
                "subject": f"About {template}",
                "syntax": "liquid",
                "enabled": True,
                "urlLifetimeInSeconds": 432000,
                "resultUrl": "https://example.com/done",
            }
            for template in _EMAILS
        ],
        "phoneProviders": [
            {
                "name": "twilio",
                "disabled": False,
                "configuration": {
                    "sid": f"AC{'1' * 32}",
                    "default_from": "+4930123456",
                    "delivery_methods": ["text"],
                },
                "credentials": {"auth_token": "a-token-of-twilio"},
            }
        ],
        "phoneTemplates": [
            {
                "type": "otp_verify",
                "disabled": False,
                "content": {
                    "from": "+4930123456",
                    "syntax": "liquid",
                    "body": {"text": "{{code}}", "voice": "{{code}}"},
                },
            }
        ],
    }


def _security() -> dict[str, Any]:
    return {
        "guardianFactors": [
            {"name": name, "enabled": name in ("otp", "email", "recovery-code")}
            for name in (
                "sms", "push-notification", "otp", "email", "duo", "webauthn-roaming",
                "webauthn-platform", "recovery-code",
            )
        ],
        "guardianFactorProviders": [
            {
                "name": "sms",
                "provider": "twilio",
                "sid": f"AC{'2' * 32}",
                "auth_token": "a-token-of-guardian",
                "messaging_service_sid": "MG1",
            },
            {
                "name": "push-notification",
                "provider": "sns",
                "aws_access_key_id": "AKIAEXAMPLE",
                "aws_secret_access_key": "aws-secret",
                "aws_region": "eu-west-1",
                "sns_apns_platform_application_arn": "arn:aws:sns:eu-west-1:1:app/APNS/a",
                "sns_gcm_platform_application_arn": "arn:aws:sns:eu-west-1:1:app/GCM/a",
            },
        ],
        "guardianFactorTemplates": [
            {
                "name": "sms",
                "enrollment_message": "Your code {{code}} at {{tenant.friendly_name}}",
                "verification_message": "{{code}} is your code",
            }
        ],
        "guardianPolicies": {"policies": ["all-applications"]},
        "guardianPhoneFactorMessageTypes": {"message_types": ["sms", "voice"]},
        "guardianPhoneFactorSelectedProvider": {"provider": "auth0"},
        "attackProtection": {
            "bruteForceProtection": {
                "enabled": True,
                "shields": ["block", "user_notification"],
                "mode": "count_per_identifier_and_ip",
                "allowlist": ["198.51.100.7"],
                "max_attempts": 8,
            },
            "suspiciousIpThrottling": {
                "enabled": True,
                "shields": ["admin_notification"],
                "allowlist": [],
                "stage": {
                    "pre-login": {"max_attempts": 90, "rate": 800000},
                    "pre-user-registration": {"max_attempts": 40, "rate": 1200},
                },
            },
            "breachedPasswordDetection": {
                "enabled": True,
                "shields": ["block"],
                "admin_notification_frequency": ["daily"],
                "method": "standard",
                "stage": {
                    "pre-user-registration": {"shields": ["block"]},
                    "pre-change-password": {"shields": ["block"]},
                },
            },
            "botDetection": {
                "bot_detection_level": "medium",
                "challenge_password_policy": "when_risky",
                "challenge_passwordless_policy": "never",
                "challenge_password_reset_policy": "never",
                "allowlist": ["203.0.113.0/24"],
                "monitoring_mode_enabled": False,
            },
            "captcha": {
                "active_provider_id": "hcaptcha",
                "hcaptcha": {"site_key": "site", "secret": "captcha-secret"},
                "auth_challenge": {"fail_open": False},
                "simple_captcha": {},
            },
        },
        "riskAssessment": {"settings": {"enabled": True}, "new_device": {"remember_for": 45}},
        "supplementalSignals": {"akamai_enabled": True},
    }  # fmt: skip


def _forms(size: int, files: dict[str, str]) -> dict[str, Any]:
    vault = {
        "name": "Billing",
        "app_id": "HTTP",
        "setup": {"type": "BEARER", "token": "a-token-of-billing"},
    }
    flows: list[Mapping[str, Any]] = []
    forms: list[Mapping[str, Any]] = []
    for number in range(max(1, size // 5)):
        flow = {
            "name": f"Flow {number}",
            "actions": [
                {
                    "id": "send",
                    "type": "HTTP",
                    "action": "SEND_REQUEST",
                    "allow_failure": False,
                    "mask_output": False,
                    "params": {
                        "connection_id": "Billing",
                        "method": "GET",
                        "url": "https://billing.example.com",
                    },
                }
            ],
        }
        body = _kept(files, f"flows/flow-{number}.json", json.dumps(flow, indent=2))
        flows.append({"name": flow["name"], "body": body})
        form = {
            "name": f"Form {number}",
            "languages": {"primary": "en"},
            "nodes": [
                {
                    "id": "call",
                    "type": "FLOW",
                    "coordinates": {"x": 1, "y": 2},
                    "alias": "Call",
                    "config": {"flow_id": f"Flow {number}", "next_node": "$ending"},
                }
            ],
            "start": {"next_node": "call", "coordinates": {"x": 0, "y": 0}},
            "ending": {"resume_flow": True, "coordinates": {"x": 9, "y": 0}},
        }
        body = _kept(files, f"forms/form-{number}.json", json.dumps(form, indent=2))
        forms.append({"name": form["name"], "body": body})
    return {"flowVaultConnections": [vault], "flows": flows, "forms": forms}


_RENDERER = {
    "prompt": "login",
    "screen": "login",
    "rendering_mode": "advanced",
    "default_head_tags_disabled": False,
    "context_configuration": ["branding.settings"],
    "head_tags": [{"tag": "script", "attributes": {"src": "https://example.com/login.js"}}],
    "use_page_template": False,
}
_THEME = {
    "displayName": "Large",
    "borders": {
        "button_border_radius": 3, "button_border_weight": 1, "buttons_style": "rounded",
        "input_border_radius": 3, "input_border_weight": 1, "inputs_style": "rounded",
        "show_widget_shadow": True, "widget_border_weight": 0, "widget_corner_radius": 5,
    },
    "colors": {
        "base_focus_color": "#0a6ebd", "base_hover_color": "#000000", "body_text": "#1e212a",
        "error": "#d03c38", "header": "#1e212a", "icons": "#65676e", "input_background": "#ffffff",
        "input_border": "#c9cace", "input_filled_text": "#000000",
        "input_labels_placeholders": "#65676e", "links_focused_components": "#635dff",
        "primary_button": "#0a6ebd", "primary_button_label": "#ffffff",
        "secondary_button_border": "#c9cace", "secondary_button_label": "#1e212a",
        "success": "#13a688", "widget_background": "#ffffff", "widget_border": "#c9cace",
    },
    "fonts": {
        "body_text": {"bold": False, "size": 87.5}, "buttons_text": {"bold": False, "size": 100},
        "font_url": "", "input_labels": {"bold": False, "size": 100},
        "links": {"bold": True, "size": 87.5}, "links_style": "normal", "reference_text_size": 16,
        "subtitle": {"bold": False, "size": 87.5}, "title": {"bold": False, "size": 150},
    },
    "page_background": {
        "background_color": "#f0f0f0", "background_image_url": "", "page_layout": "center",
    },
    "widget": {
        "header_text_alignment": "center", "logo_height": 52, "logo_position": "center",
        "logo_url": "", "social_buttons_layout": "bottom",
    },
}  # fmt: skip
