"""User attribute profiles: how attributes map between OIDC, SAML, SCIM and Auth0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..behaviours import CollectionBehaviour, Missing
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_USER_ID = {
    "oidc_mapping": "sub",
    "saml_mapping": [f"{_CLAIMS}/{name}" for name in ("nameidentifier", "upn", "name")],
    "scim_mapping": "externalId",
}


def _complete(context: RequestContext, doc: Doc) -> Doc:
    """The parts of ``user_id`` that are not given are the tenant's."""
    return {**doc, "user_id": {**_USER_ID, **(doc.get("user_id") or {})}}


PROFILES = CollectionBehaviour(
    "user_attribute_profiles",
    new_id=id_forms.USER_ATTRIBUTE_PROFILE,
    missing=Missing("User attribute profile not found."),
    prepare=_complete,
    change=lambda context, old, patch: _complete(context, {**old, **patch}),
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="user_attribute_profiles.list",
    create="user_attribute_profiles.create",
    get="user_attribute_profiles.get",
    update="user_attribute_profiles.update",
    delete="user_attribute_profiles.delete",
)


# --- templates ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Attribute:
    """One attribute of the template; what is not said follows from the name.

    ``oidc`` is a claim of the ID token, or ``userinfo.`` and a claim of the user info; ``saml``
    the claims' short names; ``overrides`` what a strategy maps otherwise.
    """

    name: str
    description: str = ""
    label: str = ""
    scim: str = ""
    oidc: str = ""
    saml: tuple[str, ...] = ()
    auth0: str = ""
    app: bool = False
    """Kept in the app metadata."""
    required: bool = False
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Any])

    def whole(self) -> Doc:
        base = self.name  # without the protocol that it is for
        for protocol in ("_oidc", "_scim", "_saml"):
            base = base.removesuffix(protocol)
        title = self.label or base.replace("_", " ").title()
        doc: Doc = {
            "description": self.description or title[0] + title[1:].lower(),
            "label": title,
            "profile_required": self.required,
            "auth0_mapping": self.auth0 or f"{'app_metadata.' * self.app}{base}",
            **_mappings(scim=self.scim, oidc=self.oidc),
        }
        if self.saml:
            doc["saml_mapping"] = [
                claim if ":" in claim else f"{_CLAIMS}/{claim}" for claim in self.saml
            ]
        if self.overrides:
            doc["strategy_overrides"] = {
                strategy: _mappings(**said) for strategy, said in self.overrides.items()
            }
        return doc


def _mappings(scim: str = "", oidc: str = "", title: str | None = None) -> Doc:
    """Mappings; ``title`` of the claim instead of its name, none at all if empty."""
    doc: Doc = {}
    if scim:
        doc["scim_mapping"] = scim.replace("enterprise:", _ENTERPRISE)
    if oidc:
        source, _, claim = oidc.rpartition(".")
        where = f"${{context.{source or 'tokenset'}.{claim}}}"
        shown = claim if title is None else title
        doc["oidc_mapping"] = {"mapping": where, **({"display_name": shown} if shown else {})}
    return doc


_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User."


def _each(strategies: str, scim: str) -> Mapping[str, Mapping[str, str]]:
    return {strategy: {"scim": scim} for strategy in strategies.split()}


def _phone(kind: str) -> str:
    return f'phoneNumbers[type eq "{kind}"].value'


def _address(part: str) -> str:
    return f'addresses[type eq "work"].{part}'


