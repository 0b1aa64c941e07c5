"""The environment variables of a served tenant's clients, as text for shells and programs."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

Syntax = Literal["sh", "powershell", "cmd", "dotenv", "json"]
Tool = Literal["python", "node", "go", "terraform", "deploy-cli"]


def for_tool(variables: Mapping[str, str], tool: Tool) -> dict[str, str]:
    """Return the variables of a tool, under its own names."""
    sign_in = {
        name: variables[name] for name in ("AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET")
    }
    names: Mapping[Tool, Sequence[str]] = {
        "python": ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        "node": ("NODE_EXTRA_CA_CERTS",),
        "go": ("SSL_CERT_FILE",),
        "terraform": ("SSL_CERT_FILE",),
        "deploy-cli": ("NODE_EXTRA_CA_CERTS",),
    }
    found = {**sign_in, "AUTH0_AUDIENCE": variables["AUTH0_AUDIENCE"]}
    if tool == "python":
        found["AUTH0_URL"] = variables["AUTH0_URL"]
    for name in (*names[tool], "HTTPS_PROXY"):
        if name in variables:
            found[name] = variables[name]
    return found


def default_syntax() -> Syntax:
    """Return the format of this platform's shell; on Windows a shell like sh names itself."""
    return "powershell" if sys.platform == "win32" and "SHELL" not in os.environ else "sh"


def render(variables: Mapping[str, str], syntax: Syntax) -> str:
    """Return variables as text for a shell or a program."""
    import json

    if syntax == "json":
        return json.dumps(dict(variables))
    if syntax == "powershell":
        quoted = {name: value.replace("'", "''") for name, value in variables.items()}
        return "\n".join(f"$env:{name} = '{value}'" for name, value in quoted.items())
    if syntax == "cmd":
        return "\n".join(f'set "{name}={value}"' for name, value in variables.items())
    if syntax == "dotenv":
        return "\n".join(f'{name}="{value}"' for name, value in variables.items())
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
