"""The fixtures, in the modes that need nothing from outside."""

from __future__ import annotations

import pytest

from .conftest import Suite

both = pytest.mark.parametrize("mode", ["fake", "server"])


@both
def test_a_client_and_things_made_by_the_factory(suite: Suite, mode: str) -> None:
    result = suite(
        """
        import pytest

        KINDS = ["user", "client", "role", "organization", "connection", "resource_server",
                 "client_grant", "action", "log_stream"]

        def test_user(auth0_mgmt, auth0_factory):
            user = auth0_factory.user(name="Ada")
            assert auth0_mgmt.users.get(user.user_id).name == "Ada"

        @pytest.mark.parametrize("kind", KINDS)
        def test_kind(auth0_factory, kind):
            assert getattr(auth0_factory, kind)() != getattr(auth0_factory, kind)()

        def test_the_tenant_is_fresh(auth0_mgmt, auth0_tenant):
            assert list(auth0_mgmt.roles.list()) == []
            assert len(auth0_tenant.fake.users) == 0
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=11)


@both
def test_an_application_signs_in_by_the_credentials(suite: Suite, mode: str) -> None:
    result = suite(
        """
        from auth0_mgmt import ClientCredentials, Management

        def application(url, client_id, client_secret, audience):
            auth = ClientCredentials(client_id, client_secret)
            with Management(url, auth, audience=audience) as mgmt:
                return [role.name for role in mgmt.roles.list()]

        def test_application(auth0_credentials, auth0_factory):
            role = auth0_factory.role()
            env = auth0_credentials.environment()
            assert application(
                env["AUTH0_URL"], env["AUTH0_CLIENT_ID"], env["AUTH0_CLIENT_SECRET"],
                env["AUTH0_AUDIENCE"],
            ) == [role.name]
            assert env["AUTH0_CLIENT_SECRET"] not in repr(auth0_credentials)
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=1)


@both
def test_the_asynchronous_client_works_under_every_runner_of_loops(suite: Suite, mode: str) -> None:
    result = suite(
        """
        import asyncio
        import pytest

        async def names(mgmt):
            await mgmt.roles.create(name="editor")
            return [role.name async for role in mgmt.roles.list()]

        @pytest.mark.asyncio
        async def test_pytest_asyncio(auth0_async_mgmt):
            assert await names(auth0_async_mgmt) == ["editor"]

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        async def test_anyio(auth0_async_mgmt, anyio_backend):
            assert await names(auth0_async_mgmt) == ["editor"]

        def test_none(auth0_async_mgmt):
            assert asyncio.run(names(auth0_async_mgmt)) == ["editor"]

        @pytest.fixture
        def kept():
            clients = []
            yield clients
            with pytest.raises(RuntimeError, match="closed"):
                asyncio.run(names(clients[0]))

        def test_it_is_closed_afterwards(kept, auth0_async_mgmt):
            kept.append(auth0_async_mgmt)
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=4)


@both
def test_marks_say_what_the_tenant_is_like(
    suite: Suite, pytester: pytest.Pytester, mode: str
) -> None:
    pytester.makefile(".yaml", seed="roles: [{name: editor}]")
    result = suite(
        """
        import pytest
        from auth0_mgmt import ForbiddenError, ServerError

        @pytest.mark.auth0_scopes("read:users", "read:roles")
        def test_scopes(auth0_mgmt, auth0_factory):
            user = auth0_factory.user()
            assert auth0_mgmt.users.get(user.user_id).email == user.email
            with pytest.raises(ForbiddenError, match="insufficient_scope"):
                auth0_mgmt.clients.list()

        @pytest.mark.auth0_faults("roles.list", "users.list", status=503, times=None)
        @pytest.mark.auth0_faults("clients.list", status=500)
        def test_faults(auth0_tenant):
            with auth0_tenant.management(max_attempts=1) as mgmt:
                for listed in (mgmt.roles, mgmt.users, mgmt.clients):
                    with pytest.raises(ServerError):
                        listed.list()
                mgmt.clients.list()

        @pytest.mark.auth0_clock("2026-01-01T12:00:00Z")
        def test_clock(auth0_factory):
            assert auth0_factory.user().to_dict()["created_at"] == "2026-01-01T12:00:00.000Z"

        @pytest.mark.auth0_load("seed.yaml")
        @pytest.mark.auth0_load({"roles": [{"name": "reader"}]})
        def test_seed(auth0_mgmt, auth0_tenant):
            auth0_mgmt.roles.create(name="writer")
            auth0_tenant.reset()
            assert {role.name for role in auth0_mgmt.roles.list()} == {"reader", "editor"}

        @pytest.mark.auth0_fake_only
        def test_fake_only(auth0_tenant, auth0_fake):
            assert auth0_fake is auth0_tenant.fake
            auth0_fake.requests.assert_not_called("users.list")

        @pytest.mark.auth0_live_only
        def test_live_only():
            assert False
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=5, skipped=1)


@both
def test_waiting_for_a_search_moves_the_clock_and_sleeps_nowhere(suite: Suite, mode: str) -> None:
    result = suite(
        """
        import pytest

        def test_search(auth0_tenant, auth0_mgmt, auth0_factory):
            auth0_tenant.fake.search_delay = 20.0
            user = auth0_factory.user()

            def found():
                assert [u.user_id for u in auth0_mgmt.users.list()] == [user.user_id]

            with pytest.raises(AssertionError):
                found()
            auth0_tenant.eventually(found)
            with pytest.raises(AssertionError) as caught:
                auth0_tenant.eventually(lambda: False, timeout=100)
            assert caught.value.__notes__ == ["still failing after 100 s of the tenant's time"]
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=1)
