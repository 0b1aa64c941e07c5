"""The recipes of the docs, run as they are written, where their tools are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MODULES, Served, need_node

PAGE = (Path(__file__).parents[2] / "docs/recipes/tools.md").read_text("utf-8")


def block(title: str) -> str:
    """The text of the block with a title."""
    (found,) = re.findall(rf'^```\w+ title="{re.escape(title)}"\n(.*?)^```', PAGE, re.M | re.S)
    return str(found)


def run(served: Served, folder: Path, title: str) -> str:
    """What the commands of a block print; each has to succeed."""
    tools = folder / "bin"
    tools.mkdir()
    command = tools / "auth0-fake"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auth0_mgmt_testing "$@"\n')
    command.chmod(0o755)
    lines = [line.removeprefix("$ ") for line in block(title).splitlines() if line.startswith("$ ")]
    environment = {name: value for name, value in os.environ.items() if name[:6] != "AUTH0_"} | {
        "AUTH0_FAKE_HOME": str(Path(served.ca_file).parent),
        "AUTH0_FAKE_URL": served.url,
        "PATH": f"{tools}{os.pathsep}{MODULES / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_recipe_for_deploy_cli(served: Served, tmp_path: Path) -> None:
    need_node("auth0-deploy-cli")
    run(served, tmp_path, "deploy-cli")
    assert (tmp_path / "tenant" / "tenant.yaml").is_file()


def test_the_recipe_for_node(served: Served, tmp_path: Path) -> None:
    need_node("auth0")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "roles.mjs").write_text(block("roles.mjs"))
    printed = run(served, tmp_path, "node")
    wanted = [line for line in block("node").splitlines() if not line.startswith("$ ")]
    assert printed.splitlines() == wanted


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="Go is not installed")
def test_the_program_for_go_is_formatted(tmp_path: Path) -> None:
    program = tmp_path / "main.go"
    program.write_text(block("main.go"))
    done = subprocess.run(["gofmt", "-l", str(program)], capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not installed")
def test_the_configuration_for_terraform_is_formatted(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(block("main.tf"))
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-list=true"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


GO = """
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
)

func main() {
	response, err := http.PostForm("https://"+os.Getenv("AUTH0_DOMAIN")+"/oauth/token", url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {os.Getenv("AUTH0_CLIENT_ID")},
		"client_secret": {os.Getenv("AUTH0_CLIENT_SECRET")},
		"audience":      {"https://" + os.Getenv("AUTH0_DOMAIN") + "/api/v2/"},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(response.StatusCode)
}
"""


@pytest.mark.skipif(
    shutil.which("go") is None or sys.platform != "linux", reason="Go is not installed"
)
def test_programs_in_go_reach_and_trust_the_tenant_by_the_recipes_environment(
    served: Served, tmp_path: Path
) -> None:
    """With Go's own library alone: the vendor's module may not be at hand."""
    (tmp_path / "main.go").write_text(GO)
    (tmp_path / "go.mod").write_text("module example.com/fake\n\ngo 1.19\n")
    assert run(served, tmp_path, "go").strip() == "200"
