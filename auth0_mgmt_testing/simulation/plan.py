"""Features that a tenant's plan does not include, and the errors of their operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..engine.errors import APIError


@dataclass(frozen=True, slots=True)
class Feature:
    """Operations that belong to a feature, and the response where the plan excludes it.

    ``unless``: a header that makes a request one that the feature is not needed for.
    """

    operations: frozenset[str]
    message: str
    error_code: str | None = None
    status: int = 403
    unless: str | None = None

    def needed(self, operation: str, headers: Mapping[str, str]) -> bool:
        """Whether a request of an operation (by client name) needs the feature."""
        return operation in self.operations and not (self.unless and headers.get(self.unless))


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
    # A tenant with several verified domains selects with a header the one that mails name.
    "one_domain": Feature(
        frozenset(("users.create",)),
        "The tenant has multiple verified custom domains.",
        "custom_domain_conflict",
        409,
        "auth0-custom-domain",
    ),
    # The words are our own; a tenant with a verified domain has no need of the feature.
    "page_templates": Feature(
        frozenset(), "Page templates need a verified custom domain.", "operation_not_supported"
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

    def check(self, operation: str, headers: Mapping[str, str]) -> None:
        """Raise the error where a request needs a missing feature; headers are named in lower case."""
        for name in self.without:
            feature = FEATURES[name]
            if feature.needed(operation, headers):
                raise APIError(feature.status, feature.message, feature.error_code)
