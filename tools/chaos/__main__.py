"""``python -m tools.chaos``: ten thousand faults through the client; prints what came of them."""

from __future__ import annotations

import argparse

from .run import run


def main() -> int:
    """Run and print; 1 where an error was untyped, a write doubled or a call hanging."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--seed", type=int, default=0, help="of their order (0)")
    parser.add_argument("--workers", type=int, default=16, help="threads, then tasks (16)")
    given = parser.parse_args()
    report = run(given.faults, seed=given.seed, workers=given.workers)
    print("\n".join(report.lines()))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
