"""``auth0-fake verify``: output, files, thresholds and exit codes."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from typer.testing import CliRunner, Result

from auth0_mgmt_testing.cli import application
from auth0_mgmt_testing.errors import TargetError
from auth0_mgmt_testing.live.configuration import ALLOW_VARIABLE
from auth0_mgmt_testing.recordings.importers import load
from auth0_mgmt_testing.verification import verify
from auth0_mgmt_testing.verification.targets import UrlTarget

from .conftest import ScriptedTarget, go_vcr

ROLE = {"id": "rol_AAAAAAAAAAAAAAA1", "name": "<b>editor</b>"}
CASSETTE = go_vcr(
    ("POST", "/roles", {"name": "editor"}, 200, ROLE), ("GET", "/roles", None, 200, [ROLE])
)


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> ScriptedTarget:
    scripted = ScriptedTarget((200, ROLE), (200, [ROLE]))
    monkeypatch.setattr(verify, "FakeTarget", lambda: scripted)
    return scripted


def run(*arguments: object) -> Result:
    return CliRunner().invoke(application(), ["verify", *map(str, arguments)])


def test_equal_answers_pass(write: Any, target: ScriptedTarget) -> None:
    result = run(write("a.yaml", CASSETTE))
    assert result.exit_code == 0, result.output
    assert "post_roles" in result.stdout
    assert "2 exchanges of 1 scenarios, 2 operations" in result.stdout


def test_recordings_are_written_as_har_without_secrets(
    write: Any, target: ScriptedTarget, tmp_path: Path
) -> None:
    user = {"email": "ada@somebody.dev", "password": "Hunter2-Hunter2"}
    made = {"user_id": "auth0|1", "email": user["email"]}
    target.script = [(201, {**made, "more": 1}), (200, [ROLE])]
    cassette = go_vcr(("POST", "/users", user, 201, made), ("GET", "/roles", None, 200, [ROLE]))
    file = tmp_path / "all.har"
    result = run(write("a.yaml", cassette), "--har", file, "--min-shape", 0, "--min-value", 0)
    assert result.exit_code == 0, result.output
    text = file.read_text("utf-8")
    assert "Hunter2" not in text
    assert "ada@somebody" not in text
    log = json.loads(text)["log"]
    assert [page["id"] for page in log["pages"]] == ["a"]
    first, second = log["entries"]
    assert first["pageref"] == "a"
    assert first["request"]["postData"]["mimeType"] == "application/json"
    assert first["comment"] == "shape at more: absent ≠ 1"
    assert "comment" not in second
    [again] = load(file)
    assert [each.request.target for each in again.exchanges] == ["/api/v2/users", "/api/v2/roles"]
    assert [each.response.status for each in again.exchanges] == [201, 200]
    assert json.loads(again.exchanges[1].response.body) == [ROLE]


def test_scores_below_a_threshold_exit_with_1(write: Any, target: ScriptedTarget) -> None:
    target.script[1] = (500, {"message": "no"})
    path = write("a.yaml", CASSETTE)
    assert run(path).exit_code == 1
    target.sent.clear()
    relaxed = run(path, "--min-status", 0.5, "--min-shape", 0.5, "--min-value", 0.5)
    assert relaxed.exit_code == 0


def test_differences_are_shown_when_asked(write: Any, target: ScriptedTarget) -> None:
    target.script[1] = (200, [{**ROLE, "more": 1}])
    result = run(write("a.yaml", CASSETTE), "--diff", 1)
    assert "get_roles: GET /api/v2/roles (a #1)" in result.stdout
    assert "more: absent ≠ 1" in result.stdout


def test_remaining_differences_are_grouped_by_cause(write: Any, target: ScriptedTarget) -> None:
    target.script[:] = [(200, ROLE), (200, [{**ROLE, "more": 1}])] * 2
    folder = write("a.yaml", CASSETTE).parent
    write("b.yaml", CASSETTE)
    result = run(folder, "--causes", "--jobs", 1)
    assert "2    2  shape  get_roles: [].more: only the target has it" in result.stdout


def test_only_some_operations_or_scenarios(write: Any, target: ScriptedTarget) -> None:
    path = write("a.yaml", CASSETTE)
    result = run(path, "--only", "get_roles")
    assert "1 exchanges of 1 scenarios" in result.stdout
    assert len(target.sent) == 2
    assert run(path, "--only", "get_roles_by_id").exit_code == 2
    assert run(path, "--scenario", "b*").exit_code == 2


def test_reports_are_written(write: Any, target: ScriptedTarget, tmp_path: Path) -> None:
    target.script[1] = (200, [{**ROLE, "name": "other"}])
    files = tmp_path / "report.json", tmp_path / "report.html"
    run(write("a.yaml", CASSETTE), "--json", files[0], "--html", files[1])
    report = json.loads(files[0].read_text("utf-8"))
    assert report["passed"] is False
    assert report["scores"]["status"] == 1
    assert report["differing"][0]["operation"] == "get_roles"
    page = files[1].read_text("utf-8")
    assert "&lt;b&gt;editor" in page
    assert "<b>editor" not in page


@pytest.mark.parametrize("option", ["--json", "--html", "--junit", "--sarif"])
def test_only_the_owner_may_read_a_report(
    option: str, write: Any, target: ScriptedTarget, tmp_path: Path
) -> None:
    file = tmp_path / "report"
    file.write_text("of a run before")
    run(write("a.yaml", CASSETTE), option, file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_junit_names_each_exchange_that_differs(
    write: Any, target: ScriptedTarget, tmp_path: Path
) -> None:
    target.script[1] = (200, [{**ROLE, "name": "other\x01"}])
    file = tmp_path / "report.xml"
    run(write("a.yaml", CASSETTE), "--junit", file)
    root = fromstring(file.read_text("utf-8"))
    assert [(s.get("name"), s.get("failures")) for s in root] == [
        ("get_roles", "1"),
        ("post_roles", "0"),
    ]
    (failure,) = root.iter("failure")
    assert "name" in str(failure.get("message"))


def test_sarif_has_a_result_for_each_kind_of_difference(
    write: Any, target: ScriptedTarget, tmp_path: Path
) -> None:
    target.script[1] = (500, {"message": "no"})
    file, recording = tmp_path / "report.sarif", write("a.yaml", CASSETTE)
    run(recording, "--sarif", file)
    (sarif,) = json.loads(file.read_text("utf-8"))["runs"]
    (result,) = sarif["results"]
    assert (result["ruleId"], result["level"]) == ("status", "error")
    assert result["ruleId"] in [rule["id"] for rule in sarif["tool"]["driver"]["rules"]]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert location == str(recording)


def test_github_shows_an_annotation_for_each_cause(write: Any, target: ScriptedTarget) -> None:
    target.script[1] = (500, {"message": "no\nmore"})
    result = run(write("a.yaml", CASSETTE), "--github")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("::")]
    assert line.startswith("::error file=")
    assert "title=get_roles differs in status::" in line


def test_a_baseline_is_written_once_and_then_to_be_reached(
    write: Any, target: ScriptedTarget, tmp_path: Path
) -> None:
    file = tmp_path / "baseline.json"
    low = ("--min-status", 0, "--min-shape", 0, "--min-value", 0)
    command = (write("a.yaml", CASSETTE), "--baseline", file, *low)
    assert run(*command).exit_code == 0
    target.sent.clear()
    target.script[1] = (200, [{**ROLE, "more": 1}])
    worse = run(*command)
    assert worse.exit_code == 1
    assert "get_roles: shape 0.0000, was 1.0000" in worse.stderr
    target.sent.clear()
    assert run(*command, "--update-baseline").exit_code == 0
    target.sent.clear()
    assert run(*command).exit_code == 0
    file.write_text("[]", "utf-8")
    target.sent.clear()
    assert run(*command).exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", "nothing\n", "a.yaml:1: not a recording"),
        ("a.json", "{\n oops", "a.json:2: not JSON"),
    ],
)
def test_bad_files_exit_with_2_and_name_the_line(
    write: Any, target: ScriptedTarget, name: str, text: str, told: str
) -> None:
    result = run(write(name, text))
    assert result.exit_code == 2
    assert told in result.stderr


def test_bad_arguments_exit_with_2(write: Any, target: ScriptedTarget, tmp_path: Path) -> None:
    path = write("a.yaml", CASSETTE)
    assert run(tmp_path / "none").exit_code == 2
    assert run(path, "--only", "no_such_operation").exit_code == 2
    assert run(path, "--min-status", 95).exit_code == 2
    assert run(path, "--against", "ftp://127.0.0.1").exit_code == 2
    assert run(path, "--json", tmp_path / "none" / "x.json").exit_code == 2


def test_a_live_tenant_is_refused_unless_named() -> None:
    with pytest.raises(TargetError, match=f"{ALLOW_VARIABLE}=tenant.eu.auth0.com"):
        UrlTarget("https://tenant.eu.auth0.com", {})
    with pytest.raises(TargetError):
        UrlTarget("https://tenant.eu.auth0.com", {ALLOW_VARIABLE: "other.eu.auth0.com"})
    allowed = UrlTarget("https://tenant.eu.auth0.com", {ALLOW_VARIABLE: "tenant.eu.auth0.com"})
    assert allowed.domain == "tenant.eu.auth0.com"
    allowed.close()


def test_the_command_line_tells_its_version() -> None:
    result = CliRunner().invoke(application(), ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"auth0-mgmt {version('auth0-mgmt')}\n")


def test_scores_are_shown_by_year_and_since_a_day(write: Any, target: ScriptedTarget) -> None:
    made = {**ROLE, "created_at": "2025-07-01T00:00:00.000Z"}
    target.script = [(200, made), (200, [made])]
    cassette = go_vcr(
        ("POST", "/roles", {"name": "editor"}, 200, made), ("GET", "/roles", None, 200, [made])
    )
    result = run(write("a.yaml", cassette), "--years", "--since", "2025-06-01")
    assert result.exit_code == 0, result.output
    assert "2025          2           2" in result.stdout
    later = run(write("a.yaml", cassette), "--since", "2025-08-01")
    assert "there is nothing to replay" in later.output


def test_exchanges_that_do_not_count_are_shown_with_the_reason(
    write: Any, target: ScriptedTarget
) -> None:
    cassette = go_vcr(("PATCH", f"/roles/{ROLE['id']}", {"name": "x"}, 200, ROLE))
    result = run(write("a.yaml", cassette), "--uncounted")
    assert "preexisting  patch_roles_by_id: PATCH" in result.stdout


def test_the_authentication_api_has_figures_of_its_own(write: Any) -> None:
    refused = {"error": "invalid_grant", "error_description": "Invalid authorization code"}
    given = {
        "grant_type": "authorization_code",
        "client_id": "c",
        "client_secret": "s",
        "code": "x",
    }
    cassette = go_vcr(("POST", "/token", given, 403, refused))
    cassette["interactions"][0]["request"]["url"] = "https://recorded.eu.auth0.com/oauth/token"
    result = run(write("a.yaml", cassette))
    assert "Authentication API: 1 exchanges  status 1.0000" in result.stdout
