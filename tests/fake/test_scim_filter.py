"""Search by a SCIM filter, at the endpoints that take one."""

from __future__ import annotations

import pytest

from auth0_mgmt import BadRequestError, Management
from auth0_mgmt_testing import FakeTenant


@pytest.fixture(scope="module")
def mgmt() -> Management:
    management = FakeTenant().management()
    management.clients.create(name="Till", app_type="spa", callbacks=["https://a.example"])
    management.clients.create(name="tower", app_type="native", description="tall")
    management.clients.create(name="Shop", app_type="spa")
    return management


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ('name eq "till"', ["Till"]),
        ('name sw "T"', ["Till", "tower"]),
        ('name co "o" and app_type eq "spa"', ["Shop"]),
        ('name ew "er" or name eq "Shop"', ["tower", "Shop"]),
        ("description pr", ["tower"]),
        ('not (name eq "Till") and app_type ne "native" and callbacks pr', []),
        ('callbacks eq "https://a.example"', ["Till"]),
        ("refresh_token.leeway le 0 and oidc_conformant eq false", ["Till", "tower", "Shop"]),
        ('name gt "shop" and (app_type eq "spa" or app_type eq "native")', ["Till", "tower"]),
    ],
)
def test_a_filter_finds(mgmt: Management, q: str, names: list[str]) -> None:
    found = mgmt.clients.search(q=q, parser="scim")
    assert [client.name for client in found] == names


@pytest.mark.parametrize("q", ["name eq", 'name is "x"', "(name pr", 'name eq "x" y', "name eq x"])
def test_a_filter_that_cannot_be_read_is_refused(mgmt: Management, q: str) -> None:
    with pytest.raises(BadRequestError, match="Invalid query string"):
        list(mgmt.clients.search(q=q, parser="scim"))


def test_a_search_sorts_by_a_bare_name(mgmt: Management) -> None:
    first = next(iter(mgmt.clients.search(q='name eq "till"', parser="scim")))
    mgmt.clients.update(str(first.client_id), description="changed last")
    by_name = [client.name for client in mgmt.clients.search(sort="name")]
    by_change = [client.name for client in mgmt.clients.search(sort="updated_at")]
    assert by_name == sorted(str(name) for name in by_name)
    assert by_change[-1] == "Till"
