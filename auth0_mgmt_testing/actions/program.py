"""What the engines are given, and what they return."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from auth0_mgmt._json import is_array, is_object

from ..state.store import Doc

Fetch: TypeAlias = Callable[[Doc], Doc]
"""Sends what code passed to ``fetch``; returns status, headers and body, or an ``error``."""

TRUST = "start it with --trust-actions if only you can reach it"
"""The way to let the code of a server's actions do what its owner can."""
LEFT_OUT = " [the rest of the output is left out]"
"""The end of the console output of a run that wrote more than is kept."""
_MOST = 1_048_576
"""Characters of JSON that an action may leave: its effects and its console output."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an action may use."""

    time: float = 10.0
    """Seconds of computing, and seconds that its timers wait (which pass at once)."""
    memory: int = 64 * 1_048_576
    """Bytes."""
    console: int = 65_536
    """Characters of console output that are kept."""


@dataclass(frozen=True, slots=True)
class Program:
    """The code of an action, and what it may reach."""

    code: str
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    modules: Mapping[str, str] = field(default_factory=dict[str, str])
    """Code of the tenant's action modules, by name: ``require("actions:NAME")``."""
    dependencies: Mapping[str, str] = field(default_factory=dict[str, str])
    """Versions of packages, by name."""


@dataclass(frozen=True, slots=True)
class ActionError:
    """Why an action failed."""

    name: str
    """The class of what was thrown: ``TypeError`` …; ``Error`` for what is none."""
    message: str
    stack: str = ""
    kind: Literal["action_error", "action_timeout", "platform_error"] = "action_error"

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine saw of a run."""

    error: ActionError | None
    console: tuple[str, ...] = ()
    commands: tuple[tuple[str, list[Any]], ...] = ()
    """Calls of ``api`` functions, in their order: path and arguments."""


def timeout(seconds: float) -> ActionError:
    return ActionError(
        "Error", f"The action did not end within {seconds:g} seconds", kind="action_timeout"
    )


def never_settles() -> ActionError:
    return ActionError("Error", "The action never ended: it awaits a promise that nothing settles")


def out_of_memory(size: int) -> ActionError:
    return platform_error(f"The action used more than {size / 1_048_576:g} MiB of memory")


def platform_error(message: str) -> ActionError:
    return ActionError("Error", message, kind="platform_error")


def read_error(given: Any) -> ActionError | None:
    """The error that the prelude describes; None where there is none."""
    if given is None:
        return None
    known: Doc = given if is_object(given) else {}
    name, message = str(known.get("name", "Error")), str(known.get("message", ""))
    stack = str(known.get("stack", ""))
    if not stack.startswith(name):
        stack = f"{name}: {message}\n{stack}".rstrip()
    return ActionError(name, message, stack)


def read_json(text: Any) -> Any:
    """What an engine returned as JSON; raises ValueError for what is none or too large.

    Code can bring the prelude to return anything.
    """
    if not isinstance(text, str):
        raise ValueError("no text")
    if len(text) > _MOST:
        raise ValueError(f"more than {_MOST} characters")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _well_formed(value) if "\\ud" in text else value


def _well_formed(value: Any) -> Any:
    """The same without lone surrogates, which no encoding can carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if is_object(value):
        return {_well_formed(name): _well_formed(item) for name, item in value.items()}
    return [_well_formed(item) for item in value] if is_array(value) else value


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the code of an action is."""

    done: bool
    waited: float
    """Milliseconds that its timers let pass."""
    timers: int
    """Timers that are yet to run."""
    requests: tuple[Doc, ...]
    """What it passed to ``fetch`` since, each with its ``id``."""
    error: ActionError | None


def read_progress(text: Any) -> Progress:
    """How far the code is, from what the prelude's ``poll`` returned; raises ValueError."""
    known = read_json(text)
    match known:
        case {"done": bool(done), "waited": int() | float() as waited, "timers": int(timers)}:
            given: Any = known.get("requests")
            found = given if is_array(given) else []
            requests = tuple(each for each in found if is_object(each) and "id" in each)
            return Progress(done, waited, timers, requests, read_error(known.get("error")))
        case _:
            raise ValueError("the progress has another form")


def read_result(error: ActionError | None, text: Any) -> Outcome:
    """The outcome of a run that ended, from what the prelude's ``result`` returned."""
    try:
        known = read_json(text)
        console = tuple(str(line) for line in known["console"])
        commands = tuple((str(path), list(args)) for path, args in known["commands"])
    except (ValueError, TypeError, KeyError, LookupError) as problem:
        reason = f"What the action did cannot be read: {problem}"
        return Outcome(error or ActionError("Error", reason))
    return Outcome(error, console, commands)
