"""Recording through real HTTP and playing it back: clients, modes and what goes wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from auth0_mgmt import (
    AsyncManagement,
    ClientCredentials,
    ForbiddenError,
    Management,
    TokenError,
)
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.cassettes import (
    NEUTRAL_HOST,
    REPLAY_ID,
    REPLAY_SECRET,
    Cassette,
    Recorded,
    cassette_path,
    open_cassette,
)
from auth0_mgmt_testing.cassettes.store import load as load_cassette
from auth0_mgmt_testing.errors import (
    CassetteError,
    CassetteExpiredError,
    CassetteFormatError,
    CassetteNotFoundError,
    ScrubbingError,
    UnrecordedRequestError,
    UnusedInteractionsError,
)
from auth0_mgmt_testing.recordings import scrubbing
from auth0_mgmt_testing.recordings.importers import load

from .conftest import TEST, Edit

DATABASE = "Username-Password-Authentication"
Flow = Callable[[Management], Any]


def manage(cassette: Cassette, client_id: str, secret: str) -> Management:
    return Management(
        cassette.base_url,
        auth=ClientCredentials(client_id, secret),
        audience=f"https://{cassette.domain}/api/v2/",
        transport=cassette.transport(),
    )


def record(path: Path, tenant: Recorded, flow: Flow) -> Any:
    with (
        open_cassette(path, "record", test=TEST, tenant=tenant) as cassette,
        manage(cassette, tenant.client_id, tenant.client_secret) as mgmt,
    ):
        return flow(mgmt)


def replay(path: Path, flow: Flow, **options: Any) -> Any:
    with (
        open_cassette(path, "replay", test=TEST, **options) as cassette,
        manage(cassette, REPLAY_ID, REPLAY_SECRET) as mgmt,
    ):
        return flow(mgmt)


def role(mgmt: Management) -> Any:
    made = mgmt.roles.create(name="editor")
    return made.id, mgmt.roles.get(made.id).name


def user(mgmt: Management) -> Any:
    made = mgmt.users.create(
        connection=DATABASE, email="grace@navy.mil", password="Xy12!abcd", given_name="Grace"
    )
    found = mgmt.users.list(q='email:"grace@navy.mil"').items[0]
    assert found.user_id == made.user_id
    mgmt.users.delete(made.user_id)
    return made.user_id, made.email, made.given_name


def test_what_was_recorded_is_played(path: Path, recorded: Recorded) -> None:
    assert record(path, recorded, role) == replay(path, role)


def test_a_test_is_answered_with_its_own_values_which_the_file_does_not_hold(
    path: Path, recorded: Recorded
) -> None:
    assert record(path, recorded, user) == replay(path, user)
    text = path.read_text("utf-8")
    for hidden in ("grace", "Grace", "Xy12", "127.0.0.1:", recorded.domain):
        assert hidden not in text


def test_secrets_that_the_tenant_gave_work_in_replay(path: Path, recorded: Recorded) -> None:
    def flow(mgmt: Management) -> str:
        app = mgmt.clients.create(
            name="app", app_type="non_interactive", grant_types=["client_credentials"]
        )
        api = next(api for api in mgmt.resource_servers.list() if api.is_system)
        mgmt.client_grants.create(
            client_id=app.client_id or "", audience=api.identifier or "", scope=["read:roles"]
        )
        auth = ClientCredentials(app.client_id or "", app.client_secret or "")
        limited = Management(
            mgmt_url[0], auth=auth, audience=api.identifier, transport=mgmt_url[1].transport()
        )
        with limited:
            assert not limited.roles.list().items
            with pytest.raises(ForbiddenError):
                limited.roles.create(name="x")
        return app.client_secret or ""

    mgmt_url: list[Any]
    secrets: list[str] = []
    for mode, tenant in both(recorded):
        with open_cassette(path, mode, test=TEST, tenant=tenant) as cassette:
            mgmt_url = [cassette.base_url, cassette]
            known = (tenant.client_id, tenant.client_secret) if tenant else (REPLAY_ID, "any")
            with manage(cassette, *known) as mgmt:
                secrets.append(flow(mgmt))
    assert secrets[0] not in path.read_text("utf-8")
    assert secrets[1] in path.read_text("utf-8")


def both(recorded: Recorded) -> list[tuple[Literal["record", "replay"], Recorded | None]]:
    """Each mode of a cassette with its tenant."""
    return [("record", recorded), ("replay", None)]


def test_a_refused_token_is_played_as_a_refusal(path: Path, recorded: Recorded) -> None:
    for mode, tenant in both(recorded):
        with open_cassette(path, mode, test=TEST, tenant=tenant) as cassette:
            client_id = tenant.client_id if tenant else REPLAY_ID
            with manage(cassette, client_id, "wrong") as mgmt, pytest.raises(TokenError):
                mgmt.roles.list()


def test_any_httpx_client_is_recorded_and_played(path: Path, recorded: Recorded) -> None:
    headers = {"authorization": "Bearer opaque-token-of-some-length"}

    async def another(url: str) -> Any:
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            return (await client.post("/api/v2/roles", json={"name": "async"})).json()

    def flow(url: str) -> list[Any]:
        with httpx.Client(base_url=url, headers=headers) as client:
            one = client.post("/api/v2/roles", json={"name": "sync"}).json()
        return [one, asyncio.run(another(url))]

    with open_cassette(path, "record", test=TEST, tenant=recorded):
        before = flow(recorded.base_url)
    with open_cassette(path, "replay", test=TEST) as cassette:
        assert flow(cassette.base_url) == before


async def test_concurrent_requests_of_an_async_client_are_played(
    path: Path, recorded: Recorded
) -> None:
    async def flow(cassette: Cassette, auth: Any) -> set[str]:
        audience = f"https://{cassette.domain}/api/v2/"
        transport = cassette.async_transport()
        async with AsyncManagement(
            cassette.base_url, auth=auth, audience=audience, transport=transport
        ) as mgmt:
            names = [f"role {n}" for n in range(5)]
            made = await asyncio.gather(*(mgmt.roles.create(name=name) for name in names))
            return {role.id or "" for role in made}

    with open_cassette(path, "record", test=TEST, tenant=recorded) as cassette:
        before = await flow(cassette, ClientCredentials(recorded.client_id, recorded.client_secret))
    with open_cassette(path, "replay", test=TEST) as cassette:
        assert await flow(cassette, ClientCredentials(REPLAY_ID, REPLAY_SECRET)) == before


def test_requests_to_others_pass_by(
    path: Path, recorded: Recorded, served: tuple[Any, str]
) -> None:
    record(path, recorded, role)
    with open_cassette(path, "replay", test=TEST) as cassette:
        assert httpx.get(f"{served[1]}/__fake/health").status_code == 200
        with manage(cassette, REPLAY_ID, "any") as mgmt:
            role(mgmt)


def test_the_run_takes_its_mark_out_of_names(path: Path, recorded: Recorded) -> None:
    marked = Recorded(
        "live tenant",
        recorded.base_url,
        recorded.domain,
        recorded.client_id,
        recorded.client_secret,
        run="7f3a9c",
    )

    def named(suffix: str) -> Flow:
        return lambda mgmt: mgmt.roles.create(name=f"role-abc-1{suffix}").name

    record(path, marked, named("-7f3a9c"))
    assert replay(path, named("")) == "role-abc-1"


def test_the_header_says_when_from_what_and_with_which_version(
    path: Path, recorded: Recorded
) -> None:
    record(path, recorded, role)
    with open_cassette(path, "replay", test=TEST) as cassette:
        header = cassette.header
        cassette.finish(failed=True)
    assert datetime.now(UTC) - header.recorded_at < timedelta(minutes=10)
    assert (header.source, header.test) == ("fake server", TEST)
    assert re.fullmatch(r"auth0-mgmt \d+\.\d+\.\d+", header.package)


def test_the_file_is_a_cassette_of_vcrpy(path: Path, recorded: Recorded) -> None:
    record(path, recorded, role)
    (scenario,) = load(path, "a")
    assert [one.request.method for one in scenario.exchanges] == ["POST", "GET"]
    vcr: Any = import_module("vcr")
    with vcr.use_cassette(str(path), record_mode="none") as played:
        url = f"https://{NEUTRAL_HOST}/api/v2/roles"
        assert httpx.post(url, json={"name": "editor"}).json()["name"] == "editor"
        assert played.play_count == 1


# --- what goes wrong -----------------------------------------------------------------------------


def test_a_request_that_was_not_recorded_is_told_with_the_nearest(
    path: Path, recorded: Recorded
) -> None:
    record(path, recorded, role)
    with pytest.raises(UnrecordedRequestError) as refused:
        replay(path, lambda mgmt: mgmt.roles.create(name="author"))
    message = str(refused.value)
    assert 'request: POST /api/v2/roles {"name":"author"}' in message
    assert "nearest: POST /api/v2/roles" in message
    assert "differs in the body's name" in message
    assert f"pytest --auth0=record {TEST!r}" in message


def test_a_request_is_played_once(path: Path, recorded: Recorded) -> None:
    record(path, recorded, role)

    def twice(mgmt: Management) -> None:
        role(mgmt)
        role(mgmt)

    with pytest.raises(UnrecordedRequestError, match="already replayed"):
        replay(path, twice)


def test_swallowing_an_unmatched_request_does_not_save_the_test(
    path: Path, recorded: Recorded
) -> None:
    record(path, recorded, role)

    def careless(mgmt: Management) -> None:
        role(mgmt)
        with pytest.raises(CassetteError):
            mgmt.roles.create(name="author")

    with pytest.raises(UnrecordedRequestError):
        replay(path, careless)


def test_requests_that_are_not_made_are_told(path: Path, recorded: Recorded) -> None:
    record(path, recorded, role)
    with pytest.raises(
        UnusedInteractionsError, match=r"1 recorded requests were not made:\n  GET /api/v2/roles"
    ):
        replay(path, lambda mgmt: mgmt.roles.create(name="editor"))


def test_a_failure_of_the_test_is_not_covered_up(path: Path, recorded: Recorded) -> None:
    record(path, recorded, role)

    def fails(mgmt: Management) -> None:
        raise KeyError("the test's own")

    with pytest.raises(KeyError):
        replay(path, fails)


def test_a_stale_cassette_is_refused(path: Path, recorded: Recorded, edit: Edit) -> None:
    record(path, recorded, role)
    year = str(datetime.now(UTC).year)
    edit(f"recorded_at: '{year}-", f"recorded_at: '{int(year) - 2}-")
    with pytest.raises(
        CassetteExpiredError, match=r"trusted for 365 days; record it again: pytest"
    ):
        replay(path, role)
    replay(path, role, max_age=None)


def test_a_missing_cassette_says_how_to_record_it(path: Path) -> None:
    with pytest.raises(
        CassetteNotFoundError, match=r"record it again: pytest --auth0=record 'tests"
    ):
        replay(path, role)


@pytest.mark.parametrize("text", ["", "a: [", "interactions: []\nversion: 1\n", "[]"])
def test_what_is_no_cassette_is_refused(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(CassetteFormatError, match="it is not a cassette"):
        replay(path, role)


# --- writing -------------------------------------------------------------------------------------


def test_a_failed_test_leaves_the_old_cassette(path: Path, recorded: Recorded) -> None:
    record(path, recorded, role)
    before = path.read_bytes()

    def interrupted(mgmt: Management) -> None:
        mgmt.roles.create(name="other")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(path, recorded, interrupted)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_scrubbing_missed_is_not_written(
    path: Path, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(keys: tuple[str, ...], text: str) -> list[str]:
        return []

    monkeypatch.setattr(scrubbing, "random_parts", nothing)

    def leaks(mgmt: Management) -> None:
        mgmt.roles.create(
            name="role",
            description="Xq7Zk2LpV9vR4mT8wB3nY6cJ1hF5sD0gAe7UiP3oLk9MjN2bHv5GcF8xDz4SaQwE1rT6y",
        )

    with pytest.raises(
        ScrubbingError, match=r"exchange 1, request description: a random-looking string"
    ) as error:
        record(path, recorded, leaks)
    assert "Xq7Zk2" not in str(error.value)
    assert not path.exists()


def test_random_looking_parts_are_replaced_wherever_they_stand(
    path: Path, recorded: Recorded
) -> None:
    random = "Xq7Zk2LpV9vR4mT8wB3nY6cJ1hF5sD0gAe7UiP3oLk9MjN2bHv5GcF8xDz4SaQwE1rT6y"
    record(path, recorded, lambda mgmt: mgmt.roles.create(name="r", description=f"at:{random}"))
    assert random not in path.read_text()


def test_recording_again_without_changes_renews_the_date_and_keeps_the_exchanges(
    path: Path, recorded: Recorded, served: tuple[FakeTenant, str], edit: Edit
) -> None:
    record(path, recorded, user)
    edit(f"recorded_at: '{datetime.now(UTC).year}", "recorded_at: '2020")
    _, before = load_cassette(path)
    served[0].reset()
    record(path, recorded, user)
    metadata, after = load_cassette(path)
    assert metadata.age() == 0
    assert after == before
    served[0].reset()
    record(path, recorded, role)
    assert load_cassette(path)[1] != before


def test_recording_needs_a_tenant(path: Path) -> None:
    with (
        pytest.raises(ValueError, match="needs the tenant"),
        open_cassette(path, "record", test=TEST),
    ):
        pass


def test_each_test_has_its_own_file() -> None:
    folder = Path("cassettes")
    of = {
        test: cassette_path(folder, test)
        for test in (
            "tests/a/test_b.py::test_c",
            "tests/a/test_b.py::test_c[x-1]",
            "tests/a/test_b.py::test_c[x/1]",
            "tests/a/test_b.py::test_c[x:1]",
            "tests/a/test_b.py::TestD::test_c",
            "../a/test_b.py::test_c[" + "x" * 300 + "]",
        )
    }
    assert of["tests/a/test_b.py::test_c"] == folder / "tests/a/test_b/test_c.yaml"
    assert of["tests/a/test_b.py::test_c[x-1]"] == folder / "tests/a/test_b/test_c[x-1].yaml"
    assert len(set(of.values())) == len(of)
    assert all(path.parts[0] == "cassettes" and ".." not in path.parts for path in of.values())
    assert all(len(path.name) < 200 for path in of.values())


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/aux.py::test_a", "tests/_aux/test_a.yaml"),
        ("tests/test_a.py::nul", "tests/test_a/_nul.yaml"),
        ("C:\\tests\\test_a.py::test_b", "tests/test_a/test_b.yaml"),
        ("tests/auxiliary.py::console", "tests/auxiliary/console.yaml"),
    ],
)
def test_paths_of_cassettes_are_valid_on_windows(test: str, expected: str) -> None:
    assert cassette_path(Path("c"), test) == Path("c", expected)
