"""What was there before a scenario began says nothing of the target; what it did itself counts."""

from __future__ import annotations

from typing import Any

from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.verification.replay import Outcome, replay
from auth0_mgmt_testing.verification.scores import gather

from .conftest import ScriptedTarget, exchange, scenario

ROLE = "rol_recorded00000001"
SETTINGS = "/branding"


def told(*pairs: tuple[Exchange, tuple[int, Any]], strict: bool = False) -> list[Outcome]:
    """Replay exchanges on a target that answers each with what is given beside it."""
    target = ScriptedTarget(*(answer for _, answer in pairs))
    return list(replay(scenario(*(made for made, _ in pairs)), target, strict=strict))


def tells(*pairs: tuple[Exchange, tuple[int, Any]], strict: bool = False) -> list[bool]:
    return [not outcome.silent for outcome in told(*pairs, strict=strict)]


READ: tuple[Exchange, tuple[int, Any]] = (
    exchange("GET", f"/roles/{ROLE}", None, 200, {"id": ROLE}),
    (404, {}),
)


def test_a_thing_that_nobody_created_says_nothing() -> None:
    assert tells(READ) == [False]
    assert tells(READ, strict=True) == [True]


def test_a_thing_that_the_scenario_created_counts_also_if_the_target_lost_it() -> None:
    created = (exchange("POST", "/roles", {"name": "a"}, 200, {"id": ROLE}), (200, {"id": "x"}))
    assert tells(created, READ) == [True, True]


def test_a_thing_that_the_recorded_tenant_did_not_know_counts() -> None:
    missing = exchange("GET", f"/roles/{ROLE}", None, 404, {"statusCode": 404})
    assert tells((missing, (200, {}))) == [True]


def test_what_a_put_names_itself_is_the_scenarios_own() -> None:
    put = exchange("PUT", "/rules-configs/KEY", {"value": "v"}, 200, {"key": "KEY"})
    gone = exchange("DELETE", "/rules-configs/KEY", None, 204)
    assert tells((put, (200, {"key": "KEY"})), (gone, (404, {}))) == [True, True]


def test_settings_that_nobody_wrote_say_nothing() -> None:
    read = exchange("GET", SETTINGS, None, 200, {"logo_url": "https://a.example/l"})
    assert tells((read, (200, {}))) == [False]
    assert tells((read, (500, {}))) == [True]


def test_settings_count_in_what_the_scenario_wrote() -> None:
    body = {"colors": {"primary": "#1"}}
    whole = {**body, "logo_url": "https://a.example/l"}
    patch = exchange("PATCH", SETTINGS, body, 200, whole)
    read = exchange("GET", SETTINGS, None, 200, whole)
    outcomes = told((patch, (200, body)), (read, (200, body)))
    assert [not outcome.silent and outcome.verdict.value for outcome in outcomes] == [True, True]
    assert tells((patch, (404, {})), (read, (404, {}))) == [False, False]
    assert tells((patch, (200, whole)), (read, (200, {"colors": {"primary": "#2"}}))) == [
        True,
        True,
    ]


def test_equal_answers_always_count() -> None:
    read = exchange("GET", SETTINGS, None, 200, {})
    assert tells((read, (200, {}))) == [True]


def test_an_operation_with_nothing_to_tell_has_no_score() -> None:
    evidence = gather(told(READ))
    assert [(tally.exchanges, tally.preexisting) for tally in evidence.operations] == [(0, 1)]
    assert evidence.operations[0].scores is None
    assert evidence.scores is None


def test_the_tenants_own_name_is_a_host() -> None:
    recorded = {"tenant": "recorded", "source": "aws.partner/recorded-1"}
    here = {"tenant": "here", "source": "aws.partner/here-1"}
    [outcome] = told((exchange("GET", SETTINGS, None, 200, recorded), (200, here)))
    assert outcome.verdict.value


