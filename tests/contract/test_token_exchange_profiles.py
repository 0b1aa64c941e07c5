"""Token exchange profiles."""

from __future__ import annotations

from typing import Any

from .families import Family

EXCHANGE = [{"id": "custom-token-exchange", "version": "v1"}]


def deployed(make: Any) -> str:
    """The id of an action that is there to exchange tokens."""
    action = make.action(supported_triggers=EXCHANGE)
    make.mgmt.actions.deploy(action.id)
    return str(action.id)


PROFILES = Family(
    at="token_exchange_profiles",
    new=lambda make: {
        "name": make.name("exchange"),
        "subject_token_type": f"https://example.com/{make.name('token')}",
        "action_id": deployed(make),
        "type": "custom_authentication",
    },
    form=r"tep_\w{16}",
    change={"name": "Renamed profile"},
    unique="subject_token_type",
    missing="tep_0000000000000000",
    absent="",
    needs="token_exchange_profiles",
)
