"""`Refusal`: why a request was refused, for people: the rule, where it stands, what would be right.

Clients never see it in a body; the request log and the server's header show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType

_PACKAGE = __name__.partition(".")[0]
_RULES = tuple(
    f"{_PACKAGE}.{room}." for room in ("resources", "connection_strategies", "authentication")
)
"""Where rules of one resource stand; what is above them is shared."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was refused; an empty string where nothing is known."""

    rule: str = ""
    """What the request did not satisfy."""
    hint: str = ""
    """What would be right."""
    place: str = ""
    """File and line of the rule; of the contract's rules the part of the request."""

    def __str__(self) -> str:
        rule = ": ".join(filter(None, (self.place, self.rule)))
        return f"{self.hint} ({rule})" if self.hint and rule else self.hint or rule


def refusal_of(error: Exception) -> Refusal:
    """What an error shows of the rule that raised it."""
    known = getattr(error, "refusal", None)
    if isinstance(known, Refusal):
        return known
    hint = str(getattr(error, "hint", ""))
    frames = list(_frames(error.__traceback__))
    if not frames:
        return Refusal(hint=hint)
    frame, line = next(
        (each for each in reversed(frames) if _module(each[0]).startswith(_RULES)), frames[-1]
    )
    module = _module(frame).removeprefix(f"{_PACKAGE}.").replace(".", "/")
    return Refusal(_described(frame), hint, f"{module}.py:{line}")


def refusal_by(rule: Callable[..., object], hint: str = "") -> Refusal:
    """The refusal by a function that found a request wrong."""
    code = getattr(rule, "__code__", None)
    if code is None:
        return Refusal(hint=hint)
    module = rule.__module__.removeprefix(f"{_PACKAGE}.").replace(".", "/")
    text = _sentence(rule) or ("" if code.co_name == "<lambda>" else code.co_name.strip("_"))
    said = text.replace("_", " ") or "a rule on several properties, or on the tenant's state"
    return Refusal(said, hint, f"{module}.py:{code.co_firstlineno}")


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        if _module(trace.tb_frame).startswith(f"{_PACKAGE}."):
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _described(frame: FrameType) -> str:
    """The first sentence of the docstring of a frame's function, else the function's name."""
    code = frame.f_code
    found = _function(frame, code)
    text = "" if found is None else _sentence(found)
    return text or code.co_name.strip("_").replace("_", " ")


def _sentence(function: Callable[..., object]) -> str:
    """The first line of a docstring, without the full stop."""
    return (function.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def _function(frame: FrameType, code: CodeType) -> Callable[..., object] | None:
    """The function that a frame runs; None for one within another."""
    found: object = frame.f_globals.get(code.co_qualname.partition(".")[0])
    for name in code.co_qualname.split(".")[1:]:
        found = getattr(found, name, None)
    return found if callable(found) else None