def test_a_write_about_something_from_before_gives_out_nothing() -> None:
    other = "con_recorded00000001"
    write = exchange("PATCH", f"/roles/{ROLE}", {"name": "a"}, 200, {"id": ROLE, "x_id": other})
    read = exchange("GET", f"/connections/{other}", None, 200, {"id": other})
    assert tells((write, (404, {})), (READ[0], (404, {})), (read, (404, {}))) == [False] * 3


def test_a_refused_write_that_refers_to_something_from_before_says_nothing() -> None:
    body = {"role_id": ROLE, "name": "a"}
    write = exchange("POST", "/client-grants", body, 201, {"id": "cgr_recorded00000001", **body})
    assert tells((write, (404, {}))) == [False]
    assert tells((write, (201, {"id": "cgr_actual000000001", **body}))) == [True]


def test_a_member_that_only_the_target_shows_counts() -> None:
    read = exchange("GET", SETTINGS, None, 200, {"logo_url": "https://a.example/l"})
    [outcome] = told((read, (200, {"font": "x"})))
    assert not outcome.silent
    assert [difference.path for difference in outcome.verdict.differences] == ["font"]


def test_fixed_catalogues_are_never_from_before() -> None:
    read = exchange("GET", "/actions/triggers", None, 200, {"triggers": [{"id": "post-login"}]})
    assert tells((read, (200, {"triggers": []}))) == [True]


def test_an_empty_patch_writes_nothing() -> None:
    whole = {"logo_url": "https://a.example/l"}
    patch = exchange("PATCH", SETTINGS, {}, 200, whole)
    assert tells((patch, (200, {})), (exchange("GET", SETTINGS, None, 200, whole), (200, {}))) == [
        False,
        False,
    ]


def test_only_a_post_writes_the_address_below_it() -> None:
    put = exchange("PUT", "/guardian/factors/sms", {"enabled": True}, 200, {"enabled": True})
    read = exchange("GET", "/guardian/factors/sms/templates", None, 200, {"a": "b"})
    assert tells((put, (200, {"enabled": True})), (read, (200, {}))) == [True, False]


def test_what_a_change_of_an_earlier_thing_calls_it_makes_it_no_newer() -> None:
    changed = exchange("PATCH", f"/roles/{ROLE}", {"name": "a"}, 200, {"id": ROLE, "name": "a"})
    listed = exchange("GET", "/roles", None, 200, [{"id": ROLE, "name": "a"}])
    [_, outcome] = told((changed, (404, {})), (listed, (200, [])))
    assert outcome.verdict.value


def test_a_refused_change_that_gives_out_an_unmet_id_is_about_something_earlier() -> None:
    domain = {"custom_domain_id": "cd_recorded00000001", "domain": "a.example.com"}
    path = "/custom-domains/default"
    changed = exchange("PATCH", path, {"domain": "a.example.com"}, 200, domain)
    read = exchange("GET", path, None, 200, domain)
    refused: tuple[int, Any] = (400, {})
    assert tells((changed, refused), (read, (200, {"domain": "t"}))) == [False, False]
    created = (exchange("POST", "/custom-domains", {}, 201, domain), (201, domain))
    assert tells(created, (changed, refused)) == [True, True]


DATABASE = "con_recorded00000001"
CLIENT = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"


def test_what_an_owner_had_set_of_a_thing_that_every_tenant_has_says_nothing() -> None:
    path = f"/connections/{DATABASE}"
    both = {"id": DATABASE, "name": "Username-Password-Authentication", "strategy": "auth0"}
    owned = {**both, "display_name": "Ours", "options": {"mfa": True}}
    here = {**both, "id": "con_actual0000000001", "options": {"mfa": False}}
    listed = exchange("GET", "/connections", None, 200, [owned])
    read = exchange("GET", path, None, 200, owned)
    patch = exchange("PATCH", path, {"options": {"mfa": True}}, 200, owned)
    shown: tuple[int, Any] = (200, here)
    assert tells((listed, (200, [here])), (read, shown)) == [True, False]
    *_, outcome = told((listed, (200, [here])), (patch, shown), (read, shown))
    assert [each.path for each in outcome.verdict.differences] == ["options.mfa"]
    more: tuple[int, Any] = (200, {**here, "invented": 1})
    *_, outcome = told((listed, (200, [here])), (read, more))
    assert [each.path for each in outcome.verdict.differences] == ["invented"]


