"""Models: exact round trips, lenient reading, safe access."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from auth0_mgmt.models._base import Model, read_json, read_list, read_page, read_timestamp
from auth0_mgmt.models.users import User

SENT: dict[str, Any] = {
    "user_id": "auth0|1",
    "email": "ada@example.com",
    "created_at": "2024-01-02T03:04:05.678901234Z",
    "nickname": None,
    "logins_count": 3,
    "identities": [{"connection": "db", "user_id": 5, "profileData": {"email": "x@y"}, "odd": [1]}],
    "user_metadata": {"preference": {"theme": "dark"}, "list": [1, 2.0]},
    "brand_new": {"a": [True]},
}


def user(**changes: Any) -> User:
    return read_json(User, json.dumps({**SENT, **changes}).encode())


def test_what_the_tenant_sent_comes_back_exactly() -> None:
    assert json.dumps(user().to_dict(), sort_keys=True) == json.dumps(SENT, sort_keys=True)


def test_a_field_that_was_not_sent_reads_none_and_is_not_given_back() -> None:
    assert user().picture is None
    assert "picture" not in user().to_dict()
    assert "nickname" in user().to_dict()


def test_an_unknown_attribute_is_still_a_mistake() -> None:
    with pytest.raises(AttributeError):
        getattr(user(), "no_such_field")  # noqa: B009


def test_moments_read_as_aware_datetimes() -> None:
    assert user().created_at == datetime(2024, 1, 2, 3, 4, 5, 678901, UTC)
    assert read_timestamp("2024-01-02T03:04:05") == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read_timestamp("2024-01-02") == datetime(2024, 1, 2, tzinfo=UTC)
    assert read_timestamp("2024-01-02T03:04:05+02:00") == datetime(
        2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))
    )
    assert read_timestamp(1_700_000_000) == read_timestamp(1_700_000_000_000)
    assert read_timestamp("soon") == "soon"
    assert read_timestamp({"odd": 1}) == {"odd": 1}
    assert read_timestamp(True) is True


def test_one_odd_value_costs_its_own_field_only() -> None:
    odd = user(email=["not", "text"], logins_count="3", created_at={}, identities="none")
    assert odd.email == ["not", "text"]  # type: ignore[comparison-overlap]
    assert odd.logins_count == "3"  # type: ignore[comparison-overlap]
    assert odd.user_id == "auth0|1"
    assert odd.to_dict()["identities"] == "none"


def test_an_odd_user_does_not_fail_the_page() -> None:
    users: list[Any] = [SENT, {**SENT, "identities": [{"user_id": {}}, "what", None]}, None, 7]
    text = json.dumps({"users": users, "total": 4, "start": 0}).encode()
    items, envelope = read_page(User, "users", text)
    assert [item.to_dict() if isinstance(item, Model) else item for item in items] == users
    assert envelope == {"total": 4, "start": 0}
    assert isinstance(items[1], User)


def test_get_walks_any_depth_by_the_apis_names_and_never_raises() -> None:
    ada = user()
    assert ada.get("identities.0.profileData.email") == "x@y"
    assert ada.get("user_metadata.preference.theme") == "dark"
    assert ada.get("brand_new.a.0") is True
    assert ada.get("identities.-1.connection") == "db"
    for nowhere in ("identities.9.x", "identities.x", "email.x", "", "a..b", "nickname.x", "get"):
        assert ada.get(nowhere, "default") == "default"


def test_models_compare_copy_and_pickle() -> None:
    assert user() == user()
    assert user() != user(email="b@example.com")
    assert pickle.loads(pickle.dumps(user())).to_dict() == SENT
    assert copy.deepcopy(user()).to_dict() == SENT


def test_a_moment_can_be_set() -> None:
    ada = user()
    ada.created_at = datetime(2025, 1, 1, tzinfo=UTC)
    assert ada.created_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert ada.to_dict()["created_at"] == "2025-01-01T00:00:00+00:00"


def test_a_repr_shows_fields_but_no_secrets() -> None:
    from auth0_mgmt.models.clients import Client

    text = repr(
        read_json(Client, b'{"name": "app", "client_secret": "hush", "x": {"token": "t0p"}}')
    )
    assert "app" in text
    assert "hush" not in text
    assert "t0p" not in text


def test_bare_arrays_and_envelopes_are_both_pages() -> None:
    assert read_page(User, "users", b'[{"email": "a"}]')[0][0].email == "a"
    assert read_page(User, "users", b'{"users": [], "next": "x"}') == ([], {"next": "x"})
    assert read_page(User, "users", b'{"people": [{"email": "a"}]}')[0][0].email == "a"
    assert read_list(User, b"[]") == []


def test_text_that_is_not_json_is_a_value_error() -> None:
    for text in (b"<html>", b"", b"{"):
        with pytest.raises(ValueError, match=r"."):
            read_json(User, text)


def test_every_model_builds() -> None:
    from importlib import import_module
    from pkgutil import iter_modules

    import auth0_mgmt.models as package

    count = 0
    for info in iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Model) and value is not Model:
                value.model_rebuild(force=True)
                count += 1
    assert count > 600


def test_a_member_that_identifies_reads_as_none_where_it_is_missing() -> None:
    for content in (b'{"email":"a@example.com"}', b'{"email":"a@example.com","user_id":null}'):
        user = read_json(User, content)
        assert user.user_id is None
        assert user.get("user_id", "nobody") == "nobody"
        assert user.to_dict() == json.loads(content)
