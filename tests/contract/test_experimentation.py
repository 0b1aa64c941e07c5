"""Experiments, feature flags with variations, segments."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import APIStatusError, BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of
from .families import Family

pytestmark = pytest.mark.auth0_requires("experimentation")

COLOUR: dict[str, Any] = {"colour": {"type": "string", "value": "blue"}}


def active_flag(make: Any, mgmt: Management) -> Any:
    """A feature flag that can be experimented with, and three variations of it."""
    flags = mgmt.experimentation.feature_flags
    flag: Any = flags.create(name=make.name("flag"), parameters=COLOUR)
    make.add_cleanup(flags.delete, flag.id)
    variations = [
        flags.variations.create(
            flag.id, name=make.name("variation"), overrides={"colour": {"value": value}}
        )
        for value in ("red", "green", "black")
    ]
    flags.update_status(flag.id, status="active")
    return flag, variations


def design(flag: Any, variations: list[Any], *weights: int) -> dict[str, Any]:
    """An experiment that gives each variation its weight; the first is the control."""
    return {
        "feature_flag_id": flag.id,
        "authentication_flow": "authentication",
        "allocation_strategy": "percentage",
        "assignment_config": {"subject": "device"},
        "allocations": [
            {"variation_id": variation.id, "weight": weight, "is_control": number == 0}
            for number, (variation, weight) in enumerate(zip(variations, weights, strict=True))
        ],
    }


SEGMENTS = Family(
    at="experimentation.segments",
    new=lambda make: {
        "name": make.name("segment"),
        "description": "Made by a test",
        "rules": [{"match": {"country": ["FR"]}}],
    },
    form=r"seg_\w+",
    change={"rules": [{"match": {"country": ["FR", "DE"]}}]},
    null="description",
    missing="seg_1111111111111111111111",
    needs="experimentation",
)

FEATURE_FLAGS = Family(
    at="experimentation.feature_flags",
    new=lambda make: {
        "name": make.name("flag"),
        "description": "Made by a test",
        "parameters": COLOUR,
    },
    form=r"flg_\w+",
    change={"parameters": {"colour": {"type": "string", "value": "white"}}},
    null="description",
    missing="flg_1111111111111111111111",
    needs="experimentation",
)


@pytest.fixture
def experiment(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """A draft that could start."""
    flag, variations = active_flag(auth0_factory, auth0_mgmt)
    experiments = auth0_mgmt.experimentation.experiments
    made: Any = experiments.create(
        name=auth0_factory.name("experiment"),
        levels=[10, 50],
        **design(flag, variations, 50, 30, 20),
    )

    def remove() -> None:
        if status_of(experiments.get, made.id) is None:
            if experiments.get(made.id).status == "active":
                experiments.update_status(made.id, status="completed")
            experiments.delete(made.id)

    auth0_factory.add_cleanup(remove)
    return made


def test_an_experiment_goes_from_draft_to_completion(
    auth0_mgmt: Management, experiment: Any
) -> None:
    experiments = auth0_mgmt.experimentation.experiments
    assert experiment.status == "draft"
    assert experiments.validate(experiment.id).get("is_valid") is True
    for status in ("active", "paused", "active", "completed"):
        assert experiments.update_status(experiment.id, status=status).status == status
        assert experiments.get(experiment.id).status == status
    with pytest.raises(BadRequestError):
        experiments.update_status(experiment.id, status="active")
    experiments.delete(experiment.id)
    with pytest.raises(NotFoundError):
        experiments.get(experiment.id)


def test_an_active_experiment_rises_level_by_level(auth0_mgmt: Management, experiment: Any) -> None:
    experiments = auth0_mgmt.experimentation.experiments
    with pytest.raises(APIStatusError):
        experiments.advance_ramp(experiment.id, target_level=50)
    experiments.update_status(experiment.id, status="active")
    moved = experiments.advance_ramp(experiment.id, target_level=50)
    assert moved.get("to_level") == 50
    assert status_of(experiments.advance_ramp, experiment.id, target_level=10) in (400, 409)


def test_weights_that_are_not_a_hundred_keep_an_experiment_from_starting(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    flag, variations = active_flag(auth0_factory, auth0_mgmt)
    experiments = auth0_mgmt.experimentation.experiments
    made: Any = experiments.create(
        name=auth0_factory.name("experiment"), **design(flag, variations, 50, 20, 20)
    )
    auth0_factory.add_cleanup(experiments.delete, made.id)
    found = experiments.validate(made.id)
    assert found.get("is_valid") is False
    assert found.get("errors")
    with pytest.raises(BadRequestError):
        experiments.update_status(made.id, status="active")
    allocations: Any = design(flag, variations, 60, 20, 20)["allocations"]
    experiments.update(made.id, allocations=allocations)
    assert experiments.validate(made.id).get("is_valid") is True


def test_experiments_are_filtered(
    auth0_mgmt: Management, auth0_factory: Factory, experiment: Any
) -> None:
    experiments = auth0_mgmt.experimentation.experiments
    queries: Any = ({"feature_flag_id": experiment.feature_flag_id}, {"status": "draft"})
    for query in queries:
        assert experiment.id in {found.id for found in experiments.list(**query)}
    assert experiment.id not in {found.id for found in experiments.list(status="active")}


def test_a_flag_in_use_is_not_deleted(auth0_mgmt: Management, experiment: Any) -> None:
    flags = auth0_mgmt.experimentation.feature_flags
    assert status_of(flags.delete, experiment.feature_flag_id) == 409
    assert flags.get(experiment.feature_flag_id).id == experiment.feature_flag_id


def test_variations_of_a_flag_are_created_changed_and_deleted(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    flag, (first, second, third) = active_flag(auth0_factory, auth0_mgmt)
    variations = auth0_mgmt.experimentation.feature_flags.variations
    listed = variations.list(flag.id).get("variations")
    assert [variation.id for variation in listed] == [first.id, second.id, third.id]
    assert variations.get(flag.id, first.id).get("overrides.colour.value") == "red"
    changed = variations.update(flag.id, first.id, name="Renamed variation")
    assert changed.name == variations.get(flag.id, first.id).name == "Renamed variation"
    variations.delete(flag.id, first.id)
    assert status_of(variations.get, flag.id, first.id) == 404
    missing = FEATURE_FLAGS.missing
    assert status_of(variations.list, missing) == 404


def test_an_override_of_an_unknown_parameter_is_refused(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    flag, _ = active_flag(auth0_factory, auth0_mgmt)
    variations = auth0_mgmt.experimentation.feature_flags.variations
    overrides: Any = {"no_such_parameter": {"value": True}}
    assert status_of(variations.create, flag.id, name="Odd one", overrides=overrides) == 400
