"""A marker in every secret member of the contract reaches no log, repr, error or pickle."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, Management, ManagementError
from auth0_mgmt._json import is_array
from auth0_mgmt.models._base import Model
from tests.planting import Planted, markers, planted

from .conftest import DOMAIN

HEADERS = {
    name: f"Pl4nted{number}h"
    for number, name in enumerate(("cookie", "dpop", "x-api-key", "x-auth-token", "x-vault-token"))
}
QUERY = {
    name: f"Pl4nted{number}q"
    for number, name in enumerate(("token", "code", "client_secret", "ticket", "otp", "q"))
}


class Replies(httpx.MockTransport):
    """Returns planted bodies in turn, with a status and planted headers."""

    def __init__(self, status: int, body: Any) -> None:
        given = {"set-cookie": "Pl4nted1s", "location": "https://files.example.com/a?b=Pl4nted2s"}
        super().__init__(lambda request: httpx.Response(status, json=body, headers=given))


def calls(of: Planted, status: int, auth: str) -> list[dict[str, Any]]:
    """Keyword arguments of `request` and of the client, one for each body that is planted."""
    return [
        {
            "transport": Replies(status, response),
            "auth": auth,
            "call": {
                "json": request,
                "query": QUERY,
                "request_options": {"headers": HEADERS},
            },
        }
        for request, response in zip(
            of.requests or (None,) * len(of.responses),
            # An error of a collection of secrets is about it: it holds none.
            (() if status >= 400 and of.around else of.responses) or (None,) * len(of.requests),
            strict=False,
        )
    ]


def everything(error: BaseException) -> str:
    return "\n".join((str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))))


def test_the_contract_has_secrets_enough_to_plant() -> None:
    assert sum(each.members for each in planted()) > 400
    assert len(planted()) > 90


@pytest.mark.parametrize("status", [200, 400])
async def test_no_planted_secret_is_logged_raised_or_pickled(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="auth0_mgmt")
    shown: list[str] = []
    number = 0
    for of in planted():
        path = of.target().removeprefix("/api/v2")
        method = of.operation.method
        for given in calls(of, status, "Pl4nted0t"):
            number += 1
            options: dict[str, Any] = {
                "auth": given["auth"],
                "transport": given["transport"],
                "max_attempts": 1,
            }
            try:
                Management(DOMAIN, **options).request(method, path, **given["call"])
            except ManagementError as error:
                shown.append(everything(error))
            try:
                client = AsyncManagement(DOMAIN, **options)
                await client.request(method, path, **given["call"])
            except ManagementError as error:
                shown.append(everything(error))
    assert len(shown) == (2 * number if status == 400 else 0)
    assert len(caplog.records) >= 4 * number
    assert markers(caplog.text) == []
    assert markers(repr([record.args for record in caplog.records])) == []
    assert markers("\n".join(shown)) == []


def test_no_model_shows_a_planted_secret() -> None:
    seen = 0
    for of in planted():
        # Tenants return masks in place of the values of collections of secrets.
        for body in () if of.around else of.responses:
            for document in body if is_array(body) else [body]:
                shown = repr(Model.model_validate(document))
                assert markers(shown) == [], of.operation.name
                seen += 1
    assert seen > 50


def test_no_form_shows_a_planted_secret(caplog: pytest.LogCaptureFixture) -> None:
    from auth0_mgmt._redact import safe_body, safe_url

    form = "&".join(f"{name}={value}" for name, value in QUERY.items() if name != "q").encode()
    kind = "application/x-www-form-urlencoded"
    assert markers(str(safe_body(form, kind, f"https://{DOMAIN}/oauth/token"))) == []
    assert (
        markers(str(safe_body(b'{"code": "Pl4nted1j"}', "", f"https://{DOMAIN}/oauth/token"))) == []
    )
    assert safe_body(b'{"code": "x => 1"}', "", f"https://{DOMAIN}/api/v2/actions/actions") == {
        "code": "x => 1"
    }
    assert markers(safe_url(f"https://{DOMAIN}/callback?{form.decode()}")) == []
