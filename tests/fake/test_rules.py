"""Rules on a fake tenant."""

from __future__ import annotations

from auth0_mgmt_testing import FakeTenant

SCRIPT = "function (user, context, callback) { callback(null, user, context); }"


def test_a_new_rule_runs_after_the_others() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        orders = [mgmt.rules.create(name=name, script=SCRIPT).order for name in ("one", "two")]
        assert orders == [1, 2]
