"""How a fault makes the faulty thing of the right one."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt

Change = Callable[[Any], Callable[..., Any]]


def edited(*edits: tuple[str, str]) -> Callable[[Any], Any]:
    """A function whose source reads otherwise: each first text stands in it once, as the second.

    Raises ValueError where a text does not stand there once: the fault is out of date.
    """

    def change(right: Any) -> Any:
        function = inspect.unwrap(right)
        source = textwrap.dedent(inspect.getsource(function))
        for before, after in edits:
            if source.count(before) != 1:
                raise ValueError(f"{function.__qualname__} has {source.count(before)} x {before!r}")
            source = source.replace(before, after)
        found: dict[str, Any] = {}
        flags = annotations.compiler_flag
        code = compile(source, inspect.getfile(function), "exec", flags, dont_inherit=True)
        exec(code, function.__globals__, found)
        return found[function.__name__]

    return change


def always(value: Any) -> Change:
    """Whatever the arguments."""
    return lambda right: lambda *given, **named: value


def constant(value: Any) -> Callable[[Any], Any]:
    return lambda right: value


def anything(right: Any) -> Any:
    """A filter that lets everything through."""
    return always(always(True)(None))(right)


def argument(position: int, value: Any) -> Callable[[Any], Any]:
    """One argument is always the same."""

    def change(right: Any) -> Any:
        def wrong(*given: Any, **named: Any) -> Any:
            return right(*given[:position], value, *given[position + 1 :], **named)

        return wrong

    return change


def named(name: str, value: Any) -> Change:
    return lambda right: lambda *given, **named: right(*given, **{**named, name: value})


def given(position: int) -> Change:
    """One of the arguments, as it is."""
    return lambda right: lambda *arguments, **named: arguments[position]


def unpaged_total(right: Any) -> Any:
    def wrong(*given: Any) -> Any:
        page = right(*given)
        known = {"total": len(page.items)} if "total" in page.members else {}
        return replace(page, members={**page.members, **known})

    return wrong


def without_next(right: Any) -> Any:
    def wrong(*given: Any) -> Any:
        page = right(*given)
        return replace(page, members={k: v for k, v in page.members.items() if k != "next"})

    return wrong


def of_twin(**changes: Any) -> Callable[[Any], Any]:
    """A method of a collection that works as if it had been declared otherwise."""

    def change(right: Any) -> Any:
        def wrong(self: Any, *given: Any) -> Any:
            return right(replace(self, **changes), *given)

        return wrong

    return change


def lenient(right: Any) -> Any:
    """What is missing is an empty thing."""

    def wrong(self: Any, call: Any, key: str | None = None) -> Any:
        return self.find(call, key) or {self.id: self.key(call) if key is None else key}

    return wrong


def forgiving(right: Any) -> Any:
    """Deleting what is not there is fine."""

    def wrong(self: Any, call: Any) -> Any:
        return None if self.find(call) is None else right(self, call)

    return wrong


def alone(right: Any) -> Any:
    """Deleting one object deletes nothing else: the schema declares no cascade."""

    def wrong(self: Any, table: str, key: Any) -> Any:
        own, self._schema = self._schema, replace(self._schema, cascades={})
        try:
            return right(self, table, key)
        finally:
            self._schema = own

    return wrong


def shows(*fragments: str) -> Callable[[Any], Any]:
    """Names with these fragments are not secret."""

    def change(right: Any) -> Any:
        def wrong(name: str) -> bool:
            plain = name.lower().replace("_", "").replace("-", "")
            return not any(each in plain for each in fragments) and bool(right(name))

        return wrong

    return change


def with_dot(right: Any) -> Any:
    """A dot at a host name's end makes it another host."""

    def wrong(host: str) -> Any:
        return right(host) + ("." if host.endswith(".") else "")

    return wrong


def unread(right: Any) -> Any:
    """A body is read and taken as it is."""

    def wrong(self: Any, content_type: str, body: bytes) -> Any:
        return self._parse(content_type, body) if body and self._body is not None else None

    return wrong


def half_done(right: Any) -> Any:
    """What a rejected write has stored already stays."""

    def wrong(self: Any, call: Any, *rest: Any) -> Any:
        try:
            return right(self, call, *rest)
        except Exception:
            self._core.commit(call.tx.commit())
            raise

    return wrong


def anybody(right: Any) -> Any:
    """Who brings no token is let in."""

    def wrong(header: str | None, **named: Any) -> Any:
        return right(header or "Bearer anybody", **named)

    return wrong


def deep_only(right: Any) -> Any:
    """A change merges at every depth, however it is declared."""

    def wrong(old: Any, new: Any, how: str = "") -> Any:
        return right(old, new, "deep")

    return wrong


def unprefixed(right: Any) -> Any:
    def wrong(form: Any, raw: bytes) -> Any:
        return right(replace(form, prefix=""), raw)

    return wrong


def unverified(right: Any) -> Any:
    """An ID token is believed, whoever signed it."""

    def wrong(token: str, **named: Any) -> Any:
        return jwt.decode(token, options={"verify_signature": False})

    return wrong
