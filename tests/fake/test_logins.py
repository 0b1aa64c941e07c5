"""What users do in the fake, and where it shows: sessions, tokens, grants, blocks, statistics."""

from __future__ import annotations

import pytest

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Clock, FakeTenant, StateError

ADA = "auth0|ada"


@pytest.fixture
def tenant(tenant: FakeTenant) -> FakeTenant:
    tenant.users.add(user_id=ADA, email="ada@example.com")
    tenant.clients.add(client_id="app", name="App")
    tenant.clients.add(client_id="shop", name="Shop")
    for identifier in ("urn:api", "urn:a", "urn:b"):
        tenant.resource_servers.add(
            identifier=identifier, name=identifier, allow_offline_access=True
        )
    return tenant


def test_a_log_in_counts_on_the_profile(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.log_in(ADA)
    tenant.log_in(ADA, ip="203.0.113.9")
    user = mgmt.users.get(ADA)
    assert (user.logins_count, user.last_ip) == (2, "203.0.113.9")
    assert user.last_login is not None


def test_a_log_in_is_told_in_the_users_log(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.fail_login(ADA)
    tenant.log_in(ADA, client="app")
    newest, older = mgmt.users.logs.list(ADA)
    assert (newest.type, older.type) == ("s", "fp")
    assert (newest.client_name, newest.user_name) == ("App", "ada@example.com")
    assert [each.type for each in mgmt.logs.list(search='type:"fp"')] == ["fp"]


def test_a_log_in_begins_a_session_that_ends_idle(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    done = tenant.log_in(ADA, client="app")
    session = mgmt.sessions.get(done.session_id)
    assert session.user_id == ADA
    assert [each.id for each in mgmt.users.sessions.list(ADA)] == [done.session_id]
    clock.advance(72 * 3600)
    assert list(mgmt.users.sessions.list(ADA)) == []
    with pytest.raises(NotFoundError):
        mgmt.sessions.get(done.session_id)


def test_offline_access_gives_a_refresh_token(tenant: FakeTenant, mgmt: Management) -> None:
    assert tenant.log_in(ADA, client="app").refresh_token_id is None
    done = tenant.log_in(ADA, client="app", scope="openid offline_access", audience="urn:api")
    assert done.refresh_token_id is not None
    token = mgmt.refresh_tokens.get(done.refresh_token_id)
    assert (token.client_id, token.session_id) == ("app", done.session_id)
    mgmt.sessions.revoke(done.session_id)
    with pytest.raises(NotFoundError):
        mgmt.refresh_tokens.get(done.refresh_token_id)


def test_refresh_tokens_are_listed_by_user_and_client(tenant: FakeTenant, mgmt: Management) -> None:
    for client in ("app", "shop"):
        tenant.log_in(ADA, client=client, scope="offline_access")
    assert len(list(mgmt.refresh_tokens.list(user_id=ADA))) == 2
    assert [each.client_id for each in mgmt.refresh_tokens.list(user_id=ADA, client_id="shop")] == [
        "shop"
    ]
    with pytest.raises(NotFoundError):
        mgmt.refresh_tokens.list(user_id=ADA, client_id="nobody")


def test_refresh_tokens_are_revoked_by_what_may_be_named_together(
    tenant: FakeTenant, mgmt: Management
) -> None:
    for audience in ("urn:a", "urn:b"):
        tenant.log_in(ADA, client="app", scope="offline_access", audience=audience)
    with pytest.raises(BadRequestError):
        mgmt.refresh_tokens.revoke(user_id=ADA, audience="urn:a")
    mgmt.refresh_tokens.revoke(client_id="app", audience="urn:a")
    assert len(list(mgmt.refresh_tokens.list(user_id=ADA))) == 1
    mgmt.refresh_tokens.revoke(user_id=ADA)
    assert list(mgmt.refresh_tokens.list(user_id=ADA)) == []


def test_access_is_revoked_with_or_without_tokens(tenant: FakeTenant, mgmt: Management) -> None:
    first = tenant.log_in(ADA, client="app", scope="offline_access")
    second = tenant.log_in(ADA, client="app", scope="offline_access")
    mgmt.users.revoke_access(ADA, session_id=first.session_id, preserve_refresh_tokens=True)
    assert [each.id for each in mgmt.users.sessions.list(ADA)] == [second.session_id]
    assert len(list(mgmt.users.refresh_token.list(ADA))) == 2
    mgmt.users.revoke_access(ADA)
    assert list(mgmt.users.refresh_token.list(ADA)) == []


def test_log_ins_are_counted_by_day_and_user(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    tenant.users.add(user_id="auth0|bob", email="bob@example.com")
    for who in (ADA, ADA, "auth0|bob"):
        tenant.log_in(who)
    clock.advance(86_400)
    tenant.log_in(ADA)
    assert mgmt.stats.get_active_users_count() == 2
    assert [day.logins for day in mgmt.stats.get_daily()] == [3, 1]
    today = clock.now().strftime("%Y%m%d")
    assert [day.logins for day in mgmt.stats.get_daily(from_=today)] == [1]
    with pytest.raises(BadRequestError):
        mgmt.stats.get_daily(from_=today, to="20200101")


def test_users_made_through_the_api_count_as_sign_ups(mgmt: Management) -> None:
    mgmt.users.create(
        connection="Username-Password-Authentication", email="n@example.com", password="s3cret-W"
    )
    assert [day.signups for day in mgmt.stats.get_daily()] == [1]


def test_a_consent_is_a_grant_and_a_second_one_adds_to_it(
    tenant: FakeTenant, mgmt: Management
) -> None:
    grant = tenant.consent(ADA, "app", "urn:api", ["read:it"])
    assert tenant.consent(ADA, "app", "urn:api", ["write:it"]) == grant
    tenant.consent(ADA, "shop", "urn:api", ["read:it"])
    (found,) = mgmt.user_grants.list(user_id=ADA, client_id="app", audience="urn:api")
    assert (found.id, found.scope) == (grant, ["read:it", "write:it"])
    mgmt.clients.delete("app")
    assert [each.client_id for each in mgmt.user_grants.list()] == ["shop"]


def test_a_block_keeps_a_user_out_until_it_is_lifted(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.block(ADA, ip="203.0.113.9")
    tenant.log_in(ADA)
    with pytest.raises(StateError, match="blocked"):
        tenant.log_in(ADA, ip="203.0.113.9")
    (block,) = mgmt.user_blocks.list(ADA).blocked_for or []
    assert (block.identifier, block.ip) == ("ada@example.com", "203.0.113.9")
    (same,) = mgmt.user_blocks.list_by_identifier(identifier="ada@example.com").blocked_for or []
    assert same == block
    mgmt.user_blocks.delete(ADA)
    tenant.log_in(ADA, ip="203.0.113.9")


def test_blocks_are_not_told_where_brute_force_protection_is_off(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.block(ADA)
    mgmt.attack_protection.brute_force_protection.update(enabled=False)
    assert mgmt.user_blocks.list(ADA).blocked_for
    assert not mgmt.user_blocks.list(ADA, consider_brute_force_enablement=True).blocked_for


def test_a_blocked_address_keeps_everybody_out(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.block_ip("203.0.113.9")
    with pytest.raises(StateError):
        tenant.log_in(ADA, ip="203.0.113.9")
    mgmt.anomaly.blocks.check_ip("203.0.113.9")
    mgmt.anomaly.blocks.unblock_ip("203.0.113.9")
    with pytest.raises(NotFoundError):
        mgmt.anomaly.blocks.check_ip("203.0.113.9")


def test_a_blocked_user_cannot_log_in(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.users.update(ADA, blocked=True)
    with pytest.raises(StateError, match="blocked"):
        tenant.log_in(ADA)


def test_a_connected_account_is_shown_and_its_tokens_are_forgotten(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.connections.add(name="google", strategy="google-oauth2")
    account = tenant.connect_account(ADA, "google", ["openid"])
    (shown,) = mgmt.users.connected_accounts.list(ADA)
    assert (shown.id, shown.strategy, shown.scopes) == (account, "google-oauth2", ["openid"])
    (tokens,) = mgmt.users.federated_connections_tokensets.list(ADA)
    assert tokens.id is not None
    assert tokens.connection == "google"
    mgmt.users.federated_connections_tokensets.delete(ADA, tokens.id)
    assert list(mgmt.users.federated_connections_tokensets.list(ADA)) == []


def test_what_a_user_did_goes_with_the_user(tenant: FakeTenant, mgmt: Management) -> None:
    done = tenant.log_in(ADA, client="app", scope="offline_access")
    tenant.consent(ADA, "app", "urn:api", ["read:it"])
    mgmt.users.delete(ADA)
    assert list(mgmt.user_grants.list()) == []
    with pytest.raises(NotFoundError):
        mgmt.sessions.get(done.session_id)
    with pytest.raises(NotFoundError):
        mgmt.users.sessions.list(ADA)
