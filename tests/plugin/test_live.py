"""Mode live, against a fake's server that stands in for a live tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from auth0_mgmt_testing.backends.server import ServerBackend
from auth0_mgmt_testing.backends.tenant_spec import TenantSpec
from auth0_mgmt_testing.server.served_tenant import ServedTenant

from .conftest import Suite

Live = Callable[[], ServedTenant]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedTenant]:
    """The tenant behind a server that the environment names, and names again."""
    with closing(ServerBackend()) as backend, backend.tenant(TenantSpec()) as tenant:
        host = tenant.base_url.removeprefix("http://")
        for name, value in tenant.credentials.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AUTH0_DOMAIN", host)
        monkeypatch.setenv("AUTH0_ALLOW_LIVE", host)
        assert isinstance(tenant.fake, ServedTenant)
        yield tenant.fake


def test_what_a_test_makes_is_gone_afterwards_and_the_rest_is_as_before(
    suite: Suite, live: ServedTenant
) -> None:
    live.roles.add(name="there before")
    before = live.snapshot()
    result = suite(
        """
        import asyncio
        import pytest
        from auth0_mgmt import ForbiddenError

        def test_things(auth0_tenant, auth0_mgmt, auth0_factory):
            assert auth0_tenant.mode == "live"
            assert auth0_tenant.fake is None
            role, user = auth0_factory.role(), auth0_factory.user()
            auth0_mgmt.users.roles.assign(user.user_id, roles=[role.id])
            auth0_mgmt.roles.update(role.id, description="changed")
            auth0_tenant.eventually(lambda: bool(list(auth0_mgmt.users.list())))

        @pytest.mark.auth0_scopes("read:users")
        def test_scopes(auth0_mgmt):
            auth0_mgmt.users.list()
            with pytest.raises(ForbiddenError):
                auth0_mgmt.roles.list()

        def test_asynchronous(auth0_async_mgmt, auth0_factory):
            role = auth0_factory.role()
            assert asyncio.run(auth0_async_mgmt.roles.get(role.id)).name == role.name

        def test_failure(auth0_factory):
            auth0_factory.organization()
            assert False

        @pytest.mark.auth0_load({"roles": []})
        def test_seed():
            assert False

        @pytest.mark.auth0_fake_only
        def test_fake_only():
            assert False

        def test_on_a_fake(auth0_fake):
            assert False

        @pytest.mark.auth0_live_only
        def test_live_only():
            pass

        def test_reset(auth0_tenant):
            auth0_tenant.reset()
        """,
        "--auth0=live",
        "-rs",
    )
    result.assert_outcomes(passed=4, failed=1, skipped=4)
    result.stdout.fnmatch_lines_random(
        [
            "*mode live: a seed is loaded into a fake tenant only",
            "*mode live: it is marked auth0_fake_only",
            "*mode live: it uses the fixture auth0_fake",
            "*a live tenant cannot be reset",
        ]
    )
    changes = live.changes_since(before)
    assert not changes.created.keys() - {"logs"}
    assert not changes.updated
    assert not changes.deleted


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("mgmt.roles.delete(ID)", "*DELETE /api/v2/roles/* (roles.delete) was not sent*"),
        ("mgmt.roles.update(ID, name='x')", "*PATCH /api/v2/roles/* (roles.update) was not sent*"),
        ("mgmt.roles.permissions.add(ID, permissions=[])", "*(roles.permissions.add) was not*"),
        ("mgmt.branding.update(logo_url='https://x.example')", "*(branding.update) was not sent*"),
        ("mgmt.keys.signing.rotate()", "*(keys.signing.rotate) was not sent*"),
        ("mgmt.tickets.change_password(user_id=USER)", "*(tickets.change_password) was not sent*"),
        (
            "mgmt.users.identities.link(factory.user().user_id, provider='auth0', user_id=USER)",
            "*(users.identities.link) was not sent*",
        ),
        ("mgmt.request('POST', '/new/things', json={})", "*/new/things was not sent*contract*"),
    ],
)
def test_what_the_run_did_not_create_is_not_touched(
    suite: Suite, live: ServedTenant, change: str, told: str
) -> None:
    role, user = live.roles.add(name="there before"), live.users.add(email="ada@example.com")
    before = live.snapshot()
    result = suite(
        f"""
        ID, USER = {role.id!r}, {user.user_id!r}

        def test_it(auth0_mgmt, auth0_factory):
            mgmt, factory = auth0_mgmt, auth0_factory
            {change}
        """,
        "--auth0=live",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(told)
    assert not live.changes_since(before).updated
    assert not live.changes_since(before).deleted


def test_verbs_about_things_of_the_run_are_let_through(suite: Suite, live: ServedTenant) -> None:
    result = suite(
        """
        def test_it(auth0_mgmt, auth0_factory):
            user, client = auth0_factory.user(), auth0_factory.client()
            auth0_mgmt.tickets.change_password(user_id=user.user_id)
            auth0_mgmt.clients.rotate_secret(client.client_id)
            kept, absorbed = auth0_factory.user(), auth0_factory.user()
            auth0_mgmt.users.identities.link(
                kept.user_id, provider="auth0", user_id=absorbed.user_id.partition("|")[2]
            )
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=1)
    live.requests.assert_called("tickets.change_password", status=201)


