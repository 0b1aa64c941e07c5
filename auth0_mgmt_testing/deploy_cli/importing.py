"""A configuration, put into a tenant by the requests that auth0-deploy-cli sends, too."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from auth0_mgmt import APIStatusError, ManagementError, NotFoundError
from auth0_mgmt._json import is_array, is_object

from .._registry import operation_lookup
from ..contract.operation_lookup import unknown
from ..errors import LoadError
from .exporting import configured_captcha
from .kinds import (
    KINDS,
    KNOWN,
    PROTECTION,
    READ_ONLY_FLAGS,
    SETTINGS,
    TENANT_PAGES,
    Kind,
)
from .references import Names

if TYPE_CHECKING:
    from auth0_mgmt import Management

HIDDEN = "_VALUE_NOT_SHOWN_"
"""What deploy-cli writes in place of a secret."""


class Importer:
    """Puts the parts of a configuration into the tenant of a client.

    Documents of the same identity are updated, others created; none are deleted.
    """

    def __init__(
        self, mgmt: Management, assets: Mapping[str, Any], explain: Callable[[], str]
    ) -> None:
        """``explain``: why the newest request was refused."""
        self._mgmt = mgmt
        self._assets = assets
        self._explain = explain
        self._names = Names(mgmt)

    def run(self) -> None:
        """Raises `LoadError`, naming the part, for what is unknown or the tenant refuses."""
        for name in self._assets:
            if name not in KNOWN:
                raise LoadError(unknown("part of a configuration", name, sorted(KNOWN)))
        for kind in KINDS:
            for position, item in enumerate(self._list(kind.key)):
                with self._at(f"{kind.key}[{position}]"):
                    if not is_object(item):
                        raise LoadError(f"a mapping was expected, not {item!r}")
                    self._item(kind, item)
            if kind.key == "clients":
                self._each("clientGrants", self._grant)
        for key in ("emailTemplates", "rulesConfigs", "guardianFactors", "guardianFactorTemplates",
                    "guardianFactorProviders"):  # fmt: skip
            self._each(key, getattr(self, f"_{key}"))
        for key, (path, method, _) in SETTINGS.items():
            if key in self._assets:
                with self._at(key):
                    self._settings(key, path, method, self._assets[key])
        for key in ("triggers", "guardianPolicies", "attackProtection", "branding", "prompts",
                    "riskAssessment"):  # fmt: skip
            if key in self._assets:
                with self._at(key):
                    getattr(self, f"_{key}")(self._assets[key])
        self._each("pages", self._page)

    # --- tools ---

    def _list(self, key: str) -> list[Any]:
        value = self._assets.get(key)
        if value is None:
            return []
        if not is_array(value):
            raise LoadError(f"{key}: a list was expected, not {value!r}")
        return value

    def _each(self, key: str, work: Callable[[Any], None]) -> None:
        for position, item in enumerate(self._list(key)):
            with self._at(f"{key}[{position}]"):
                work(item)

    @contextmanager
    def _at(self, place: str) -> Generator[None]:
        """Errors name the place in the configuration."""
        try:
            yield
        except LoadError as error:
            raise LoadError(f"{place}: {error}") from error
        except ManagementError as error:
            why = self._explain()
            text = error.message if isinstance(error, APIStatusError) else str(error)
            raise LoadError(f"{place}: {text}{f'; {why}' if why else ''}") from error
        except KeyError as error:
            raise LoadError(f"{place}: {error.args[0]} is missing") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise LoadError(f"{place}: this is not built as deploy-cli's ({error})") from error

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        return self._mgmt.request(method, path, json=body)

    # --- documents ---

    def _item(self, kind: Kind, item: Mapping[str, Any]) -> None:
        label = str(item[kind.identity])
        body = {
            name: value
            for name, value in item.items()
            if name not in (*kind.read_only, *kind.relations, kind.id)
        }
        body = self._names.ids_for(kind.key, body)
        found = self._names.find(kind, label)
        if found is None:
            if kind.id in item and kind.key == "clients":
                body[kind.id] = item[kind.id]
            first = {name: value for name, value in body.items() if name not in kind.later}
            made = self._send("POST", kind.path, first)
            found = str(made[kind.id])
            self._names.add(kind, label, found)
            further = {name: body[name] for name in kind.later if name in body}
            if any(made.get(name) != value for name, value in further.items()):
                self._send("PATCH", f"{kind.path}/{quote(found, safe='')}", further)
        else:
            changed = {name: value for name, value in body.items() if name not in kind.fixed}
            self._update(f"{kind.path}/{quote(found, safe='')}", changed)
        for name in kind.relations:
            if name in item:
                with self._at(name):
                    getattr(self, f"_{kind.key}_{name}")(found, item[name])

    def _update(self, path: str, body: dict[str, Any]) -> None:
        """Change what differs; a secret whose value is not known stays."""
        if is_array(secrets := body.get("secrets")):
            kept = [each for each in secrets if not _unknown(each.get("value"))]
            body = {**_without(body, "secrets"), **({"secrets": kept} if kept else {})}
        present = self._send("GET", path)
        if any(present.get(name) != value for name, value in body.items()):
            self._send("PATCH", path, body)

    def _actions_deployed(self, id: str, deployed: Any) -> None:
        path = f"/actions/actions/{id}"
        if deployed and not self._send("GET", path).get("all_changes_deployed"):
            self._send("POST", f"{path}/deploy")

    def _databases_enabled_clients(self, id: str, names: Any) -> None:
        wanted = {self._names.id_of("clients", str(name)) for name in names}
        present = {str(client.client_id) for client in self._mgmt.connections.clients.get(id)}
        changes = [{"client_id": each, "status": True} for each in sorted(wanted - present)]
        changes += [{"client_id": each, "status": False} for each in sorted(present - wanted)]
        if changes:
            self._send("PATCH", f"/connections/{id}/clients", changes)

    _connections_enabled_clients = _databases_enabled_clients

    def _roles_permissions(self, id: str, permissions: Any) -> None:
        def plain(each: Any) -> dict[str, str]:
            return {
                "resource_server_identifier": each["resource_server_identifier"],
                "permission_name": each["permission_name"],
            }

        path = f"/roles/{id}/permissions"
        wanted = [plain(each) for each in permissions]
        present = [plain(each.to_dict()) for each in self._mgmt.roles.permissions.list(id)]
        if gone := [each for each in present if each not in wanted]:
            self._send("DELETE", path, {"permissions": gone})
        if new := [each for each in wanted if each not in present]:
            self._send("POST", path, {"permissions": new})

    def _organizations_connections(self, id: str, connections: Any) -> None:
        known = ("assign_membership_on_login", "show_as_button", "is_signup_enabled")
        path = f"/organizations/{id}/enabled_connections"
        present = {
            str(each.connection_id)
            for each in self._mgmt.organizations.enabled_connections.list(id)
        }
        for each in connections:
            connection = self._names.id_of("connections", each["name"])
            body = {name: each[name] for name in known if name in each}
            if connection in present:
                self._send("PATCH", f"{path}/{connection}", body)
            else:
                self._send("POST", path, {"connection_id": connection, **body})

    def _organizations_client_grants(self, id: str, grants: Any) -> None:
        present = {str(each.id) for each in self._mgmt.organizations.client_grants.list(id)}
        for each in grants:
            client = self._names.id_of("clients", each["client_id"])
            grant = self._grant_of(client, each["audience"])
            if grant is None:
                raise LoadError(
                    f"no client grant of {each['client_id']!r} for {each['audience']!r}"
                )
            if grant not in present:
                self._send("POST", f"/organizations/{id}/client-grants", {"grant_id": grant})

    def _organizations_discovery_domains(self, id: str, domains: Any) -> None:
        known = ("domain", "status", "use_for_organization_discovery")
        path = f"/organizations/{id}/discovery-domains"
        present = {
            str(each.domain): str(each.id)
            for each in self._mgmt.organizations.discovery_domains.list(id)
        }
        for each in domains:
            body = {name: each[name] for name in known if name in each}
            if each["domain"] in present:
                del body["domain"]
                self._send("PATCH", f"{path}/{present[each['domain']]}", body)
            else:
                self._send("POST", path, body)

    def _organizations_clients(self, id: str, clients: Any) -> None:
        present = {str(each.client_id) for each in self._mgmt.organizations.clients.list(id)}
        ids = [
            self._names.id_of("clients", str(each.get("name") or each["client_id"]))
            for each in clients
        ]
        if new := [{"client_id": each} for each in ids if each not in present]:
            self._send("POST", f"/organizations/{id}/clients", {"clients": new})

    def _hooks_secrets(self, id: str, secrets: Any) -> None:
        known = {name: value for name, value in secrets.items() if value != HIDDEN}
        if known:
            self._send("POST", f"/hooks/{id}/secrets", known)

    def _grant(self, item: Any) -> None:
        client = self._names.id_of("clients", item["client_id"])
        found = self._grant_of(client, item["audience"])
        if found is None:
            self._send("POST", "/client-grants", {**item, "client_id": client})
        else:
            fixed = ("client_id", "audience", "subject_type", "is_system")
            body = {name: value for name, value in item.items() if name not in fixed}
            self._send("PATCH", f"/client-grants/{found}", body)

    def _grant_of(self, client: str, audience: str) -> str | None:
        for grant in self._mgmt.client_grants.list(client_id=client, audience=audience):
            return str(grant.id)
        return None

    # --- what has no list of documents ---

    def _settings(self, key: str, path: str, method: str, value: Any) -> None:
        if key == "tenant":
            value = {
                name: part for name, part in value.items() if name != "sandbox_versions_available"
            }
            if is_object(flags := value.get("flags")):
                kept = {k: v for k, v in flags.items() if k not in READ_ONLY_FLAGS}
                value = {**value, "flags": kept} if kept else _without(value, "flags")
            for name in ("session_lifetime", "idle_session_lifetime"):
                if name in value and f"{name}_in_minutes" not in value:
                    minutes = round(float(value[name]) * 60)
                    value = {**_without(value, name), f"{name}_in_minutes": minutes}
        if key == "emailProvider":
            if not value:
                return
            try:
                self._send("GET", path)
            except NotFoundError:
                method = "POST"
        operation = operation_lookup().find(f"{method} {path}")
        for name in value:
            if operation is not None and operation.body and name not in operation.body:
                raise LoadError(unknown("property", name, operation.body))
        if value or method == "PUT":
            self._send(method, path, value)

    def _emailTemplates(self, item: Any) -> None:
        name = item["template"]
        self._send("PUT", f"/email-templates/{name}", item)

    def _rulesConfigs(self, item: Any) -> None:
        if item.get("value") not in (None, HIDDEN):
            self._send(
                "PUT", f"/rules-configs/{quote(item['key'], safe='')}", {"value": item["value"]}
            )

    def _guardianFactors(self, item: Any) -> None:
        self._send("PUT", f"/guardian/factors/{item['name']}", {"enabled": item["enabled"]})

    def _guardianFactorTemplates(self, item: Any) -> None:
        self._send("PUT", f"/guardian/factors/{item['name']}/templates", _without(item, "name"))

    def _guardianFactorProviders(self, item: Any) -> None:
        path = f"/guardian/factors/{item['name']}/providers/{item['provider']}"
        self._send("PUT", path, _without(item, "name", "provider"))

    def _guardianPolicies(self, value: Any) -> None:
        self._send("PUT", "/guardian/policies", value["policies"] if is_object(value) else value)

    def _triggers(self, value: Any) -> None:
        for trigger, bindings in value.items():
            path = f"/actions/triggers/{trigger}/bindings"
            body = [
                {
                    "ref": {"type": "action_name", "value": each["action_name"]},
                    "display_name": each.get("display_name", each["action_name"]),
                }
                for each in bindings
            ]
            present = [
                (each["action"]["name"], each["display_name"])
                for each in self._send("GET", path)["bindings"]
            ]
            if present != [(each["ref"]["value"], each["display_name"]) for each in body]:
                self._send("PATCH", path, {"bindings": body})

    def _attackProtection(self, value: Any) -> None:
        for part, content in value.items():
            if part not in PROTECTION:
                raise LoadError(unknown("part", part, PROTECTION))
            with self._at(part):
                given = content
                if part == "captcha":
                    given = configured_captcha(content)
                if part == "bruteForceProtection":
                    given = _without(content, "form_submission_mode", "form_submission_behavior")
                self._send("PATCH", f"/attack-protection/{PROTECTION[part][0]}", given)

    def _branding(self, value: Any) -> None:
        settings = _without(value, "templates")
        if settings:
            self._send("PATCH", "/branding", settings)
        for each in value.get("templates") or ():
            path = f"/branding/templates/{each['template'].replace('_', '-')}"
            self._send("PUT", path, {"template": each["body"]})

    def _prompts(self, value: Any) -> None:
        settings = _without(value, "customText", "partials", "screenRenderers")
        if settings:
            self._send("PATCH", "/prompts", settings)
        texts: dict[str, dict[str, Any]] = value.get("customText") or {}
        partials: dict[str, Any] = value.get("partials") or {}
        renderers: list[Any] = value.get("screenRenderers") or []
        for language, prompts in texts.items():
            for prompt, screens in prompts.items():
                self._send("PUT", f"/prompts/{prompt}/custom-text/{language}", screens)
        for prompt, screens in partials.items():
            self._send("PUT", f"/prompts/{prompt}/partials", screens)
        if renderers:
            self._send("PATCH", "/prompts/rendering", {"configs": renderers})

    def _riskAssessment(self, value: Any) -> None:
        if "settings" in value:
            self._send("PATCH", "/risk-assessments/settings", value["settings"])
        if "new_device" in value:
            self._send("PATCH", "/risk-assessments/settings/new-device", value["new_device"])

    def _page(self, item: Any) -> None:
        name = item["name"]
        if name == "login":
            for client in self._mgmt.clients.list(is_global=True, fields="client_id"):
                body = {"custom_login_page_on": item.get("enabled", True)}
                if "html" in item:
                    body["custom_login_page"] = item["html"]
                self._send("PATCH", f"/clients/{client.client_id}", body)
        elif name in TENANT_PAGES:
            self._send("PATCH", "/tenants/settings", {TENANT_PAGES[name]: _without(item, "name")})
        else:
            raise LoadError(unknown("page", name, ["login", *TENANT_PAGES]))


def _unknown(secret: Any) -> bool:
    """Whether a configuration holds no value of a secret, but a keyword that has none."""
    return secret in (None, HIDDEN) or (
        isinstance(secret, str) and secret[:2] == "##" == secret[-2:]
    )


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name not in names}
