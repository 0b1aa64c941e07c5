"""Forms."""

from __future__ import annotations

from .families import Family

FORMS = Family(
    at="forms",
    new=lambda make: {"name": make.name("form"), "languages": {"primary": "en"}},
    form=r"ap_\w{22}",
    change={"name": "Renamed form"},
    unlisted=(
        "description",
        "flow_count",
        "languages",
        "ending",
    ),
    missing="ap_1111111111111111111111",
    absent="Form not found",
    absent_delete=404,
)