def test_settings_that_a_mark_allows_to_change_are_put_back(
    suite: Suite, live: ServedTenant
) -> None:
    with live.management() as mgmt:
        mgmt.branding.update(logo_url="https://old.example/logo.png")
        mgmt.guardian.policies.set(body=["all-applications"])
    result = suite(
        """
        import pytest

        @pytest.mark.auth0_allow_changes("branding.update", "PATCH /attack-protection/bot-detection")
        def test_it(auth0_mgmt):
            auth0_mgmt.branding.update(logo_url="https://new.example/logo.png")
            auth0_mgmt.branding.update(colors={"primary": "#ff0000"})
            assert auth0_mgmt.branding.get().logo_url == "https://new.example/logo.png"
            assert False

        @pytest.mark.auth0_allow_changes("roles.delete")
        def test_nothing_deleted_could_be_put_back(auth0_mgmt):
            auth0_mgmt.roles.delete("rol_0000000000000000")
        """,
        "--auth0=live",
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines("*LiveWriteBlockedError*nothing deleted can be put back")
    with live.management() as mgmt:
        branding = mgmt.branding.get().to_dict()
    assert branding["logo_url"] == "https://old.example/logo.png"
    assert "#ff0000" not in str(branding.get("colors"))


@pytest.mark.parametrize(
    ("unset", "told"),
    [
        (["AUTH0_DOMAIN"], "set AUTH0_DOMAIN to the tenant's host name; *"),
        (["AUTH0_ALLOW_LIVE"], "name 127.0.0.1:* again in AUTH0_ALLOW_LIVE"),
        (["AUTH0_CLIENT_SECRET"], "set AUTH0_CLIENT_SECRET, or AUTH0_TOKEN"),
        (
            ["AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"],
            "set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, or AUTH0_TOKEN",
        ),
    ],
)
def test_a_live_run_does_not_start_without_being_asked_twice(
    suite: Suite,
    live: ServedTenant,
    monkeypatch: pytest.MonkeyPatch,
    unset: list[str],
    told: str,
) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    result = suite("def test_it(): pass", "--auth0=live")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        f"ERROR: mode live: a live tenant is touched only on purpose: *{told}"
    )


