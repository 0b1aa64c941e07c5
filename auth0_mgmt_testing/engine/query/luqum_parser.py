"""The parser of luqum, loaded so that it leaves no files behind.

PLY, which generates luqum's parser, writes its tables and a report into the installed package
wherever they do not match the running Python, and leaves the report open. This is disabled.
"""

# luqum and PLY have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from functools import partial
from typing import Any

from luqum import tree  # type: ignore[import-untyped]
from luqum.exceptions import ParseError  # type: ignore[import-untyped]
from ply import yacc  # type: ignore[import-untyped]

_make = yacc.yacc
yacc.yacc = partial(_make, write_tables=False, debug=False, errorlog=yacc.NullLogger())
try:
    from luqum.thread import parse as _parse  # type: ignore[import-untyped]
finally:
    yacc.yacc = _make


def parse(q: str) -> Any:
    """Return the tree of a query; raises ParseError, also for a degree that is no number."""
    try:
        return _parse(q)
    except (ArithmeticError, ValueError) as error:  # of `a~.` and `"a b"~.`
        raise ParseError(f"not a number in the query: {error}") from None


__all__ = ["ParseError", "parse", "tree"]
