"""Hooks and their secrets: superseded by actions, and only on old tenants."""

from __future__ import annotations

import pytest

from auth0_mgmt import ConflictError, Management
from auth0_mgmt_testing import Factory

from .families import Family

HOOKS = Family(
    at="hooks",
    new=lambda make: {
        "name": make.name("hook"),
        "script": "module.exports = (client, scope, audience, context, callback) => callback();",
        "triggerId": "credentials-exchange",
    },
    moves=("name",),
    change={"enabled": True},
    filters={
        "triggerId": ("triggerId", {"triggerId": "pre-user-registration"}),
        "enabled": ("enabled", {"enabled": True}),
    },
    missing="01GQN0P01XY4VE0PCK7H20QZ4M",
    absent="The hook does not exist",
    needs="hooks",
)


@pytest.mark.auth0_requires("hooks")
def test_a_hook_is_read_by_fields(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_mgmt.hooks.create(**HOOKS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.hooks.delete, made.id)
    assert set(auth0_mgmt.hooks.get(made.id or "", fields="name,enabled").to_dict()) == {
        "name",
        "enabled",
    }


@pytest.mark.auth0_requires("hooks")
def test_secrets_of_a_hook_are_named_and_never_shown(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_mgmt.hooks.create(**HOOKS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.hooks.delete, made.id)
    hook, secrets = made.id or "", auth0_mgmt.hooks.secrets
    secrets.create(hook, body={"ONE": "hush", "TWO": "hush"})
    assert secrets.get(hook) == {"ONE": "_VALUE_NOT_SHOWN_", "TWO": "_VALUE_NOT_SHOWN_"}
    with pytest.raises(ConflictError):
        secrets.create(hook, body={"ONE": "again"})
    secrets.update(hook, body={"ONE": "other"})
    secrets.delete(hook, body=["ONE"])
    assert secrets.get(hook) == {"TWO": "_VALUE_NOT_SHOWN_"}
