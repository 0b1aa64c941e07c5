"""Writing files: as a whole, and readable by their owner only."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TextIO

_REPLACE_DELAYS = (0.01, 0.05, 0.2, 1.0)
"""Seconds between attempts: Windows refuses to replace a file while a reader has it open."""


def replace_file(source: Path, target: Path) -> None:
    """Put a file in the place of another in one step; one that is open is tried again.

    Raises PermissionError, which says what to do, where it stays open.
    """
    for delay in (*_REPLACE_DELAYS, None):
        try:
            source.replace(target)
        except PermissionError as error:
            if delay is None:
                reason = f"cannot be replaced ({error.strerror}): close what has it open"
                raise PermissionError(error.errno, reason, str(target)) from error
            time.sleep(delay)
        else:
            return


def open_private(path: Path) -> TextIO:
    """Open a file for writing text as it comes; an old one is emptied. Its mode is 0600 from then on."""
    path = path.resolve()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if path.is_file():
        path.chmod(0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, replacing an old one in one step.

    A link is followed; a device or a pipe (``/dev/stdout``) is written to as it is.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        replace_file(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
