"""The stream of events: what happens to users and others, as it happens."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management
from auth0_mgmt_testing import Factory


@pytest.mark.auth0_requires("events")
def test_a_new_user_is_told_of(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user = auth0_factory.user()
    since = user.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    events = auth0_mgmt.events.subscribe(from_timestamp=since, event_type=["user.created"])
    told = next(event for event in events if event.event)
    assert told.type == "user.created"
    assert told.event["data"]["object"]["user_id"] == user.user_id
    assert told.id is not None


@pytest.mark.auth0_requires("events")
def test_an_event_of_an_unknown_type_is_refused(auth0_mgmt: Management) -> None:
    unknown: Any = ["user.born"]
    with pytest.raises(BadRequestError):
        next(iter(auth0_mgmt.events.subscribe(event_type=unknown)))
