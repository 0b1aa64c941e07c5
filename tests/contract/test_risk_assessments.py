"""Risk assessments."""

from __future__ import annotations

from .families import Settings

ASSESSMENTS = Settings(
    at="risk_assessments.settings", change={"enabled": True}, needs="risk_assessments"
)
NEW_DEVICE = Settings(
    at="risk_assessments.settings.new_device",
    change={"remember_for": 30},
    needs="risk_assessments",
)
