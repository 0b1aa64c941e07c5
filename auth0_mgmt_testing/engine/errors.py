"""`APIError`: the response to a request that the API rejects, raised wherever that is detected."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from .absence import Absent
from .refusal import Refusal

_REASONS = {413: "Payload Too Large", 414: "Request-URI Too Large"}


class APIError(Exception):
    """An error response in the API's own format.

    ``status`` is the HTTP status, ``message`` the sentence for people, ``error_code`` the code for
    programs (absent in some of the API's responses), ``headers`` are added, ``extra`` are
    further members of the body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        error_code: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        hint: str = "",
        refusal: Refusal | None = None,
        absent: Absent | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_code = error_code
        self.headers: dict[str, str] = dict(headers or {})
        self.extra: dict[str, Any] = dict(extra or {})
        self.hint = hint
        self.refusal = refusal
        self.absent = absent

    def explained(self, hint: str) -> APIError:
        """Return the same error with what would be right, for logs."""
        error = APIError(self.status, self.message, self.error_code, hint=hint)
        error.headers, error.extra = self.headers, self.extra
        return error

    def body(self) -> dict[str, Any]:
        """Return the JSON body, its members in the API's order."""
        value: dict[str, Any] = {
            "statusCode": self.status,
            "error": _REASONS.get(self.status) or HTTPStatus(self.status).phrase,
            "message": self.message,
            **self.extra,
        }
        if self.error_code is not None:
            value["errorCode"] = self.error_code
        return value
