"""A tour: ``python -m examples.tour``. A client, and the fake tenant that answers it.

With a live tenant only the two lines that make tenant and client would differ.
"""

from __future__ import annotations

from collections.abc import Callable

from auth0_mgmt import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InternalServerError,
    Management,
    ManagementError,
    NotFoundError,
    RateLimitError,
    UnauthorizedError,
    quote_query,
)
from auth0_mgmt_testing import FakeTenant

DATABASE = "Username-Password-Authentication"


def say(*words: object) -> None:
    print("  ", *words)


def meet(call: Callable[[], object], *kinds: type[ManagementError]) -> None:
    """Show the error that a call meets."""
    try:
        call()
    except kinds as error:
        say(f"{type(error).__name__}:", error)


def clients(mgmt: Management) -> str:
    print("1. create, list and update a client")
    app = mgmt.clients.create(
        name="My Application", app_type="spa", callbacks=["https://myapp.example.com/callback"]
    )
    assert app.client_id is not None
    say("created", app.client_id, app.name, app.app_type)
    say("all:", [each.name for each in mgmt.clients.list()])
    say("updated:", mgmt.clients.update(app.client_id, description="Changed").description)
    return app.client_id


def users(mgmt: Management) -> None:
    print("2. create users and search them")
    for number in range(7):
        mgmt.users.create(
            connection=DATABASE,
            email=f"user{number}@example.com",
            password="Correct-Horse-1",
            user_metadata={"preference": {"theme": ("dark", "light")[number % 2]}},
        )
    found = mgmt.users.list(
        q=f"email.domain:{quote_query('example.com')} AND user_metadata.preference.theme:dark",
        sort="email:1",
    )
    for user in found:
        say(user.user_id, user.email, user.get("user_metadata.preference.theme"))


def pages(mgmt: Management) -> None:
    print("3. page through them, by number and by checkpoint")
    first = mgmt.users.list(sort="email:1", per_page=3)
    say(first, "total", first.total)
    say([[user.email for user in page.items] for page in first.pages()])
    for number in range(5):
        mgmt.organizations.create(name=f"org-{number}")
    say([[org.name for org in page.items] for page in mgmt.organizations.list(take=2).pages()])


def errors(tenant: FakeTenant, mgmt: Management, client_id: str) -> None:
    print("4. meet each error")
    meet(
        lambda: mgmt.request("POST", "/clients", json={"nam": "x"}),
        BadRequestError,
    )
    with tenant.management(auth="not.a.token") as stranger:
        meet(lambda: stranger.clients.get(client_id), UnauthorizedError)
    with tenant.management(auth=tenant.token("read:users")) as reader:
        meet(lambda: reader.clients.get(client_id), ForbiddenError)
    meet(lambda: mgmt.users.get("auth0|nobody"), NotFoundError)
    meet(
        lambda: mgmt.users.create(
            connection=DATABASE, email="user1@example.com", password="Correct-Horse-1"
        ),
        ConflictError,
    )
    impatient = mgmt.with_options(max_attempts=1)
    tenant.faults.add("clients.get", status=429)
    meet(lambda: impatient.clients.get(client_id), RateLimitError)
    tenant.faults.add("clients.get", status=500)
    meet(lambda: impatient.clients.get(client_id), InternalServerError)
    tenant.faults.add("clients.get", status=503)
    say("a 503 that is tried again:", mgmt.clients.get(client_id).name)


def mistakes(mgmt: Management) -> None:
    print("5. bad input is told before anything is sent")
    for bad in (
        lambda: mgmt.users.get(""),
        lambda: mgmt.clients.create(nam="x"),  # type: ignore[call-arg]
        lambda: Management("tour.eu.auth0.com/api/v2", auth="token"),
    ):
        try:
            bad()
        except (ValueError, TypeError) as error:
            say(f"{type(error).__name__}: {error}")


def what_happened(tenant: FakeTenant, client_id: str) -> None:
    print("6. what happened on the tenant")
    say("requests:", len(tenant.requests), "| needed scopes:", *tenant.required_scopes())
    before = tenant.snapshot()
    with tenant.management() as mgmt, tenant.expect_changes(deleted={"clients": [client_id]}):
        mgmt.clients.delete(client_id)
    say("deleted, and nothing else:", client_id not in tenant.clients)
    tenant.restore(before)
    say("and back again:", tenant.clients[client_id].name)


def main() -> None:
    tenant = FakeTenant(random_seed="tour")
    with tenant.management() as mgmt:
        client_id = clients(mgmt)
        users(mgmt)
        pages(mgmt)
        errors(tenant, mgmt, client_id)
        mistakes(mgmt)
    what_happened(tenant, client_id)


if __name__ == "__main__":
    main()
