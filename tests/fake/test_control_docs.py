"""What docs/fake.md says is true: every block of it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "fake.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.M | re.S)


def test_every_block_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {language for language, _ in BLOCKS} == {"python", "yaml"}
    names: dict[str, Any] = {}
    for language, text in BLOCKS:
        if language == "yaml":
            (tmp_path / "seed.yaml").write_text(text, "utf-8")
        else:
            exec(compile(text, DOCUMENT.name, "exec"), names)


def test_the_example_of_the_readme_runs() -> None:
    readme = (DOCUMENT.parents[1] / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", readme, re.M | re.S)
    [example] = [block for block in blocks if "FakeTenant" in block]
    exec(compile(example, "README.md", "exec"), {})
