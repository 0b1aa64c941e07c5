"""Compare the public API of both packages with an earlier revision: ``python -m tools.api_check v1.0.0``.

Public is what the packages export, and the modules of `PUBLIC_MODULES`. Prints one line for each breaking
change, and exits with 1 if there is any. Without a revision (nothing released yet) nothing is compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import griffe

PACKAGES = ("auth0_mgmt", "auth0_mgmt_testing")
PUBLIC_MODULES = (
    "auth0_mgmt.models",
    "auth0_mgmt.params",
    "auth0_mgmt.resources",
    "auth0_mgmt_testing.strategies",
)


def exported(package: griffe.Module) -> Iterator[str]:
    """Mark what a package exports as public; yield its paths, and those of the public modules."""
    for name, member in package.members.items():
        if member.is_alias and not name.startswith("_") and member.is_imported:
            if str(getattr(member, "target_path", "")).startswith(f"{package.path}."):
                member.public = True  # griffe would need a literal __all__
            yield f"{package.path}.{name}"
            yield str(getattr(member, "target_path", ""))
    yield from (name for name in PUBLIC_MODULES if name.startswith(f"{package.path}."))


def breaking_changes(
    package: str, against: str, repository: Path, search: str = "."
) -> Iterator[str]:
    """What breaks users of a package who come from the revision ``against``, a line each."""
    old = griffe.load_git(package, ref=against, repo=repository, search_paths=[search])
    new = griffe.load(package, search_paths=[str(repository / search)])
    if not (isinstance(old, griffe.Module) and isinstance(new, griffe.Module)):
        raise TypeError(f"{package} is no package")
    public = {path for module in (old, new) for path in exported(module) if path}
    for change in griffe.find_breaking_changes(old, new):
        path = change.obj.path
        if any(path == name or path.startswith(f"{name}.") for name in public):
            named = getattr(change.old_value, "name", "")
            more = f"({named})" if named and not path.endswith(f".{named}") else ""
            yield f"{path}{more}: {change.kind.value}"


def main() -> int:
    """Print what is broken; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("against", nargs="?", help="a git revision, such as the last release's tag")
    against: str | None = parser.parse_args().against
    if not against:
        print("nothing to compare with: no release has been tagged (v*) yet")
        return 0
    found = [
        line for package in PACKAGES for line in breaking_changes(package, against, Path.cwd())
    ]
    print("\n".join(found) or f"nothing public is broken since {against}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
