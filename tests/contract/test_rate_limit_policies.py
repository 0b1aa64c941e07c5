"""Rate limit policies."""

from __future__ import annotations

from .families import Family

POLICIES = Family(
    at="rate_limit_policies",
    new=lambda make: {
        "resource": "oauth_authentication_api",
        "consumer": "client",
        "consumer_selector": f"client_id:{make.client().client_id}",
        "configuration": {"action": "block", "limit": 100},
    },
    change={"configuration": {"action": "allow"}},
    filters={"consumer_selector": ("consumer_selector", {})},
    unique="consumer_selector",
    missing="rlp_111111111111111111111",
    absent="",
    needs="rate_limit_policies",
)
