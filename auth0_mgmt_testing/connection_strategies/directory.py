"""Directories of an enterprise: Active Directory, Azure AD, Google Workspace and their kin."""

from __future__ import annotations

from ..state.store import Doc
from ._strategy import Options, Strategy

_OWN_TICKET = "https://{domain}/p/{strategy}/"


def _active_directory(options: Options) -> Doc:
    return options.over({"brute_force_protection": True} if options.new else {})


def _azure(options: Options) -> Doc:
    """The thumbprints of Microsoft's own keys are not known here: there are none."""
    if not options.new:
        return options.over({"waad_common_endpoint": False})
    return options.over(
        {
            "identity_api": "microsoft-identity-platform-v2.0",
            "should_trust_email_verified_connection": "never_set_emails_as_verified",
            "use_wsfed": False,
            "useCommonEndpoint": False,
            "waad_common_endpoint": False,
            "waad_protocol": "openid-connect",
        }
    )


def _google_workspace(options: Options) -> Doc:
    return options.over(
        {
            "email": True,
            "profile": True,
            "scope": ["email", "profile"],
            "handle_login_from_social": True,
            "map_user_id_to_id": (options.before or {}).get("map_user_id_to_id", False),
        }
    )


_AD = Strategy(_active_directory, enterprise=True, ticket=_OWN_TICKET, always=("ips",))

STRATEGIES = {
    "ad": _AD,
    "auth0-adldap": _AD,
    "google-apps": Strategy(
        _google_workspace,
        enterprise=True,
        ticket="https://login.{region}/{tenant}/p/{strategy}/",
        lists_clients=False,  # since July 2026
    ),
    "ip": Strategy(enterprise=True),
    "office365": Strategy(enterprise=True),
    "sharepoint": Strategy(enterprise=True),
    "waad": Strategy(
        _azure,
        enterprise=True,
        named=True,
        scim=True,
        lists_clients=False,
    ),
}
