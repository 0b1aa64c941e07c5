"""Modes ``record`` and ``cassette``: a suite is recorded once and played from then on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import Suite

LIFE = """
    import httpx
    import pytest
    from auth0_mgmt import ForbiddenError, NotFoundError

    def test_a_role(auth0_mgmt, auth0_factory):
        role = auth0_factory.role()
        assert auth0_mgmt.roles.get(role.id).name == role.name

    @pytest.mark.asyncio
    async def test_a_user(auth0_async_mgmt, auth0_factory):
        user = auth0_factory.user(email="grace@navy.mil", given_name="Grace")
        assert user.email == "grace@navy.mil"
        assert (await auth0_async_mgmt.users.get(user.user_id)).given_name == "Grace"

    @pytest.mark.auth0_scopes("read:roles")
    def test_scopes(auth0_mgmt, auth0_factory):
        role = auth0_factory.role()
        assert auth0_mgmt.roles.get(role.id).name == role.name
        with pytest.raises(ForbiddenError):
            auth0_mgmt.roles.delete(role.id)

    def test_an_application(auth0_credentials):
        form = {
            "grant_type": "client_credentials",
            "client_id": auth0_credentials.client_id,
            "client_secret": auth0_credentials.client_secret,
            "audience": auth0_credentials.audience,
        }
        with httpx.Client(base_url=auth0_credentials.url) as client:
            token = client.post("/oauth/token", data=form).json()["access_token"]
            headers = {"authorization": f"Bearer {token}"}
            assert client.get("/api/v2/roles", headers=headers).json() == []

    def test_search(auth0_tenant, auth0_mgmt, auth0_factory):
        name = auth0_factory.user().email
        found = auth0_tenant.eventually(lambda: auth0_mgmt.users.list(q=f'email:"{name}"').items)
        assert [user.email for user in found] == [name]

    @pytest.mark.auth0_fake_only
    def test_control(auth0_tenant):
        assert auth0_tenant.fake
"""
ROLE = """
    def test_a_role(auth0_mgmt, auth0_factory):
        role = auth0_factory.role(description={description!r})
        assert {then}
"""


def role(description: str = "d", then: str = "auth0_mgmt.roles.get(role.id)") -> str:
    return ROLE.format(description=description, then=then)


def cassette(pytester: pytest.Pytester) -> Path:
    (file,) = pytester.path.glob("cassettes/**/test_a_role.yaml")
    return file


def test_a_suite_is_recorded_from_a_fake_server_and_played(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    suite(LIFE, "--auth0=record").assert_outcomes(passed=5, skipped=1)
    files = sorted(pytester.path.glob("cassettes/**/*.yaml"))
    assert len(files) == 5
    for file in files:
        text = file.read_text("utf-8")
        assert "source: fake server" in text
        assert "navy" not in text
    suite(LIFE, "--auth0=cassette").assert_outcomes(passed=5, skipped=1)


def test_recording_again_changes_nothing_but_the_date(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    suite(LIFE, "--auth0=record").assert_outcomes(passed=5, skipped=1)
    files = list(pytester.path.glob("cassettes/**/*.yaml"))
    before = [without_date(file) for file in files]
    suite(LIFE, "--auth0=record").assert_outcomes(passed=5, skipped=1)
    assert [without_date(file) for file in files] == before


def without_date(file: Path) -> str:
    return re.sub("recorded_at: '[^']*'", "", file.read_text("utf-8"))


def test_cassettes_are_recorded_and_played_in_several_processes(suite: Suite) -> None:
    for mode in ("record", "cassette"):
        suite(LIFE, f"--auth0={mode}", "-n2").assert_outcomes(passed=5, skipped=1)


def test_a_test_without_a_cassette_fails_and_says_how_to_record(suite: Suite) -> None:
    result = suite(role(), "--auth0=cassette")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no cassette *pytest --auth0=record*::test_a_role*"])


def test_a_changed_test_fails_and_says_what_was_nearest(suite: Suite) -> None:
    suite(role(), "--auth0=record").assert_outcomes(passed=1)
    result = suite(role("other"), "--auth0=cassette")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*request: POST /api/v2/roles *",
            "*nearest: POST /api/v2/roles *differs in the body's description",
            "*pytest --auth0=record*::test_a_role*",
        ]
    )


def test_a_test_that_asks_less_fails(suite: Suite) -> None:
    suite(role(), "--auth0=record").assert_outcomes(passed=1)
    result = suite(role(then="role"), "--auth0=cassette")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*1 recorded requests were not made:*"])


def test_a_failing_test_is_not_recorded(suite: Suite, pytester: pytest.Pytester) -> None:
    suite(role(), "--auth0=record").assert_outcomes(passed=1)
    before = cassette(pytester).read_bytes()
    suite(role("other", then="False"), "--auth0=record").assert_outcomes(failed=1)
    assert cassette(pytester).read_bytes() == before


def test_a_test_that_was_broken_off_is_not_recorded(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    suite(role(then="raise KeyboardInterrupt"), "--auth0=record")
    assert list(pytester.path.glob("cassettes/**/*")) == []


def test_a_test_that_skips_itself_is_recorded_as_far_as_it_came(suite: Suite) -> None:
    skips = role(then="__import__('pytest').skip('the plan lacks it')")
    suite(skips, "--auth0=record").assert_outcomes(skipped=1)
    suite(skips, "--auth0=cassette").assert_outcomes(skipped=1)


def test_a_failing_replay_is_not_buried_under_what_was_not_asked(suite: Suite) -> None:
    suite(role(), "--auth0=record").assert_outcomes(passed=1)
    suite(role(then="False"), "--auth0=cassette").assert_outcomes(failed=1)


def test_old_cassettes_fail_as_options_have_it(suite: Suite, pytester: pytest.Pytester) -> None:
    suite(role(), "--auth0=record").assert_outcomes(passed=1)
    file = cassette(pytester)
    old = re.sub(r"recorded_at: '\d{4}", "recorded_at: '2020", file.read_text("utf-8"))
    file.write_text(old, "utf-8")
    result = suite(role(), "--auth0=cassette")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*cassettes are trusted for 365 days; record it again*"])
    suite(role(), "--auth0=cassette", "--auth0-cassette-age=0").assert_outcomes(passed=1)
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nauth0_cassette_age = never\n"
    )
    assert pytester.runpytest("--auth0=cassette").ret != 0


def test_what_the_ini_file_allows_is_recorded_in_clear_and_listed(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    from auth0_mgmt_testing.cassettes.check import check

    wanted = role("write to support@navy.mil or grace@navy.mil")
    with (pytester.path / "tox.ini").open("a") as file:
        file.write("\nauth0_cassette_allow =\n    support@navy.mil\n    unused@navy.mil\n")
    suite(wanted, "--auth0=record").assert_outcomes(passed=1)
    text = cassette(pytester).read_text("utf-8")
    assert "write to support@navy.mil or scrubbed1@cassette.example" in text
    assert "allowed: [support@navy.mil]" in text
    assert all(finding.allowed for finding in check([cassette(pytester)]))
    suite(wanted, "--auth0=cassette").assert_outcomes(passed=1)


def test_an_entry_that_allows_everything_is_a_usage_error(
    suite: Suite, pytester: pytest.Pytester
) -> None:
    with (pytester.path / "tox.ini").open("a") as file:
        file.write("\nauth0_cassette_allow = *\n")
    result = suite(role(), "--auth0=record")
    assert result.ret != 0
    lines = "\n".join((*result.outlines, *result.errlines))
    assert "auth0_cassette_allow: '*' would allow too much" in lines
