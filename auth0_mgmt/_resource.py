"""What the generated sub-clients are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ._errors import RateLimit
from ._operation import Operation

if TYPE_CHECKING:
    from ._client import AsyncCaller, Caller
    from ._events import AsyncSubscription, Subscription
    from ._options import RequestOptions
    from ._pagination import AsyncPager, Page

R = TypeVar("R")
Sub = TypeVar("Sub", bound="_Node")
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RawResponse(Generic[R]):
    """An answer with what HTTP said of it: ``mgmt.users.with_raw_response.get(…)``."""

    value: R
    """The parsed model, list or page."""
    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    """Header names in lower case."""
    rate_limit: RateLimit | None = None


class Hub:
    """Where the resource families of a synchronous client hang."""

    _caller: Caller


class AsyncHub:
    """Where the resource families of an asynchronous client hang."""

    _caller: AsyncCaller


class _Node:
    """A sub-client: knows its caller and whether it answers raw."""

    def __init__(self, parent: Any) -> None:
        self._caller = parent._caller
        self._raw: bool = getattr(parent, "_raw", False)

    def _sub(self, kind: type[Sub]) -> Sub:
        return kind(self)

    @property
    def with_raw_response(self) -> Any:
        """The same methods, giving a `RawResponse` with status, headers and rate-limit figures."""
        twin = type(self)(self)
        twin._raw = True
        return twin

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __copy__(self) -> Self:
        return type(self)(self)


class Resource(_Node):
    """A synchronous sub-client."""

    _caller: Caller

    def _request(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> R:
        return self._caller.request(op, ids, params, options, self._raw)  # type: ignore[no-any-return]

    def _list(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> list[R]:
        return self._caller.request(op, ids, params, options, self._raw)  # type: ignore[no-any-return]

    def _page(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> Page[R]:
        return self._caller.page(op, ids, params, options, self._raw)  # type: ignore[no-any-return]

    def _subscribe(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> Subscription:
        from ._events import Subscription

        return Subscription(self._caller, op, params, options)


class AsyncResource(_Node):
    """An asynchronous sub-client."""

    _caller: AsyncCaller

    async def _request(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> R:
        return await self._caller.request(op, ids, params, options, self._raw)  # type: ignore[no-any-return]

    async def _list(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> list[R]:
        return await self._caller.request(op, ids, params, options, self._raw)  # type: ignore[no-any-return]

    def _page(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> AsyncPager[R]:
        return self._caller.pager(op, ids, params, options, self._raw)

    def _subscribe(
        self, op: Operation[R], ids: tuple[str, ...], params: Params, options: RequestOptions | None
    ) -> AsyncSubscription:
        from ._events import AsyncSubscription

        return AsyncSubscription(self._caller, op, params, options)
