"""``python -m tools.machines``: random calls on a tenant and on a model; prints what was compared."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from random import Random

from auth0_mgmt_testing import FakeTenant

from .drivers import SyncDriver
from .machine import DivergenceError, Machine

LENGTH = 2_000
"""Steps after which a machine starts over with an empty tenant."""


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 where tenant and model differ."""
    parser = argparse.ArgumentParser(prog="python -m tools.machines", description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first sequence (0)")
    given = parser.parse_args(arguments)
    begun, done, seed = time.monotonic(), 0, given.seed
    counts: Counter[str] = Counter()
    while done < given.steps:
        steps = min(LENGTH, given.steps - done)
        with FakeTenant(unsupported_parameters="error").management() as client:
            machine = Machine(SyncDriver(client), Random(seed))
            machine.begin()
            try:
                machine.run(steps)
            except DivergenceError as error:
                print(f"seed {seed}: {error}")
                return 1
        counts += machine.counts
        done, seed = done + steps, seed + 1
    for rule, count in sorted(counts.items()):
        print(f"{count:8} {rule}")
    print(f"{done} steps, no divergence ({time.monotonic() - begun:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
