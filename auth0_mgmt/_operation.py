"""One immutable row per operation of the Management API.

The generated resources call with these rows, the fake tenant routes by them and the harness
counts evidence on them: nothing about an operation is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

R = TypeVar("R")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Paging = Literal["offset", "checkpoint", "both", "logs"]


@dataclass(frozen=True, slots=True)
class Operation(Generic[R]):
    """What the contract says about one operation; ``R`` is what a caller gets back.

    ``R`` is the answer's model, ``None`` where the answer has no body, and the *item's* model
    where ``paging`` is set or the answer is a bare array.
    """

    id: str
    """The contract's operationId: ``get_users_by_id``."""
    name: str
    """Where a caller finds it: ``organizations.members.list``."""
    method: Method
    path: str
    """Path template below ``/api/v2``: ``/users/{id}``."""
    scopes: tuple[str, ...] = ()
    """Any one of these lets a token through."""
    statuses: tuple[int, ...] = (200,)
    """The success statuses."""
    query: tuple[str, ...] = ()
    """Names of the query parameters as the API spells them."""
    body: tuple[str, ...] | None = None
    """Names of the body's properties; ``()`` for a free-form object; None where there is no body."""
    required: tuple[str, ...] = ()
    """The names in ``query`` and ``body`` that must be given."""
    payload: Literal["object", "value", "multipart", "none"] = "none"
    """``value``: the body is not an object (an array or a string) and is passed as ``body``."""
    result: str | None = None
    """The answer's model as ``family.Model`` below ``auth0_mgmt.models``; None: no model."""
    many: bool = False
    """The answer is a list of ``result``."""
    paging: Paging | None = None
    items: str = ""
    """The key that holds the items where the answer is an object with totals or a cursor."""
    lifecycle: Literal["GA", "EA", "beta"] = "GA"
    custom_domain: bool = False
    """Accepts the ``Auth0-Custom-Domain`` header."""
    stream: bool = False
    """Answers server-sent events."""
    errors: tuple[int, ...] = ()
    """The error statuses that the contract lists (the tenant may answer others)."""
    docs: str = ""
    """The vendor's documentation page, below https://auth0.com/docs/."""
