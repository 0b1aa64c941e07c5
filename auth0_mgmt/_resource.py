"""The base classes of the generated sub-clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, cast

from ._dispatch import AsyncDispatcher, Dispatcher, Ids, Params
from ._dispatch import RawResponse as RawResponse
from ._operation import Operation

if TYPE_CHECKING:
    from ._events import AsyncSubscription, Subscription
    from ._options import RequestOptions
    from ._pagination import AsyncPager, Page

R = TypeVar("R")
Sub = TypeVar("Sub", bound="_Node")
_USUAL = {
    "list": ("get_all", "all", "find", "find_all", "search", "query", "index"),
    "create": ("add", "insert", "post", "new"),
    "get": ("fetch", "read", "retrieve", "show", "find_one", "get_one"),
    "update": ("patch", "edit", "modify", "save"),
    "delete": ("remove", "destroy", "del_"),
}
_SYNONYMS = {other: name for name, others in _USUAL.items() for other in others}


def suggest(thing: object, name: str) -> str:
    """A hint at the attribute that was meant by a name that does not exist; else empty."""
    if name.startswith("_"):
        return ""
    names = [each for each in dir(type(thing)) if not each.startswith("_")]
    meant = _SYNONYMS.get(name)
    if meant not in names:
        import difflib  # late: only mistakes need it

        meant = next(iter(difflib.get_close_matches(name, names, 1)), None)
    return f"; did you mean {meant!r}?" if meant else ""


def _missing(thing: object, name: str) -> AttributeError:
    return AttributeError(
        f"{type(thing).__name__!r} has no attribute {name!r}{suggest(thing, name)}",
        name=name,
        obj=None,
    )


class ClientBase:
    """Holds the resource families of a synchronous client."""

    _dispatcher: Dispatcher
    _raw = False

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise _missing(self, name)


class AsyncClientBase:
    """Holds the resource families of an asynchronous client."""

    _dispatcher: AsyncDispatcher
    _raw = False

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise _missing(self, name)


class _Node:
    """A sub-client: knows its dispatcher and whether it returns raw responses."""

    def __init__(self, parent: Any) -> None:
        self._dispatcher = parent._dispatcher
        self._raw: bool = parent._raw

    def _sub(self, kind: type[Sub]) -> Sub:
        return kind(self)

    @property
    def with_raw_response(self) -> Any:
        """The same methods, returning a `RawResponse` with status, headers and rate limit."""
        twin = type(self)(self)
        twin._raw = True
        return twin

    def _refuse_raw(self, name: str) -> None:
        """Raise TypeError under `with_raw_response`: for helpers that send more than one request."""
        if self._raw:
            raise TypeError(
                f"{name}() sends several requests and has no raw response:"
                f" call mgmt.{name}() without with_raw_response"
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __copy__(self) -> Self:
        return type(self)(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise _missing(self, name)


class Resource(_Node):
    """A synchronous sub-client."""

    _dispatcher: Dispatcher

    def _request(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> R:
        if self._raw:  # only where the type is that of `with_raw_response`
            return cast("R", self._dispatcher.request_raw(op, ids, params, options))
        return self._dispatcher.request(op, ids, params, options)

    def _list(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> list[R]:
        return cast("list[R]", self._request(op, ids, params, options))

    def _page(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> Page[R]:
        if self._raw:
            return cast("Page[R]", self._dispatcher.page_raw(op, ids, params, options))
        return self._dispatcher.page(op, ids, params, options)

    def _subscribe(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> Subscription:
        self._refuse_raw(op.name)
        from ._events import Subscription

        return Subscription(self._dispatcher, op, ids, params, options)


class AsyncResource(_Node):
    """An asynchronous sub-client."""

    _dispatcher: AsyncDispatcher

    async def _request(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> R:
        if self._raw:
            return cast("R", await self._dispatcher.request_raw(op, ids, params, options))
        return await self._dispatcher.request(op, ids, params, options)

    async def _list(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> list[R]:
        return cast("list[R]", await self._request(op, ids, params, options))

    def _page(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> AsyncPager[R]:
        if self._raw:
            return cast("AsyncPager[R]", self._dispatcher.page_raw(op, ids, params, options))
        return self._dispatcher.pager(op, ids, params, options)

    def _subscribe(
        self, op: Operation[R], ids: Ids, params: Params, options: RequestOptions | None
    ) -> AsyncSubscription:
        self._refuse_raw(op.name)
        from ._events import AsyncSubscription

        return AsyncSubscription(self._dispatcher, op, ids, params, options)
