"""Write ``docs/evidence.md``, ``docs/evidence.json`` and the package's own part of them.

``--check``: check that they are current.

``--called`` is what the tests wrote with ``--auth0-operations=FILE``. Where the recordings are not
at hand, their part is taken from what was published last.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path

from . import page
from .collect import collect, published, replayed

DOCS = Path(__file__).resolve().parents[2] / "docs"
DATA, PAGE = DOCS / "evidence.json", DOCS / "evidence.md"
FACTS = DOCS.parent / "auth0_mgmt_testing" / "server" / "control" / "evidence.json"
SHOWN = 20


def main(arguments: list[str] | None = None) -> int:
    """0: written or current; 1: not current; 2: something is missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.evidence", description=__doc__)
    parser.add_argument("--called", type=Path, required=True, metavar="FILE")
    parser.add_argument("--recordings", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args(arguments)
    try:
        called = json.loads(given.called.read_text("utf-8"))
    except (OSError, ValueError) as error:
        print(f"{given.called}: {error}; run pytest with --auth0-operations first", file=sys.stderr)
        return 2
    if given.recordings.is_dir():
        recorded = replayed(given.recordings)
    elif DATA.is_file():
        print(f"{given.recordings} is not at hand: the live column stays as published")
        recorded = published(DATA)
    else:
        print(f"{given.recordings}: no such folder, and nothing was published", file=sys.stderr)
        return 2
    rows = collect(called, recorded)
    contents = {
        DATA: page.as_json(rows),
        PAGE: page.as_markdown(rows),
        FACTS: page.as_facts(rows),
    }
    if not given.check:
        for file, text in contents.items():
            file.write_text(text, "utf-8")
        return 0
    stale = [
        difference for file, text in contents.items() for difference in _differences(file, text)
    ]
    if stale:
        print(
            "the published evidence is not current; run `make evidence`:", *stale[:SHOWN], sep="\n"
        )
    return 1 if stale else 0


def _differences(file: Path, text: str) -> list[str]:
    was = file.read_text("utf-8").splitlines() if file.is_file() else []
    lines = difflib.unified_diff(was, text.splitlines(), file.name, file.name, n=0, lineterm="")
    return list(lines)


if __name__ == "__main__":
    sys.exit(main())
