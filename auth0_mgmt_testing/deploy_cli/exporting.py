"""A tenant's configuration, as auth0-deploy-cli would export it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from auth0_mgmt import ManagementError, NotFoundError
from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._redact import secret_at

from .._registry import operation_lookup
from .kinds import (
    KINDS,
    PROTECTION,
    READ_ONLY_FLAGS,
    READ_ONLY_TENANT,
    SETTINGS,
    TENANT_PAGES,
    Kind,
)
from .references import Names, documents

if TYPE_CHECKING:
    from auth0_mgmt import Management

_EMAIL_TEMPLATES = (
    "verify_email", "verify_email_by_code", "reset_email", "reset_email_by_code", "welcome_email",
    "blocked_account", "stolen_credentials", "enrollment_email", "mfa_oob_code", "change_password",
    "password_reset", "user_invitation", "async_approval",
)  # fmt: skip
_NAME = re.compile(r"[^A-Z0-9]+")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Exporter:
    """Reads the configuration of the tenant of a client."""

    def __init__(
        self,
        mgmt: Management,
        *,
        secrets: bool,
        keywords: Callable[[Any], Any] = lambda value: value,
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        """``secrets``: with their values, not a keyword in their place; ``keywords``: puts
        keywords in place of their values; ``left_out``: clients that are the fake's own."""
        self._mgmt = mgmt
        self._secrets = secrets
        self._keywords = keywords
        self._left_out = left_out
        self._names = Names(mgmt)

    def run(self) -> dict[str, Any]:
        """The parts of the configuration that hold anything."""
        found: dict[str, Any] = {}
        for kind in KINDS:
            docs = [doc for doc in documents(self._mgmt, kind) if self._belongs(kind, doc)]
            shown = [self._document(kind, doc) for doc in docs]
            found[kind.key] = sorted(shown, key=lambda doc: str(doc.get(kind.identity)))
            if kind.key == "clients":
                found["clientGrants"] = self._grants()
        for key, (path, _, _) in SETTINGS.items():
            found[key] = self._settings(key, path)
        found["emailTemplates"] = self._email_templates()
        found["rulesConfigs"] = [
            {"key": each.key, "value": f"##{_keyword('rulesConfigs', str(each.key))}##"}
            for each in self._mgmt.rules_configs.list()
        ]
        found["triggers"] = self._triggers()
        found["pages"] = self._pages()
        found["attackProtection"] = {
            part: self._get(f"/attack-protection/{path}") for part, (path, _) in PROTECTION.items()
        }
        captcha = found["attackProtection"].get("captcha")
        if captcha:
            found["attackProtection"]["captcha"] = configured_captcha(captcha, ("captcha",))
        found["branding"] = self._branding()
        found["prompts"] = self._prompts()
        found["guardianFactors"] = sorted(
            (
                {"name": each["name"], "enabled": each["enabled"]}
                for each in self._get("/guardian/factors")
            ),
            key=lambda each: each["name"],
        )
        found["guardianPolicies"] = {"policies": self._get("/guardian/policies")}
        if templates := self._get("/guardian/factors/sms/templates"):
            found["guardianFactorTemplates"] = [{"name": "sms", **templates}]
        found["riskAssessment"] = {
            "settings": self._get("/risk-assessments/settings"),
            "new_device": self._get("/risk-assessments/settings/new-device"),
        }
        kept = {key: value for key, value in found.items() if value not in ([], {}, None)}
        if self._secrets:
            return kept
        return {key: self._masked(value, (key,)) for key, value in self._keywords(kept).items()}

    # --- documents ---

    def _belongs(self, kind: Kind, doc: Mapping[str, Any]) -> bool:
        if kind.key == "clients":
            return not doc.get("global") and doc["client_id"] not in self._left_out
        if kind.key == "databases":
            return bool(doc["strategy"] == "auth0")
        if kind.key == "connections":
            return bool(doc["strategy"] != "auth0")
        return not doc.get("is_system")

    def _document(self, kind: Kind, doc: dict[str, Any]) -> dict[str, Any]:
        id = str(doc[kind.id])
        if kind.key in ("forms", "flows", "eventStreams", "actions", "flowVaultConnections"):
            doc = self._get(f"{kind.path}/{quote(id, safe='')}")
        doc = self._names.names_for(kind.key, doc)
        if kind.key == "actions":
            names = [each["name"] for each in doc.get("secrets") or ()]
            doc["secrets"] = [
                {"name": name, "value": f"##{_keyword('actions', str(doc['name']), name)}##"}
                for name in names
            ]
        shown = {
            name: value
            for name, value in doc.items()
            if name in settable(kind) and name != kind.id and value is not None
        }
        if kind.key == "clients" and not self._secrets:
            shown.pop("client_secret", None)
        if kind.key == "phoneProviders":  # the API takes what it does not show
            hidden = ("auth_token",) if doc["name"] == "twilio" else ()
            place = ("phoneProviders", str(doc["name"]))
            shown["credentials"] = {name: f"##{_keyword(*place, name)}##" for name in hidden}
        for name in kind.relations:
            shown[name] = getattr(self, f"_{kind.key}_{name}")(id, doc)
        return {kind.identity: shown.pop(kind.identity, None), **dict(sorted(shown.items()))}

    def _actions_deployed(self, id: str, doc: Mapping[str, Any]) -> bool:
        return bool(doc.get("all_changes_deployed"))

    def _databases_enabled_clients(self, id: str, doc: Mapping[str, Any]) -> list[str]:
        clients = self._mgmt.connections.clients.get(id)
        return sorted(self._names.name_of("clients", str(each.client_id)) for each in clients)

    _connections_enabled_clients = _databases_enabled_clients

    def _roles_permissions(self, id: str, doc: Mapping[str, Any]) -> list[Any]:
        return [
            {
                "permission_name": each.permission_name,
                "resource_server_identifier": each.resource_server_identifier,
            }
            for each in self._mgmt.roles.permissions.list(id)
        ]

    def _organizations_connections(self, id: str, doc: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        for each in self._mgmt.organizations.enabled_connections.list(id):
            value = each.to_dict()
            name = self._names.name_of("connections", value.pop("connection_id"))
            value.pop("connection", None)
            found.append({"name": name, **value})
        return sorted(found, key=lambda each: each["name"])

    def _organizations_client_grants(self, id: str, doc: Mapping[str, Any]) -> list[Any]:
        return [
            {
                "client_id": self._names.name_of("clients", str(each.client_id)),
                "audience": each.audience,
            }
            for each in self._mgmt.organizations.client_grants.list(id)
        ]

    def _organizations_discovery_domains(self, id: str, doc: Mapping[str, Any]) -> list[Any]:
        known = ("domain", "status", "use_for_organization_discovery")
        found = (each.to_dict() for each in self._mgmt.organizations.discovery_domains.list(id))
        return [{name: each[name] for name in known if name in each} for each in found]

    def _organizations_clients(self, id: str, doc: Mapping[str, Any]) -> list[Any]:
        clients = self._mgmt.organizations.clients.list(id)
        return [{"name": self._names.name_of("clients", str(each.client_id))} for each in clients]

    def _hooks_secrets(self, id: str, doc: Mapping[str, Any]) -> dict[str, Any]:
        names = self._get(f"/hooks/{id}/secrets")
        return {name: f"##{_keyword('hooks', str(doc['name']), name)}##" for name in names}

    def _grants(self) -> list[Any]:
        found: list[Any] = []
        for each in self._mgmt.client_grants.list():
            value = each.to_dict()
            if value["client_id"] in self._left_out or value.get("is_system"):
                continue
            value.pop("id")
            value["client_id"] = self._names.name_of("clients", value["client_id"])
            found.append(value)
        return sorted(found, key=lambda each: (each["client_id"], each["audience"]))

    # --- what has no list of documents ---

    def _get(self, path: str) -> Any:
        """The JSON of a path; None where it was never set, or the tenant's plan lacks it."""
        try:
            return self._mgmt.request("GET", path)
        except ManagementError:
            return None

    def _settings(self, key: str, path: str) -> Any:
        value = self._get(path)
        if key != "tenant" or value is None:
            return value
        value = {name: part for name, part in value.items() if name not in READ_ONLY_TENANT}
        flags = value.get("flags", {})
        value["flags"] = {name: on for name, on in flags.items() if name not in READ_ONLY_FLAGS}
        for name in ("session_lifetime", "idle_session_lifetime"):
            value.pop(f"{name}_in_minutes", None)
        return dict(sorted(value.items()))

    def _email_templates(self) -> list[Any]:
        found: list[Any] = []
        for name in _EMAIL_TEMPLATES:
            try:
                found.append(self._mgmt.request("GET", f"/email-templates/{name}"))
            except NotFoundError:
                continue
        return found

    def _triggers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for trigger in self._get("/actions/triggers")["triggers"]:
            value = self._get(f"/actions/triggers/{trigger['id']}/bindings")
            if value and value["bindings"]:
                found[trigger["id"]] = [
                    {"action_name": each["action"]["name"], "display_name": each["display_name"]}
                    for each in value["bindings"]
                ]
        return found

    def _pages(self) -> list[Any]:
        found: list[Any] = []
        for client in self._mgmt.clients.list(is_global=True):
            value = client.to_dict()
            if value.get("custom_login_page"):
                enabled = bool(value.get("custom_login_page_on"))
                page = {"name": "login", "enabled": enabled, "html": value["custom_login_page"]}
                found.append(page)
        settings = self._get("/tenants/settings")
        for name, member in TENANT_PAGES.items():
            if settings.get(member):
                found.append({"name": name, **settings[member]})
        return sorted(found, key=lambda page: page["name"])

    def _branding(self) -> dict[str, Any]:
        value = dict(self._get("/branding") or {})
        template = self._get("/branding/templates/universal-login")
        body = template.get("body") if is_object(template) else template
        if body:
            value["templates"] = [{"template": "universal_login", "body": body}]
        return value

    def _prompts(self) -> dict[str, Any]:
        value = dict(self._get("/prompts") or {})
        settings: dict[str, Any] = self._get("/tenants/settings") or {}
        languages: list[str] = settings.get("enabled_locales") or ["en"]
        texts: dict[str, Any] = {}
        partials: dict[str, Any] = {}
        for prompt in _prompts_with("customText"):
            for language in languages:
                if screens := self._get(f"/prompts/{prompt}/custom-text/{language}"):
                    texts.setdefault(language, {})[prompt] = screens
        for prompt in _prompts_with("partials"):
            if screens := self._get(f"/prompts/{prompt}/partials"):
                partials[prompt] = screens
        if texts:
            value["customText"] = texts
        if partials:
            value["partials"] = partials
        return value

    # --- secrets ---

    def _masked(self, value: Any, place: tuple[str, ...]) -> Any:
        """A value with a keyword in place of each secret, named after where it stands."""
        if is_object(value):
            label = next((str(value[n]) for n in ("name", "displayName") if n in value), "")
            return {
                name: self._masked(item, (*place, label, name) if label else (*place, name))
                for name, item in value.items()
            }
        if is_array(value):
            return [self._masked(item, place) for item in value]
        if isinstance(value, str) and value and not value.startswith("##"):
            names = [name for name in place if name]
            if secret_at(names[-2:]) or secret_at(names[-1:]):
                return f"##{_keyword(*dict.fromkeys(names))}##"
        return value


def configured_captcha(value: Mapping[str, Any], place: tuple[str, ...] = ()) -> dict[str, Any]:
    """Captcha settings without the providers that are not set up.

    ``place``: put keywords there for the secrets, which the API does not show.
    """
    found: dict[str, Any] = {}
    for name, part in value.items():
        if not is_object(part) or "site_key" not in part:
            if part not in ({}, None):
                found[name] = part
        elif part["site_key"]:
            hidden = ("project_id", "api_key") if name == "recaptcha_enterprise" else ("secret",)
            added = {each: f"##{_keyword(*place, name, each)}##" for each in hidden if place}
            found[name] = {**added, **part}
    return found


@cache
def settable(kind: Kind) -> frozenset[str]:
    """The members that requests set, without those of further requests."""
    taken: set[str] = set()
    for request in (f"POST {kind.path}", f"PATCH {kind.path}/{{}}"):
        operation = operation_lookup().find(request)
        taken.update((operation and operation.body) or ())
    return frozenset(taken - {*kind.read_only, *kind.relations})


def _keyword(*names: str) -> str:
    words = (_WORD.sub("_", name).upper() for name in names)
    return "_".join(_NAME.sub("_", word).strip("_") for word in words if word)


def _prompts_with(part: str) -> list[str]:
    """The prompts that have texts, or partials, of a tenant's own."""
    from ..contract import of_operation

    operation = "put_custom-text_by_language" if part == "customText" else "put_partials"
    schemas = of_operation(operation).operation(operation)
    schema: Any = (schemas or {}).get("path", {}).get("prompt", {})
    values: list[str] = of_operation(operation).resolve(schema).get("enum", [])
    return values
