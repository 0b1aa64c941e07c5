"""What a tenant makes of a connection's options, strategy by strategy."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management


def options(mgmt: Management, strategy: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The options of a new connection of a strategy, as they are read back."""
    body: Any = {"name": f"a-{strategy}", "strategy": strategy}
    if given is not None:
        body["options"] = given
    made = mgmt.connections.create(**body)
    return dict(mgmt.connections.get(made.id).options or {})


def pem(name: str) -> str:
    """A self-signed certificate of somebody else, which ends on the last day of 2030."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    end = datetime(2030, 12, 31, tzinfo=UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AT"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=365))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


# --- databases ---------------------------------------------------------------------------------


def test_a_database_begins_with_the_tenants_password_rules(mgmt: Management) -> None:
    made = options(mgmt, "auth0")
    assert made["password_options"]["complexity"]["min_length"] == 15
    assert "passwordPolicy" not in made
    assert made["authentication_methods"]["password"]["enabled"] is True
    assert made["brute_force_protection"] is True


def test_password_rules_of_the_older_form_come_with_the_newer_ones_defaults(
    mgmt: Management,
) -> None:
    made = options(mgmt, "auth0", {"passwordPolicy": "fair"})
    assert made["passwordPolicy"] == "fair"
    assert made["password_options"]["complexity"]["min_length"] == 15


def test_a_part_of_the_password_rules_is_completed(mgmt: Management) -> None:
    made = options(mgmt, "auth0", {"password_options": {"history": {"active": True, "size": 9}}})
    assert made["password_options"]["history"] == {"active": True, "size": 9}
    assert made["password_options"]["dictionary"]["default"] == "en_100k"


def test_a_change_replaces_all_options_but_how_one_logs_in(mgmt: Management) -> None:
    made = mgmt.connections.create(name="db", strategy="auth0")
    assert made.id is not None
    mgmt.connections.update(made.id, options={"disable_signup": True})
    left = mgmt.connections.get(made.id).options or {}
    assert left["disable_signup"] is True
    assert "mfa" not in left
    assert "password_options" not in left
    assert left["passkey_options"]["challenge_ui"] == "both"


def test_a_change_without_options_leaves_them(mgmt: Management) -> None:
    made = mgmt.connections.create(name="db", strategy="auth0", options={"disable_signup": True})
    assert made.id is not None
    changed = mgmt.connections.update(made.id, is_domain_connection=True)
    assert (changed.options or {})["disable_signup"] is True


def test_secrets_of_a_databases_scripts_are_never_read_back(mgmt: Management) -> None:
    made = options(mgmt, "auth0", {"configuration": {"KEY": "hidden"}})
    assert set(made["configuration"]) == {"KEY"}
    assert "hidden" not in str(made)
    again = mgmt.connections.update(
        mgmt.connections.list(name="a-auth0").items[0].id or "",
        options={"configuration": made["configuration"]},
    )
    assert (again.options or {})["configuration"] == made["configuration"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"attributes": {"email": {"identifier": {"active": False}}}},
            "attributes must contain one active identifier",
        ),
        (
            {
                "attributes": {"email": {"identifier": {"active": True}}},
                "validation": {"username": {"min": 1, "max": 5}},
            },
            "Cannot set both options.attributes and options.validation",
        ),
        (
            {
                "attributes": {
                    "email": {
                        "identifier": {"active": True},
                        "profile_required": True,
                        "signup": {"status": "optional"},
                    }
                }
            },
            "attribute email must also be required on signup",
        ),
    ],
)
def test_attributes_that_do_not_fit_together_are_refused(
    mgmt: Management, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequestError, match=message):
        mgmt.connections.create(name="db", strategy="auth0", options=given)


# --- social ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "given", "scope"),
    [
        ("github", {}, []),
        ("github", {"email": True, "read_org": True}, ["user:email", "read:org"]),
        ("google-oauth2", {}, ["email", "profile"]),
        (
            "google-oauth2",
            {"profile": True, "drive_readonly": True},
            ["profile", "https://www.googleapis.com/auth/drive.readonly", "email"],
        ),
        ("facebook", {"email": True, "user_link": True}, "email,user_link"),
        ("linkedin", {}, ["r_basicprofile"]),
        ("linkedin", {"strategy_version": 2}, ["r_liteprofile"]),
        ("apple", {"name": True, "email": True}, "name email"),
        ("line", {"email": True}, ["openid", "email", "profile"]),
        ("windowslive", {}, ["wl.signin"]),
        (
            "windowslive",
            {"strategy_version": 2, "graph_user": True},
            ["https://graph.microsoft.com/User.Read"],
        ),
        (
            "windowslive",
            {"strategy_version": 2, "graph_files_all_update": True},
            ["https://graph.microsoft.com/Files.ReadWrite.All"],
        ),
        ("wordpress", {"scope": ["mine"]}, ["profile"]),
    ],
)
def test_scopes_follow_from_the_switches(
    mgmt: Management, strategy: str, given: dict[str, Any], scope: Any
) -> None:
    assert options(mgmt, strategy, given)["scope"] == scope


def test_scopes_in_free_form_are_added(mgmt: Management) -> None:
    given = {"freeform_scopes": ["read:discussion"], "email": True}
    assert options(mgmt, "github", given)["scope"] == ["user:email", "read:discussion"]


def test_a_provider_without_switches_takes_options_as_given(mgmt: Management) -> None:
    assert options(mgmt, "twitter", {"client_id": "a"}) == {"client_id": "a"}


def test_an_address_that_is_unset_shows_once(mgmt: Management) -> None:
    made = mgmt.connections.create(name="t", strategy="twitter", options={"tokenURL": None})
    assert made.id is not None
    assert (made.options or {}) == {"tokenURL": None}
    assert not mgmt.connections.get(made.id).options


# --- enterprise --------------------------------------------------------------------------------


def test_an_okta_connection_knows_its_organizations_addresses(mgmt: Management) -> None:
    made = options(mgmt, "okta", {"domain": "example.okta.com", "issuer": "https://other.example"})
    assert made["token_endpoint"] == "https://example.okta.com/oauth2/v1/token"
    assert made["issuer"] == "https://other.example"
    assert made["oidc_metadata"]["issuer"] == "https://example.okta.com"
    assert made["attribute_map"] == {"mapping_mode": "basic_profile"}


def test_an_openid_connection_takes_missing_addresses_from_its_metadata(mgmt: Management) -> None:
    metadata = {"issuer": "https://a.example", "token_endpoint": "https://a.example/token"}
    made = options(mgmt, "oidc", {"oidc_metadata": metadata, "token_endpoint": None})
    assert made["token_endpoint"] == "https://a.example/token"
    assert made["type"] == "front_channel"
    assert made["oidc_metadata"]["claims_parameter_supported"] is False


def test_a_connection_to_an_identity_provider_shows_its_name_and_button(mgmt: Management) -> None:
    made = mgmt.connections.create(name="partner", strategy="oidc", options={"client_id": "a"})
    assert made.display_name == "partner"
    assert made.show_as_button is False


@pytest.mark.parametrize("strategy", ["samlp", "pingfederate"])
def test_a_signing_certificate_tells_of_itself(mgmt: Management, strategy: str) -> None:
    certificate = pem("idp.example")
    made = options(mgmt, strategy, {"signingCert": certificate})
    assert made["cert"] == certificate
    assert made["expires"] == "2030-12-31T00:00:00.000Z"
    assert made["subject"] == {"countryName": "AT", "commonName": "idp.example"}
    assert [len(each) for each in made["thumbprints"]] == [40]


def test_a_certificate_that_is_none_tells_nothing(mgmt: Management) -> None:
    assert "cert" not in options(mgmt, "samlp", {"signingCert": "bm90aGluZw=="})


def metadata(certificate: str) -> str:
    lines = "".join(line for line in certificate.splitlines() if "CERTIFICATE" not in line)
    return f"""
        <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">
          <IDPSSODescriptor>
            <KeyDescriptor use="signing"><X509Certificate>{lines}</X509Certificate></KeyDescriptor>
            <SingleSignOnService Binding="urn:redirect" Location="https://idp.example/in"/>
            <SingleLogoutService Binding="urn:redirect" Location="https://idp.example/out"/>
          </IDPSSODescriptor>
        </EntityDescriptor>"""


def test_saml_metadata_are_read_and_not_kept(mgmt: Management) -> None:
    certificate = pem("idp.example")
    made = options(mgmt, "samlp", {"metadataXml": metadata(certificate)})
    assert "metadataXml" not in made
    assert made["signInEndpoint"] == "https://idp.example/in"
    assert made["signOutEndpoint"] == "https://idp.example/out"
    assert made["bindingMethod"] == "urn:redirect"
    assert base64.b64decode(made["signingCert"]).decode() == made["cert"] == certificate


def test_what_the_caller_says_stands_above_the_metadata(mgmt: Management) -> None:
    given = {"metadataXml": metadata(pem("a")), "signInEndpoint": "https://mine.example"}
    assert options(mgmt, "samlp", given)["signInEndpoint"] == "https://mine.example"


def test_federation_metadata_name_where_one_signs_in(mgmt: Management) -> None:
    document = """
        <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><RoleDescriptor>
          <PassiveRequestorEndpoint><EndpointReference><Address>https://adfs.example/ls</Address>
          </EndpointReference></PassiveRequestorEndpoint>
        </RoleDescriptor></EntityDescriptor>"""
    given: Any = {"fedMetadataXml": document}
    created = mgmt.connections.create(name="adfs", strategy="adfs", options=given)
    changed = mgmt.connections.update(str(created.id), options=given)
    for each in (created, changed):
        read: Any = each.to_dict()["options"]
        assert read["signInEndpoint"] == "https://adfs.example/ls"
        assert read["thumbprints"] == []


def test_directories_of_an_enterprise_are_completed(mgmt: Management) -> None:
    assert options(mgmt, "ad") == {"ips": None, "brute_force_protection": True}
    assert options(mgmt, "google-apps")["scope"] == ["email", "profile"]
    azure = options(mgmt, "waad", {"tenant_domain": "example.com"})
    assert azure["identity_api"] == "microsoft-identity-platform-v2.0"
    assert azure["waad_protocol"] == "openid-connect"
