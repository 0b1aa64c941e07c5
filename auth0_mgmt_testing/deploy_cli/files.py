"""Configurations as files: read with the files that they name, and written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from auth0_mgmt._json import is_array, is_object

from ..errors import LoadError
from ..setup.documents import is_folder, parse_json
from ..state.files import write_private
from .keywords import fill_in
from .kinds import KINDS, KNOWN, PROTECTION, SETTINGS

Layout = Literal["yaml", "folder"]
CONFIGURATION = ("tenant.yaml", "tenant.yml")
"""Names of files that are configurations, not seeds."""
_EXTERNAL = re.compile(r"\.{0,2}/?[\w@. ()-]+(?:[/\\][\w@. ()-]+)*\.(?:js|html|json|liquid)")
"""What a string that names a file looks like."""
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_SCRIPTS = ("login", "get_user", "create", "verify", "change_password", "delete", "change_email")


def is_configuration(path: Path) -> bool:
    """Whether a path is a configuration: a folder, or a file of the name that deploy-cli gives."""
    return is_folder(path) or path.name.lower() in CONFIGURATION


def read_configuration(path: Path, mappings: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a configuration, with the text of each file that they name in place of its name.

    ``path``: a YAML file, a folder with one, or a folder of JSON files. Raises `LoadError`.
    """
    if path.is_dir():
        for name in CONFIGURATION:
            if (path / name).is_file():
                return _Reader(path, mappings).yaml(path / name)
        return _Reader(path, mappings).folder()
    return _Reader(path.parent, mappings).yaml(path)


