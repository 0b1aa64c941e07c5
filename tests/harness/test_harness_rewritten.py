"""Client documents that a recorder passed through a struct."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.verification.replay import replay

from .conftest import ScriptedTarget, exchange, scenario

PATH = "/clients"
DROPPED = {"client_id": "c1", "name": "a"}


def paths(recorded: dict[str, Any], actual: dict[str, Any], path: str = PATH) -> list[str]:
    one = exchange("POST", path, {"name": "a"}, 201, recorded)
    [outcome] = replay(scenario(one), ScriptedTarget((201, actual)))
    return [difference.path for difference in outcome.verdict.differences]


def test_what_a_recorder_drops_is_not_held_against_a_tenant() -> None:
    assert paths(DROPPED, {**DROPPED, "tenant": "t", "global": False}) == []


def test_in_a_document_that_names_its_tenant_every_member_counts() -> None:
    assert paths({**DROPPED, "tenant": "t"}, {**DROPPED, "tenant": "t", "global": False}) == [
        "global"
    ]


def test_what_the_tenant_shows_and_the_target_lacks_counts() -> None:
    assert paths({**DROPPED, "oidc_conformant": True}, DROPPED) == ["oidc_conformant"]


@pytest.mark.parametrize("path", ["/roles", "/clients?fields=client_id,name"])
def test_only_whole_client_documents_are_rewritten(path: str) -> None:
    assert paths(DROPPED, {**DROPPED, "more": 1}, path) == ["more"]


@pytest.mark.parametrize(("value", "told"), [("x", ["description"]), (None, [])])
def test_a_member_that_the_recorder_keeps_elsewhere_counts_unless_it_is_null(
    value: str | None, told: list[str]
) -> None:
    kept = exchange("POST", PATH, {}, 201, {"client_id": "c2", "description": "b"})
    lacks = exchange("POST", PATH, {}, 201, DROPPED)
    answers = (
        (201, {"client_id": "c2", "description": "b"}),
        (201, {**DROPPED, "description": value}),
    )
    outcomes = list(replay(scenario(kept, lacks), ScriptedTarget(*answers)))
    assert [each.path for each in outcomes[1].verdict.differences] == told


def test_hidden_secrets_are_the_recorders() -> None:
    hidden = {"client_secret": "[REDACTED]", "signing_keys": [{"cert": "[REDACTED]"}]}
    assert paths({**DROPPED, **hidden}, DROPPED) == []
    assert paths({**DROPPED, **hidden, "tenant": "t"}, {**DROPPED, "tenant": "t"}) == [
        "client_secret",
        "signing_keys",
    ]
