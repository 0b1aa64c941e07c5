"""How the mode of a run is chosen, and what a wrong setting is answered with."""

from __future__ import annotations

import pytest

from .conftest import Suite

TELLS = "def test_mode(auth0_tenant):\n    print('mode is', auth0_tenant.mode)\n"


def test_the_option_wins_over_the_environment_and_that_over_the_ini_file(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(TELLS, "-s").stdout.fnmatch_lines("*mode is fake*")
    ini = ("-s", "-o", "auth0_mode=server")
    suite(TELLS, *ini).stdout.fnmatch_lines("*mode is server*")
    monkeypatch.setenv("AUTH0_TENANT_MODE", "fake")
    suite(TELLS, *ini).stdout.fnmatch_lines("*mode is fake*")
    suite(TELLS, *ini, "--auth0=server").stdout.fnmatch_lines("*mode is server*")


@pytest.mark.parametrize(
    ("options", "environment", "source"),
    [
        (["--auth0=prod"], {}, "--auth0"),
        ([], {"AUTH0_TENANT_MODE": "prod"}, "AUTH0_TENANT_MODE"),
        (["-o", "auth0_mode=prod"], {}, "auth0_mode"),
    ],
)
def test_an_unknown_mode_is_a_usage_error_that_names_the_modes(
    suite: Suite,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
    source: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = suite(TELLS, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        f"ERROR: {source}: there is no mode 'prod'; "
        "the modes are fake, server, cassette, record, live"
    )
