"""Risk assessments and the signals that they take from elsewhere."""

from __future__ import annotations

from ..catalogue import Family
from ..semantics import Settings

family = Family()

Settings("risk_assessments", {"enabled": False}).bind(
    family, get="get_risk_assessments_settings", update="patch_risk_assessments_settings"
)
Settings("risk_assessments.new_device", {"remember_for": 30}).bind(
    family, get="get_new-device", update="patch_new-device"
)
Settings("supplemental_signals", {"akamai_enabled": False}).bind(
    family, get="get_supplemental-signals", update="patch_supplemental-signals"
)
