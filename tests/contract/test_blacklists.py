"""Blacklisted tokens: written by audience and id, read as an array."""

from __future__ import annotations

import pytest

from auth0_mgmt import BadRequestError, Management
from auth0_mgmt_testing import Factory

pytestmark = pytest.mark.auth0_fake_only(reason="a token that is blacklisted stays so")


def test_a_blacklisted_token_is_listed_under_its_audience(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    first, second = auth0_factory.name("aud"), auth0_factory.name("aud")
    auth0_mgmt.blacklists.create(aud=first, jti="one")
    auth0_mgmt.blacklists.create(aud=first, jti="two")
    auth0_mgmt.blacklists.create(aud=second, jti="one")
    listed = auth0_mgmt.blacklists.list(aud=first)
    assert sorted((str(token.aud), str(token.jti)) for token in listed) == [
        (first, "one"),
        (first, "two"),
    ]


def test_blacklisting_a_token_again_changes_nothing(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    audience = auth0_factory.name("aud")
    for _ in range(2):
        auth0_mgmt.blacklists.create(aud=audience, jti="again")
    assert [token.jti for token in auth0_mgmt.blacklists.list(aud=audience)] == ["again"]


def test_page_parameters_of_the_list_have_no_effect(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    audience = auth0_factory.name("aud")
    for number in range(3):
        auth0_mgmt.blacklists.create(aud=audience, jti=f"t{number}")
    listed = auth0_mgmt.blacklists.list(aud=audience, per_page=1, include_totals=True)
    assert [token.jti for token in listed] == ["t0", "t1", "t2"]


def test_a_token_without_an_id_is_refused(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="Missing required property: jti"):
        auth0_mgmt.request("POST", "/blacklists/tokens", json={"aud": "somebody"})
