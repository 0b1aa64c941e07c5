"""Rules and hooks on a fake tenant."""

from __future__ import annotations

import pytest

from auth0_mgmt import ConflictError, NotFoundError
from auth0_mgmt_testing import FakeTenant

SCRIPT = "function (user, context, callback) { callback(null, user, context); }"


def test_a_new_rule_runs_after_the_others() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        orders = [mgmt.rules.create(name=name, script=SCRIPT).order for name in ("one", "two")]
        assert orders == [1, 2]


def test_no_two_rules_share_a_name_or_an_order() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        mgmt.rules.create(name="one", script=SCRIPT)
        for name, order in (("one", 2), ("two", 1)):
            with pytest.raises(ConflictError):
                mgmt.rules.create(name=name, script=SCRIPT, order=order)


def test_a_hooks_secrets_are_added_once_and_changed_where_they_are() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        hook = mgmt.hooks.create(
            name="hook", script="module.exports = 1", triggerId="pre-user-registration"
        )
        secrets = f"/hooks/{hook.id}/secrets"
        mgmt.request("POST", secrets, json={"KEY": "a"})
        with pytest.raises(ConflictError):
            mgmt.request("POST", secrets, json={"KEY": "b"})
        with pytest.raises(NotFoundError):
            mgmt.request("PATCH", secrets, json={"OTHER": "b"})
        assert list(mgmt.request("GET", secrets)) == ["KEY"]
