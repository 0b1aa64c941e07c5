"""``auth0-fake``, also as ``python -m auth0_mgmt_testing``."""

from __future__ import annotations

import signal

from .errors import MissingExtraError, explain_missing_extra


def main() -> None:
    """Run the command line; without the extra ``[testing]`` exit with what to install."""
    # Process 1 of a container ignores signals without a handler, and takes long to start.
    signal.signal(signal.SIGTERM, _end)
    try:
        with explain_missing_extra():
            from .cli import main as command_line

            command_line()
    except MissingExtraError as error:
        raise SystemExit(f"auth0-fake: {error}") from None


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
