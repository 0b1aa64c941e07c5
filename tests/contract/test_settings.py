"""Settings that a tenant has one of: read, changed in part, put back.

Driven by the `Settings` in each family's file.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management

from .families import Settings, case, declared, document, shows, without

every = pytest.mark.parametrize("settings", [case(one) for one in declared(Settings)])


def read(mgmt: Management, settings: Settings) -> Any:
    return document(getattr(attrgetter(settings.at)(mgmt), settings.get)(*settings.ids))


@every
def test_changed_settings_are_read_back_and_the_rest_is_left(
    settings: Settings, auth0_mgmt: Management, changed_settings: Callable[..., Any]
) -> None:
    before = read(auth0_mgmt, settings)
    with changed_settings(settings) as answer:
        given = without(settings.change, settings.secret)
        assert shows(given, document(answer))
        after = read(auth0_mgmt, settings)
        assert shows(given, after)
        assert all(without(after, [path]) == after for path in settings.secret)
        assert without(after, settings.change) == without(before, settings.change)
    assert shows(without(before, settings.secret), read(auth0_mgmt, settings))


@every
def test_settings_of_the_wrong_type_are_refused_and_change_nothing(
    settings: Settings, auth0_mgmt: Management
) -> None:
    before = read(auth0_mgmt, settings)
    client: Any = attrgetter(settings.at)(auth0_mgmt)
    name = next(iter(settings.change))
    with pytest.raises(BadRequestError, match="Payload validation error: ") as refused:
        getattr(client, settings.update)(*settings.ids, **{**settings.change, name: 1.5})
    assert refused.value.error_code == "invalid_body"
    assert read(auth0_mgmt, settings) == before
