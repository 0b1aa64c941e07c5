"""A node process for each run: for code that needs packages, or what only node has."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from importlib.resources import as_file, files
from pathlib import Path
from secrets import token_hex
from typing import IO

from auth0_mgmt._json import is_object

from ..state.store import Doc
from .program import (
    ActionError,
    Fetch,
    Limits,
    Outcome,
    never_settles,
    platform_error,
    read_json,
    read_progress,
    read_result,
    timeout,
)

FOLDER_VARIABLE = "AUTH0_FAKE_NODE_FOLDER"
"""The environment variable that names the folder whose ``node_modules`` actions find packages in."""
STARTUP = 10.0
"""Seconds that node may take to start."""
_GRACE = 0.25
"""Seconds that node may take to end, beyond what the action may."""
_OWN_MEMORY = 256 * 1_048_576
"""Bytes that node may use for itself, beyond what the action may."""
_LINE = 2 * 1_048_576
_INHERITED = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "NODE_EXTRA_CA_CERTS")
"""Of the environment, what node is given: nothing that may be a secret."""


def find_node() -> str | None:
    """The path of node; None where it is not installed."""
    return shutil.which("node")


def packages_folder() -> Path:
    """The folder whose ``node_modules`` packages are found in."""
    return Path(os.environ.get(FOLDER_VARIABLE) or Path.cwd()).resolve()


def run(start: Doc, limits: Limits, fetch: Fetch) -> Outcome:
    """Run an action in node; ``start`` is what the prelude begins with."""
    program = find_node()
    if program is None:
        return Outcome(
            platform_error(
                "The action needs node (it requires packages, or uses what only node has), and node "
                "is not installed, or not in PATH"
            )
        )
    mark = token_hex(16)
    with as_file(files(__package__ or "")) as here:
        command = [
            program,
            f"--max-old-space-size={max(limits.memory // 1_048_576, 16)}",
            str(here / "node_runner.js"),
            str(here),
            str(packages_folder()),
            mark,
        ]
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        ) as process:
            _limit_memory(process.pid, limits.memory + _OWN_MEMORY)
            return _Conversation(process, mark.encode(), limits, fetch).hold(start)


def _limit_memory(pid: int, size: int) -> None:
    """Limit what a process may allocate beside its heap, where the system can do that."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):  # it has ended
            resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))


class _Conversation:
    """What is said to a process and back, a line each; it ends when the time is over."""

    def __init__(
        self, process: subprocess.Popen[bytes], mark: bytes, limits: Limits, fetch: Fetch
    ) -> None:
        self._process = process
        self._mark = mark
        self._limits = limits
        self._fetch = fetch
        self._late = False
        self._timer = threading.Timer(0, self._stop)

    def hold(self, start: Doc) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stop_in(STARTUP)
        try:
            self._say(self._process.stdin, start)
            return self._listen(self._process.stdin, self._process.stdout)
        except (OSError, ValueError) as problem:
            return Outcome(self._ended(str(problem)))
        finally:
            self._timer.cancel()
            self._kill()

    def _stop_in(self, seconds: float) -> None:
        """Stop the process after so many seconds from now, and not when it was to be stopped."""
        self._timer.cancel()
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True
        self._timer.start()

    def _stop(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        """Kill the process, and what it started."""
        with suppress(OSError):  # it has ended
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    @staticmethod
    def _say(stdin: IO[bytes], value: Doc) -> None:
        stdin.write(json.dumps(value).encode() + b"\n")
        stdin.flush()

    def _listen(self, stdin: IO[bytes], stdout: IO[bytes]) -> Outcome:
        while line := stdout.readline(_LINE):
            if not line.startswith(self._mark):
                continue  # what the code wrote there itself
            match read_json(line[len(self._mark) :].decode("ascii", "replace")):
                case {"started": True}:
                    self._stop_in(self._limits.time + _GRACE)
                case {"fetch": request} if is_object(request):
                    self._say(stdin, {"id": request.get("id"), **self._fetch(request)})
                case {"progress": str(progress), "result": str(result)}:
                    found = read_progress(progress)
                    error = found.error if found.done else never_settles()
                    return read_result(self._explained(error), result)
                case _:
                    raise ValueError("a line of another form")
        return Outcome(self._ended("no result"))

    def _ended(self, reason: str) -> ActionError:
        if self._late:
            return timeout(self._limits.time)
        return platform_error(
            f"The node process of the action ended by itself ({reason}): it may have used more than "
            f"{self._limits.memory / 1_048_576:g} MiB of memory"
        )

    @staticmethod
    def _explained(error: ActionError | None) -> ActionError | None:
        if error is None or not error.message.startswith("Cannot find module"):
            return error
        message = error.message.partition("\n")[0]
        return platform_error(
            f"{message} in {packages_folder()}: install it there with npm, or name another folder "
            f"in {FOLDER_VARIABLE}"
        )
