"""`Auth0FakeContainer`, on a real daemon."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.network import Network

from auth0_mgmt_testing import ServerStartError
from auth0_mgmt_testing.containers import Auth0FakeContainer

from .conftest import docker


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reaper is an image of its own, which may not be at hand; these tests remove what they start."""
    monkeypatch.setattr(testcontainers_config, "_ryuk_disabled", True)


@pytest.fixture(params=[False, True], ids=["http", "https"])
def container(request: pytest.FixtureRequest) -> Iterator[Auth0FakeContainer]:
    with Auth0FakeContainer(tls=request.param) as started:
        yield started


def test_it_is_controlled_and_called(container: Auth0FakeContainer) -> None:
    tenant = container.tenant()
    tenant.load({"roles": [{"name": "editor"}]})
    found = container.environment()
    assert found["AUTH0_URL"] == container.url
    assert container.domain == found["AUTH0_DOMAIN"] == container.url.partition("//")[2]
    verify = ssl.create_default_context(cafile=found.get("SSL_CERT_FILE"))
    with httpx.Client(verify=verify, trust_env=False) as http:
        grant = {
            "grant_type": "client_credentials",
            "client_id": found["AUTH0_CLIENT_ID"],
            "client_secret": found["AUTH0_CLIENT_SECRET"],
            "audience": f"https://{found['AUTH0_DOMAIN']}/api/v2/",
        }
        assert http.post(f"{container.url}/oauth/token", json=grant).status_code == 200
    with tenant.management() as mgmt:
        assert [role.name for role in mgmt.roles.list()] == ["editor"]
    tenant.requests.assert_called("roles.list")


def test_another_tenant_is_isolated(container: Auth0FakeContainer) -> None:
    container.tenant().roles.add(name="here")
    other = container.tenant("acme")
    with other.management() as mgmt:
        assert list(mgmt.roles.list()) == []
    assert container.environment("acme")["AUTH0_URL"] == f"{container.url}/t/acme"


def test_nothing_is_left_when_it_stops() -> None:
    with Auth0FakeContainer(tls=True) as container:
        name = container.get_container_id()
        assert name in docker("ps", "--quiet", "--no-trunc")
    assert name not in docker("ps", "--all", "--quiet", "--no-trunc")


def test_containers_of_its_network_reach_it_by_its_alias(image: str) -> None:
    with Network() as network:
        started = Auth0FakeContainer().with_network(network).with_network_aliases("idp")
        with started as container:
            script = (
                "import urllib.request as r; "
                "print(r.urlopen('http://idp:8400/.well-known/jwks.json').status)"
            )
            options = ["--rm", "--network", network.name, "--entrypoint", "python"]
            assert docker("run", *options, image, "-c", script) == "200"
            assert container.url.startswith("http://")


def test_a_missing_image_is_an_error_that_says_what_to_build() -> None:
    container = Auth0FakeContainer("Nobody-has-such-an-image")
    with (
        pytest.raises(ServerStartError, match=r"'Nobody-has.*docker build -t auth0-fake"),
        container,
    ):
        pass