def test_ids_of_earlier_things_in_a_list_say_nothing_whatever_returns_it() -> None:
    path = "/connections"
    recorded = {"id": DATABASE, "enabled_clients": [CLIENT]}
    actual: Any = {"id": "con_actual0000000001", "enabled_clients": []}
    created = exchange("POST", path, {"name": "a"}, 201, recorded)
    read = exchange("GET", f"{path}/{DATABASE}", None, 200, recorded)
    pairs: list[tuple[Exchange, tuple[int, Any]]]
    pairs = [(created, (201, actual)), (read, (200, actual))]
    assert [outcome.verdict.value for outcome in told(*pairs)] == [True, True]
    assert [outcome.verdict.value for outcome in told(*pairs, strict=True)] == [False, False]


def test_ids_of_the_scenarios_own_things_in_a_list_count() -> None:
    client = {"client_id": CLIENT, "tenant": "t"}
    here = {"client_id": "x" + CLIENT[1:], "tenant": "t"}
    made = exchange("POST", "/clients", {"name": "a"}, 201, client)
    recorded = {"id": DATABASE, "enabled_clients": [CLIENT]}
    created = exchange("POST", "/connections", {"name": "a"}, 201, recorded)
    *_, outcome = told((made, (201, here)), (created, (201, {**recorded, "enabled_clients": []})))
    assert not outcome.verdict.value


def test_referring_to_a_connection_by_its_name_makes_it_no_newer() -> None:
    user = exchange("POST", "/users", {"connection": "db", "email": "a@example.com"}, 201, {})
    listed = exchange("GET", "/connections", None, 200, [{"id": DATABASE, "name": "db"}])
    *_, outcome = told((user, (201, {})), (listed, (200, [])))
    assert outcome.verdict.value


TAKEN = {"statusCode": 409, "error": "Conflict", "message": "taken"}


def test_a_conflict_with_what_was_there_before_says_nothing() -> None:
    refused = exchange("POST", "/email-templates", {"template": "x"}, 409, TAKEN)
    made = exchange("POST", "/email-templates", {"template": "x"}, 200, {})
    assert tells((refused, (200, {}))) == [False]
    assert tells((refused, (200, {})), strict=True) == [True]
    assert tells((made, (200, {})), (refused, (200, {}))) == [True, True]
    assert tells((refused, (400, {}))) == [True]


def test_what_is_dated_before_the_first_write_is_from_before() -> None:
    day = {"date": "2026-01-01T00:00:00.000Z", "created_at": "2026-01-01T09:00:00.000Z"}
    read = exchange("GET", "/stats/daily", None, 200, [day])
    write = exchange("POST", "/roles", {"name": "a"}, 200, {"id": ROLE})

    def differs(*pairs: tuple[Exchange, tuple[int, Any]]) -> bool:
        return not told(*pairs)[-1].verdict.value

    assert not differs((read, (200, [])))
    assert differs((write, (200, {"id": "x"})), (read, (200, [])))
    undated = exchange("GET", "/stats/daily", None, 200, [{"logins": 1}])
    assert differs((undated, (200, [])))


def test_a_write_that_changes_where_the_target_creates_says_nothing() -> None:
    body = {"external_client_id": "https://wiki.example/client.json"}
    known = exchange("POST", "/clients/cimd/register", body, 200, {"client_id": "tpc_1"})
    created: tuple[int, Any] = (201, {"client_id": "tpc_2"})
    assert tells((known, created)) == [False]
    new = exchange("POST", "/clients/cimd/register", body, 201, {"client_id": "tpc_1"})
    assert tells((new, (200, {"client_id": "tpc_2"}))) == [True]
    assert tells((new, created), (known, created)) == [True, True]