class _Reader:
    def __init__(self, root: Path, mappings: Mapping[str, Any]) -> None:
        self._root = root.resolve()
        self._mappings = mappings

    def yaml(self, path: Path) -> dict[str, Any]:
        import yaml

        try:
            value = yaml.safe_load(self._text(path))
        except yaml.MarkedYAMLError as error:
            line = 0 if error.problem_mark is None else error.problem_mark.line + 1
            raise LoadError(f"{path.name}:{line}: {error.problem}") from error
        if value is None:
            return {}
        if not is_object(value):
            raise LoadError(f"{path.name}: a mapping was expected")
        return {name: self._with_files(part, self._root) for name, part in value.items()}

    def folder(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind in KINDS:
            folder = self._root / kind.folder
            items = [self._json(path) for path in self._files(folder)]
            if kind.key == "databases" and folder.is_dir():
                items = [
                    self._json(path / "database.json")
                    for path in sorted(folder.iterdir())
                    if path.is_dir()
                ]
            if items:
                nested = [item if is_array(item) else [item] for item in items]
                found[kind.key] = [each for item in nested for each in item]
        for key, (_, _, name) in SETTINGS.items():
            self._one(found, key, name)
        self._one(found, "triggers", "triggers/triggers.json")
        self._one(found, "riskAssessment", "risk-assessment/settings.json")
        self._one(found, "guardianPolicies", "guardian/policies.json")
        self._many(found, "guardianFactors", "guardian/factors")
        self._many(found, "guardianFactorProviders", "guardian/providers")
        self._many(found, "guardianFactorTemplates", "guardian/templates")
        self._many(found, "clientGrants", "grants")
        self._many(found, "rulesConfigs", "rules-configs")
        self._many(found, "pages", "pages")
        self._many(found, "emailTemplates", "emails", leave_out="provider.json")
        parts = {
            key: self._json(path)
            for key, (_, name) in PROTECTION.items()
            if (path := self._root / "attack-protection" / f"{name}.json").is_file()
        }
        if parts:
            found["attackProtection"] = parts
        self._branding(found)
        self._prompts(found)
        if not found:
            raise LoadError(f"{self._root.name}: no configuration is in this folder")
        return found

    def _branding(self, found: dict[str, Any]) -> None:
        self._one(found, "branding", "branding/branding.json")
        templates = [self._json(path) for path in self._files(self._root / "branding/templates")]
        if templates:
            found.setdefault("branding", {})["templates"] = templates

    def _prompts(self, found: dict[str, Any]) -> None:
        self._one(found, "prompts", "prompts/prompts.json")
        for key, name in (("customText", "custom-text"), ("partials", "partials")):
            path = self._root / "prompts" / f"{name}.json"
            if path.is_file() and (value := self._json(path)):
                found.setdefault("prompts", {})[key] = value

    def _one(self, found: dict[str, Any], key: str, name: str) -> None:
        path = self._root / name
        if path.is_file() and (value := self._json(path)) not in ({}, []):
            found[key] = value

    def _many(self, found: dict[str, Any], key: str, folder: str, leave_out: str = "") -> None:
        files = [path for path in self._files(self._root / folder) if path.name != leave_out]
        if files:
            found[key] = [self._json(path) for path in files]

    @staticmethod
    def _files(folder: Path) -> list[Path]:
        return sorted(folder.glob("*.json")) if folder.is_dir() else []

    def _json(self, path: Path) -> Any:
        value = parse_json(self._text(path), self._shown(path))
        return self._with_files(value, path.parent)

    def _text(self, path: Path) -> str:
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise LoadError(f"{self._shown(path)}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise LoadError(f"{self._shown(path)}: not a text file of UTF-8") from error
        return fill_in(text, self._mappings)

    def _shown(self, path: Path) -> str:
        path = path.resolve()
        inside = path.is_relative_to(self._root)
        return str(path.relative_to(self._root)) if inside else path.name

    def _with_files(self, value: Any, beside: Path) -> Any:
        if is_object(value):
            return {name: self._with_files(item, beside) for name, item in value.items()}
        if is_array(value):
            return [self._with_files(item, beside) for item in value]
        if isinstance(value, str) and _EXTERNAL.fullmatch(value):
            return self._file(value, beside)
        return value

    def _file(self, name: str, beside: Path) -> str:
        """The text of a named file, beside the one that names it or below the root."""
        for base in (beside, self._root):
            path = (base / name.replace("\\", "/")).resolve()
            if path.is_file():
                if not path.is_relative_to(self._root):
                    raise LoadError(f"{name}: outside of the configuration's folder")
                return self._text(path)
        if name.startswith("./"):
            raise LoadError(f"{name}: no such file in the configuration's folder")
        return name


# --- writing ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Files:
    """What is to be written, by path below the root."""

    texts: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, path: str, text: str) -> str:
        self.texts[path] = text
        return f"./{path}"


def write_configuration(assets: Mapping[str, Any], root: Path, layout: Layout) -> list[Path]:
    """Write a configuration below a folder; returns the files. Only the owner may read them."""
    files = _Files()
    if layout == "yaml":
        import yaml

        named = {key: _extracted(key, value, files, layout) for key, value in assets.items()}
        text = yaml.safe_dump(named, sort_keys=False, allow_unicode=True, width=100)
        files.add("tenant.yaml", text)
    else:
        for key, value in assets.items():
            _write_part(key, _extracted(key, value, files, layout), files)
    written: list[Path] = []
    for name, text in files.texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, text.encode())
        written.append(path)
    return written


def safe_name(name: str) -> str:
    """A name as that of a file, on every system."""
    return _UNSAFE.sub("-", name)


def _extracted(key: str, value: Any, files: _Files, layout: Layout) -> Any:
    """A part with its scripts and pages moved into files of their own."""
    folder = layout == "folder"
    if key == "actions":
        return [
            {**item, "code": files.add(f"actions/{safe_name(item['name'])}/code.js", item["code"])}
            for item in value
        ]
    if key == "emailTemplates":
        found: list[Any] = []
        for item in value:
            name = f"{item['template']}.html"
            place = files.add(f"{'emails' if folder else 'emailTemplates'}/{name}", item["body"])
            found.append({**item, "body": f"./{name}" if folder else place})
        return found
    if key == "pages":
        return [_page(item, files, folder) for item in value]
    if key in ("rules", "hooks"):
        return [_script(key, item, files, folder) for item in value]
    if key == "databases":
        return [_database(item, files, folder) for item in value]
    if key == "branding" and "templates" in value:
        home = "branding/templates" if folder else "branding_templates"
        templates: list[Any] = []
        for item in value["templates"]:
            name = f"{item['template']}.html"
            place = files.add(f"{home}/{name}", item["body"])
            templates.append({**item, "body": f"./{name}" if folder else place})
        return {**value, "templates": templates}
    return value


