"""The pages of the documentation and the code blocks on them.

A page is a script: its Python blocks run one after the other with the same names. Three things around
the blocks are for the runner only:

- an HTML comment ``<!-- run`` … ``-->`` holds Python that readers do not see, such as the function that
  a block calls by name;
- a block of another language with ``title="NAME"`` is a file of that name in the working directory;
- a block that defines tests or fixtures runs under pytest, with the options of ``<!-- pytest … -->``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = ("evidence.md",)
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name not in GENERATED),
]
_BLOCK = re.compile(
    r"^<!-- run\n(?P<hidden>.*?)^-->$|^```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A code block: its language, title, text and the line of its first line of code."""

    language: str
    title: str | None
    text: str
    line: int

    @property
    def has_tests(self) -> bool:
        """Whether the block is part of a test module."""
        return self.language == "python" and bool(
            re.search(r"^(async )?def test_|^@pytest\.fixture", self.text, re.M)
        )


def page_name(page: Path) -> str:
    """The page's path below the root, as test id."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order; hidden ones are Python."""
    text = page.read_text("utf-8")
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        if match["hidden"] is not None:
            found.append(Block("python", None, match["hidden"], line))
        else:
            title = _TITLE.search(match["info"])
            found.append(
                Block(match["language"], title and title[1], match["text"], line),
            )
    return found


def script(page: Path, *, tests: bool) -> str:
    """The Python of a page as one module, at the lines where the page has it."""
    lines = [""] * (page.read_text("utf-8").count("\n") + 1)
    for block in blocks(page):
        if block.language == "python" and block.has_tests is tests:
            code = block.text.splitlines()
            lines[block.line - 1 : block.line - 1 + len(code)] = code
    return "\n".join(lines) + "\n"
