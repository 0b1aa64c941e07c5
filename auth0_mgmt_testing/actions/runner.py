"""`run_program`: runs the code of an action for a trigger, and returns what it did."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, quote_plus

from ..state.store import Doc
from . import node_engine, quickjs_engine
from .effects import CommandError, Effects
from .event import TriggerName
from .program import LEFT_OUT, TRUST, ActionError, Fetch, Limits, Outcome, Program, platform_error
from .triggers import CACHE_LIFETIME, TRIGGERS

_REQUIRE = re.compile(r"""\brequire\s*\(\s*(?:["'](?!actions:)|[^"'\s])""")
_ONLY_NODE = re.compile(
    r"\b(?:AbortController|Blob|Buffer|FormData|Headers|Intl|Request|Response|TextDecoder|TextEncoder"
    r"|URL|URLSearchParams|crypto|encodeToken|process|structuredClone|validateToken)\b"
)
_COMMENT = re.compile(r"/\*|(?<![:\"'])//")
_SHORT = 4
"""Characters below which a secret is not looked for in output."""


@dataclass(frozen=True, slots=True)
class CachedValue:
    """A value that ``api.cache`` keeps, and until when: seconds since the epoch."""

    value: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True)
class ActionRun:
    """What one run of an action's code did."""

    effects: Effects
    """What it requested by its ``api``; nothing where it failed."""
    cached: Mapping[str, CachedValue | None] = field(repr=False)
    """What it put into ``api.cache``, by key; None: it deleted it."""
    console: tuple[str, ...]
    """The lines that it wrote, without the values of secrets; at most 64 KiB of them."""
    error: ActionError | None
    """Why it failed; None: it did not."""
    duration: float
    """Seconds that it took."""


def read_run(given: Doc) -> ActionRun:
    """A run that was sent as JSON."""
    cached = {
        key: None if value is None else CachedValue(**value)
        for key, value in given["cached"].items()
    }
    error = None if given["error"] is None else ActionError(**given["error"])
    effects = Effects.from_json(given["effects"])
    return ActionRun(effects, cached, tuple(given["console"]), error, given["duration"])


def _without_comments(code: str) -> str:
    """Code without its comments; a text that looks like one is taken for one."""
    parts: list[str] = []
    position = 0
    while found := _COMMENT.search(code, position):
        parts.append(code[position : found.start()])
        block = found[0] == "/*"
        end = code.find("*/" if block else "\n", found.end())
        if end < 0:
            return "".join(parts)
        position = end + 2 if block else end
    return "".join((*parts, code[position:]))


def needs_packages(program: Program) -> bool:
    """Whether code requires what is not a module of the tenant's."""
    code = "\n".join((program.code, *program.modules.values()))
    return bool(_REQUIRE.search(_without_comments(code)))


def needs_node(program: Program) -> bool:
    """Whether code uses what only node has."""
    code = "\n".join((program.code, *program.modules.values()))
    return needs_packages(program) or bool(_ONLY_NODE.search(_without_comments(code)))


def run_program(
    program: Program,
    trigger: TriggerName,
    event: Doc,
    *,
    now: float,
    fetch: Fetch,
    limits: Limits,
    cached: Mapping[str, CachedValue],
    before: Effects | None = None,
    resumed: bool = False,
    trusted: bool = True,
) -> ActionRun:
    """Run code for a trigger; ``event`` is what it sees, ``before`` the effects so far.

    ``now``: seconds since the epoch, which the code's ``Date`` begins with. ``resumed``: the user
    comes back from a redirect. ``trusted``: the code may run in node. The secrets' values are left out of console output and errors.
    """
    kind = TRIGGERS[trigger]
    start: Doc = {
        "code": program.code,
        "handler": kind.resumes_with if resumed else kind.handler,
        "optional": resumed,
        "trigger": trigger,
        "event": {**event, "secrets": dict(program.secrets)},
        "api": kind.api_json,
        "modules": dict(program.modules),
        "cache": {
            key: {"value": kept.value, "expires_at": kept.expires_at * 1000}
            for key, kept in cached.items()
        },
        "cacheLifetime": CACHE_LIFETIME * 1000,
        "now": now * 1000,
        "consoleRoom": limits.console,
    }
    begun = time.perf_counter()
    outcome = _engine(program, trusted)(start, limits, fetch)
    effects, changes, error = _applied(outcome, trigger, before or Effects(), now)
    if error is not None:
        error = _explained(error, trusted)
    hide = _Hider(program.secrets)
    return ActionRun(
        effects,
        changes,
        tuple(hide(line) for line in outcome.console),
        None if error is None else hide.error(error),
        time.perf_counter() - begun,
    )


def _engine(program: Program, trusted: bool) -> Callable[[Doc, Limits, Fetch], Outcome]:
    if needs_packages(program):
        return node_engine.run if trusted else _untrusted
    if trusted and needs_node(program) and node_engine.find_node() is not None:
        return node_engine.run
    return quickjs_engine.run


def _untrusted(start: Doc, limits: Limits, fetch: Fetch) -> Outcome:
    reason = f"The action requires packages, and this server's actions do not run in node; {TRUST}"
    return Outcome(platform_error(reason))


def _explained(error: ActionError, trusted: bool) -> ActionError:
    """An error that says why a name of node's is not there."""
    name, _, rest = error.message.partition(" ")
    if error.name != "ReferenceError" or rest != "is not defined" or not _ONLY_NODE.fullmatch(name):
        return error
    reason = "which is not installed" if trusted else f"which this server does not use; {TRUST}"
    return replace(error, message=f"{error.message}: only node has it, {reason}")


def _applied(
    outcome: Outcome, trigger: TriggerName, before: Effects, now: float
) -> tuple[Effects, dict[str, CachedValue | None], ActionError | None]:
    """The effects of a run; those before it where it failed."""
    changes: dict[str, CachedValue | None] = {}
    if outcome.error is not None or not outcome.commands:
        return before, changes, outcome.error
    effects = Effects.from_json(before.to_json())
    for path, args in outcome.commands:
        try:
            match path, args:
                case "cache.set", [str(key), str(value), options]:
                    changes[key] = CachedValue(value, _expiry(options, now))
                case "cache.delete", [str(key)]:
                    changes[key] = None
                case _:
                    effects.apply(path, args, trigger)
        except CommandError as problem:
            return before, {}, ActionError("Error", str(problem))
    return effects, changes, None


def _expiry(options: Any, now: float) -> float:
    """When a cached value expires: 15 minutes from now where the code says nothing, at most a day."""
    ends = now + CACHE_LIFETIME
    match options:
        case {"expires_at": int() | float() as at}:
            ends = at / 1000
        case {"ttl": int() | float() as lifetime}:
            ends = now + lifetime / 1000
        case _:
            pass
    return min(ends, now + 86_400)


_HIDDEN = "[REDACTED]"


def _forms(value: str) -> Iterator[str]:
    """A text as it is, and as JSON, URLs and base64 show it."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield quote(value, safe="")
    yield quote(value, safe="!~*'()")
    yield quote_plus(value)
    yield base64.b64encode(value.encode()).decode().rstrip("=")


class _Hider:
    """Leaves the values of secrets out of texts."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        known = (
            form for value in secrets.values() if len(value) >= _SHORT for form in _forms(value)
        )
        self._forms = sorted(set(known), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._forms))) if self._forms else None

    def __call__(self, text: str) -> str:
        if self._pattern is None:
            return text
        left, cut, rest = self._pattern.sub(_HIDDEN, text).partition(LEFT_OUT)
        return f"{self._without_part(left)}{cut}{rest}"

    def _without_part(self, text: str) -> str:
        """A text that was cut, without the begin of a secret at its end."""
        for form in self._forms:
            for length in range(len(form) - 1, _SHORT - 1, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + _HIDDEN
        return text

    def error(self, error: ActionError) -> ActionError:
        return ActionError(self(error.name), self(error.message), self(error.stack), error.kind)
