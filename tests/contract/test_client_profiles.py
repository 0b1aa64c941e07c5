"""Client profiles."""

from __future__ import annotations

from .families import Family

CLIENT_PROFILES = Family(
    at="client_profiles",
    new=lambda make: {
        "name": make.name("profile"),
        "description": "Made by a test",
        "client_configuration": {"require_proof_of_possession": {"default_value": True}},
        "apply_policy": {
            "external_metadata_type": "cimd",
            "external_metadata_created_by": "client",
        },
    },
    change={"client_configuration": {"require_proof_of_possession": {"default_value": False}}},
    single=True,
    null="description",
    missing="clp_0000000000000000000000",
    absent="profile",
    needs="client_profiles",
)
