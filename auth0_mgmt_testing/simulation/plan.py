"""Features that a tenant's plan does not include, and the errors of their operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..engine.errors import APIError


@dataclass(frozen=True, slots=True)
class Feature:
    """Operations that belong to a feature, and the response where the plan excludes it."""

    operations: frozenset[str]
    message: str
    error_code: str | None = None
    status: int = 403


FEATURES: Mapping[str, Feature] = {
    "bot_detection": Feature(
        frozenset(
            (
                "attack_protection.bot_detection.get",
                "attack_protection.bot_detection.update",
                "attack_protection.captcha.get",
                "attack_protection.captcha.update",
            )
        ),
        "Please upgrade your subscription to use bot detection",
        "insufficient_entitlement",
    ),
    "akamai_signals": Feature(
        frozenset(("supplemental_signals.get", "supplemental_signals.patch")),
        "Please upgrade your subscription to enable Akamai Signals.",
        "insufficient_scope",
    ),
    # Tenants without rules or hooks cannot create any since 2024-11-18; the words are our own.
    "rules": Feature(frozenset(("rules.create",)), "Rules are not available to this tenant."),
    "hooks": Feature(frozenset(("hooks.create",)), "Hooks are not available to this tenant."),
}
"""Every feature that a plan may lack, by name."""


class Plan:
    """What a tenant's plan includes: everything except the named features.

    Raises ValueError for an unknown feature.
    """

    def __init__(self, without: Iterable[str] = ()) -> None:
        self.without = frozenset(without)
        if unknown := sorted(self.without - FEATURES.keys()):
            raise ValueError(f"no feature {', '.join(unknown)}; there are {', '.join(FEATURES)}")

    def check(self, operation: str) -> None:
        """Raise the error where an operation (by client name) belongs to a missing feature."""
        for name in self.without:
            feature = FEATURES[name]
            if operation in feature.operations:
                raise APIError(feature.status, feature.message, feature.error_code)
