"""The recordings beside the project: all are read, and each equals itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from auth0_mgmt_testing.recordings.exchange import Exchange, RecordedResponse
from auth0_mgmt_testing.recordings.importers import find, load
from auth0_mgmt_testing.verification.callers import Callers
from auth0_mgmt_testing.verification.conditions import Trait
from auth0_mgmt_testing.verification.earlier import EarlierState
from auth0_mgmt_testing.verification.presupposed import Issued
from auth0_mgmt_testing.verification.replay import replay
from auth0_mgmt_testing.verification.scores import gather

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "recordings"


class Echo:
    """Answers every request as it was recorded."""

    domain = "tenant.eu.auth0.com"

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        self._answers: Iterator[RecordedResponse] = iter(
            [exchange.response for exchange in exchanges]
        )

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
    ) -> None:
        pass

    def restore(self, earlier: EarlierState) -> bool:
        return False

    def admit(self, callers: Callers) -> None:
        pass

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        return None

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        return "Bearer replay"

    def advance(self, seconds: float | None) -> None:
        pass

    def close(self) -> None:
        pass

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        return next(self._answers)


@pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="no ../shared/recordings; they are public in auth0/go-auth0 (tag v1.45.0) and "
    "auth0/terraform-provider-auth0, under test/data/recordings",
)
def test_every_recording_is_read_and_equals_itself() -> None:
    outcomes = [
        outcome
        for path, name in find([RECORDINGS])
        for scenario in load(path, name)
        for outcome in replay(scenario, Echo(scenario.exchanges), strict=True)
    ]
    assert outcomes
    assert [o for o in outcomes if o.verdict.differences] == []
    assert any(outcome.recorded_at for outcome in outcomes)
    scores = gather(outcomes).scores
    assert scores is not None
    assert scores.value == 1
