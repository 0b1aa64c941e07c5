"""Status, shape and value: what counts as a difference, and what says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.verification.compare import Comparison, compare
from auth0_mgmt_testing.verification.identity import IdentityMap

from .conftest import HOST, answer

OLD = "rol_recorded00000001"
NEW = "rol_actual0000000002"


def judged(was: Any, now: Any, *, status: int = 200, **options: Any) -> Comparison:
    identities = options.pop("identities", None) or IdentityMap([HOST], "here.example.com")
    return compare(answer(status, was), answer(status, now), identities, **options)


def paths(verdict: Comparison) -> list[str]:
    return [difference.path for difference in verdict.differences]


def test_equal_answers_are_equal_at_every_level() -> None:
    verdict = judged({"name": "a", "n": 1}, {"n": 1.0, "name": "a"})
    assert (verdict.status, verdict.shape, verdict.value) == (True, True, True)


def test_a_status_that_differs_fails_every_level_and_tells_the_answer() -> None:
    identities = IdentityMap([], "here")
    verdict = compare(answer(200), answer(404, {"message": "gone"}), identities)
    assert (verdict.status, verdict.shape, verdict.value) == (False, False, False)
    assert "gone" in verdict.differences[0].actual


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ({"a": None}, {"a": "x"}),
        ({"a": "1"}, {"a": 1}),
        ({"a": True}, {"a": 1}),
        ({"a": []}, {"a": {}}),
        ({"a": ["x", "y"]}, {"a": ["x"]}),
        ([{"name": "a"}], []),
    ],
)
def test_keys_types_and_items_are_shape(was: Any, now: Any) -> None:
    verdict = judged(was, now)
    assert verdict.status
    assert not verdict.shape


def test_a_leaf_that_differs_is_value_only() -> None:
    verdict = judged({"a": {"b": ["x", "y"]}}, {"a": {"b": ["x", "z"]}})
    assert verdict.shape
    assert not verdict.value
    assert paths(verdict) == ["a.b['y']"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"id": OLD}, {"id": NEW}),
        ({"created_at": "2025-01-01T00:00:00Z"}, {"created_at": "2026-01-01T00:00:00.000Z"}),
        ({"client_secret": "a" * 20}, {"client_secret": "b" * 30}),
        ({"x": f"https://{HOST}/y"}, {"x": "https://here.example.com/y"}),
        ({"x": f"see {OLD}"}, {"x": f"see {NEW}"}),
        ({"cert": "[REDACTED]"}, {"cert": {"any": "thing"}}),
    ],
)
def test_ids_times_secrets_and_hosts_may_differ(was: Any, now: Any) -> None:
    assert judged(was, now).value


def test_flags_under_telling_keys_must_be_equal() -> None:
    assert not judged({"next": True}, {"next": False}).value


@pytest.mark.parametrize(
    "body", [{}, {"client_secret": "[REDACTED]", "keys": [{"cert": "[REDACTED]"}]}]
)
def test_error_bodies_that_say_nothing_are_not_held_against_a_tenant(body: Any) -> None:
    assert judged(body, {"statusCode": 404, "message": "x"}, status=404).value


def test_error_messages_are_value() -> None:
    assert not judged({"message": "a"}, {"message": "b"}, status=400).value


def test_items_are_paired_by_learned_id_then_by_name_in_any_order() -> None:
    identities = IdentityMap([HOST], "here.example.com")
    judged({"id": OLD}, {"id": NEW}, identities=identities)
    was = [{"id": OLD, "v": 1}, {"name": "b", "v": 2}, {"name": "c", "v": 3}]
    now = [{"name": "c", "v": 3}, {"id": NEW, "v": 1}, {"name": "b", "v": 2}]
    assert judged(was, now, identities=identities).value


def test_the_only_item_of_a_list_is_the_same_thing_unless_its_id_was_met() -> None:
    was, now = [{"client_id": OLD, "tenant": "a"}], [{"client_id": NEW, "tenant": "a"}]
    identities = IdentityMap([HOST], "here.example.com")
    assert judged(was, now, identities=identities).value
    assert identities.text(OLD) == NEW
    gone = judged(
        was, [{"client_id": "rol_another000000003", "tenant": "a"}], identities=identities
    )
    assert not gone.shape


def test_items_without_identity_are_paired_by_position() -> None:
    verdict = judged([{"v": 1}, {"v": 2}], [{"v": 1}, {"v": 3}])
    assert verdict.shape
    assert not verdict.value


def test_the_order_of_plain_values_does_not_count() -> None:
    assert judged({"scope": ["a", "b", "b"]}, {"scope": ["b", "a", "b"]}).value
    assert not judged({"scope": ["a", "b", "b"]}, {"scope": ["b", "a", "a"]}).value


EARLIER = {"id": "rol_before0000000001", "name": "from before"}


def test_what_the_recorded_tenant_held_before_says_nothing_in_a_listing() -> None:
    was = {"roles": [EARLIER], "total": 40, "start": 0}
    now = {"roles": [{"id": NEW, "name": "default"}], "total": 1, "start": 0}
    assert judged(was, now, listing=True).value
    assert not judged(was, now, listing=True, strict_lists=True).shape
    assert not judged(was, now).shape


def test_what_the_scenario_made_must_be_in_a_listing() -> None:
    identities = IdentityMap([HOST], "here.example.com")
    judged({"id": OLD}, {"id": NEW}, identities=identities)
    verdict = judged(
        [EARLIER, {"id": OLD, "name": "mine"}], [], listing=True, identities=identities
    )
    assert paths(verdict) == ["[name=mine]"]


def test_a_thing_from_before_may_have_the_name_of_one_that_the_scenario_made() -> None:
    identities = IdentityMap([HOST], "here.example.com")
    judged({"id": OLD, "name": "twice"}, {"id": NEW, "name": "twice"}, identities=identities)
    identities.sent("/roles", {"name": "twice"})
    was = [{**EARLIER, "name": "twice"}, {"id": OLD, "name": "twice"}]
    now = [{"id": NEW, "name": "twice"}]
    assert judged(was, now, listing=True, identities=identities).value


def test_items_that_are_too_many_count_where_the_recorded_list_is_complete() -> None:
    identities = IdentityMap([HOST], "here.example.com")
    judged({"id": OLD}, {"id": NEW}, identities=identities)
    was = [{"id": OLD, "name": "mine"}]
    now = [{"id": NEW, "name": "mine"}, {"id": "rol_actual0000000003", "name": "b"}]
    assert not judged(was, now, listing=True, identities=identities).shape


def test_lists_within_one_thing_are_no_listings() -> None:
    was = {"client_id": OLD, "credentials": [{"id": "cred_before000000001"}]}
    assert not judged(was, {"client_id": NEW, "credentials": []}, listing=True).shape


def test_what_a_write_gave_out_is_no_thing_from_before() -> None:
    identities = IdentityMap([HOST], "here.example.com")
    judged(EARLIER, EARLIER, identities=identities)
    assert not judged([EARLIER], [], listing=True, identities=identities).shape


def test_fixed_lists_are_no_things_from_before() -> None:
    assert not judged([{"name": "sms", "enabled": True}], [], listing=True).shape


@pytest.mark.parametrize(("was", "now"), [(b"", b"{}"), (b"{}", b""), (b"text", b"")])
def test_a_body_where_there_was_none_is_shape(was: bytes, now: bytes) -> None:
    from auth0_mgmt_testing.recordings.exchange import RecordedResponse

    verdict = compare(
        RecordedResponse(200, {}, was), RecordedResponse(200, {}, now), IdentityMap([], "here")
    )
    assert verdict.status
    assert not verdict.shape


def test_differences_read_well() -> None:
    [difference] = judged(
        {"roles": [{"name": "a", "n": 1}]}, {"roles": [{"name": "a", "n": 2}]}
    ).differences
    assert str(difference) == "value at roles[name=a].n: 1 ≠ 2"


def test_a_listed_thing_that_requests_make_may_be_from_before_without_a_generated_id() -> None:
    was, now = [{"key": "OLD_ONE"}], list[Any]()
    assert judged(was, now, listing=True, made=True).value
    assert not judged(was, now, listing=True).value
    identities = IdentityMap([HOST], "here.example.com")
    identities.sent("/api/v2/rules-configs/OLD_ONE", {})
    assert not judged(was, now, listing=True, made=True, identities=identities).value


def test_things_listed_once_for_each_version_are_paired_by_it() -> None:
    versions = [
        {"id": "post-login", "version": v, "status": s} for v, s in (("v1", "a"), ("v2", "b"))
    ]
    outcome = compare(answer(200, versions), answer(200, versions[::-1]), IdentityMap([], "here"))
    assert outcome.value


def test_secrets_that_differ_in_type_or_presence_are_shown_without_their_value() -> None:
    identities = IdentityMap([], "here")
    was = {"client_secret": "sEcret-1", "options": {"configuration": {"URL": "db://sEcret-2"}}}
    now = {"client_secret": 7, "options": {"configuration": {"URL": "db://sEcret-3"}}}
    verdict = compare(answer(200, was), answer(200, now), identities)
    assert {(each.path, each.recorded) for each in verdict.differences} == {
        ("client_secret", "'<secret>'"),
        ("options.configuration.URL", "'<secret>'"),
    }
    assert "sEcret" not in str(verdict)
    gone = compare(answer(200, was), answer(200, {}), identities)
    assert "sEcret" not in str(gone)
    # It is not taken for what a recorder left out.
    assert "[REDACTED]" not in str(gone)


def test_a_success_of_which_only_redacted_values_are_left_is_compared_by_status() -> None:
    rewritten = {"client_secret": "[REDACTED]", "signing_keys": [{"cert": "[REDACTED]"}]}
    assert judged(rewritten, {"clients": []}).value
    assert not judged({}, {"clients": []}).shape
