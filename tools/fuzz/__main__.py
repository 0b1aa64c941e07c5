"""``python -m tools.fuzz``: fuzz all operations; prints what was sent and what must not happen."""

from __future__ import annotations

import argparse
import sys
import time

from auth0_mgmt.resources import operations

from .run import Report, fuzz


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 where a response was 5xx or undeclared."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="OPERATION", help="only these (default: all)")
    parser.add_argument("--examples", type=int, default=100, help="requests per operation (100)")
    parser.add_argument("--seed", type=int, default=None, help="for the same requests again")
    given = parser.parse_args(arguments)
    chosen = [each for each in operations() if not given.names or each.name in given.names]
    begun, report = time.monotonic(), Report()
    for operation in chosen:
        fuzz(operation, report, given.examples, seeded=given.seed)
    print("\n".join(report.lines(chosen)))
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if report.clean and chosen else 1


if __name__ == "__main__":
    sys.exit(main())
