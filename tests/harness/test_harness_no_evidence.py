"""What a recording cannot tell: outside issuers' documents, edited recordings, scrubbed hosts."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.verification.replay import replay

from .conftest import ScriptedTarget, exchange, scenario

PATH = "/connections"
RECORDED = {
    "issuer": "https://issuer.example",
    "oidc_metadata": {"issuer": "https://issuer.example", "claims_supported": ["sub"]},
    "token_endpoint": "https://issuer.example/token",
}


def connection(options: dict[str, Any]) -> dict[str, Any]:
    return {"id": "con_recorded00000001", "strategy": "oidc", "options": options}


def paths(sent: dict[str, Any], recorded: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    one = exchange("POST", PATH, {"options": sent}, 201, connection(recorded))
    [outcome] = replay(scenario(one), ScriptedTarget((201, connection(actual))))
    return [difference.path for difference in outcome.verdict.differences]


def test_what_only_the_issuers_document_tells_says_nothing() -> None:
    sent = {"discovery_url": "https://issuer.example/.well-known/openid-configuration"}
    assert paths(sent, RECORDED, {"token_endpoint": None}) == []


def test_what_the_scenario_wrote_itself_counts() -> None:
    assert paths(RECORDED, RECORDED, {"issuer": RECORDED["issuer"]}) == [
        "options.oidc_metadata",
        "options.token_endpoint",
    ]


def test_other_options_count_and_so_do_connections_without_a_document() -> None:
    assert paths({}, {**RECORDED, "scope": "openid"}, RECORDED) == ["options.scope"]
    assert paths({}, {"token_endpoint": "https://a.example/t"}, {}) == ["options.token_endpoint"]


@pytest.mark.parametrize(
    ("key", "value", "handmade"),
    [
        ("custom_domain_id", "cd_selfmanaged", True),
        ("custom_domain_id", "cd_auth0managed", True),
        ("custom_domain_id", "cd_xYz123AbcDeFgHi", True),
        ("kid", "1" * 21, True),
        ("custom_domain_id", "cd_BgJeJf60YJWwfVMO", False),
        ("phone", "1" * 12, False),
        ("id", "post-login", False),
    ],
)
def test_recordings_with_ids_that_no_tenant_gives_out_are_no_evidence(
    key: str, value: str, handmade: bool
) -> None:
    one = exchange("GET", "/keys/signing", None, 200, [{key: value}])
    [outcome] = replay(scenario(one), ScriptedTarget((404, None)))
    assert (outcome.silent == "handmade") is handmade


def audience(host: str) -> dict[str, str]:
    return {"audience": f"https://{host}/api/v2/"}


def sent(*exchanges: Exchange) -> Any:
    target = ScriptedTarget(*[(200, None)] * len(exchanges))
    list(replay(scenario(*exchanges), target))
    return target.sent[-1][2]


@pytest.mark.parametrize("region", ["us.", "eu.", "sus.", ""])
def test_the_tenants_host_is_replaced_as_a_whole_whatever_its_region(region: str) -> None:
    write = exchange("POST", "/client-grants", audience(f"recorded.{region}auth0.com"), 201)
    assert sent(write) == audience(ScriptedTarget.domain)


def test_a_tenant_that_clients_name_is_the_recorded_one() -> None:
    read = exchange("GET", "/clients/x", None, 200, {"client_id": "x", "tenant": "original"})
    write = exchange("POST", "/client-grants", audience("original.us.auth0.com"), 201)
    assert sent(read, write) == audience(ScriptedTarget.domain)
    other = exchange("POST", "/client-grants", audience("other.us.auth0.com"), 201)
    assert sent(read, other) == audience("other.us.auth0.com")


def test_a_thing_that_a_request_only_refers_to_may_be_from_before() -> None:
    client = "AbcdefghijklmnopqrstuvwxyZ123456"
    refers = exchange("POST", "/organizations", {"name": "a", "enabled": [client]}, 201)
    lists = exchange("GET", "/clients", None, 200, [{"client_id": client, "name": "old"}])
    outcomes = list(replay(scenario(refers, lists), ScriptedTarget((201, None), (200, []))))
    assert outcomes[1].verdict.value


@pytest.mark.parametrize(
    ("more", "told"), [({}, ["[name=Default].new"]), ({"is_system": True}, None)]
)
def test_what_an_owner_had_set_in_a_listed_thing_from_before_says_nothing(
    more: dict[str, Any], told: list[str] | None
) -> None:
    old = {"id": "con_recorded00000001", "name": "Default", "display_name": "x", "n": 1, **more}
    here = {"id": "con_actual0000000001", "name": "Default", "n": 2, "new": 1, **more}
    read = exchange("GET", f"{PATH}?name=Default", None, 200, [old])
    [outcome] = replay(scenario(read), ScriptedTarget((200, [here])))
    found = [difference.path for difference in outcome.verdict.differences]
    names = ("display_name", "n", "new")
    assert found == (told or [f"[name=Default].{name}" for name in names])


DOCUMENT = "https://wiki.example/client.json"


def test_what_only_a_clients_metadata_document_tells_says_nothing() -> None:
    def client(name: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "tenant": "t", "external_client_id": DOCUMENT, **more}

    def paths_of(path: str, recorded: Any, actual: Any, *earlier: Exchange) -> list[str]:
        one = exchange("POST", path, {"external_client_id": DOCUMENT}, 200, recorded)
        answers: list[tuple[int, Any]] = [(200, {})] * len(earlier)
        *_, outcome = replay(scenario(*earlier, one), ScriptedTarget(*answers, (200, actual)))
        return [difference.path for difference in outcome.verdict.differences]

    recorded, actual = client("Wiki", sso=True), client("wiki.example", sso=False)
    assert paths_of("/clients/cimd/register", recorded, actual) == ["sso"]
    mapped = {"mapped_fields": client("Wiki")}, {"mapped_fields": client("wiki.example")}
    assert paths_of("/clients/cimd/preview", *mapped) == []
    named = exchange("PATCH", "/clients/tpc_recorded0000000000000", {"name": "Wiki"}, 200, {})
    assert paths_of("/clients/cimd/register", recorded, actual, named) == ["name", "sso"]


def test_the_name_of_a_client_without_a_document_counts() -> None:
    one = exchange("POST", "/clients", {}, 201, {"name": "a", "tenant": "t"})
    [outcome] = replay(scenario(one), ScriptedTarget((201, {"name": "b", "tenant": "t"})))
    assert [difference.path for difference in outcome.verdict.differences] == ["name"]


def test_an_endpoint_that_a_request_left_to_the_issuer_says_nothing() -> None:
    sent = {"discovery_url": "https://issuer.example/x", "token_endpoint": None}
    assert paths(sent, RECORDED, {"token_endpoint": None}) == []


def test_what_a_tenant_encrypted_is_compared_by_its_form() -> None:
    def shown(text: str) -> dict[str, Any]:
        return {"configuration": {"key": text}}

    sealed, other = f"CkIK{'a' * 80}", f"CkIK{'b' * 90}="
    assert paths({}, shown(sealed), shown(other)) == []
    assert paths({}, shown(sealed), shown("plain")) == ["options.configuration.key"]
