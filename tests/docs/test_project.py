"""The files around the code: dependencies, Makefile, workflows, changelog, links."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import auth0_mgmt
import auth0_mgmt_testing

from .pages import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DISTRIBUTIONS = {"jwt": "pyjwt", "yaml": "pyyaml", "_pytest": "pytest"}
NEW_NAMES = re.compile(r"^\| `(?P<old>[A-Za-z]+)`[^|]*\| `(?P<new>[A-Za-z_]+)`", re.M)


def imported(package: str) -> dict[str, str]:
    """The third-party modules that a package imports, with a file that does."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and not top.startswith("auth0_mgmt"):
                    found.setdefault(top, path.relative_to(ROOT).as_posix())
    return found


def declared(*extras: str) -> set[str]:
    """The distributions that the project declares, with its extras."""
    requirements: list[str] = [*PROJECT["project"]["dependencies"]]
    for extra in extras:
        requirements += PROJECT["project"]["optional-dependencies"][extra]
    return {re.split(r"[\[<>=!;~ ]", text)[0].lower().replace("_", "-") for text in requirements}


@pytest.mark.parametrize(
    ("package", "extras"),
    [
        ("auth0_mgmt", ("jwt", "httpx2")),
        ("auth0_mgmt_testing", ("jwt", "testing", "hypothesis", "containers")),
    ],
)
def test_what_is_imported_is_declared(package: str, extras: tuple[str, ...]) -> None:
    known = declared(*extras)
    missing = {
        module: path
        for module, path in imported(package).items()
        if DISTRIBUTIONS.get(module, module).replace("_", "-") not in known
    }
    assert not missing


def targets(makefile: str) -> dict[str, str | None]:
    """The phony targets of the Makefile with their comments."""
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", makefile, re.M)
    assert phony is not None
    names = phony[1].replace("\\\n", " ").split()
    found = dict(re.findall(r"^([a-z-]+):[^#\n]*## (.+)$", makefile, re.M))
    return {name: found.get(name) for name in names}


def test_make_help_lists_every_target() -> None:
    known = targets((ROOT / "Makefile").read_text("utf-8"))
    assert all(known.values()), known
    printed = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^make (\S+)", printed, re.M)) == set(known)


def workflows() -> list[Path]:
    return sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", workflows(), ids=lambda path: path.stem)
def test_workflows_run_targets_and_tools_that_exist(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert all("runs-on" in job or "uses" in job for job in jobs.values())
    known = targets((ROOT / "Makefile").read_text("utf-8"))
    assert set(re.findall(r"run: make ([a-z-]+)", text)) <= set(known)
    for module in re.findall(r"python -m (tools\.\w+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_workflows_test_every_supported_python() -> None:
    matrix = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))
    supported = {
        found[1]
        for text in PROJECT["project"]["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text))
    }
    assert set(matrix["jobs"]["wheel"]["strategy"]["matrix"]["python"]) == supported


def renamed() -> Iterator[tuple[str, str]]:
    """The renamed exports that the changelog lists."""
    for row in NEW_NAMES.finditer((ROOT / "CHANGELOG.md").read_text("utf-8")):
        if row["new"].endswith(("Error", "Warning")) or row["new"].endswith("_query"):
            yield row["old"], row["new"]


@pytest.mark.parametrize(("old", "new"), list(renamed()))
def test_new_names_of_the_changelog_exist_and_old_ones_do_not(old: str, new: str) -> None:
    exported = {*auth0_mgmt.__all__, *auth0_mgmt_testing.__all__}
    assert new in exported
    assert old not in exported


def test_new_members_of_the_changelog_exist_and_old_ones_do_not() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    tenant = auth0_mgmt_testing.FakeTenant
    for old, new in re.findall(r"^\| `tenant\.(\w+)[^|]*\| `tenant\.(\w+)", text, re.M):
        if old != new:
            assert hasattr(tenant, new), new
            assert not hasattr(tenant, old), old
    keywords = set(inspect.signature(tenant).parameters)
    assert {"random_seed", "require_issued_tokens", "unsupported_parameters"} <= keywords
    faults = set(inspect.signature(auth0_mgmt_testing.Faults.add).parameters)
    assert {"truncate_body", "lose_response", "drop_connection", "skip"} <= faults


def test_links_of_the_readme_work_on_the_package_index() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    repository = PROJECT["project"]["urls"]["Homepage"]
    links = re.findall(r"\]\(([^)]+)\)", readme)
    assert [link for link in links if not link.startswith("https://")] == []
    for link in links:
        if found := re.fullmatch(rf"{re.escape(repository)}/(?:blob|tree)/main/(.+)", link):
            assert (ROOT / found[1]).exists(), link


def test_the_version_is_told_once() -> None:
    assert PROJECT["project"]["version"] == auth0_mgmt.__version__


def test_the_changelog_has_a_section_for_what_comes_next() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")
