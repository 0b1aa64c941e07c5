"""Social providers: switches stand for scopes, and the scopes are derived from them.

Whatever ``scope`` a caller gives such a provider, the tenant writes what its switches and
``freeform_scopes`` come to. Providers that are not listed here take their options as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..state.store import Doc
from ._strategy import Options, Strategy


@dataclass(frozen=True, slots=True)
class _Scopes:
    """How a provider's scopes come about."""

    named: Callable[[str, int], str | None]
    """The scope of a switch, by its name and the strategy's version; None where it has none."""
    defaults: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Switches that are on unless the caller says otherwise."""
    bare: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Switches that are on where the caller gives no options at all."""
    first: tuple[str, ...] = ()
    """Scopes that are always requested."""
    separator: str | None = None
    """What joins the scopes where ``scope`` is one string and not a list."""

    shows_none: bool = True
    """Whether ``scope`` is there where it holds nothing."""

    def complete(self, options: Options) -> Doc:
        bare = dict[str, Any]() if options.given else dict[str, Any](self.bare)
        whole = options.over({"scope": None, **self.defaults, **bare})
        version = int(whole.get("strategy_version") or 1)
        found = [*self.first]
        for name, on in whole.items():
            if on is True and (scope := self.named(name, version)) is not None:
                found.append(scope)
        found += whole.get("freeform_scopes") or ()
        scopes = list(dict.fromkeys(found))
        whole["scope"] = scopes if self.separator is None else self.separator.join(scopes)
        if not scopes and not self.shows_none:
            del whole["scope"]
        return whole


def _table(scopes: Mapping[str, str]) -> Callable[[str, int], str | None]:
    return lambda name, version: scopes.get(name)


_SELF = {name: name for name in ("address", "email", "openid", "phone", "postal_code", "profile")}
_NOT_FACEBOOK = frozenset(("allow_context_profile_field",))
_GITHUB = {"email": "user:email", "follow": "user:follow", "repo_status": "repo:status"}
_GITHUB_AS_NAMED = frozenset(
    ("delete_repo", "gist", "notifications", "public_repo", "repo", "repo_deployment")
)
_GOOGLE = "https://www.googleapis.com/auth/"
_GOOGLE_OTHERS = {
    "email": "email",
    "profile": "profile",
    "offline_access": None,
    "blogger": "https://www.blogger.com/feeds/",
    "contacts": "https://www.google.com/m8/feeds/",
    "contacts_new": f"{_GOOGLE}contacts",
    "adsense_management": f"{_GOOGLE}adsense",
    "gmail": "https://mail.google.com/mail/feed/atom",
    "gmail_new": "https://mail.google.com/",
    "google_drive": f"{_GOOGLE}drive",
    "google_drive_files": f"{_GOOGLE}drive.file",
    "google_plus": f"{_GOOGLE}plus.login",
    "youtube": "https://gdata.youtube.com",
    "youtube_new": f"{_GOOGLE}youtube",
    "youtube_channelmemberships_creator": f"{_GOOGLE}youtube.channel-memberships.creator",
}
_GOOGLE_SWITCHES = frozenset(
    (
        "analytics", "calendar", "calendar_addons_execute", "calendar_events",
        "calendar_events_readonly", "calendar_settings_readonly", "contacts_other_readonly",
        "contacts_readonly", "directory_readonly", "drive", "drive_activity",
        "drive_activity_readonly", "drive_appdata", "drive_apps_readonly", "drive_file",
        "drive_metadata", "drive_metadata_readonly", "drive_photos_readonly", "drive_readonly",
        "drive_scripts", "gmail_compose", "gmail_insert", "gmail_labels", "gmail_metadata",
        "gmail_modify", "gmail_readonly", "gmail_send", "gmail_settings_basic",
        "gmail_settings_sharing", "tasks", "tasks_readonly", "youtube_readonly",
        "youtube_upload", "youtubepartner",
    )
)  # fmt: skip
_LINKEDIN = {
    "profile": "r_liteprofile",
    "email": "r_emailaddress",
    "basic_profile": "r_basicprofile",
    "full_profile": "r_fullprofile",
    "network": "r_network",
}
_GRAPH = {
    "calendars": "Calendars", "contacts": "Contacts", "emails": "Mail", "files": "Files",
    "notes": "Notes", "tasks": "Tasks", "user": "User",
}  # fmt: skip
_WINDOWS_LIVE = frozenset(
    (
        "applications", "applications_create", "basic", "birthday", "calendars",
        "calendars_update", "contacts_birthday", "contacts_calendars", "contacts_create",
        "contacts_photos", "contacts_skydrive", "emails", "events_create", "messenger",
        "offline_access", "phone_numbers", "photos", "postal_addresses", "share", "signin",
        "skydrive", "skydrive_update", "work_profile",
    )
)  # fmt: skip


