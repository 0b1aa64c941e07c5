"""Which test holds which rule of live tenants.

A rule is known by a short title. The table is complete where every rule names a test that exists;
the last tests of this module are those of rules that no other module is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from ..rule_tables import absent
from .test_clients import made

RULES: Mapping[str, tuple[str, ...]] = {
    # --- from recordings ---
    "e-mail templates are absent until written": (
        "fake/test_live_answers.py::test_an_email_template_is_absent_until_it_is_written",
    ),
    "e-mail templates hold what was written": (
        "fake/test_live_answers.py::test_putting_an_email_template_creates_it_with_what_was_written",
    ),
    "universal_login of tenant settings is kept": (
        "fake/test_live_rules.py::test_the_universal_login_of_the_settings_is_kept",
    ),
    "an empty default_redirection_uri is none": (
        "fake/test_checks.py::test_an_empty_redirection_address_is_none",
    ),
    "pages of tenant settings are merged": (
        "fake/test_checks.py::test_pages_of_the_tenant_are_merged",
    ),
    "members of every client document": (
        "fake/test_live_rules.py::test_every_client_names_its_tenant_and_its_keys",
    ),
    "members of the global client": (
        "fake/test_live_answers.py::test_the_global_client_shows_few_members",
    ),
    "public third-party clients": (
        "fake/test_checks.py::test_public_third_party_clients_rotate_expiring_tokens",
    ),
    "strict third-party clients": (
        "fake/test_checks.py::test_strict_third_party_clients_get_the_stricter_defaults",
    ),
    "session_transfer is completed": (
        "fake/test_checks.py::test_session_transfer_is_completed_merged_and_removed",
    ),
    "session_transfer is merged": (
        "fake/test_checks.py::test_session_transfer_is_completed_merged_and_removed",
        "fake/test_live_answers.py::test_null_takes_only_the_delegation_of_session_transfers_away",
    ),
    "chosen expiring refresh tokens are finite": (
        "fake/test_checks.py::test_chosen_expiring_tokens_are_finite",
    ),
    "express-configuration clients have no secret": (
        "fake/test_live_answers.py::test_a_client_for_express_configuration_has_no_secret",
    ),
    "a changed action is pending, its versions built": (
        "fake/test_live_answers.py::test_a_changed_action_is_pending_while_its_versions_are_built",
        "fake/test_checks.py::test_an_empty_login_address_is_none",
    ),
    "organization_usage of an organization's clients": (
        "fake/test_checks.py::test_what_an_organization_shows_of_clients_and_grants",
    ),
    "members of an organization's client grants": (
        "fake/test_checks.py::test_what_an_organization_shows_of_clients_and_grants",
    ),
    "a grant of all scopes lists none": (
        "fake/test_checks.py::test_a_grant_of_all_scopes_lists_none",
    ),
    "absent client grants": ("fake/test_absent.py::test_the_text_is_the_one_of_live_tenants",),
    "absent token-exchange profiles": (
        "fake/test_absent.py::test_the_text_is_the_one_of_live_tenants",
    ),
    "absent and malformed event streams": (
        "fake/test_live_answers.py::test_an_absent_event_stream",
        "fake/test_live_answers.py::test_a_malformed_event_stream_id_is_refused_with_its_description",
    ),
    "deleting absent streams and discovery domains": (
        "fake/test_absent.py::test_deleting_what_is_not_there",
        "fake/test_checks.py::test_absent_organizations_and_their_domains",
    ),
    "absent organizations": ("fake/test_checks.py::test_absent_organizations_and_their_domains",),
    "addresses that are not blocked": (
        "fake/test_live_answers.py::test_an_address_that_is_not_blocked_is_not_found",
    ),
    "roles show their type": (
        "fake/test_live_answers.py::test_a_changed_role_shows_its_type",
        "fake/test_live_rules.py::test_a_role_of_an_organization_shows_its_owner",
    ),
    "forms hide empty members": (
        "fake/test_live_answers.py::test_a_form_does_not_show_empty_members",
    ),
    "connection profiles without configuration": (
        "fake/test_checks.py::test_a_profile_without_configuration_shows_null",
    ),
    "log streams are no priority": (
        "fake/test_live_answers.py::test_a_log_stream_is_not_a_priority_by_itself",
    ),
    "pii_config is completed": (
        "fake/test_live_answers.py::test_personal_data_of_logs_are_hashed_unless_said_otherwise",
    ),
    "a patched sink drops pii_config": (
        "fake/test_live_answers.py::test_a_patched_sink_takes_the_personal_data_settings_along",
    ),
    "the partner topic of event grids": (
        "fake/test_live_answers.py::test_an_event_grid_names_its_partner_topic_itself",
    ),
    "encryption keys are shown by thumbprint": (
        "fake/test_checks.py::test_a_key_for_encryption_is_shown_by_its_thumbprint",
    ),
    "the express-configuration API": (
        "fake/test_live_rules.py::test_the_api_for_express_configuration_comes_as_it_is",
        "fake/test_checks.py::test_a_system_api_keeps_its_name",
    ),
    "scopes of the Management API": (
        "fake/test_checks.py::test_the_management_api_lists_its_scopes_with_descriptions",
    ),
    "default SCIM mapping of Azure AD": (
        "fake/test_checks.py::test_azure_ad_maps_other_attributes_than_the_rest",
    ),
    "options of databases that exclude each other": (
        "fake/test_checks.py::test_what_a_database_cannot_have_is_refused",
        "fake/test_checks.py::test_the_uniqueness_of_addresses_is_fixed_when_they_become_an_attribute",
    ),
    "sign-up in organizations is for databases": (
        "fake/test_checks.py::test_only_databases_with_membership_support_sign_up",
    ),
    "redirecting network ACLs need an address": (
        "fake/test_checks.py::test_a_redirecting_rule_needs_an_address",
    ),
    "password rules, old and new": (
        "fake/test_connection_options.py"
        "::test_password_rules_of_the_older_form_come_with_the_newer_ones_defaults",
    ),
    "defaults of strategies": (
        "fake/test_live_answers.py::test_a_passwordless_connection_is_protected_from_brute_force",
        "fake/test_connection_options.py::test_scopes_follow_from_the_switches",
        "fake/test_live_rules.py::test_a_directory_of_azure_has_no_ticket",
    ),
    "verifying a custom domain": (
        "fake/test_custom_domains.py::test_a_domain_is_verified_once_dns_answers",
    ),
    "triggers, and bindings of entity-bound ones": (
        "fake/test_live_answers.py::test_every_version_of_every_trigger_is_listed",
        "fake/test_live_answers.py::test_bindings_of_an_entity_bound_trigger_are_an_empty_list",
    ),
    "providers, prompts and themes that nobody configured": (
        "fake/test_live_answers.py::test_a_guardian_provider_without_configuration_is_empty",
        "fake/test_live_answers.py"
        "::test_prompts_do_not_name_the_platform_factor_until_it_is_written",
        "fake/test_live_answers.py::test_server_credentials_are_taken_as_they_are",
        "fake/test_live_answers.py::test_trying_a_phone_template_answers_its_code",
        "fake/test_live_rules.py::test_a_theme_shows_how_identifiers_are_entered",
    ),
    "refusals of a plan": (
        "fake/test_plan.py::test_a_feature_that_the_plan_lacks_is_refused",
        "fake/test_plan.py::test_a_tenant_of_several_domains_wants_one_named_for_new_users",
    ),
    # --- also recorded ---
    "log events carry both ids": (
        "fake/test_live_answers.py::test_log_events_carry_both_of_their_ids",
    ),
    "an empty id is not the list": (
        "fake/test_live_answers.py::test_an_empty_path_segment_leads_to_no_other_operation",
    ),
    "options of a bare Google connection": (
        "fake/test_live_rules.py::test_a_bare_google_connection_reads_address_and_profile",
    ),
    "deleting a connection twice": (
        "fake/test_checks.py::test_a_deletion_that_is_under_way_is_accepted_again",
    ),
    "leaving out that addresses are shared": (
        "fake/test_checks.py::test_the_uniqueness_of_addresses_is_fixed_when_they_become_an_attribute",
    ),
    "importing an address that is there": (
        "fake/test_jobs.py::test_a_user_who_is_there_is_refused_without_upsert",
        "fake/test_live_answers.py::test_an_imported_user_has_a_picture_of_the_secure_host",
    ),
    "lists by fields": (
        "fake/test_live_rules.py::test_lists_are_cut_to_the_fields",
        "fake/test_live_answers.py::test_hooks_are_listed_by_the_fields_asked_for",
    ),
    "third_party_client_access of a named organization": (
        "fake/test_live_rules.py::test_an_organization_shows_its_access_by_name_too",
    ),
    "map_user_id_to_id is kept": (
        "fake/test_live_rules.py::test_a_change_of_options_keeps_how_google_users_are_mapped",
    ),
    "an assertion's audience may be an array": (
        "authentication/test_client_credentials.py::test_an_assertion_that_is_not_right_is_refused",
        "authentication/test_client_credentials.py"
        "::test_an_assertion_may_name_its_audience_in_a_list",
    ),
    "a user's organizations are counted": (
        "fake/test_live_answers.py::test_the_organizations_of_a_user_are_counted",
    ),
    "settings that have defaults in reads only": (
        "fake/test_live_answers.py::test_webauthn_settings_are_answered_as_sent_and_read_completed",
        "fake/test_live_answers.py::test_the_push_prompt_keeps_what_is_written",
    ),
    "statistics of event streams": (
        "fake/test_live_answers.py::test_an_event_stream_counts_its_attempts_by_day",
    ),
    "blacklisted tokens are a bare list": (
        "fake/test_live_answers.py::test_blacklisted_tokens_are_listed_by_audience",
        "contract/test_blacklists.py::test_page_parameters_of_the_list_have_no_effect",
    ),
    # --- from reports: one property against another, or against the state ---
    "users: properties beyond the contract": (
        "fake/test_user_checks.py::test_nothing_beyond_the_contract_is_changed",
        "fake/test_user_checks.py::test_a_user_as_it_was_read_is_not_written_back",
    ),
    "users: passwords against the policy": (
        "fake/test_user_checks.py::test_a_password_meets_the_older_policy",
        "fake/test_user_checks.py::test_a_password_meets_the_newer_options",
        "fake/test_user_checks.py::test_a_password_of_the_dictionary_is_refused",
        "fake/test_user_checks.py::test_a_password_does_not_hold_personal_information",
        "fake/test_user_checks.py::test_an_earlier_password_is_not_used_again",
    ),
    "users: what identifies them": (
        "fake/test_user_checks.py::test_a_database_user_has_a_password",
        "fake/test_user_checks.py::test_a_username_is_refused_where_the_connection_has_none",
        "fake/test_user_checks.py::test_a_username_is_required_where_the_connection_asks_for_it",
        "fake/test_user_checks.py::test_a_username_that_does_not_fit_is_refused",
        "fake/test_user_checks.py::test_a_user_is_identified_by_one_of_the_connections_identifiers",
    ),
    "users: of other providers keep their log-in": (
        "fake/test_user_checks.py::test_an_outside_user_keeps_its_login",
        "fake/test_user_checks.py::test_an_outside_users_root_attributes_follow_the_provider",
    ),
    "users: of other providers are not created": (
        "fake/test_user_checks.py::test_users_of_an_identity_provider_are_not_created",
    ),
    "users: linked accounts are not created again": (
        "fake/test_user_checks.py::test_a_linked_account_is_not_created_again",
    ),
    "actions: pending ones are not deployed": (
        "fake/test_live_answers.py::test_a_pending_action_is_not_deployed",
    ),
    "actions: bound to their own triggers": (
        "fake/test_live_answers.py::test_an_action_is_bound_to_a_trigger_that_it_supports",
    ),
    "actions: bindings of the phone provider's trigger": (
        # Refused as reported in 2024; recordings of 2026 list them, empty.
        "fake/test_live_rules.py::test_bindings_of_the_phone_providers_trigger_are_listed",
    ),
    "invitations: the client allows organizations": (
        "fake/test_checks.py::test_an_invitation_needs_a_client_for_organizations_and_a_login_address",
    ),
    "invitations: a login route": (
        "fake/test_checks.py::test_an_invitation_needs_a_client_for_organizations_and_a_login_address",
    ),
    "grants: all scopes of a system API": (
        "fake/test_checks.py::test_all_scopes_of_a_system_api_cannot_be_granted",
    ),
    "clients: no secret, no client credentials": (
        "fake/test_checks.py::test_a_client_without_a_secret_cannot_use_client_credentials",
    ),
    "clients: no secret, no trusted address": (
        "fake/test_checks.py::test_a_client_without_a_secret_cannot_have_a_trusted_address",
    ),
    "clients: two credentials": ("fake/test_checks.py::test_a_client_has_two_credentials_at_most",),
    "e-mail templates: the name in body and address": (
        "fake/test_live_answers.py::test_a_template_in_the_body_matches_the_path",
    ),
    "organizations: sign-up on social connections": (
        "fake/test_checks.py::test_only_databases_with_membership_support_sign_up",
    ),
    "tickets: what names the user and where to go": (
        "fake/test_checks.py::test_a_password_ticket_names_one_user_and_one_place_to_go",
    ),
    "identities: a configured provider": (
        "fake/test_live_answers.py::test_linking_names_a_configured_provider",
    ),
    "connections: fifty clients at a time": (
        "fake/test_checks.py::test_clients_of_a_connection_are_changed_fifty_at_a_time",
    ),
    "users: no sorting by metadata": (
        "fake/test_live_answers.py::test_users_are_not_sorted_by_metadata",
    ),
    "users: members by organization": (
        "fake/test_live_answers.py::test_members_are_found_by_their_organization",
    ),
    "settings: no flags, unknown sandboxes": (
        "fake/test_settings.py::test_changing_no_flag_at_all_is_refused",
        "fake/test_checks.py::test_a_sandbox_that_there_is_not_is_refused",
    ),
    "resource servers: what a system API keeps": (
        "fake/test_checks.py::test_a_system_api_keeps_its_name",
    ),
    "prompts: screens of another prompt": (
        "fake/test_live_rules.py::test_texts_of_a_screen_that_no_prompt_has_are_refused",
    ),
    "rules and hooks: a switch": (
        "fake/test_plan.py::test_rules_and_hooks_are_created_where_a_tenant_still_has_them",
    ),
    "log streams: the partner topic is not given": (
        "fake/test_live_answers.py::test_an_event_grid_names_its_partner_topic_itself",
    ),
    "universal login: a verified domain": (
        "fake/test_plan.py::test_a_page_template_needs_a_custom_domain_where_the_plan_says_so",
    ),
    "metadata: barred names": ("fake/test_user_checks.py::test_metadata_have_no_barred_names",),
    "tokens: client credentials ignore scope": (
        "authentication/test_client_credentials.py"
        "::test_a_requested_scope_takes_no_granted_scope_away",
    ),
    "tokens: wording of missing scopes and wrong audiences": (
        "fake/test_live_answers.py::test_a_missing_scope_is_named_after_a_comma",
        "fake/test_live_answers.py::test_a_wrong_audience_is_named_alone",
    ),
    "users: paging ends with an address": (
        "fake/test_live_answers.py::test_paging_users_ends_with_the_documentations_address",
    ),
    "paths: empty segments": (
        "fake/test_live_answers.py::test_an_empty_path_segment_leads_to_no_other_operation",
    ),
}
"""Every rule, by a short title, with the tests that hold it."""


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test(rule: str) -> None:
    assert RULES[rule]
    assert absent(RULES[rule]) == []


# --- rules that no other module is about -------------------------------------------------------


def test_the_universal_login_of_the_settings_is_kept(http: httpx.Client) -> None:
    path = "/tenants/settings"
    assert http.patch(path, json={"friendly_name": "x", "universal_login": {}}).status_code == 200
    assert http.get(path).json()["universal_login"] == {}
    colors = {"primary": "#F8F8F2", "page_background": "#222221"}
    changed = http.patch(path, json={"universal_login": {"colors": colors}})
    assert changed.json()["universal_login"]["colors"] == colors
    assert http.get(path).json()["universal_login"]["colors"] == colors


def test_every_client_names_its_tenant_and_its_keys(http: httpx.Client, tenant: FakeTenant) -> None:
    fixed = {
        "tenant": tenant.domain.partition(".")[0],
        "global": False,
        "callback_url_template": False,
        "cross_origin_auth": False,
    }
    client = made(http, "/clients", {"name": "x"})
    path = f"/clients/{client['client_id']}"
    shown = (
        client,
        http.get(path).json(),
        http.patch(path, json={"description": "d"}).json(),
        http.post(f"{path}/rotate-secret").json(),
    )
    for document in shown:
        assert {name: document[name] for name in fixed} == fixed
        [key] = document["signing_keys"]
        assert {"cert", "pkcs7", "subject"} <= key.keys()
        assert key["subject"] == f"/CN={tenant.domain}"
        assert ("key" in key) is (document is client)
        assert ("encrypted" in document) is (document is client)
    for document in http.get("/clients").json():
        assert [key["subject"] for key in document["signing_keys"]] == ["deprecated"]


def test_a_role_of_an_organization_shows_its_owner(http: httpx.Client) -> None:
    owner = made(http, "/organizations", {"name": "acme"})["id"]
    body = {"name": "r", "description": "d", "type": "organization", "owner_id": owner}
    role = http.post("/roles", json=body).json()
    changed = http.patch(f"/roles/{role['id']}", json={"name": "s"}).json()
    assert (changed["type"], changed["owner_id"]) == ("organization", owner)


def test_the_api_for_express_configuration_comes_as_it_is(http: httpx.Client) -> None:
    server = made(http, "/resource-servers", {"identifier": "urn:auth0:express-configure"})
    expected: dict[str, Any] = {
        "name": "Okta OIN Express Configuration API",
        "token_lifetime": 300,
        "enforce_policies": True,
        "is_system": True,
        "subject_type_authorization": {
            "user": {"policy": "allow_all"},
            "client": {"policy": "deny_all"},
        },
    }
    assert {name: server[name] for name in expected} == expected
    assert [scope["value"] for scope in server["scopes"]] == [
        "express_configure:sso",
        "express_configure:scim",
    ]
    renamed = http.patch(f"/resource-servers/{server['id']}", json={"name": "mine"})
    assert renamed.status_code == 400


def test_a_directory_of_azure_has_no_ticket(http: httpx.Client) -> None:
    connection = made(http, "/connections", {"name": "a", "strategy": "waad"})
    assert "provisioning_ticket_url" not in connection
    assert "app_domain" not in connection["options"]


def theme_body() -> dict[str, Any]:
    """The least that a theme is written with."""
    flat = {"bold": False, "size": 100}
    return {
        "borders": {
            "button_border_radius": 2,
            "button_border_weight": 2,
            "buttons_style": "pill",
            "input_border_radius": 2,
            "input_border_weight": 2,
            "inputs_style": "pill",
            "show_widget_shadow": True,
            "widget_border_weight": 2,
            "widget_corner_radius": 2,
        },
        "colors": dict.fromkeys(COLORS.split(), "#00FF00"),
        "fonts": {
            **dict.fromkeys(("body_text", "buttons_text", "input_labels", "links"), flat),
            **dict.fromkeys(("subtitle", "title"), flat),
            "font_url": "https://example.com/font.woff",
            "links_style": "normal",
            "reference_text_size": 14,
        },
        "page_background": {
            "background_color": "#000000",
            "background_image_url": "https://example.com/background.png",
            "page_layout": "center",
        },
        "widget": {
            "header_text_alignment": "center",
            "logo_height": 55,
            "logo_position": "center",
            "logo_url": "https://example.com/logo.png",
            "social_buttons_layout": "top",
        },
    }


COLORS = (
    "body_text error header icons input_background input_border input_filled_text "
    "input_labels_placeholders links_focused_components primary_button primary_button_label "
    "secondary_button_border secondary_button_label success widget_background widget_border"
)


def test_a_theme_shows_how_identifiers_are_entered(http: httpx.Client) -> None:
    theme = http.post("/branding/themes", json=theme_body()).json()
    identifiers = {
        "login_display": "unified",
        "otp_autocomplete": True,
        "phone_display": {"masking": "mask_digits", "formatting": "international"},
    }
    assert theme["identifiers"] == identifiers
    assert http.get("/branding/themes/default").json()["identifiers"] == identifiers
    path = f"/branding/themes/{theme['themeId']}"
    given = {**identifiers, "login_display": "separate"}
    changed = http.patch(path, json={**theme_body(), "identifiers": given}).json()
    assert changed["identifiers"] == given
    assert http.patch(path, json=theme_body()).json()["identifiers"] == given


def test_a_bare_google_connection_reads_address_and_profile(http: httpx.Client) -> None:
    connection = made(http, "/connections", {"name": "g", "strategy": "google-oauth2"})
    assert connection["options"] == {"email": True, "profile": True, "scope": ["email", "profile"]}


def test_lists_are_cut_to_the_fields(http: httpx.Client) -> None:
    query = {"fields": "id,identifier", "include_fields": "true"}
    for server in http.get("/resource-servers", params=query).json():
        assert server.keys() == {"id", "identifier"}
    [connection] = http.get("/connections", params={"fields": "name"}).json()
    always = {"id", "is_domain_connection", "authentication", "connected_accounts"}
    assert connection.keys() == {"name"} | always


def test_an_organization_shows_its_access_by_name_too(http: httpx.Client) -> None:
    organization = made(http, "/organizations", {"name": "acme"})
    found = http.get("/organizations/name/acme").json()
    assert found["third_party_client_access"] == organization["third_party_client_access"]


def test_a_change_of_options_keeps_how_google_users_are_mapped(http: httpx.Client) -> None:
    options = {"domain": "example.com", "map_user_id_to_id": True}
    body = {"name": "g", "strategy": "google-apps", "options": options}
    path = f"/connections/{made(http, '/connections', body)['id']}"
    changed = http.patch(path, json={"options": {"domain": "example.org"}}).json()
    assert changed["options"]["map_user_id_to_id"] is True


def test_bindings_of_the_phone_providers_trigger_are_listed(http: httpx.Client) -> None:
    response = http.get("/actions/triggers/custom-phone-provider/bindings")
    assert (response.status_code, response.json()["bindings"]) == (200, [])


def test_texts_of_a_screen_that_no_prompt_has_are_refused(http: httpx.Client) -> None:
    path = "/prompts/login/custom-text/en"
    response = http.put(path, json={"lobby": {"title": "x"}})
    assert response.status_code == 400
    assert response.json()["message"] == 'Invalid key "title" in screen "lobby"'
    assert http.get(path).json() == {}
    texts = {"login": {"title": "x", "var-mine": "y"}}
    assert http.put(path, json=texts).json() == texts
    assert http.put("/prompts/common/custom-text/en", json={"alternate": {}}).status_code == 200
