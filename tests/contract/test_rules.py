"""Rules: superseded by actions, and only on old tenants."""

from __future__ import annotations

from .families import Family

RULES = Family(
    at="rules",
    new=lambda make: {
        "name": make.name("rule"),
        "script": "function (user, context, callback) { callback(null, user, context); }",
        "enabled": False,
    },
    form=r"rul_\w{16}",
    change={"enabled": True},
    unique="name",
    filters={"enabled": ("enabled", {"enabled": True})},
    missing="rul_0000000000000000",
    absent="inexistent_rule",
    needs="rules",
)
