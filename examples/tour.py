"""A tour: ``python -m examples.tour``. A served tenant with demo data, and a client of it, over HTTPS.

With a live tenant only the lines that start the server and make the client would differ.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auth0_mgmt import (
    BadRequestError,
    ClientCredentials,
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
from auth0_mgmt_testing import FakeTenant, RemoteTenant

DEMO_DATA = Path(__file__).with_name("demo.yaml")
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


def errors(tenant: RemoteTenant, mgmt: Management, client_id: str) -> None:
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
    print("5. bad input is reported before anything is sent")
    misspelt: Any = {"nam": "x"}
    calls: list[Callable[[], object]] = [
        lambda: mgmt.users.get(""),
        lambda: mgmt.clients.create(**misspelt),
        lambda: Management("tour.eu.auth0.com/api/v2", auth="token"),
    ]
    for bad in calls:
        try:
            bad()
        except (ValueError, TypeError) as error:
            say(f"{type(error).__name__}: {error}")


def log_ins(tenant: RemoteTenant) -> None:
    print("6. let a user log in, and read the mail")
    login = tenant.log_in("auth0|ada", client="demo-web", audience="https://orders.example.com")
    say("scope:", login.scope, "| logins:", tenant.users["auth0|ada"].logins_count)
    headers = {"content-type": "application/json"}
    body = {"client_id": "demo-web", "email": "ada@example.com", "connection": "Customers"}
    tenant.send("POST", "/dbconnections/change_password", headers, json.dumps(body).encode())
    message = tenant.mailbox.latest("ada@example.com")
    say(f"{message.channel} to {message.to}: {message.subject!r}")


def time(tenant: RemoteTenant, mgmt: Management) -> None:
    print("7. move the clock")
    tenant.clock.freeze("2030-01-01T00:00:00Z")
    say(
        "a role's user since",
        mgmt.users.create(
            connection=DATABASE, email="t@example.com", password="Correct-Horse-1"
        ).created_at,
    )
    tenant.clock.resume()


def what_happened(tenant: RemoteTenant, mgmt: Management, client_id: str) -> None:
    print("8. what happened on the tenant")
    say("requests:", len(tenant.requests), "| needed scopes:", *tenant.required_scopes())
    refused = tenant.requests.for_operation("clients.create", status=400)[-1]
    say("why", refused.status, "for", refused.json, "-", refused.explanation)
    before = tenant.snapshot()
    with tenant.expect_changes(deleted={"clients": [client_id]}):
        mgmt.clients.delete(client_id)
    say("deleted, and nothing else:", client_id not in tenant.clients)
    tenant.restore(before)
    say("and back again:", tenant.clients[client_id].name)


@contextmanager
def served() -> Generator[dict[str, str]]:
    """``auth0-fake serve --tls`` with the demo data, until the block ends."""
    command = [sys.executable, "-m", "auth0_mgmt_testing", "serve", "--tls", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--load", str(DEMO_DATA), "--json", "--quiet"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


def main() -> None:
    with served() as place:
        print("0. a tenant with demo data is served at", place["url"])
        credentials = ClientCredentials(
            place["client_id"], place["client_secret"], audience=place["audience"]
        )
        authority = ssl.create_default_context(cafile=place["ca_file"])
        with (
            FakeTenant.connect(place["url"], verify=authority) as tenant,
            tenant.management(auth=credentials) as mgmt,
        ):
            say("users:", *(user.email for user in mgmt.users.list(sort="email:1")))
            client_id = clients(mgmt)
            users(mgmt)
            pages(mgmt)
            errors(tenant, mgmt, client_id)
            mistakes(mgmt)
            log_ins(tenant)
            time(tenant, mgmt)
            what_happened(tenant, mgmt, client_id)
    print("`make serve` leaves such a server running, with its inspector.")


if __name__ == "__main__":
    main()