def test_another_host_in_the_allow_variable_is_told(
    suite: Suite, live: ServedTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_ALLOW_LIVE", "staging.eu.auth0.com")
    result = suite("def test_it(): pass", "--auth0=live")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*AUTH0_ALLOW_LIVE, which now names 'staging.eu.auth0.com'")


def test_the_run_may_call_its_own_tenant_and_no_other(suite: Suite, live: ServedTenant) -> None:
    result = suite(
        """
        import pytest
        from auth0_mgmt import Management

        def test_it(auth0_mgmt):
            auth0_mgmt.roles.list()
            with Management("other.eu.auth0.com", "token") as other:
                with pytest.raises(Exception, match="mode live: a request to other.eu.auth0.com"):
                    other.roles.list()
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=1)


def test_asynchronous_clients_are_guarded_alike(suite: Suite, live: ServedTenant) -> None:
    with live.management() as mgmt:
        mgmt.branding.update(logo_url="https://old.example/logo.png")
    role = live.roles.add(name="there before")
    result = suite(
        f"""
        import asyncio
        import pytest

        def test_refused(auth0_async_mgmt):
            with pytest.raises(Exception, match="roles.delete.* was not sent"):
                asyncio.run(auth0_async_mgmt.roles.delete({role.id!r}))

        @pytest.mark.auth0_allow_changes("branding.update")
        def test_put_back(auth0_async_mgmt):
            asyncio.run(auth0_async_mgmt.branding.update(logo_url="https://new.example/logo.png"))

        def test_own(auth0_async_mgmt, auth0_factory):
            async def come_and_go():
                role = await auth0_async_mgmt.roles.create(name=auth0_factory.name("role"))
                await auth0_async_mgmt.roles.delete(role.id)
            asyncio.run(come_and_go())
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=3)
    with live.management() as mgmt:
        assert mgmt.branding.get().logo_url == "https://old.example/logo.png"
        assert [found.id for found in mgmt.roles.list()] == [role.id]


def test_settings_that_are_replaced_whole_are_put_back_whole(
    suite: Suite, live: ServedTenant
) -> None:
    source = """
        import pytest

        @pytest.mark.auth0_allow_changes("guardian.factors.phone.set_message_types")
        def test_it(auth0_mgmt):
            auth0_mgmt.guardian.factors.phone.set_message_types(message_types=["voice"])
    """
    with live.management() as mgmt:
        mgmt.guardian.factors.phone.set_message_types(message_types=["sms"])
        suite(source, "--auth0=live").assert_outcomes(passed=1)
        assert mgmt.guardian.factors.phone.get_message_types().message_types == ["sms"]
    live.requests.assert_called(
        "guardian.factors.phone.set_message_types", json={"message_types": ["voice"]}
    )


def test_what_the_plan_lacks_is_skipped_with_a_reason(suite: Suite, live: ServedTenant) -> None:
    live.faults.add("organizations.list", status=403, error_code="operation_not_supported")
    live.faults.add("log_streams.list", status=402)
    source = """
        import pytest

        @pytest.mark.auth0_requires("scim", "organizations")
        def test_told():
            pass

        @pytest.mark.parametrize("family", ["organizations", "log_streams"])
        def test_found_out(auth0_mgmt, family):
            getattr(auth0_mgmt, family).list()
    """
    result = suite(source, "--auth0=live", "--auth0-entitlements=custom_domains, scim", "-rs")
    result.assert_outcomes(skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "*mode live: the tenant's plan lacks organizations",
            "*the tenant's plan lacks what organizations.list needs: *",
            "*the tenant's plan lacks what log_streams.list needs: *",
        ]
    )
    ini = suite(source, "--auth0=live", "-o", "auth0_entitlements=scim organizations")
    ini.assert_outcomes(passed=3)


def test_a_dry_run_lists_what_would_be_written_and_sends_nothing(
    suite: Suite, live: ServedTenant
) -> None:
    live.requests.clear()
    result = suite(
        """
        def test_first(auth0_mgmt, auth0_factory, auth0_tenant):
            assert auth0_tenant.mode == "live"
            auth0_factory.user(password="Secret-Word-1")
            auth0_mgmt.roles.list()

        def test_second(auth0_factory):
            auth0_factory.role(name="editor")
        """,
        "--auth0=live",
        "--auth0-dry-run",
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*what a live run would write*",
            "*::test_first",
            "  POST /users {*@example.com*}",
            "  DELETE /users/*",
            "*::test_second",
            '  POST /roles {"name": "editor"}',
            "  DELETE /roles/*",
        ]
    )
    result.stdout.no_fnmatch_line("*Secret-Word-1*")
    result.stdout.no_fnmatch_line("*GET /roles*")
    assert len(live.requests) == 0


def test_a_dry_run_of_another_mode_is_a_usage_error(suite: Suite) -> None:
    result = suite("def test_it(): pass", "--auth0=server", "--auth0-dry-run")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("ERROR: --auth0-dry-run requires --auth0=live")


