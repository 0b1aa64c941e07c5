"""Experiments: from a flag with variations over a draft to the result."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import (
    BadRequestError,
    ConflictError,
    Management,
    NotFoundError,
    UnprocessableEntityError,
)


@pytest.fixture
def flag(mgmt: Management) -> str:
    """A flag with the parameter ``color`` and two variations of it."""
    made = mgmt.experimentation.feature_flags.create(
        name="button", parameters={"color": {"type": "string", "value": "blue"}}
    )
    assert made.id is not None
    for color in ("red", "green"):
        mgmt.experimentation.feature_flags.variations.create(
            made.id, name=color, overrides={"color": {"value": color}}
        )
    return made.id


def variations(mgmt: Management, flag: str) -> list[Any]:
    return mgmt.experimentation.feature_flags.variations.list(flag).variations or []


def draft(mgmt: Management, flag: str, **given: Any) -> Any:
    red, green = variations(mgmt, flag)
    fields: dict[str, Any] = {
        "name": "which button",
        "feature_flag_id": flag,
        "authentication_flow": "authentication",
        "allocation_strategy": "percentage",
        "assignment_config": {"subject": "device"},
        "allocations": [
            {"variation_id": red.id, "is_control": True, "weight": 50},
            {"variation_id": green.id, "is_control": False, "weight": 50},
        ],
        **given,
    }
    return mgmt.experimentation.experiments.create(**fields)


def active(mgmt: Management, flag: str, **given: Any) -> str:
    mgmt.experimentation.feature_flags.update_status(flag, status="active")
    made: str = draft(mgmt, flag, **given).id
    mgmt.experimentation.experiments.update_status(made, status="active")
    return made


def test_a_draft_says_what_keeps_it_from_starting(mgmt: Management, flag: str) -> None:
    red, _ = variations(mgmt, flag)
    made = draft(mgmt, flag, allocations=[{"variation_id": red.id, "is_control": False}])
    assert (made.status, made.is_valid) == ("draft", False)
    found = mgmt.experimentation.experiments.validate(made.id)
    assert [error.code for error in found.errors or ()] == [
        "control_required",
        "weights_not_100",
        "feature_flag_not_active",
    ]
    with pytest.raises(BadRequestError):
        mgmt.experimentation.experiments.update_status(made.id, status="active")


def test_an_experiment_starts_pauses_and_completes_for_good(mgmt: Management, flag: str) -> None:
    experiments = mgmt.experimentation.experiments
    made = active(mgmt, flag)
    started = experiments.get(made)
    assert started.started_at is not None
    assert started.allocations
    assert started.allocations[0].variation_name == "red"
    assert started.feature_flag_snapshot
    for status in ("paused", "active", "completed"):
        assert experiments.update_status(made, status=status).status == status
    assert experiments.get(made).ended_at is not None
    with pytest.raises(BadRequestError, match="completed"):
        experiments.update_status(made, status="active")
    assert experiments.update(made, status="archived").status == "archived"


def test_what_runs_is_frozen(mgmt: Management, flag: str) -> None:
    experiments = mgmt.experimentation.experiments
    made = active(mgmt, flag)
    assert experiments.get(made).editable_fields == ["name", "description"]
    with pytest.raises(BadRequestError, match="levels cannot be changed"):
        experiments.update(made, levels=[1])
    with pytest.raises(BadRequestError, match="active experiment"):
        experiments.delete(made)
    with pytest.raises(ConflictError):
        mgmt.experimentation.feature_flags.delete(flag)
    red, _ = variations(mgmt, flag)
    with pytest.raises(ConflictError):
        mgmt.experimentation.feature_flags.variations.delete(flag, red.id or "")
    assert experiments.update(made, name="renamed", description="of buttons").name == "renamed"


def test_a_ramp_only_rises(mgmt: Management, flag: str) -> None:
    experiments = mgmt.experimentation.experiments
    with pytest.raises(UnprocessableEntityError):
        draft(mgmt, flag, levels=[50, 10])
    made = active(mgmt, flag, levels=[10, 50, 100])
    assert experiments.get(made).current_level == 10
    step = experiments.advance_ramp(made, target_level=50)
    assert (step.from_level, step.to_level, step.current_level) == (10, 50, 50)
    for wrong in (10, 70):
        with pytest.raises(BadRequestError):
            experiments.advance_ramp(made, target_level=wrong)
    experiments.update_status(made, status="paused")
    with pytest.raises(ConflictError):
        experiments.advance_ramp(made, target_level=100)


def test_lists_are_filtered(mgmt: Management, flag: str) -> None:
    made = active(mgmt, flag)
    experiments = mgmt.experimentation.experiments
    assert [found.id for found in experiments.list(status="active", feature_flag_id=flag)] == [made]
    assert not experiments.list(status="draft").items
    assert not experiments.list(authentication_flow="all").items
    flags = mgmt.experimentation.feature_flags
    assert [found.id for found in flags.list(status="active", type="self")] == [flag]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"size": {"value": 1}}, "no parameter size"),
        ({"color": {"value": 1}}, "type string"),
        ({"color": {"value": "blue"}}, "equals the default"),
        ({"color": {"value": "x" * 2000}}, "larger than 1024 bytes"),
    ],
)
def test_a_variation_overrides_what_there_is(
    mgmt: Management, flag: str, overrides: Any, message: str
) -> None:
    with pytest.raises(BadRequestError, match=message):
        mgmt.experimentation.feature_flags.variations.create(flag, name="odd", overrides=overrides)


def test_a_flag_needs_variations_and_does_not_go_back(mgmt: Management, flag: str) -> None:
    flags = mgmt.experimentation.feature_flags
    bare = flags.create(name="bare", parameters={"on": {"type": "boolean", "value": True}}).id
    assert bare is not None
    with pytest.raises(BadRequestError, match="two variations"):
        flags.update_status(bare, status="active")
    flags.update(flag, status="archived")
    with pytest.raises(BadRequestError, match="from archived to active"):
        flags.update_status(flag, status="active")
    with pytest.raises(ConflictError):
        flags.create(name="bare", parameters={"on": {"type": "boolean", "value": True}})
    with pytest.raises(BadRequestError, match="type number"):
        flags.update(bare, parameters={"on": {"type": "number", "value": True}})


def test_a_segment_is_kept_while_it_is_used(mgmt: Management, flag: str) -> None:
    segments = mgmt.experimentation.segments
    made = segments.create(name="germans", rules=[{"match": {"country": ["DE"]}}])
    assert made.id is not None
    assert (made.type, made.status) == ("self", "active")
    red, green = variations(mgmt, flag)
    experiment = draft(
        mgmt,
        flag,
        allocation_strategy="segment",
        allocations=[
            {"variation_id": red.id, "is_control": False, "segment_id": made.id, "priority": 1},
            {"variation_id": green.id, "is_control": True, "is_fallback": True},
        ],
    )
    assert experiment.allocations[0].segment_name == "germans"
    with pytest.raises(ConflictError):
        segments.delete(made.id)
    mgmt.experimentation.experiments.delete(experiment.id)
    segments.delete(made.id)
    with pytest.raises(NotFoundError):
        segments.get(made.id)


def test_variations_of_another_flag_are_refused(mgmt: Management, flag: str) -> None:
    other = mgmt.experimentation.feature_flags.create(
        name="other", parameters={"on": {"type": "boolean", "value": True}}
    ).id
    with pytest.raises(BadRequestError, match="does not belong"):
        draft(mgmt, flag, feature_flag_id=other)
    with pytest.raises(NotFoundError):
        draft(mgmt, flag, feature_flag_id="flg_nobody")
