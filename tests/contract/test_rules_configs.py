"""Configuration of rules: keys whose values are never shown."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory


@pytest.mark.auth0_requires("rules")
@pytest.mark.auth0_fake_only
def test_a_value_is_set_changed_and_deleted_and_never_shown(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    configs = auth0_mgmt.rules_configs
    key = auth0_factory.name("KEY").replace("-", "_")
    auth0_factory.add_cleanup(configs.delete, key)
    for value in ("one", "two"):
        assert configs.set(key, value=value).to_dict() == {"key": key, "value": value}
    found = [config.to_dict() for config in configs.list() if config.key == key]
    assert found == [{"key": key}]
    configs.delete(key)
    assert key not in {config.key for config in configs.list()}
    configs.delete(key)
