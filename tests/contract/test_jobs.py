"""Jobs: users imported and exported, verification mails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import document


@pytest.fixture
def database(auth0_factory: Factory) -> Any:
    """A connection of its own, so that no other users are in the way."""
    return auth0_factory.connection(strategy="auth0")


def ended(auth0_tenant: TenantHandle, mgmt: Management, job: Any) -> Any:
    """The job once it has ended."""
    found: list[Any] = []

    def done() -> None:
        found[:] = [mgmt.jobs.get(job.id)]
        assert found[0].status in ("completed", "failed")

    auth0_tenant.eventually(done)
    return found[0]


def imported(
    auth0_tenant: TenantHandle, mgmt: Management, database: Any, users: Any, **more: Any
) -> Any:
    """The finished import of some users."""
    job = mgmt.jobs.users_imports.create(
        users=json.dumps(users).encode(),
        connection_id=database.id,
        send_completion_email=False,
        **more,
    )
    assert (job.type, job.status) == ("users_import", "pending")
    assert (job.connection_id, job.get("connection")) == (database.id, database.name)
    return ended(auth0_tenant, mgmt, job)


def addresses(mgmt: Management, *emails: str) -> list[int]:
    return [len(mgmt.users.list_users_by_email(email=email)) for email in emails]


def test_users_are_imported(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, database: Any
) -> None:
    users = [
        {"email": "ada@import.example.com", "email_verified": True, "given_name": "Ada"},
        {"email": "bob@import.example.com", "app_metadata": {"plan": "gold"}},
    ]
    job = imported(auth0_tenant, auth0_mgmt, database, users, external_id="mine")
    assert (job.status, job.external_id) == ("completed", "mine")
    assert job.get("summary").to_dict() == {"failed": 0, "updated": 0, "inserted": 2, "total": 2}
    assert not auth0_mgmt.jobs.errors.get(job.id)
    (ada,) = auth0_mgmt.users.list_users_by_email(email="ada@import.example.com")
    assert (ada.email_verified, ada.given_name) == (True, "Ada")
    (bob,) = auth0_mgmt.users.list_users_by_email(email="bob@import.example.com")
    assert (bob.email_verified, bob.app_metadata) == (False, {"plan": "gold"})


def test_bad_users_are_told_and_the_others_imported(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, database: Any
) -> None:
    users = [{"email": "good@errors.example.com"}, {"email": "not an address"}, {"name": "No"}]
    job = imported(auth0_tenant, auth0_mgmt, database, users)
    assert job.status == "completed"
    summary = job.get("summary")
    assert (summary.get("inserted"), summary.get("failed"), summary.get("total")) == (1, 2, 3)
    errors: Any = auth0_mgmt.jobs.errors.get(job.id)
    told: list[Any] = [document(error) for error in errors]
    codes = {reason["code"] for error in told for reason in error["errors"]}
    assert codes <= {"FORMAT", "ANY_OF_MISSING", "OBJECT_REQUIRED", "PATTERN", "NOT_PASSED"}
    assert {"not an address", None} == {error["user"].get("email") for error in told}
    assert addresses(auth0_mgmt, "good@errors.example.com") == [1]


def test_an_import_changes_who_is_there_only_if_told(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, database: Any, auth0_factory: Factory
) -> None:
    user = auth0_factory.user(connection=database.name, user_metadata={"old": 1})
    users = [{"email": user.email, "user_metadata": {"new": 2}}]
    first = imported(auth0_tenant, auth0_mgmt, database, users)
    assert first.get("summary.failed") == 1
    assert auth0_mgmt.users.get(user.user_id).user_metadata == {"old": 1}
    second = imported(auth0_tenant, auth0_mgmt, database, users, upsert=True)
    assert (second.get("summary.updated"), second.get("summary.failed")) == (1, 0)
    assert auth0_mgmt.users.get(user.user_id).user_metadata == {"new": 2}


def test_a_file_that_is_no_array_of_users_is_refused_or_fails(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, database: Any
) -> None:
    try:
        job = auth0_mgmt.jobs.users_imports.create(users=b"{", connection_id=database.id)
    except BadRequestError:
        return
    assert ended(auth0_tenant, auth0_mgmt, job).status == "failed"


@pytest.mark.auth0_allow_changes("jobs.users_imports.create")
def test_an_import_into_a_missing_connection_is_refused(auth0_mgmt: Management) -> None:
    create = auth0_mgmt.jobs.users_imports.create
    assert status_of(create, users=b"[]", connection_id="con_0000000000000000") in (400, 404)


def test_users_are_exported(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, database: Any, auth0_factory: Factory
) -> None:
    users = [auth0_factory.user(connection=database.name) for _ in range(2)]
    job = auth0_mgmt.jobs.users_exports.create(
        connection_id=database.id,
        format="json",
        fields=[{"name": "email"}, {"name": "user_id", "export_as": "id"}],
    )
    assert (job.type, job.status, job.format) == ("users_export", "pending", "json")
    done = ended(auth0_tenant, auth0_mgmt, job)
    assert done.status == "completed"
    lines = auth0_mgmt.jobs.download(done.id).decode().splitlines()
    assert sorted(map(json.loads, lines), key=str) == sorted(
        ({"email": user.email, "id": user.user_id} for user in users), key=str
    )


@pytest.mark.auth0_allow_changes("jobs.verification_email.create")
def test_a_verification_mail_is_a_job(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    user = auth0_factory.user()
    job = auth0_mgmt.jobs.verification_email.create(user_id=user.user_id)
    assert (job.type, job.status) == ("verification_email", "pending")
    assert ended(auth0_tenant, auth0_mgmt, job).type == "verification_email"
    nobody = "auth0|000000000000000000000000"
    assert status_of(auth0_mgmt.jobs.verification_email.create, user_id=nobody) in (400, 404)


def test_a_missing_job_answers_404(auth0_mgmt: Management) -> None:
    for read in (auth0_mgmt.jobs.get, auth0_mgmt.jobs.errors.get):
        with pytest.raises(NotFoundError):
            read("job_0000000000000000")
