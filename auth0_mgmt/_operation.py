"""One immutable record per operation of the Management API.

The generated resources call with these rows, the fake tenant routes by them and verification
counts evidence on them: nothing about an operation is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

R = TypeVar("R")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Pagination = Literal["offset", "checkpoint", "both", "logs"]


@dataclass(frozen=True, slots=True)
class Operation(Generic[R]):
    """What the contract says about one operation; ``R`` is what the client returns.

    ``R`` is the response's model, ``None`` where the response has no body, and the *item's* model
    where ``pagination`` is set or the response is a bare array.
    """

    id: str
    """The contract's operationId: ``get_users_by_id``."""
    name: str
    """Where a caller finds it: ``organizations.members.list``."""
    method: Method
    path: str
    """Path template below ``/api/v2``: ``/users/{id}``."""
    scopes: tuple[str, ...] = ()
    """A token needs any one of these."""
    success_statuses: tuple[int, ...] = (200,)
    """The success statuses."""
    query: tuple[str, ...] = ()
    """Names of the query parameters as the API spells them."""
    days: tuple[str, ...] = ()
    """The query parameters that are days without hyphens: ``20260131``."""
    body: tuple[str, ...] | None = None
    """Names of the body's properties; ``()`` for a free-form object; None where there is no body."""
    required: tuple[str, ...] = ()
    """The names in ``query`` and ``body`` that must be given."""
    body_kind: Literal["object", "value", "multipart", "none"] = "none"
    """``value``: the body is not an object (an array or a string) and is passed as ``body``."""
    response_model: str | None = None
    """The response's model as ``family.Model`` below ``auth0_mgmt.models``; None: no model."""
    is_list: bool = False
    """The response is a list of ``response_model``."""
    or_object: bool = False
    """The list may be a single object instead, read as a list of one."""
    pagination: Pagination | None = None
    items_key: str = ""
    """The key that holds the items where the response is an object with totals or a cursor."""
    lifecycle: Literal["GA", "EA", "beta"] = "GA"
    custom_domain: bool = False
    """Accepts the ``Auth0-Custom-Domain`` header."""
    stream: bool = False
    """Responds with server-sent events."""
    error_statuses: tuple[int, ...] = ()
    """The error statuses that the contract lists (a tenant may send others)."""
    docs: str = ""
    """The vendor's documentation page, below https://auth0.com/docs/."""
