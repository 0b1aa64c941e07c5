"""Risk assessments and the signals that they take from elsewhere."""

from __future__ import annotations

from ..behaviours import SettingsBehaviour
from ..engine.registry import Family

family = Family()

SettingsBehaviour("risk_assessments", {"enabled": False}).bind(
    family, get="risk_assessments.settings.get", update="risk_assessments.settings.update"
)
SettingsBehaviour("risk_assessments.new_device", {"remember_for": 30}).bind(
    family,
    get="risk_assessments.settings.new_device.get",
    update="risk_assessments.settings.new_device.update",
)
SettingsBehaviour("supplemental_signals", {"akamai_enabled": False}).bind(
    family, get="supplemental_signals.get", update="supplemental_signals.patch"
)
