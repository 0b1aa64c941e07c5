"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO


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
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
