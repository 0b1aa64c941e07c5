"""The plugin as a guest in somebody else's run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import Suite

WITHOUT = ("-pno:schemathesis", "-pno:hypothesispytest")
"""Plugins that take long to load and have nothing to do here."""
HEAVY = ("httpx", "pydantic", "respx", "jsonschema_rs", "uvicorn", "auth0_mgmt")


def alone(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """A run in a process of its own."""
    return pytester.runpytest_subprocess(*WITHOUT, *options)


def test_a_run_that_does_not_use_it_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_it():
            assert "auth0_mgmt_testing.plugin" in sys.modules
            assert not {set(HEAVY)} & sys.modules.keys()
        """
    )
    result = alone(pytester, "-pno:anyio", "-pno:respx", "-pno:pytest_httpx")
    result.assert_outcomes(passed=1)


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(auth0_tenant): pass")
    result = pytester.runpytest_subprocess("-pno:auth0", *WITHOUT)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*fixture 'auth0_tenant' not found*")


def test_its_marks_are_registered_and_described(suite: Suite) -> None:
    result = suite("", "--markers")
    for mark in (
        "auth0_scopes",
        "auth0_load",
        "auth0_faults",
        "auth0_clock",
        "auth0_allow_changes",
    ):
        result.stdout.fnmatch_lines(f"@pytest.mark.{mark}(*): *")
    for mark in ("auth0_fake_only: ", "auth0_live_only: ", "auth0_requires(*entitlements): "):
        result.stdout.fnmatch_lines(f"@pytest.mark.{mark}*")


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("auth0_clock('tomorrow')", "*mark auth0_clock takes one timestamp like *, not 'tomorrow'"),
        ("auth0_scopes(['read:users'])", "*mark auth0_scopes takes strings, not *"),
        ("auth0_faults('users.gett', status=500)", "*there is no operation 'users.gett'*"),
        ("auth0_faults()", "*mark auth0_faults takes operations and the arguments of a fault*"),
        ("auth0_scopes('read:userz')", "*there is no scope 'read:userz'; did you mean 'read:use*"),
        ("auth0_allow_changes('brandin.update')", "*there is no operation 'brandin.update'*"),
        ("auth0_load()", "*mark auth0_load takes one file or mapping*"),
    ],
)
def test_a_mark_that_says_it_wrongly_is_an_error_of_its_test(
    suite: Suite, mark: str, told: str
) -> None:
    result = suite(
        f"""
        import pytest

        @pytest.mark.{mark}
        def test_it(auth0_tenant):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(told)


@pytest.mark.parametrize("mode", ["fake", "server"])
def test_processes_of_xdist_share_nothing(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(auth0_mgmt, auth0_factory, number):
            role = auth0_factory.role(name="the same name")
            assert [found.id for found in auth0_mgmt.roles.list()] == [role.id]
        """
    )
    result = alone(pytester, f"--auth0={mode}", "-n2")
    result.assert_outcomes(passed=8)


def test_names_are_the_same_in_each_run_against_a_fake_and_unique_within_it(suite: Suite) -> None:
    source = """
        import pytest

        @pytest.mark.parametrize("number", range(2))
        def test_it(auth0_factory, number):
            print("named", auth0_factory.name("team"), auth0_factory.name("team"))
    """
    runs = [suite(source, "-s").stdout.lines for _ in range(2)]
    first, second = (
        [name for line in lines for name in line.partition("named ")[2].split()] for lines in runs
    )
    assert first == second
    assert len(set(first)) == 4
    assert all(name.startswith("team-") for name in first)


def test_starting_it_loads_few_modules() -> None:
    """What every pytest pays for it: the modules of this package, counted in a fresh process."""
    code = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import auth0_mgmt_testing.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == [
        "auth0_mgmt_testing",
        "auth0_mgmt_testing.backends",
        "auth0_mgmt_testing.backends.modes",
        "auth0_mgmt_testing.backends.plugin_session",
        "auth0_mgmt_testing.plugin",
    ]
