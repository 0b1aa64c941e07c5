"""Verifiable credentials: templates of what is asked for."""

from __future__ import annotations

from .families import Family

PRESENTATION = {"org.iso.18013.5.1.mDL": {"org.iso.18013.5.1": {"family_name": True}}}

TEMPLATES = Family(
    at="verifiable_credentials.verification.templates",
    new=lambda make: {
        "name": make.name("template"),
        "type": "mdl",
        "dialect": "simplified/1.0",
        "presentation": PRESENTATION,
        "well_known_trusted_issuers": "aamva",
    },
    change={"name": "Renamed template"},
    missing="vct_1111111111111111111111",
    absent="",
    needs="verifiable_credentials",
)
