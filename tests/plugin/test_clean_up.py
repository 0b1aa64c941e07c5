"""What the factory made is gone afterwards, whatever happened on the way."""

from __future__ import annotations

import pytest

from .conftest import Suite

WATCH = """
    import pytest

    @pytest.fixture(autouse=True)
    def left(auth0_tenant):
        yield
        for entry in auth0_tenant.fake.requests:
            if entry.method == "DELETE":
                print("removed", entry.path.removeprefix("/api/v2"), entry.status)
        print("left", len(auth0_tenant.fake.roles), len(auth0_tenant.fake.users))
"""


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ("pass", {"passed": 1}),
        ("assert False", {"failed": 1}),
        ("raise KeyboardInterrupt", {}),
        ("auth0_mgmt.roles.delete(role.id)", {"passed": 1}),
        ("auth0_tenant.fake.faults.add('roles.delete', status=500, times=None)", {"passed": 1}),
    ],
    ids=["success", "failure", "ctrl-c", "gone already", "faults of the test"],
)
def test_things_go_in_reverse_order(suite: Suite, end: str, outcome: dict[str, int]) -> None:
    result = suite(
        WATCH
        + f"""
    def test_it(auth0_tenant, auth0_mgmt, auth0_factory):
        role = auth0_factory.role()
        user = auth0_factory.user()
        {end}
        """,
        "-s",
    )
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["*removed /users/*", "removed /roles/*", "left 0 0"])


def test_every_removal_is_tried_and_all_that_failed_are_told(suite: Suite) -> None:
    result = suite(
        WATCH
        + """
    def broken(name):
        raise RuntimeError(f"cannot remove {name}")

    def test_it(auth0_factory):
        auth0_factory.role()
        auth0_factory.add_cleanup(broken, "first")
        auth0_factory.user()
        auth0_factory.add_cleanup(broken, name="second")
        """,
        "-s",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*removed /users/* 204",
            "removed /roles/* 200",
            "left 0 0",
            "*2 objects could not be removed: RuntimeError: cannot remove second; "
            "RuntimeError: cannot remove first*",
        ]
    )


def test_an_interruption_of_the_removal_waits_until_the_rest_is_removed(suite: Suite) -> None:
    result = suite(
        WATCH
        + """
    def interrupted():
        raise KeyboardInterrupt

    def test_it(auth0_factory):
        auth0_factory.role()
        auth0_factory.add_cleanup(interrupted)
        """,
        "-s",
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*removed /roles/* 200", "left 0 0"])
