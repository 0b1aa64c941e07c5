"""A tour of the client: ``python -m examples.tour``.

It calls a small scripted transport instead of a tenant, so it runs anywhere; with a tenant only
the line that makes the client would differ.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from auth0_mgmt import (
    ClientCredentials,
    ConflictError,
    ForbiddenError,
    Management,
    ManagementError,
    NotFoundError,
    quote,
)

USERS = [
    {
        "user_id": f"auth0|{n:024x}",
        "email": f"user{n}@example.com",
        "created_at": f"2026-01-{n + 1:02d}T08:00:00.000Z",
        "user_metadata": {"preference": {"theme": ("dark", "light")[n % 2]}},
    }
    for n in range(7)
]


def refusal(status: int, error: str, message: str, code: str) -> httpx.Response:
    body = {"statusCode": status, "error": error, "message": message, "errorCode": code}
    return httpx.Response(status, json=body)


class Scripted:
    """Answers the few requests of the tour; it holds no state worth the name."""

    def __init__(self) -> None:
        self.app: dict[str, Any] = {}
        self.busy = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path.removeprefix("/api/v2"), request.method
        if path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "demo", "expires_in": 86400})
        if path.startswith("/clients"):
            self.app = {"client_id": "demo-client", **self.app, **json.loads(request.content)}
            return httpx.Response(201 if method == "POST" else 200, json=self.app)
        if (method, path) == ("GET", "/users"):
            return self.users(request)
        if (method, path) == ("POST", "/users"):
            return refusal(409, "Conflict", "The user already exists.", "auth0_idp_error")
        if path.startswith("/users/"):
            return refusal(404, "Not Found", "The user does not exist.", "inexistent_user")
        message = "Insufficient scope, expected any of: read:tenant_settings"
        return refusal(403, "Forbidden", message, "insufficient_scope")

    def users(self, request: httpx.Request) -> httpx.Response:
        if self.busy:
            self.busy = False
            return httpx.Response(429, json={"statusCode": 429}, headers={"retry-after": "0"})
        page, size = int(request.url.params.get("page", 0)), int(request.url.params["per_page"])
        rows = USERS[page * size : (page + 1) * size]
        body = {"start": page * size, "limit": size, "total": len(USERS), "users": rows}
        return httpx.Response(200, json=body)


def main() -> None:
    transport = httpx.MockTransport(Scripted())
    auth = ClientCredentials("CLIENT_ID", "CLIENT_SECRET")
    with Management("tour.eu.auth0.com", auth=auth, transport=transport) as mgmt:
        print("1. create and update a client")
        app = mgmt.clients.create(name="My Application", app_type="spa", callbacks=["https://a/cb"])
        print("  ", app)
        print("  ", mgmt.clients.update("demo-client", description="changed").description)

        print("2. search users, three a page; the first try meets a 429 and is retried")
        page = mgmt.users.list(q=f"email.domain:{quote('example.com')}", per_page=3)
        print("  ", page, "total", page.total)
        for user in page:
            theme = user.get("user_metadata.preference.theme", "none")
            print("  ", user.email, user.created_at, theme)

        print("3. meet errors")
        for call in (
            lambda: mgmt.users.get("auth0|nobody"),
            lambda: mgmt.users.create(connection="db", email="ada@example.com", password="..."),
            lambda: mgmt.tenants.settings.get(),
        ):
            try:
                call()
            except NotFoundError as error:
                print("   NotFoundError:", error)
            except ConflictError as error:
                print("   ConflictError:", error)
            except ForbiddenError as error:
                print("   ForbiddenError:", error, "needs", error.required_scopes)

        print("4. bad input is told before anything is sent")
        for bad in (
            lambda: mgmt.users.get(""),
            lambda: mgmt.clients.create(nam="x"),  # type: ignore[call-arg]
            lambda: Management("tour.eu.auth0.com/api/v2", auth="token"),
        ):
            try:
                bad()
            except (ValueError, TypeError, ManagementError) as error:
                print(f"   {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