def test_what_is_recorded_from_a_live_tenant_is_played_without_it(
    suite: Suite, live: ServedTenant
) -> None:
    source = """
        import pytest

        def test_it(auth0_mgmt, auth0_factory):
            role = auth0_factory.role()
            assert auth0_mgmt.roles.get(role.id).name == role.name

        @pytest.mark.auth0_scopes("read:roles")
        def test_scopes(auth0_mgmt, auth0_factory):
            auth0_factory.role()
            auth0_mgmt.roles.list()

        @pytest.mark.auth0_live_only
        def test_live_only(auth0_tenant):
            pass
    """
    before = live.snapshot()
    suite(source, "--auth0=record", "--auth0-record-from=live").assert_outcomes(passed=3)
    assert len(live.requests.for_operation("roles.create")) == 2
    assert not live.changes_since(before).created.keys() - {"logs"}
    live.requests.clear()
    suite(source, "--auth0=cassette").assert_outcomes(passed=2, skipped=1)
    assert len(live.requests) == 0


def test_recording_from_a_live_tenant_is_asked_for_twice_too(
    suite: Suite, live: ServedTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTH0_ALLOW_LIVE")
    result = suite("def test_it(): pass", "--auth0=record", "--auth0-record-from=live")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("ERROR: mode record: *name 127.0.0.1:* again in AUTH0_ALLOW_LIVE")


def test_what_a_test_creates_without_the_factory_is_deleted(
    suite: Suite, live: ServedTenant
) -> None:
    before = live.snapshot()
    result = suite(
        """
        import asyncio

        def test_things(auth0_mgmt, auth0_async_mgmt):
            role = auth0_mgmt.roles.create(name="left behind")
            auth0_mgmt.organizations.create(name="left-behind")
            asyncio.run(auth0_async_mgmt.roles.create(name="left behind, too"))
            auth0_mgmt.roles.delete(role.id)
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=1)
    assert [role.name for role in live.roles] == []
    assert len(live.organizations) == 0
    assert before is not None


def test_clean_up_reaches_what_the_application_created(suite: Suite, live: ServedTenant) -> None:
    result = suite(
        """
        import httpx

        def test_application(auth0_credentials, auth0_mgmt, auth0_factory):
            token = httpx.post(auth0_credentials.url + "/oauth/token", json={
                "grant_type": "client_credentials", "audience": auth0_credentials.audience,
                "client_id": auth0_credentials.client_id,
                "client_secret": auth0_credentials.client_secret,
            }).json()["access_token"]
            made = httpx.post(
                auth0_credentials.url + "/api/v2/roles", json={"name": "the application's"},
                headers={"authorization": f"Bearer {token}"},
            ).json()
            auth0_factory.add_cleanup(auth0_mgmt.roles.delete, made["id"])
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=1)
    assert len(live.roles) == 0


@pytest.mark.parametrize(
    "write",
    [
        "mgmt.users.identities.link(OLD, provider='auth0', user_id=own.split('|')[1])",
        "mgmt.client_grants.create(client_id=THEIRS, audience='urn:x', scope=[])",
        "mgmt.connections.create(name='c', strategy='auth0', enabled_clients=[THEIRS])",
        "mgmt.network_acls.create(description='d', active=True, rule={'action': {'block': True}, "
        "'scope': 'tenant', 'match': {'geo_country_codes': ['CZ']}})",
        "mgmt.rules.create(name='r', script='function f(){}', enabled=True)",
        "mgmt.rules.create(name='r', script='function f(){}')",
        "mgmt.roles.users.assign(role, users=[OLD])",
    ],
)
@pytest.mark.parametrize("way", ["", "transport=httpx.HTTPTransport()", "http_client=client"])
def test_creating_what_changes_others_is_blocked_by_every_client(
    suite: Suite, live: ServedTenant, write: str, way: str
) -> None:
    old = live.users.add(email="old@example.com")
    theirs = live.clients.add(name="theirs")
    result = suite(
        f"""
        import httpx, pytest
        from auth0_mgmt_testing.errors import LiveWriteBlockedError

        OLD, THEIRS = {old.user_id!r}, {theirs.client_id!r}

        def test_blocked(auth0_tenant, auth0_factory):
            own, role = auth0_factory.user().user_id, auth0_factory.role().id
            with httpx.Client() as client:
                mgmt = auth0_tenant.management({way})
                with pytest.raises(LiveWriteBlockedError):
                    {write}
        """,
        "--auth0=live",
    )
    result.assert_outcomes(passed=1)
