"""List what the vendor's newest packages have and the contract lacks: ``python -m tools.drift``.

The packages are fetched into a temporary folder with pip and npm and read, never run. Exits with 1
where ``--fail`` is given and the contract lacks something, with 2 where no package could be read.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .facts import Facts, Missing, of_contract
from .node_package import of_node
from .python_package import of_python

_TIMEOUT = 300


class FetchError(Exception):
    """A package could not be fetched or unpacked."""


def fetch_python(folder: Path) -> tuple[str, Path]:
    """The newest ``auth0-python``: the file's name and where it is unpacked."""
    _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "auth0-python"], folder)
    file = _only(folder, "*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "unpacked")
    return file.name, folder / "unpacked"


def fetch_node(folder: Path) -> tuple[str, Path]:
    """The newest ``auth0`` for Node.js: the file's name and where it is unpacked."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed")
    _run([npm, "pack", "auth0", "--silent"], folder)
    file = _only(folder, "*.tgz")
    with tarfile.open(file) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return file.name, folder / "unpacked" / "package"


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{command[-1]}: no end after {_TIMEOUT} s") from error
    if done.returncode != 0:
        raise FetchError(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()}")


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{len(found)} files match {pattern}, one was expected")
    return found[0]


PACKAGES: dict[str, tuple[Callable[[Path], tuple[str, Path]], Callable[[Path], Facts]]] = {
    "python": (fetch_python, of_python),
    "node": (fetch_node, of_node),
}


def lines(missing: Missing) -> list[str]:
    """What is missing, a line each."""
    return [
        *(f"  operation  {name}" for name in missing.operations),
        *(f"  field      {name}: {', '.join(more)}" for name, more in missing.fields.items()),
        *(f"  value      {name}: {', '.join(more)}" for name, more in missing.values.items()),
    ]


def main(arguments: list[str] | None = None, contract: Facts | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--fail", action="store_true", help="exit with 1 if the contract lacks any")
    parser.add_argument(
        "--python", type=Path, help="an unpacked auth0-python instead of the newest"
    )
    parser.add_argument("--node", type=Path, help="an unpacked npm package instead of the newest")
    options = parser.parse_args(arguments)
    own = contract or of_contract()
    given = {name: getattr(options, name) for name in PACKAGES if getattr(options, name)}
    report: dict[str, dict[str, Missing]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (fetch, read) in PACKAGES.items():
            if given and name not in given:
                continue
            try:
                label, path = (
                    (str(given[name]), given[name]) if given else fetch(Path(folder, name))
                )
            except FetchError as error:
                print(f"{name}: {error}", file=sys.stderr)
                continue
            facts = read(path)
            if not facts.operations:
                print(f"{name}: {label} holds no operation; its form is new", file=sys.stderr)
                continue
            report[label] = {
                "contract_lacks": facts.missing_from(own),
                "package_lacks": own.missing_from(facts),
            }
    if not report:
        return 2
    if options.json:
        parts = {p: {k: m.to_dict() for k, m in both.items()} for p, both in report.items()}
        print(json.dumps(parts, indent=2))
    else:
        for label, both in report.items():
            print(f"{label} has what the contract lacks:")
            print(*(lines(both["contract_lacks"]) or ["  nothing"]), sep="\n")
            rest = both["package_lacks"]
            print(
                f"  (it lacks {len(rest.operations)} operations of the contract, fields of "
                f"{len(rest.fields)} types, values of {len(rest.values)} enums)"
            )
    return int(options.fail and any(both["contract_lacks"] for both in report.values()))


if __name__ == "__main__":
    raise SystemExit(main())
