"""Requests for a real tenant do not leave, whoever sends them."""

from __future__ import annotations

import socket

import pytest

from .conftest import Suite

SENDERS = """
    import asyncio, httpx, socket, urllib.request
    import pytest
    from auth0_mgmt import Management

    HOST = "acme.eu.auth0.com"

    def by_client(host=HOST):
        with Management(host, "token") as mgmt:
            mgmt.roles.list()

    def by_async_httpx():
        async def ask():
            async with httpx.AsyncClient() as client:
                await client.get(f"https://{HOST}/api/v2/roles")
        asyncio.run(ask())

    def by_proxy():
        with httpx.Client(proxy="http://127.0.0.1:9") as client:
            client.get(f"https://{HOST}/api/v2/roles")

    def by_urllib():
        urllib.request.urlopen(f"https://{HOST}/api/v2/roles")

    def by_socket():
        socket.create_connection((HOST, 443))

    def by_connect():
        with socket.socket() as sock:
            sock.connect((HOST, 443))

    def by_gethostbyname():
        socket.gethostbyname(HOST)

    def by_trailing_dots():
        socket.create_connection((HOST + "..", 443))

    def by_ideographic_dots():
        socket.getaddrinfo(HOST.replace(".", "\u3002"), 443)

    def by_wide_letters():
        socket.getaddrinfo("\uff41cme.eu.auth0.com", 443)

    def by_tunnel():
        import http.client
        connection = http.client.HTTPSConnection("127.0.0.1", 9)
        connection.set_tunnel(HOST)
        connection.request("GET", "/")

    def by_plain_proxy():
        import http.client
        http.client.HTTPConnection("127.0.0.1", 9).request("GET", f"http://{HOST}/api/v2/roles")
"""


@pytest.mark.parametrize("mode", ["fake", "server"])
@pytest.mark.parametrize("fixture", ["", "auth0_tenant"])
def test_nothing_leaves_for_the_vendors_domain(suite: Suite, mode: str, fixture: str) -> None:
    result = suite(
        SENDERS
        + f"""
    SENDERS = [
        by_client, by_async_httpx, by_proxy, by_urllib, by_socket, by_connect, by_gethostbyname,
        by_trailing_dots, by_ideographic_dots, by_wide_letters, by_tunnel, by_plain_proxy,
    ]

    @pytest.mark.parametrize("send", SENDERS)
    def test_refused({fixture or "request"}, send):
        with pytest.raises(Exception) as caught:
            send()
        assert str(caught.value).startswith("mode {mode}: a request to acme.eu.auth0.com was about")
        """,
        f"--auth0={mode}",
    )
    result.assert_outcomes(passed=12)


def test_other_domains_of_tenants_are_named_in_settings(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "login.example.com")
    result = suite(
        SENDERS
        + """
    @pytest.mark.parametrize("host", ["login.example.com", "id.example.org"])
    def test_refused(auth0_tenant, host):
        with pytest.raises(Exception, match=f"a request to {host} was about to leave"):
            by_client(host)
        """,
        "-o",
        "auth0_domains=id.example.org other.example",
    )
    result.assert_outcomes(passed=2)


def test_loopback_is_never_in_the_way(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "127.0.0.1:8400")
    result = suite("def test_it(auth0_mgmt): auth0_mgmt.roles.list()", "--auth0=server")
    result.assert_outcomes(passed=1)


def test_a_run_that_uses_nothing_of_the_plugin_is_left_alone(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untouched(*_: object) -> None: ...

    # Other tests of this process may have used the plugin before.
    monkeypatch.setattr(socket, "getaddrinfo", untouched)
    result = suite(
        """
        import socket

        def test_names_are_resolved_as_before():
            assert socket.getaddrinfo.__name__ == "untouched"
        """
    )
    result.assert_outcomes(passed=1)


def test_mode_fake_names_what_serves_other_libraries(suite: Suite) -> None:
    result = suite(
        SENDERS
        + """
    def test_refused(auth0_tenant):
        with pytest.raises(Exception, match="for other libraries .* run with --auth0=server"):
            by_socket()
        """,
        "--auth0=fake",
    )
    result.assert_outcomes(passed=1)


def test_the_tests_tenant_is_reached_by_a_proxy_of_the_environment(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    result = suite(
        """
        import urllib.request

        import requests

        def test_it(auth0_credentials):
            url = f"https://{auth0_credentials.domain}/.well-known/jwks.json"
            assert requests.get(url, timeout=5).json()["keys"]
            with urllib.request.urlopen(url, timeout=5) as response:
                assert response.status == 200
        """,
        "--auth0=fake",
    )
    result.assert_outcomes(passed=1)
