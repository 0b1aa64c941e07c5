"""`Page`: what is on a page, and how it looks in the tenant's colours and words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_object

from ...engine.addresses import PREFIX_HEADER
from ...engine.context import Reply, RequestContext
from ..http import allow_framing, html
from ..lookup import member, settings
from .render import render
from .texts import TEXTS

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]+")
_URL = re.compile(r"https?://[^\s'\"<>\\)]+")
_PRIMARY = "#0059d6"


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form; ``label`` is the key of its text."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    autocomplete: str = ""
    required: bool = True
    inputmode: str = ""
    edit: str = ""
    """Where what was typed before is changed: the field itself cannot be."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a form: what it sends, and what it says."""

    value: str
    text: str
    """The text itself where it is no key of the page's texts."""
    name: str = "action"
    secondary: bool = False
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is filled in in its text."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a prompt's screen: ``login``, ``signup``, ``mfa-otp`` …"""

    prompt: str
    screen: str
    title: str = "title"
    """The keys of its title and description."""
    description: str = "description"
    fields: Sequence[Field] = ()
    choices: Sequence[Choice] = ()
    links: Sequence[tuple[str, str]] = ()
    """Pairs of path and text's key."""
    items: Sequence[str] = ()
    """Lines of a list: the scopes that are requested, the rules of a password."""
    secret: str = ""
    """What the user types into an app."""
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    error: str = ""
    """A text's key, or a text."""
    status: int = 200


def show(
    context: RequestContext,
    page: Page,
    *,
    locales: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
    organization: Mapping[str, Any] | None = None,
) -> Reply:
    """A page as a response, in the tenant's branding and its own words for the prompt.

    The branding of an ``organization``, where there is one, comes before the tenant's.
    """
    look, theirs = settings(context, "branding"), member(organization, "branding")
    look = {**look, **theirs, "colors": {**member(look, "colors"), **member(theirs, "colors")}}
    tenant = settings(context, "tenant")
    language = _language(tenant, locales)
    name = str(tenant.get("friendly_name") or context.tenant_name)
    variables = {"companyName": name, "clientName": name, **page.variables}
    words = _words(context, page, language)

    def text(key: str, further: Mapping[str, str] | None = None) -> str:
        known = {**variables, **(further or {})}
        return _VARIABLE.sub(lambda found: known.get(found[1], ""), words.get(key, key))

    def described(field: Field) -> str:
        """The ids of what a screen reader reads with a field: the error, the rules."""
        rules = bool(page.items) and field.autocomplete == "new-password"
        return " ".join(filter(None, ("error" if page.error else "", "items" if rules else "")))

    colours: Any = member(look, "colors")
    document = render(
        "page.html",
        page=page,
        prefix=context.headers.get(PREFIX_HEADER, ""),
        text=text,
        described=described,
        language=language,
        tenant_name=name,
        logo=_address(look.get("logo_url") or tenant.get("picture_url")),
        favicon=_address(look.get("favicon_url")),
        primary=_colour(colours.get("primary"), _PRIMARY),
        background=_background(colours.get("page_background")),
    )
    reply = html(document, page.status, headers)
    if member(tenant, "flags").get("disable_clickjack_protection_headers"):
        allow_framing(reply)
    return reply


def _language(tenant: Mapping[str, Any], locales: Sequence[str]) -> str:
    enabled: list[str] = tenant.get("enabled_locales") or ["en"]
    return next((locale for locale in locales if locale in enabled), enabled[0])


def _words(context: RequestContext, page: Page, language: str) -> dict[str, str]:
    """The texts of a page: the tenant's own over the standard ones."""
    words = {**TEXTS["common"], **TEXTS.get(page.prompt, {})}
    own: Any = context.tx.get("settings", ("custom_text", page.prompt, language)) or {}
    screen: Any = own.get(page.screen) if is_object(own) else None
    if is_object(screen):
        words |= {key: str(value) for key, value in screen.items()}
    return words


def _colour(value: Any, default: str) -> str:
    """A colour as CSS; nothing else gets into a style."""
    return value if isinstance(value, str) and _COLOUR.fullmatch(value) else default


def _background(value: Any) -> str:
    if is_object(value) and value.get("type") == "linear-gradient":
        start, end = _colour(value.get("start"), "#fff"), _colour(value.get("end"), "#fff")
        angle = value.get("angle_deg")
        return f"linear-gradient({angle if isinstance(angle, int) else 0}deg, {start}, {end})"
    return _colour(value, "#f1f2f3")


def _address(value: Any) -> str:
    return value if isinstance(value, str) and _URL.fullmatch(value) else ""
