"""The tour of the README runs, and shows what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from auth0_mgmt import ForbiddenError, UnauthorizedError
from auth0_mgmt_testing import FakeTenant
from examples import tour


def test_the_tour_meets_each_error_and_ends_where_it_began(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path))
    tour.main()
    shown = capsys.readouterr().out
    for status in (400, 401, 403, 404, 409, 429, 500):
        assert f"Error: {status} " in shown
    assert "is served at https://127.0.0.1:" in shown
    assert "did you mean 'name'?" in shown
    assert "2030-01-01" in shown
    assert "and back again: My Application" in shown


def test_a_token_may_do_what_its_scopes_allow_until_it_expires() -> None:
    tenant = FakeTenant(require_issued_tokens=True)
    tenant.clock.freeze()
    with tenant.management(auth=tenant.token("read:roles", lifetime=60)) as mgmt:
        assert not list(mgmt.roles.list())
        with pytest.raises(ForbiddenError, match="create:roles"):
            mgmt.roles.create(name="admin")
        tenant.clock.advance(61)
        with pytest.raises(UnauthorizedError, match="Expired token"):
            mgmt.roles.list()
