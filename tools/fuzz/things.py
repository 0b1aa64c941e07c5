"""What the fuzzed tenant contains, as data; ``$label`` is the id of what was created before."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth0_mgmt_testing import FakeTenant

_COLOUR = {"colour": {"type": "string", "value": "blue"}}
_CODE = "exports.onExecutePostLogin = async () => {};"
_EXCHANGE = "exports.onExecuteCustomTokenExchange = async () => {};"
_PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
_COLOURS = (
    "body_text", "error", "header", "icons", "input_background", "input_border",
    "input_filled_text", "input_labels_placeholders", "links_focused_components", "primary_button",
    "primary_button_label", "secondary_button_border", "secondary_button_label", "success",
    "widget_background", "widget_border",
)  # fmt: skip
_THEME = {
    "displayName": "theme",
    "borders": {
        "button_border_radius": 2, "button_border_weight": 2, "buttons_style": "pill",
        "input_border_radius": 2, "input_border_weight": 2, "inputs_style": "pill",
        "show_widget_shadow": True, "widget_border_weight": 2, "widget_corner_radius": 2,
    },
    "colors": dict.fromkeys(_COLOURS, "#00FF00"),
    "fonts": {
        **{name: {"bold": True, "size": 100}
           for name in ("body_text", "buttons_text", "input_labels", "links", "subtitle", "title")},
        "font_url": "https://example.com/font.woff", "links_style": "normal",
        "reference_text_size": 14,
    },
    "page_background": {
        "background_color": "#000000", "background_image_url": "https://example.com/b.png",
        "page_layout": "center",
    },
    "widget": {
        "header_text_alignment": "center", "logo_height": 55, "logo_position": "center",
        "logo_url": "https://example.com/logo.png", "social_buttons_layout": "top",
    },
}  # fmt: skip

_TEMPLATE = {
    "template": "user_invitation",
    "body": "Come in",
    "from": "a@example.com",
    "subject": "Come in",
    "syntax": "liquid",
    "enabled": True,
}
_EXPERIMENT = {
    "name": "experiment",
    "levels": [10, 50],
    "feature_flag_id": "$flag",
    "authentication_flow": "authentication",
    "allocation_strategy": "percentage",
    "assignment_config": {"subject": "device"},
    "allocations": [
        {"variation_id": "$red", "weight": 50, "is_control": True},
        {"variation_id": "$green", "weight": 50, "is_control": False},
    ],
}
_PAGE_TEMPLATE = {
        "template": "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"}  # fmt: skip

THINGS: tuple[tuple[str, str, Any], ...] = (
    ("connection", "/connections", {"name": "people", "strategy": "auth0"}),
    ("okta", "/connections", {"name": "okta", "strategy": "okta",
                              "options": {"domain": "acme.okta.com", "client_id": "x"}}),
    ("google", "/connections", {"name": "workspace", "strategy": "google-apps",
                                "options": {"domain": "acme.example", "client_id": "x"}}),
    ("user", "/users", {"connection": "people", "email": "ada@example.com",
                        "password": "Correct-Horse-1"}),
    ("other", "/users", {"connection": "people", "email": "bob@example.com",
                         "password": "Correct-Horse-1"}),
    ("third", "/users", {"connection": "people", "email": "cy@example.com",
                         "password": "Correct-Horse-1"}),
    ("client", "/clients", {
        "name": "app", "app_type": "regular_web", "organization_usage": "allow",
        "initiate_login_uri": "https://app.example.com/login",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "oidc_conformant": True}),
    ("credential", "/clients/$client/credentials", {
        "credential_type": "public_key", "name": "key", "pem": _PEM}),
    ("api", "/resource-servers", {
        "identifier": "https://api.example.com", "name": "api", "allow_offline_access": True,
        "scopes": [{"value": "read"}, {"value": "write"}]}),
    ("", "/resource-servers", {"identifier": "https://spare.example.com", "name": "spare"}),
    ("", "/resource-servers", {"identifier": "https://third.example.com", "name": "third"}),
    ("role", "/roles", {"name": "admin"}),
    ("spare_role", "/roles", {"name": "spare"}),
    ("", "/roles/$role/permissions", {"permissions": [
        {"resource_server_identifier": "https://api.example.com", "permission_name": "read"}]}),
    ("organization", "/organizations", {"name": "acme"}),
    ("", "/users/$user/roles", {"roles": ["$role"]}),
    ("", "/users/$user/permissions", {"permissions": [
        {"resource_server_identifier": "https://api.example.com", "permission_name": "read"}]}),
    ("", "/organizations/$organization/members", {"members": ["$user"]}),
    ("", "/organizations/$organization/members/$user/roles", {"roles": ["$role"]}),
    ("", "/organizations/$organization/enabled_connections", {"connection_id": "$connection"}),
    ("", "/organizations/$organization/discovery-domains", {"domain": "acme.example"}),
    ("", "/organizations/$organization/invitations", {
        "inviter": {"name": "Ada"}, "invitee": {"email": "dee@example.com"},
        "client_id": "$client"}),
    ("template", "/organization-templates", {
        "name": "template", "organization_deletion_behavior": "allow",
        "enforce_permission_ceiling": True, "enforce_self_assignment_restriction": False}),
    ("", "PUT /organizations/$organization/organization-templates/$template", {}),
    ("grant", "/client-grants", {
        "client_id": "$client", "audience": "https://api.example.com", "scope": ["read"],
        "organization_usage": "allow"}),
    ("spare_grant", "/client-grants", {
        "client_id": "$client", "audience": "https://spare.example.com", "scope": [],
        "organization_usage": "allow"}),
    ("action", "/actions/actions", {
        "name": "act", "code": _CODE, "supported_triggers": [{"id": "post-login", "version": "v3"}]}),
    ("", "/actions/actions/$action/deploy", {}),
    ("exchange", "/actions/actions", {
        "name": "exchange", "code": _EXCHANGE,
        "supported_triggers": [{"id": "custom-token-exchange", "version": "v1"}]}),
    ("", "/actions/actions/$exchange/deploy", {}),
    ("module", "/actions/modules", {"name": "module", "code": "module.exports = 1;",
                                    "publish": True}),
    ("rule", "/rules", {"name": "rule", "script": "function (u, c, cb) { cb(null, u, c); }"}),
    ("", "PUT /rules-configs/KEY", {"value": "x"}),
    ("hook", "/hooks", {"name": "hook", "script": "module.exports = () => {}",
                        "triggerId": "send-phone-message"}),
    ("", "/hooks/$hook/secrets", {"OLD": "x"}),
    ("log_stream", "/log-streams", {
        "name": "stream", "type": "http",
        "sink": {"httpEndpoint": "https://logs.example.com", "httpContentType": "application/json",
                 "httpContentFormat": "JSONLINES", "httpAuthorization": "secret"}}),
    ("flow", "/flows", {"name": "flow"}),
    ("form", "/forms", {"name": "form"}),
    ("vault", "/flows/vault/connections", {
        "name": "vault", "app_id": "HTTP", "setup": {"type": "BEARER", "token": "t"}}),
    ("profile", "/self-service-profiles", {"name": "profile"}),
    ("domain", "/custom-domains", {"domain": "login.example.com", "type": "auth0_managed_certs"}),
    ("attributes", "/user-attribute-profiles", {
        "name": "attributes",
        "user_attributes": {"email": {"description": "mail", "label": "Mail",
                                      "profile_required": True, "auth0_mapping": "email"}}}),
    ("", "/connection-profiles", {"name": "profile"}),
    ("client_profile", "/client-profiles", {
        "name": "profile",
        "client_configuration": {"require_proof_of_possession": {"default_value": True}},
        "apply_policy": {"external_metadata_type": "cimd",
                         "external_metadata_created_by": "client"}}),
    ("agent", "/agents", {"name": "agent"}),
    ("", "/attack-protection/captcha/policies", {
        "name": "policy", "priority": 1, "match": {"geo_country_codes": ["FR"]},
        "action": {"active_provider_id": "auth_challenge"}}),
    ("provider", "/branding/phone/providers", {
        "name": "twilio", "credentials": {"auth_token": "x"},
        "configuration": {"default_from": "+15550100", "sid": "x", "delivery_methods": ["text"]}}),
    ("", "/branding/phone/templates", {
        "type": "otp_verify", "content": {"from": "+15550100", "body": {"text": "@{code}"}}}),
    ("theme", "/branding/themes", _THEME),
    ("", "PUT /branding/templates/universal-login", _PAGE_TEMPLATE),
    ("", "/connections/$okta/scim-configuration", {}),
    ("scim_token", "/connections/$okta/scim-configuration/tokens", {"scopes": ["get:users"]}),
    ("", "/connections/$google/directory-provisioning", {"synchronize_groups": "selected"}),
    ("", "PUT /connections/$google/directory-provisioning/synchronized-groups",
     {"groups": [{"id": "g1"}]}),
    ("", "/email-templates", _TEMPLATE),
    ("", "/emails/provider", {"name": "smtp", "credentials": {"smtp_host": "smtp.example.com"}}),
    ("stream", "/event-streams", {
        "name": "stream", "subscriptions": [{"event_type": "user.created"}],
        "destination": {"type": "webhook", "configuration": {
            "webhook_endpoint": "https://hooks.example.com/events",
            "webhook_authorization": {"method": "bearer", "token": "x"}}}}),
    ("", "/event-streams/$stream/test", {"event_type": "user.created"}),
    ("flag", "/experimentation/feature-flags", {"name": "flag", "parameters": _COLOUR}),
    ("red", "/experimentation/feature-flags/$flag/variations", {
        "name": "red", "overrides": {"colour": {"value": "red"}}}),
    ("green", "/experimentation/feature-flags/$flag/variations", {
        "name": "green", "overrides": {"colour": {"value": "green"}}}),
    ("black", "/experimentation/feature-flags/$flag/variations", {
        "name": "black", "overrides": {"colour": {"value": "black"}}}),
    ("segment", "/experimentation/segments", {
        "name": "segment", "rules": [{"match": {"country": ["FR"]}}]}),
    ("", "/experimentation/feature-flags/$flag/status", {"status": "active"}),
    ("experiment", "/experimentation/experiments", _EXPERIMENT),
    ("encryption", "/keys/encryption", {"type": "customer-provided-root-key"}),
    ("", "PUT /keys/custom-signing", {"keys": [
        {"kty": "RSA", "kid": "mine", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "AQAB"}]}),
    ("", "/keys/network-acls", {"name": "key", "alg": "hmac-sha256", "value": "aHVzaA=="}),
    ("acl", "/network-acls", {
        "description": "acl", "active": True, "priority": 1,
        "rule": {"action": {"block": True}, "match": {"asns": [9453]}, "scope": "tenant"}}),
    ("", "/rate-limit-policies", {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:$client",
        "configuration": {"action": "block", "limit": 100}}),
    ("", "/token-exchange-profiles", {
        "name": "exchange", "subject_token_type": "https://example.com/token",
        "action_id": "$exchange", "type": "custom_authentication"}),
    ("", "/verifiable-credentials/verification/templates", {
        "name": "template", "type": "mdl", "dialect": "simplified/1.0",
        "presentation": {"org.iso.18013.5.1.mDL": {"org.iso.18013.5.1": {"family_name": True}}},
        "well_known_trusted_issuers": "aamva"}),
    ("phone", "/users/$user/authentication-methods", {
        "type": "phone", "name": "phone", "phone_number": "+15550100",
        "preferred_authentication_method": "sms"}),
    ("method", "/users/$user/authentication-methods", {
        "type": "email", "name": "work", "email": "ada@work.example"}),
    ("job", "/jobs/users-exports", {"format": "json"}),
    ("device", "/device-credentials", {
        "type": "public_key", "value": '{"kty": "RSA"}', "device_name": "phone", "device_id": "d1"}),
    ("linked", "/users/$user/identities", {"provider": "auth0", "user_id": "$third"}),
    ("", "/organizations/$organization/client-grants", {"grant_id": "$grant"}),
    ("", "/organizations/$organization/clients", {"clients": [{"client_id": "$client", "use_for_member_access": True}]}),
)  # fmt: skip
"""Label, path (after the method where that is not POST) and body of the requests that furnish."""


def happen(tenant: FakeTenant, ids: dict[str, str]) -> dict[str, str]:
    """Let happen what no request does; return the ids of what it made."""
    group = tenant.groups.add(name="group", external_id="g", connection_id=ids["connection"])
    flow_run = tenant.flow_executions.add(flow_id=ids["flow"])
    run = tenant.action_executions.add(trigger_id="post-login")
    login = tenant.log_in(
        ids["user"],
        client=ids["client"],
        audience="https://api.example.com",
        scope="openid offline_access read",
    )
    consent = tenant.consent(ids["user"], ids["client"], "https://api.example.com", ["read"])
    account = tenant.connect_account(ids["user"], "workspace")
    tenant.block(ids["user"], "203.0.113.9")
    tenant.block_ip("203.0.113.9")
    tenant.publish_dns("login.example.com")
    tenant.users.update(ids["user"], multifactor=["guardian", "duo"])
    tenant.clock.advance(120)  # deliveries and jobs come to their end
    with tenant.management() as mgmt:
        delivery = next(iter(mgmt.event_streams.deliveries.list(ids["stream"])))
        tokens = next(iter(mgmt.users.federated_connections_tokensets.list(ids["user"])))
        version = next(iter(mgmt.actions.modules.versions.list(ids["module"])))
        log = next(iter(mgmt.logs.list()))
        groups = mgmt.organizations.groups.roles
        groups.create(ids["organization"], str(group.id), roles=[ids["role"]])
        mgmt.groups.roles.create(str(group.id), roles=[ids["role"]])
    return {
        "group": str(group.id),
        "flow_run": str(flow_run.id),
        "run": str(run.id),
        "session": login.session_id,
        "refresh_token": str(login.refresh_token_id),
        "consent": consent,
        "account": account,
        "delivery": str(delivery.id),
        "tokens": str(tokens.id),
        "third_key": ids["third"].partition("|")[2],
        "enrollment": ids["phone"].partition("|")[2],
        "sso_ticket": "x",
        "version": str(version.id),
        "log": str(log.log_id),
        "material": b64encode(bytes(300)).decode(),
    }


_IP = {"id": "203.0.113.9"}
_THEME_ID = {"themeId": "$theme"}
_DOMAIN = {"id": "$domain"}
_MAIL = {"templateName": "user_invitation"}
_TEXT = {"prompt": "login", "language": "en"}
_SCREEN = {"prompt": "login", "screen": "login"}
_PAGE = {"language": "en", "page": "get-started"}
_TOKEN = {"id": "$refresh_token"}
_SESSION = {"id": "$session"}
_METHOD = {"authentication_method_id": "$method"}
_GROUP = {"group_id": "$group"}
_OF_ORGANIZATION = {"connectionId": "$connection"}
_OKTA = {"id": "$okta"}
_BLACK = {"vid": "$black"}

PATHS: dict[str, dict[str, str]] = {
    "actions.executions.get": {"id": "$run"},
    "anomaly.blocks.check_ip": _IP,
    "anomaly.blocks.unblock_ip": _IP,
    "branding.themes.delete": _THEME_ID,
    "branding.themes.get": _THEME_ID,
    "branding.themes.update": _THEME_ID,
    "connections.scim_configuration.tokens.delete": {"id": "$okta", "tokenId": "$scim_token"},
    "connections.keys.create": _OKTA,
    "connections.keys.get": _OKTA,
    "connections.keys.rotate": _OKTA,
    "connections.scim_configuration.create": _OKTA,
    "connections.scim_configuration.delete": _OKTA,
    "connections.scim_configuration.get": _OKTA,
    "connections.scim_configuration.get_default_mapping": _OKTA,
    "connections.scim_configuration.tokens.create": _OKTA,
    "connections.scim_configuration.tokens.get": _OKTA,
    "connections.scim_configuration.update": _OKTA,
    "connections.users.delete_by_email": {"id": "$connection"},
    "custom_domains.delete": _DOMAIN,
    "custom_domains.get": _DOMAIN,
    "custom_domains.test": _DOMAIN,
    "custom_domains.update": _DOMAIN,
    "custom_domains.verify": _DOMAIN,
    "device_credentials.delete": {"id": "$device"},
    "email_templates.get": _MAIL,
    "email_templates.set": _MAIL,
    "email_templates.update": _MAIL,
    "event_streams.redeliveries.create_by_id": {"event_id": "$delivery"},
    "experimentation.feature_flags.variations.delete": _BLACK,
    "experimentation.feature_flags.variations.update": _BLACK,
    "guardian.enrollments.delete": {"id": "$enrollment"},
    "guardian.enrollments.get": {"id": "$enrollment"},
    "jobs.get": {"id": "$job"},
    "jobs.errors.get": {"id": "$job"},
    "organizations.get_by_name": {"name": "acme"},
    "organizations.client_grants.delete": {"grant_id": "$grant"},
    "organizations.clients.get": {"client_id": "$client"},
    "organizations.clients.update": {"client_id": "$client"},
    "organizations.discovery_domains.get_by_name": {"discovery_domain": "acme.example"},
    "organizations.enabled_connections.delete": _OF_ORGANIZATION,
    "organizations.enabled_connections.get": _OF_ORGANIZATION,
    "organizations.enabled_connections.update": _OF_ORGANIZATION,
    "organizations.groups.roles.create": _GROUP,
    "organizations.groups.roles.delete": _GROUP,
    "organizations.groups.roles.list": _GROUP,
    "organizations.organization_template.assign_organization_template": {
        "template_id": "$template"
    },
    "organizations.organization_template.unassign_organization_template": {
        "template_id": "$template"
    },
    "organizations.roles.groups.list": {"role_id": "$role"},
    "organizations.roles.members.list": {"role_id": "$role"},
    "prompts.custom_text.get": _TEXT,
    "prompts.custom_text.set": _TEXT,
    "prompts.partials.get": {"prompt": "login"},
    "prompts.partials.set": {"prompt": "login"},
    "prompts.rendering.get": _SCREEN,
    "prompts.rendering.update": _SCREEN,
    "refresh_tokens.delete": _TOKEN,
    "refresh_tokens.get": _TOKEN,
    "refresh_tokens.update": _TOKEN,
    "self_service_profiles.custom_text.list": _PAGE,
    "self_service_profiles.custom_text.set": _PAGE,
    "self_service_profiles.sso_ticket.revoke": {"id": "$sso_ticket"},
    "sessions.delete": _SESSION,
    "sessions.get": _SESSION,
    "sessions.revoke": _SESSION,
    "sessions.update": _SESSION,
    "user_blocks.delete": {"id": "$user"},
    "user_blocks.list": {"id": "$user"},
    "users.authentication_methods.delete": _METHOD,
    "users.authentication_methods.get": _METHOD,
    "users.authentication_methods.update": _METHOD,
    "users.federated_connections_tokensets.delete": {"tokenset_id": "$tokens"},
    "users.identities.delete": {"provider": "auth0", "user_id": "$third_key"},
    "users.multifactor.delete_provider": {"provider": "duo"},
}
"""Path arguments that no list shows, by operation."""
PREFERRED = {"/users": "$user", "/keys/encryption": "$encryption", "/logs": "$log"}
"""What is named of a list, where its newest item will not do."""
REFERENCES: dict[str, Any] = {
    "action_id": "$exchange",
    "email": "ada@example.com",
    "identifier": "ada@example.com",
    "permission_name": "read",
    "role_id": "$role",
    "client_id": "$client",
    "connection_id": "$okta",
    "connection": "people",
    "feature_flag_id": "$flag",
    "groups": ["$group"],
    "members": ["$other"],
    "organization_id": "$organization",
    "resource_server_identifier": "https://api.example.com",
    "roles": ["$spare_role"],
    "user_id": "$user",
    "users": ["$other"],
    "variation_id": "$red",
}
"""What members of drawn bodies name."""
_METADATA_DOCUMENT = {"external_client_id": "https://app.example.com/client.json"}
BODIES: dict[str, dict[str, Any]] = {
    "actions.modules.rollback": {"module_version_id": "$version"},
    "actions.triggers.bindings.update_many": {"bindings": []},
    "branding.templates.update_universal_login": _PAGE_TEMPLATE,
    "client_grants.create": {
        "client_id": "$client",
        "audience": "https://third.example.com",
        "scope": [],
    },
    "clients.preview_cimd_metadata": _METADATA_DOCUMENT,
    "clients.register_cimd_client": _METADATA_DOCUMENT,
    "custom_domains.create": {"domain": "new.example.com", "type": "auth0_managed_certs"},
    "custom_domains.set_default": {"domain": "login.example.com"},
    "email_templates.set": _TEMPLATE,
    "experimentation.experiments.advance_ramp": {"target_level": 50},
    "experimentation.experiments.create": {**_EXPERIMENT, "name": "another"},
    "experimentation.feature_flags.create": {"name": "another", "parameters": _COLOUR},
    "experimentation.feature_flags.update": {"name": "renamed"},
    "experimentation.feature_flags.variations.create": {
        "name": "white",
        "overrides": {"colour": {"value": "white"}},
    },
    "experimentation.feature_flags.variations.update": {"overrides": {"colour": {"value": "x"}}},
    "experimentation.segments.create": {
        "name": "another",
        "rules": [{"match": {"country": ["FR"]}}],
    },
    "hooks.secrets.update": {"OLD": "y"},
    "jobs.users_imports.create": {
        "users": '[{"email": "eve@example.com"}]',
        "connection_id": "$connection",
    },
    "keys.encryption.import_": {"wrapped_key": "$material"},
    "organizations.client_grants.create": {"grant_id": "$spare_grant"},
    "prompts.custom_text.set": {"login": {"title": "Come in"}},
    "refresh_tokens.revoke": {"ids": ["$refresh_token"]},
    "tickets.change_password": {"user_id": "$user"},
    "users.create": {
        "connection": "people",
        "email": "eve@example.com",
        "password": "Correct-Horse-1",
    },
    "users.identities.link": {"provider": "auth0", "user_id": "$other"},
}
"""Bodies that are accepted, of operations whose rules no drawn body meets by chance."""
_CHANGED_MODULE = [("PATCH /actions/modules/$module", {"code": "module.exports = 2;"})]
BEFORE: dict[str, list[tuple[str, Any]]] = {
    "actions.modules.rollback": _CHANGED_MODULE,
    "actions.modules.versions.create": _CHANGED_MODULE,
    "branding.phone.providers.create": [("DELETE /branding/phone/providers/$provider", None)],
    "client_profiles.create": [("DELETE /client-profiles/$client_profile", None)],
    "connections.directory_provisioning.create": [
        ("DELETE /connections/$google/directory-provisioning", None)
    ],
    "connections.scim_configuration.create": [
        ("DELETE /connections/$okta/scim-configuration", None)
    ],
    "custom_domains.set_default": [("/custom-domains/$domain/verify", {})],
    "custom_domains.test": [("/custom-domains/$domain/verify", {})],
    "emails.provider.create": [("DELETE /emails/provider", None)],
    "experimentation.experiments.advance_ramp": [
        ("/experimentation/experiments/$experiment/status", {"status": "active"})
    ],
    "experimentation.feature_flags.delete": [
        ("DELETE /experimentation/experiments/$experiment", None)
    ],
    "keys.encryption.import_": [("/keys/encryption/$encryption/wrapping-key", {})],
}
"""What has to be done before an operation can succeed: paths and bodies."""
