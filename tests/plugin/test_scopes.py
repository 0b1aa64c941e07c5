"""Tenants of classes, modules and sessions; Hypothesis and other plugins beside the fixtures."""

from __future__ import annotations

import pytest

from .conftest import Suite

SHARED = """
import pytest

@pytest.fixture(scope="{scope}")
def shared(auth0_share, request):
    with auth0_share(request) as shared:
        yield shared

@pytest.fixture(scope="{scope}")
def admin(shared):
    return shared.factory.role(name="admin")

domains = set()

class TestOne:
    def test_first(self, shared, admin):
        shared.mgmt.roles.create(name="left")
        assert len(list(shared.mgmt.roles.list())) == 2

    def test_second(self, shared, admin):
        assert shared.mgmt.roles.get(admin.id).name == "admin"
        assert len(list(shared.mgmt.roles.list())) == 2

    def test_own(self, shared, auth0_mgmt, auth0_tenant):
        assert auth0_tenant is not shared.tenant
        assert list(auth0_mgmt.roles.list()) == []

class TestTwo:
    def test_third(self, shared, admin):
        assert len(list(shared.mgmt.roles.list())) == {later}
"""


@pytest.mark.parametrize("mode", ["fake", "server"])
@pytest.mark.parametrize(("scope", "later"), [("class", 1), ("module", 2), ("session", 2)])
def test_tests_of_a_scope_share_a_tenant(suite: Suite, scope: str, later: int, mode: str) -> None:
    source = SHARED.format(scope=scope, later=later)
    suite(source, f"--auth0={mode}").assert_outcomes(passed=4)


def test_marks_of_the_scope_specify_a_shared_tenant(suite: Suite) -> None:
    source = """
        import pytest

        pytestmark = pytest.mark.auth0_load({"roles": [{"name": "loaded"}]})

        @pytest.fixture(scope="module")
        def shared(auth0_share, request):
            with auth0_share(request) as shared:
                yield shared

        def test_it_is_there(shared):
            assert [role.name for role in shared.mgmt.roles.list()] == ["loaded"]
    """
    suite(source).assert_outcomes(passed=1)


def test_hypothesis_draws_on_fixtures(pytester: pytest.Pytester) -> None:
    """Every example sees the test's one tenant: what it needs alone, it makes with a fork."""
    pytester.makepyfile(
        """
        from hypothesis import HealthCheck, given, settings
        from auth0_mgmt_testing import strategies

        @settings(max_examples=5, deadline=None, database=None,
                  suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(body=strategies.roles())
        def test_every_role(auth0_tenant, body):
            with auth0_tenant.fake.fork().management() as mgmt:
                assert mgmt.roles.create(**body).name == body["name"]
                assert len(list(mgmt.roles.list())) == 1
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis")
    done.assert_outcomes(passed=1)


def test_pytest_httpx_mocks_others_and_leaves_the_tenant_alone(pytester: pytest.Pytester) -> None:
    """Its mock stands for all of httpx; the tenant's clients do not go through it."""
    pytester.makepyfile(
        """
        import httpx
        import pytest

        @pytest.mark.httpx_mock(should_mock=lambda request: request.url.host == "api.example.com")
        def test_both(auth0_mgmt, auth0_factory, httpx_mock):
            httpx_mock.add_response(url="https://api.example.com/x", json={"mocked": True})
            role = auth0_factory.role()
            assert auth0_mgmt.roles.get(role.id).name == role.name
            assert httpx.get("https://api.example.com/x").json() == {"mocked": True}
            assert [str(request.url) for request in httpx_mock.get_requests()] == [
                "https://api.example.com/x"
            ]
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    for mode in ("fake", "server"):
        done = pytester.runpytest_subprocess("-p", "no:cacheprovider", f"--auth0={mode}")
        done.assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_shared_tenants_are_recorded_and_replayed(suite: Suite, scope: str) -> None:
    source = """
        import pytest

        @pytest.fixture(scope="SCOPE")
        def shared(auth0_share, request):
            with auth0_share(request) as shared:
                yield shared

        class TestIt:
            def test_one(self, shared):
                assert shared.factory.role(name="admin").name == "admin"

            def test_two(self, shared, auth0_mgmt):
                assert [role.name for role in shared.mgmt.roles.list()] == ["admin"]
                assert list(auth0_mgmt.roles.list()) == []
    """.replace("SCOPE", scope)
    for mode in ("record", "cassette"):
        suite(source, f"--auth0={mode}").assert_outcomes(passed=2)