def _facebook(name: str, version: int) -> str | None:
    return None if name in _NOT_FACEBOOK else name


def _github(name: str, version: int) -> str | None:
    head, _, rest = name.partition("_")
    if head in ("admin", "read", "write") and rest:
        return f"{head}:{rest}"
    return _GITHUB.get(name, name if name in _GITHUB_AS_NAMED else None)


def _google(name: str, version: int) -> str | None:
    if name in _GOOGLE_OTHERS:
        return _GOOGLE_OTHERS[name]
    return _GOOGLE + name.replace("_", ".") if name in _GOOGLE_SWITCHES else None


def _linkedin(name: str, version: int) -> str | None:
    if version >= 3:
        return _SELF.get(name)
    if name == "profile" and version < 2:
        return _LINKEDIN["basic_profile"]
    return _LINKEDIN.get(name)


def _windows_live(name: str, version: int) -> str | None:
    """The first version asks Live Connect, the second Microsoft Graph."""
    if version < 2:
        return f"wl.{name}" if name in _WINDOWS_LIVE else None
    if name == "offline_access":
        return name
    if not name.startswith("graph_"):
        return None
    words = name.removeprefix("graph_").split("_")
    wanted = _GRAPH.get(words[0])
    if wanted is None:
        return None
    action = {"update": "ReadWrite", "create": "Create"}.get(words[-1], "Read")
    every = ".All" if "all" in words else ""
    return f"https://graph.microsoft.com/{wanted}.{action}{every}"


_APPLE = {"email": "email", "name": "name"}

_LISTS: dict[str, _Scopes] = {
    "apple": _Scopes(_table(_APPLE), separator=" ", shows_none=False),
    "amazon": _Scopes(_table(_SELF), {"profile": True}),
    "facebook": _Scopes(_facebook, separator=","),
    "github": _Scopes(_github),
    "google-oauth2": _Scopes(_google, {"email": True}, bare={"profile": True}),
    "line": _Scopes(_table(_SELF), {"profile": True}, first=("openid",)),
    "linkedin": _Scopes(_linkedin, {"profile": True}),
    "paypal": _Scopes(_table(_SELF), {"profile": True}, first=("openid",)),
    "paypal-sandbox": _Scopes(_table(_SELF), {"profile": True}, first=("openid",)),
    "salesforce": _Scopes(_table({})),
    "salesforce-community": _Scopes(_table({})),
    "salesforce-sandbox": _Scopes(_table({})),
    "windowslive": _Scopes(_windows_live, {"signin": True}),
    "wordpress": _Scopes(_table({"profile": "profile"}), {"profile": True}),
}

STRATEGIES = {name: Strategy(scopes.complete) for name, scopes in _LISTS.items()}

_BRANDS = {
    "facebook": "Facebook",
    "github": "GitHub",
    "google-oauth2": "Google",
    "linkedin": "LinkedIn",
    "paypal": "PayPal",
    "windowslive": "Microsoft",
    "wordpress": "WordPress",
}


def brand(name: str) -> str:
    """What people call a provider: that of ``google-oauth2`` is Google."""
    return _BRANDS.get(name) or name.replace("-", " ").title()
