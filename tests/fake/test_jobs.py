"""Jobs of the fake: imports and exports that take effect on the tenant's clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt import APIStatusError, BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import DATABASE


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Iterator[Management]:
    with tenant.management(max_attempts=1) as client:
        yield client


@pytest.fixture
def database(mgmt: Management) -> str:
    (found,) = mgmt.connections.list(name=DATABASE)
    assert found.id is not None
    return found.id


def file(*users: Any) -> bytes:
    return json.dumps(users).encode()


def import_now(mgmt: Management, clock: Clock, database: str, *users: Any, **more: Any) -> Any:
    """Import users and wait; gives the job as it ended."""
    job = mgmt.jobs.users_imports.create(connection_id=database, users=file(*users), **more)
    clock.advance(5)
    assert job.id is not None
    return mgmt.jobs.get(job.id)


def test_an_import_takes_effect_when_it_completes(
    mgmt: Management, clock: Clock, database: str
) -> None:
    job = mgmt.jobs.users_imports.create(
        connection_id=database, users=file({"email": "ada@example.com", "user_id": "7"})
    )
    assert job.id is not None
    assert (job.status, mgmt.jobs.get(job.id).status) == ("pending", "pending")
    assert list(mgmt.users.list()) == []
    clock.advance(0.6)
    assert mgmt.jobs.get(job.id).status == "processing"
    clock.advance(5)
    done = mgmt.jobs.get(job.id)
    assert done.status == "completed"
    assert done.get("summary").to_dict() == {
        "failed": 0,
        "updated": 0,
        "inserted": 1,
        "total": 1,
    }
    user = mgmt.users.get("auth0|7")
    assert (user.email, user.email_verified) == ("ada@example.com", False)


def test_an_import_is_seen_by_who_looks_into_the_state(
    tenant: FakeTenant, mgmt: Management, clock: Clock, database: str
) -> None:
    mgmt.jobs.users_imports.create(
        connection_id=database, users=file({"email": "ada@example.com", "user_id": "7"})
    )
    assert "auth0|7" not in tenant.users
    clock.advance(5)
    assert "auth0|7" in tenant.users


def test_users_that_do_not_fit_are_told_each_with_its_code(
    mgmt: Management, clock: Clock, database: str
) -> None:
    mgmt.users.create(connection=DATABASE, email="old@example.com", password="s3cret-Word")
    users: list[dict[str, Any]] = [
        {"email": "new@example.com"},
        {"name": "nobody"},
        {"email": "no address"},
        {"email": "old@example.com"},
        {"email": "new@example.com"},
        {"email": "a@example.com", "blocked": "no"},
        {"email": "b@example.com", "given_name": ""},
        {"email": "c@example.com", "password_hash": "x", "custom_password_hash": {"hash": {}}},
        {"email": "d@example.com", "mfa_factors": []},
        {"email": "e@example.com", "mfa_factors": [{"carrier": "pigeon"}]},
    ]
    job = import_now(mgmt, clock, database, *users)
    assert job.status == "completed"
    assert (job.summary.inserted, job.summary.failed, job.summary.total) == (1, 9, 10)
    errors = mgmt.jobs.errors.get(job.id)
    assert isinstance(errors, list)
    codes = [[fault.code for fault in each.errors or ()] for each in errors]
    assert codes == [
        ["ANY_OF_MISSING"],
        ["FORMAT"],
        ["DUPLICATED_USER"],
        ["DUPLICATED_USER"],
        ["INVALID_TYPE"],
        ["MIN_LENGTH"],
        ["NOT_PASSED", "OBJECT_REQUIRED"],
        ["ARRAY_LENGTH_SHORT"],
        ["MFA_FACTORS_FAILED"],
    ]


def test_an_upsert_overwrites_metadata_and_keeps_the_id(
    mgmt: Management, clock: Clock, database: str
) -> None:
    user = mgmt.users.create(
        connection=DATABASE, email="a@example.com", password="s3cret-Word", user_metadata={"a": 1}
    )
    changed = {"email": "a@example.com", "user_metadata": {"b": 2}, "nickname": "al"}
    job = import_now(mgmt, clock, database, changed, upsert=True)
    assert (job.summary.updated, job.summary.inserted) == (1, 0)
    now = mgmt.users.get(user.user_id or "")
    assert (now.user_metadata, now.nickname) == ({"b": 2}, "al")


def test_factors_of_an_import_become_authentication_methods(
    mgmt: Management, clock: Clock, database: str
) -> None:
    factors = [{"totp": {"secret": "ABC"}}, {"phone": {"value": "+15550100001"}}]
    import_now(mgmt, clock, database, {"email": "a@b.com", "user_id": "1", "mfa_factors": factors})
    methods = mgmt.users.authentication_methods.list("auth0|1")
    assert [method.type for method in methods] == ["totp", "phone"]


def test_a_file_that_is_no_list_fails_as_a_whole(
    mgmt: Management, clock: Clock, database: str
) -> None:
    job = mgmt.jobs.users_imports.create(connection_id=database, users=b'{"email": "a@b.com"}')
    clock.advance(5)
    assert job.id is not None
    assert mgmt.jobs.get(job.id).status == "failed"
    [error] = mgmt.jobs.errors.get(job.id)
    assert "Failed to parse users file" in str(error)


def test_two_imports_run_at_once_and_no_third(
    mgmt: Management, clock: Clock, database: str
) -> None:
    for number in range(2):
        mgmt.jobs.users_imports.create(
            connection_id=database, users=file({"email": f"{number}@example.com"})
        )
    with pytest.raises(APIStatusError, match="2 active import") as refused:
        mgmt.jobs.users_imports.create(connection_id=database, users=file())
    assert refused.value.status_code == 429
    clock.advance(5)
    mgmt.jobs.users_imports.create(connection_id=database, users=file())


@pytest.mark.parametrize("users", [b"", b"[" + b" " * 512_000 + b"]"])
def test_an_empty_and_a_too_large_file_are_refused(
    mgmt: Management, database: str, users: bytes
) -> None:
    with pytest.raises(APIStatusError):
        mgmt.jobs.users_imports.create(connection_id=database, users=users)


def test_a_job_is_forgotten_a_day_after_its_end(
    mgmt: Management, clock: Clock, database: str
) -> None:
    job = import_now(mgmt, clock, database, {"email": "a@example.com"})
    assert not mgmt.jobs.errors.get(job.id)
    clock.advance(86_400)
    with pytest.raises(NotFoundError):
        mgmt.jobs.get(job.id)


# --- exports -----------------------------------------------------------------------------------


@pytest.fixture
def people(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="a@example.com", user_metadata={"plan": "x"})
    tenant.users.add(user_id="auth0|2", email="b@example.com")


def test_an_export_is_downloaded_from_its_address(
    mgmt: Management, clock: Clock, people: None
) -> None:
    job = mgmt.jobs.users_exports.create(
        format="json",
        fields=[
            {"name": "email"},
            {"name": "identities[0].connection", "export_as": "from"},
            {"name": "user_metadata.plan"},
        ],
    )
    assert job.id is not None
    assert mgmt.jobs.get(job.id).get("location") is None
    clock.advance(5)
    lines = mgmt.jobs.download(job.id).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"email": "a@example.com", "from": DATABASE, "user_metadata.plan": "x"},
        {"email": "b@example.com", "from": DATABASE, "user_metadata.plan": None},
    ]


def test_an_export_as_csv_is_cut_at_its_limit(mgmt: Management, clock: Clock, people: None) -> None:
    job = mgmt.jobs.users_exports.create(format="csv", limit=1, fields=[{"name": "email"}])
    clock.advance(5)
    assert mgmt.jobs.download(job.id or "") == b'email\n"\'a@example.com"\n'


def test_the_address_of_an_export_is_good_for_a_minute(
    tenant: FakeTenant, mgmt: Management, clock: Clock, people: None
) -> None:
    job = mgmt.jobs.users_exports.create(format="json")
    clock.advance(5)
    address = str(mgmt.jobs.get(job.id or "").get("location"))
    with httpx.Client(transport=tenant.transport()) as client:
        assert client.get(address).status_code == 200
        assert client.get(address.replace("signature=", "signature=0")).status_code == 403
        clock.advance(61)
        assert client.get(address).status_code == 403
    assert mgmt.jobs.download(job.id or "")


def test_the_clients_import_and_download_work_through_respx() -> None:
    with FakeTenant() as tenant, tenant.management() as mgmt:
        (found,) = mgmt.connections.list(name=DATABASE)
        users = [{"email": f"{number}@example.com"} for number in range(3)]
        with httpx.Client() as other:
            sent = Management(tenant.domain, auth="any", http_client=other)
            (job,) = sent.jobs.import_users(users, found.id or "")
            assert job.status == "completed"
            export = sent.jobs.users_exports.create(format="json", fields=[{"name": "email"}])
            sent.jobs.wait(export.id or "", interval=0.3)
            assert len(sent.jobs.download(export.id or "").splitlines()) == 3


# --- verification mails ------------------------------------------------------------------------


def test_a_verification_job_needs_an_address_and_an_identity_that_the_user_has(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.users.add(user_id="auth0|1", username="ada")
    tenant.users.add(user_id="auth0|2", email="b@example.com")
    with pytest.raises(BadRequestError, match="email"):
        mgmt.jobs.verification_email.create(user_id="auth0|1")
    with pytest.raises(BadRequestError, match="identity"):
        mgmt.jobs.verification_email.create(
            user_id="auth0|2", identity={"user_id": "9", "provider": "auth0"}
        )


def test_a_user_who_is_there_is_refused_without_upsert(
    mgmt: Management, clock: Clock, database: str
) -> None:
    import_now(mgmt, clock, database, {"email": "ada@example.com"})
    (made,) = mgmt.users.list_users_by_email(email="ada@example.com")
    assert str(made.picture).startswith("https://secure.gravatar.com/avatar/")
    job = import_now(mgmt, clock, database, {"email": "ada@example.com"})
    (error,) = mgmt.jobs.errors.get(job.id)
    assert [fault.to_dict() for fault in error.errors or ()] == [
        {
            "code": "DUPLICATED_USER",
            "message": "The user already exist and upsert parameter is false",
        }
    ]
