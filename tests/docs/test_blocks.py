"""Every Python block of the README and of the documentation runs, on the page's own tenant."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

import freezegun
import pytest

from auth0_mgmt_testing import FakeTenant

from .pages import PAGES, blocks, page_name, script

DOMAIN = "your-tenant.eu.auth0.com"
CLIENT_ID, CLIENT_SECRET = "CLIENT_ID", "CLIENT_SECRET"
SCRIPTS = [page for page in PAGES if script(page, tests=False).strip()]
SUITES = [page for page in PAGES if script(page, tests=True).strip()]


def page_tenant() -> FakeTenant:
    """The tenant that pages talk to: their domain, with the client whose id and secret they use."""
    tenant = FakeTenant(DOMAIN)
    tenant.clients.add(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        name="Documentation",
        app_type="non_interactive",
        grant_types=["client_credentials"],
    )
    [api] = tenant.resource_servers
    scopes = [str(scope.value) for scope in api.scopes or []]
    tenant.client_grants.add(
        client_id=CLIENT_ID, audience=f"https://{DOMAIN}/api/v2/", scope=scopes
    )
    return tenant


def write_files(page: Path, folder: Path) -> None:
    """Write the page's titled blocks as files."""
    for block in blocks(page):
        if block.title and block.language != "python":
            (folder / block.title).write_text(block.text, "utf-8")


@pytest.mark.parametrize("page", SCRIPTS, ids=page_name)
def test_every_python_block_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTH0_DOMAIN", DOMAIN)
    monkeypatch.setenv("AUTH0_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
    write_files(page, tmp_path)
    name = page_name(page)
    code = compile(script(page, tests=False), name, "exec")
    names: dict[str, Any] = {"__name__": "page", "page_tenant": page_tenant()}
    with names["page_tenant"]:
        try:
            exec(code, names)
        except Exception as error:
            lines = [
                frame.lineno
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename == name
            ]
            pytest.fail(f"{name}:{lines[-1] if lines else '?'}: {type(error).__name__}: {error}")


@pytest.mark.parametrize("page", SUITES, ids=page_name)
def test_every_test_block_passes(page: Path, pytester: pytest.Pytester) -> None:
    # In this process other tests may have imported the vendor's SDK, all of which it would load.
    freezegun.configure(extend_ignore_list=["auth0."])
    write_files(page, pytester.path)
    pytester.makepyfile(test_page=script(page, tests=True))
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    options = re.findall(r"^<!-- pytest (.+) -->$", page.read_text("utf-8"), re.M)
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", *options)
    outcomes = result.parseoutcomes()
    assert result.ret == 0, result.stdout.str()
    assert outcomes["passed"] == sum(outcomes.values())
