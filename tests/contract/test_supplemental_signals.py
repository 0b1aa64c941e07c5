"""Supplemental signals."""

from __future__ import annotations

from .families import Settings

SIGNALS = Settings(
    at="supplemental_signals",
    update="patch",
    change={"akamai_enabled": True},
    needs="supplemental_signals",
)
