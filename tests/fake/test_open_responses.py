"""Responses that the vendor leaves open for members to come: today's are those that are named."""

from __future__ import annotations

import pytest

from auth0_mgmt_testing.engine.response_validation import ResponseValidator
from auth0_mgmt_testing.errors import ResponseContractError
from tests.contract.families import by_name


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("branding.get", {"logo_url": "https://example.com/logo.png"}),
        ("clients.get", {"client_id": "abc", "cross_origin_auth": False}),
        ("organizations.get", {"id": "org_0123456789abcdef", "name": "acme"}),
    ],
)
def test_a_member_that_nobody_named_is_refused(name: str, body: dict[str, object]) -> None:
    validator, operation = ResponseValidator(), by_name()[name]
    validator.check(operation, 200, body)
    with pytest.raises(ResponseContractError, match="unnamed"):
        validator.check(operation, 200, {**body, "unnamed": 1})


def test_a_deviation_leaves_a_response_open() -> None:
    body = {"type": "s", "unnamed": 1}
    ResponseValidator().check(by_name()["logs.get"], 200, body)


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        (
            "clients.get",
            200,
            {
                "client_id": "abc",
                "addons": {
                    "samlp": {
                        "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
                        "signingCert": "pem",
                        "includeAttributeNameFormat": True,
                        "typedAttributes": False,
                        "logout": {"callback": "https://sp.example/slo", "slo_enabled": True},
                    }
                },
            },
        ),
        ("clients.get", 200, {"client_id": "abc", "owners": ["mr|auth0|1"]}),
        (
            "users.identities.link",
            201,
            [
                {
                    "provider": "auth0",
                    "user_id": "1",
                    "connection": "db",
                    "isSocial": False,
                    "profileData": {"nickname": "ada", "picture": "https://p.example/a.png"},
                }
            ],
        ),
    ],
)
def test_members_that_tenants_show_are_named(name: str, status: int, body: object) -> None:
    ResponseValidator().check(by_name()[name], status, body)


def test_open_objects_may_be_left_open() -> None:
    operation = by_name()["organizations.get"]
    body = {"id": "org_0123456789abcdef", "name": "acme", "unnamed": 1}
    ResponseValidator(open_objects=True).check(operation, 200, body)
