"""The examples of ``docs/authentication.md`` run."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs/authentication.md"


def test_the_example_of_tokens_without_a_page_runs() -> None:
    code = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    login = names["login"]
    assert getattr(login, "refresh_token", None)
    assert getattr(login, "scope", None) == "openid email read:things offline_access"
