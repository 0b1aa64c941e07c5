"""Anomalies: addresses that are blocked for too many attempts."""

from __future__ import annotations

import pytest

from auth0_mgmt import BadRequestError, Management

from .calls import status_of


def test_an_address_is_not_blocked_until_it_is(auth0_mgmt: Management) -> None:
    assert status_of(auth0_mgmt.anomaly.blocks.check_ip, "192.0.2.1") == 404


@pytest.mark.auth0_fake_only(reason="on a live tenant the block may be somebody's")
def test_unblocking_an_address_always_succeeds(auth0_mgmt: Management) -> None:
    auth0_mgmt.anomaly.blocks.unblock_ip("192.0.2.1")


def test_an_address_that_is_none_is_refused(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError):
        auth0_mgmt.anomaly.blocks.check_ip("nowhere")