def _page(item: Mapping[str, Any], files: _Files, folder: bool) -> Any:
    if "html" not in item:
        return item
    name = f"{item['name']}.html"
    place = files.add(f"pages/{name}", item["html"])
    return {**item, "html": f"./{name}" if folder else place}


def _script(key: str, item: Mapping[str, Any], files: _Files, folder: bool) -> Any:
    name = f"{safe_name(item['name'])}.js"
    place = files.add(f"{key}/{name}", item["script"])
    return {**item, "script": f"./{name}" if folder else place}


def _database(item: Mapping[str, Any], files: _Files, folder: bool) -> Any:
    options: Any = item.get("options", {})
    if not is_object(scripts := options.get("customScripts")):
        return item
    home = f"{'database-connections' if folder else 'databases'}/{safe_name(item['name'])}"
    named: dict[str, Any] = {}
    for name, text in scripts.items():
        place = files.add(f"{home}/{name}.js", text)
        named[name] = f"./{name}.js" if folder else place
    return {**item, "options": {**options, "customScripts": named}}


def _write_part(key: str, value: Any, files: _Files) -> None:
    def add(path: str, part: Any) -> None:
        files.add(path, json.dumps(part, ensure_ascii=False, indent=2) + "\n")

    kind = next((kind for kind in KINDS if kind.key == key), None)
    if key in SETTINGS:
        add(SETTINGS[key][2], value)
    elif key == "databases":
        for item in value:
            add(f"database-connections/{safe_name(item['name'])}/database.json", item)
    elif key == "branding":
        for item in value.get("templates", ()):
            add(f"branding/templates/{item['template']}.json", item)
        rest = {name: part for name, part in value.items() if name != "templates"}
        add("branding/branding.json", rest)
    elif key == "customDomains":
        add("custom-domains/custom-domains.json", value)
    elif kind is not None:
        for name, item in _named(value, kind.identity):
            add(f"{kind.folder}/{name}.json", item)
    elif key == "clientGrants":
        for item in value:
            name = safe_name(f"{item['client_id']}-{item['audience']}")
            add(f"grants/{name}.json", item)
    elif key == "attackProtection":
        for part, content in value.items():
            add(f"attack-protection/{PROTECTION[part][1]}.json", content)
    elif key == "prompts":
        rest = {k: v for k, v in value.items() if k not in ("customText", "partials")}
        add("prompts/prompts.json", rest)
        add("prompts/custom-text.json", value.get("customText", {}))
        add("prompts/partials.json", value.get("partials", {}))
    else:
        _write_others(key, value, add)


def _write_others(key: str, value: Any, add: Any) -> None:
    places = {
        "triggers": "triggers/triggers.json",
        "guardianPolicies": "guardian/policies.json",
        "riskAssessment": "risk-assessment/settings.json",
    }
    if key in places:
        add(places[key], value)
        return
    folders = {
        "guardianFactors": ("guardian/factors", "name"),
        "guardianFactorProviders": ("guardian/providers", "name"),
        "guardianFactorTemplates": ("guardian/templates", "name"),
        "rulesConfigs": ("rules-configs", "key"),
        "pages": ("pages", "name"),
        "emailTemplates": ("emails", "template"),
    }
    folder, label = folders[key]
    for item in value:
        add(f"{folder}/{safe_name(item[label])}.json", item)


def _named(items: list[Any], identity: str) -> Iterator[tuple[str, Any]]:
    """Items with names of files: theirs, made different where two are the same."""
    used: set[str] = set()
    for item in items:
        label = str(item.get("name") or item.get(identity) or "item")
        name = safe_name(label)
        while name.lower() in used:
            name += "-"
        used.add(name.lower())
        yield name, item


def unknown_parts(assets: Mapping[str, Any]) -> list[str]:
    """The names of parts that are not known."""
    return [name for name in assets if name not in KNOWN]
