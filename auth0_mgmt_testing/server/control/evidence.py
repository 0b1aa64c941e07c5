"""How many recorded responses of live tenants the fake's equal; ``make evidence`` writes the file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def recorded_evidence() -> dict[str, dict[str, Any]]:
    """Return, by operation, its verdict and the counts of exchanges that are equal in each respect."""
    text = (files("auth0_mgmt_testing.server.control") / "evidence.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found