_A = _Attribute
_ATTRIBUTES = (
    _A("preferred_username", label="Preferred username", oidc="preferred_username",
       overrides=_each("oidc okta", "userName")),
    _A("username", oidc="preferred_username", overrides=_each("samlp", "userName")),
    _A("upn", "User Principal Name", "UPN", saml=("upn",), overrides=_each("waad", "userName")),
    _A("email", scim="emails[primary eq true].value", oidc="email", saml=("emailaddress",),
       required=True, overrides=_each("waad", 'emails[type eq "work"].value')),
    _A("email_verified", "Is Email verified?", "Email verified?", oidc="email_verified"),
    _A("external_id", "External identifier", "External ID", scim="externalId", app=True),
    _A("blocked", "User blocked status", scim="active"),
    _A("name", "Full name", scim="displayName", oidc="name", saml=("name",)),
    _A("given_name", "First name", scim="name.givenName", oidc="given_name",
       saml=("givenname", "name")),
    _A("family_name", "Last name", scim="name.familyName", oidc="family_name", saml=("surname",)),
    _A("middle_name_oidc", oidc="middle_name"),
    _A("middle_name_scim", app=True, overrides=_each("okta", "name.middleName")),
    _A("honorific_prefix", app=True, overrides=_each("okta", "name.honorificPrefix")),
    _A("honorific_suffix", app=True, overrides=_each("okta", "name.honorificSuffix")),
    _A("nickname", "User nickname", scim="nickName", oidc="nickname"),
    _A("picture", "Profile picture URL", scim='photos[type eq "photo"].value', oidc="picture"),
    _A("primary_phone_number", app=True,
       overrides=_each("okta", "phoneNumbers[primary eq true].value")),
    _A("work_phone_number", app=True, overrides=_each("oidc samlp waad", _phone("work"))),
    _A("home_phone_number", app=True, overrides=_each("oidc samlp", _phone("home"))),
    _A("phone_number", label="Mobile Phone Number", oidc="phone_number",
       saml=("mobilephone", "homephone", "otherphone")),
    _A("mobile_phone_number_scim", scim=_phone("mobile"), app=True),
    _A("fax_number", app=True, overrides=_each("waad", _phone("fax"))),
    _A("street_address", scim=_address("streetAddress"), app=True),
    _A("city", scim=_address("locality"), app=True),
    _A("state", "State or province", scim=_address("region"), app=True),
    _A("postal_code", scim=_address("postalCode"), app=True),
    _A("postal_address", scim=_address("formatted"), app=True),
    _A("country", scim=_address("country"), app=True),
    _A("profile_url", "Profile URL", "Profile URL", scim="profileUrl", app=True),
    _A("user_type", scim="userType", app=True),
    _A("title", scim="title", app=True),
    _A("language", "Preferred language", scim="preferredLanguage", app=True),
    _A("locale", "User locale", scim="locale", app=True),
    _A("timezone_oidc", "User timezone", oidc="zoneinfo"),
    _A("timezone_scim", "User timezone", scim="timezone", app=True),
    _A("entitlements", "User entitlements", app=True,
       overrides=_each("oidc samlp", "entitlements")),
    _A("role_saml", "User role",
       saml=("http://schemas.microsoft.com/ws/2008/06/identity/claims/role",)),
    _A("roles_scim", "User roles", app=True, overrides=_each("oidc samlp", "roles")),
    _A("employee_id", "Employee identifier", "Employee ID", scim="enterprise:employeeNumber",
       app=True),
    _A("cost_center", scim="enterprise:costCenter", app=True),
    _A("organization", scim="enterprise:organization", app=True),
    _A("division", scim="enterprise:division", app=True),
    _A("department", scim="enterprise:department", app=True),
    _A("manager", scim="enterprise:manager", app=True),
    _A("groups_saml", label="User's groups", auth0="groups_saml",
       saml=("http://schemas.xmlsoap.org/claims/Group",)),
    _A("federated_groups", label="Federated groups",
       overrides={"okta": {"oidc": "userinfo.groups"}}),
    _A("federated_locale", label="Federated locale",
       overrides={"okta": {"oidc": "userinfo.locale"}}),
    _A("federated_zoneinfo", label="Federated zone info",
       overrides={"okta": {"oidc": "userinfo.zoneinfo", "title": ""}}),
)  # fmt: skip

_TEMPLATE: Doc = {
    "id": "auth0-generic",
    "display_name": "Auth0 Generic User Attribute Profile Template",
    "template": {
        "name": "Auth0 Generic User Attribute Profile",
        "user_id": {
            **_USER_ID,
            "strategy_overrides": {
                "samlp": {"scim_mapping": "userName"},
                "waad": {"oidc_mapping": "oid"},
                "google-apps": {"oidc_mapping": "email"},
            },
        },
        "user_attributes": {attribute.name: attribute.whole() for attribute in _ATTRIBUTES},
    },
}


def scim_mapping(strategy: str) -> Iterator[tuple[str, str]]:
    """User attributes with the SCIM attributes that a strategy's connections map them to."""
    for attribute in _ATTRIBUTES:
        doc = attribute.whole()
        own: Doc = doc.get("strategy_overrides", {}).get(strategy, {})
        if (scim := own.get("scim_mapping") or doc.get("scim_mapping")) is not None:
            yield doc["auth0_mapping"], scim


TEMPLATES = CollectionBehaviour(
    "user_attribute_profile_templates",
    missing=Missing("User attribute profile template not found."),
)
TEMPLATES.bind(
    family,
    list="user_attribute_profiles.list_templates",
    get="user_attribute_profiles.get_template",
)
TEMPLATES.begin_with(family, _TEMPLATE)
