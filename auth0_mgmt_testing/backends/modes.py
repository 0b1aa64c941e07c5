"""The modes of a run, and the choice of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

Mode: TypeAlias = Literal["fake", "server", "cassette", "record", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)
VARIABLE = "AUTH0_TENANT_MODE"
"""The environment variable that names the mode."""


def chosen(option: str | None, environment: Mapping[str, str], ini: str) -> Mode | None:
    """Return the mode named by the option, else the environment, else the ini file; else None.

    Raises ValueError for a mode that does not exist, naming where it came from.
    """
    sources = {"--auth0": option, VARIABLE: environment.get(VARIABLE), "auth0_mode": ini}
    for source, named in sources.items():
        if named:
            if named not in MODES:
                known = ", ".join(MODES)
                raise ValueError(f"{source}: there is no mode {named!r}; the modes are {known}")
            return named
    return None
