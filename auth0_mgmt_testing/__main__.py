"""``auth0-fake``, also as ``python -m auth0_mgmt_testing``."""

from __future__ import annotations

from .errors import MissingExtraError, explain_missing_extra


def main() -> None:
    """Run the command line; without the extra ``[testing]`` exit with what to install."""
    try:
        with explain_missing_extra():
            from .cli import main as command_line

            command_line()
    except MissingExtraError as error:
        raise SystemExit(f"auth0-fake: {error}") from None


if __name__ == "__main__":
    main()
