"""Hypothesis strategies: request bodies of every operation, and common resources.

>>> from auth0_mgmt_testing import strategies
>>> @given(body=strategies.for_operation("roles.create"))
... def test_any_role(body): ...

Bodies are drawn from the contract's schemas, with the known deviations of live tenants; each is
checked with the validator that the fake itself uses. Nothing else of this package imports
Hypothesis: it is the extra ``auth0-mgmt[hypothesis]``.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "auth0_mgmt_testing.strategies needs Hypothesis: pip install 'auth0-mgmt[hypothesis]'",
        name=missing.name,
    ) from missing

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation

from . import contract
from ._registry import contract_lookup
from .engine.validation import compiled
from .state import id_forms
from .state.ids import IdForm

__all__ = [
    "clients",
    "for_operation",
    "near_valid",
    "organizations",
    "query_parameters",
    "roles",
    "search_queries",
    "users",
]

Body: TypeAlias = Any
_Draw: TypeAlias = Callable[..., Any]

_MAX_DEPTH = 5
"""Levels below which only required members are drawn."""
_MAX_OPTIONAL = 5
"""Optional members of one object that are drawn at most."""
_MAX_ITEMS = 3
_MAX_TEXT = 24
_LONG_PATTERN = 300
"""A pattern longer than this describes a URL in full; one is drawn instead of the expression."""

_ALNUM = string.ascii_letters + string.digits
_WORD = st.text(string.ascii_lowercase, min_size=1, max_size=8)
_LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
_HOST = st.builds("{}.{}".format, _LABEL, st.sampled_from(["example.com", "example.org", "test"]))
_PATH = st.lists(_LABEL, max_size=2).map(lambda parts: "".join(f"/{part}" for part in parts))
_URL = st.builds("https://{}{}".format, _HOST, _PATH)
_EMAIL = st.builds("{}@{}".format, _LABEL, _HOST)
_CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00<>")
_PASSWORDS = st.from_regex(r"Aa1-[A-Za-z0-9]{12}[!?*]", fullmatch=True)


def _identifier(form: IdForm, before: str = "") -> SearchStrategy[str]:
    own = st.text(form.alphabet, min_size=form.length, max_size=form.length)
    return own.map(lambda text: before + form.prefix + text)


def _empty_or(strategy: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.just("") | strategy


_FORMATS: Mapping[str, SearchStrategy[Any]] = {
    "absolute-https-uri-or-empty": _empty_or(_URL),
    "absolute-https-uri-with-placeholders-or-empty": _empty_or(_URL),
    "absolute-uri-or-empty": _empty_or(_URL),
    "authenticator-id": _identifier(id_forms.AUTHENTICATION_DEVICE, "totp|"),
    "callback-url": _URL,
    "cidr": st.ip_addresses(v=4).map(lambda address: f"{address}/32"),
    "client-grant-id": _identifier(id_forms.CLIENT_GRANT),
    "client-id": _identifier(id_forms.CLIENT),
    "connection-id": _identifier(id_forms.CONNECTION),
    "connection-profile-id": _identifier(id_forms.CONNECTION_PROFILE),
    "connection-realm": _LABEL,
    "credential-id": _identifier(id_forms.CLIENT_CREDENTIAL),
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda value: value.isoformat(timespec="milliseconds") + "Z"),
    "ec-initiate-login-uri-template-url": _URL,
    "email": _EMAIL,
    "email-or-empty": _empty_or(_EMAIL),
    "event-id": _identifier(id_forms.EVENT),
    "event-stream-id": _identifier(id_forms.EVENT_STREAM),
    "flow-id": _identifier(id_forms.FLOW),
    "flows-vault-connections-id": _identifier(id_forms.FLOW_VAULT_CONNECTION),
    "form-id": _identifier(id_forms.FORM),
    "forms-custom-identifier": _LABEL,
    "forms-file-extension": _WORD,
    "forms-hex-color": st.from_regex(r"#[0-9A-F]{6}", fullmatch=True),
    "forms-url-https": _URL,
    "hmac_sha256_key_value": st.text(_ALNUM, min_size=1, max_size=_MAX_TEXT),
    "hostname": _HOST,
    "hostname-rfc2181": _HOST,
    "html-color": st.from_regex(r"#[0-9A-F]{6}", fullmatch=True),
    "html-color-or-null": st.from_regex(r"#[0-9A-F]{6}", fullmatch=True),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "ipv6_cidr": st.ip_addresses(v=6).map(lambda address: f"{address}/128"),
    "log-stream-id": _identifier(id_forms.LOG_STREAM),
    "organization-discovery-domain-id": _identifier(id_forms.ORGANIZATION_DISCOVERY_DOMAIN),
    "organization-id": _identifier(id_forms.ORGANIZATION),
    "organization-name": _LABEL,
    "organization-template-id": _identifier(id_forms.ORGANIZATION_TEMPLATE),
    "rate-limit-policy-id": _identifier(id_forms.RATE_LIMIT_POLICY),
    "role-id": _identifier(id_forms.ROLE),
    "strict-https-uri": _URL,
    "strict-https-uri-or-null": _URL,
    "strict-uri": _URL,
    "ticket-id": _identifier(id_forms.CLIENT),
    "token-exchange-profile-id": _identifier(id_forms.TOKEN_EXCHANGE_PROFILE),
    "uri": _URL,
    "url": _URL,
    "url-or-null": _URL,
    "url-with-placeholders": _URL,
    "user-attribute-profile-id": _identifier(id_forms.USER_ATTRIBUTE_PROFILE),
    "user-id": _identifier(id_forms.USER, "auth0|"),
    "user-id-with-max-length": _identifier(id_forms.USER, "auth0|"),
    "user-invitation-id": _identifier(id_forms.USER_INVITATION),
    "uuid": st.uuids().map(str),
}
"""Strategies of the API's string formats; any string for a format that is missing."""

_SCALARS: SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(_CHARACTERS, max_size=_MAX_TEXT)
)
_JSON: SearchStrategy[Any] = _SCALARS | st.dictionaries(_WORD, _SCALARS, max_size=2)


# --- from the contract -------------------------------------------------------------------------


def for_operation(name: str, **fixed: Any) -> SearchStrategy[Body]:
    """Bodies that the contract allows for an operation, by its name in the client.

    ``fixed`` are members that every body has as given: ``for_operation("users.create",
    connection="people")``. Whether a tenant accepts a body also depends on what it contains (a name
    that is taken, a connection that is missing). Raises LookupError for an operation that does
    not exist, or that takes no body.
    """
    operation = _operation(name)
    found = _bodies(operation.id)
    if found is None:
        raise LookupError(f"{name} takes no body")
    bodies, is_valid = found
    if not fixed:
        return bodies
    return bodies.map(lambda body: {**body, **fixed} if is_object(body) else body).filter(is_valid)


def near_valid(name: str) -> SearchStrategy[Body]:
    """Bodies of an operation with one fault, and a few that are valid after all.

    A member is dropped, unknown or of another type, at any depth. A tenant responds to each with
    success or a 4xx, never with a failure of its own. Raises LookupError as `for_operation`.
    """
    return for_operation(name).flatmap(_with_fault)


def query_parameters(name: str) -> SearchStrategy[dict[str, Any]]:
    """Query parameters that the contract allows for an operation; empty where it has none."""
    operation = _operation(name)
    document = contract.of_operation(operation.id)
    schemas = document.operation(operation.id) or {}
    schema = {
        "type": "object",
        "properties": schemas.get("query", {}),
        "required": schemas.get("query_required", []),
        "additionalProperties": False,
    }
    return _Reader(document).valid(schema)


def _operation(name: str) -> Operation[Any]:
    try:
        return contract_lookup().get(name)
    except ValueError as error:
        raise LookupError(str(error)) from None


@cache
def _bodies(operation: str) -> tuple[SearchStrategy[Body], Callable[[Any], bool]] | None:
    document = contract.of_operation(operation)
    schema = (document.operation(operation) or {}).get("body")
    if schema is None:
        return None
    return _Reader(document).valid(schema), compiled(document.whole(schema)).is_valid


class _Reader:
    """Makes strategies of the schemas of one document."""

    def __init__(self, document: contract.SchemaDocument) -> None:
        self._document = document
        self._named: dict[tuple[str, int], SearchStrategy[Any]] = {}

    def valid(self, schema: contract.Schema) -> SearchStrategy[Any]:
        """Values of a schema, all of them checked."""
        return self._checked(schema, self._of(schema, 0))

    def _checked(self, schema: contract.Schema, values: SearchStrategy[Any]) -> SearchStrategy[Any]:
        return values.filter(compiled(self._document.whole(schema)).is_valid)

    def _of(self, schema: Any, depth: int) -> SearchStrategy[Any]:
        if not is_object(schema):
            return _JSON
        if isinstance(ref := schema.get("$ref"), str):
            return self._reference(ref.rpartition("/")[2], depth)
        if "const" in schema:
            return st.just(schema["const"])
        if is_array(allowed := schema.get("enum")):
            return st.sampled_from(allowed)
        for keyword in ("oneOf", "anyOf"):
            if is_array(branches := schema.get(keyword)):
                return self._alternatives(schema, branches, depth)
        if is_array(parts := schema.get("allOf")):
            return self._checked(schema, self._together(schema, parts, depth))
        kinds: Any = schema.get("type", "object" if "properties" in schema else None)
        if kinds is None:
            return _JSON
        return st.one_of([self._typed(str(kind), schema, depth) for kind in _listed(kinds)])

    def _reference(self, name: str, depth: int) -> SearchStrategy[Any]:
        key = (name, depth)
        if key not in self._named:
            self._named[key] = st.deferred(lambda: self._of(self._document.definition(name), depth))
        return self._named[key]

    def _alternatives(
        self, schema: contract.Schema, branches: list[Any], depth: int
    ) -> SearchStrategy[Any]:
        rest = {
            key: value for key, value in schema.items() if key not in ("oneOf", "anyOf", "default")
        }
        if "properties" in rest:
            drawn = [self._together(rest, [branch], depth) for branch in branches]
        else:
            drawn = [self._of(branch, depth) for branch in branches]
        return self._checked(schema, st.one_of(drawn))

    def _together(
        self, schema: contract.Schema, parts: list[Any], depth: int
    ) -> SearchStrategy[Any]:
        """Objects that several schemas describe: the union of what they name."""
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in [schema, *parts]:
            resolved: contract.Schema = self._document.resolve(part) if is_object(part) else {}
            merged["properties"] |= resolved.get("properties", {})
            merged["required"] += resolved.get("required", [])
        return self._object(merged, depth)

    def _typed(self, kind: str, schema: contract.Schema, depth: int) -> SearchStrategy[Any]:
        match kind:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                return st.integers(*_bounds(schema))
            case "number":
                low, high = _bounds(schema)
                return st.integers(low, high) | st.floats(low, high, allow_nan=False)
            case "string":
                return self._text(schema)
            case "array":
                return self._array(schema, depth)
            case _:
                return self._object(schema, depth)

    def _text(self, schema: contract.Schema) -> SearchStrategy[str]:
        shortest: int = schema.get("minLength", 0)
        longest: int = min(schema.get("maxLength", _MAX_TEXT), max(shortest, _MAX_TEXT))
        pattern: str = schema.get("pattern", "")
        if (format := schema.get("format")) in _FORMATS:
            drawn = _FORMATS[str(format)]
        elif len(pattern) > _LONG_PATTERN:
            drawn = _URL
        elif pattern:
            text = pattern.removeprefix("^").removesuffix("$")
            alternatives = "|" in pattern and not pattern.endswith(")$")
            drawn = st.from_regex(pattern if alternatives else text, fullmatch=not alternatives)
        else:
            return st.text(_CHARACTERS, min_size=shortest, max_size=longest)
        return self._checked(schema, drawn)

    def _array(self, schema: contract.Schema, depth: int) -> SearchStrategy[list[Any]]:
        least: int = schema.get("minItems", 0)
        most = least if depth > _MAX_DEPTH else max(least, min(schema.get("maxItems", 3), 3))
        items = self._of(schema.get("items", {}), depth + 1)
        if schema.get("uniqueItems"):
            return st.lists(items, min_size=least, max_size=most, unique_by=repr)
        return st.lists(items, min_size=least, max_size=most)

    def _object(self, schema: contract.Schema, depth: int) -> SearchStrategy[dict[str, Any]]:
        properties: dict[str, Any] = schema.get("properties", {})
        required = list(dict.fromkeys(schema.get("required", [])))
        optional = [name for name in properties if name not in required]
        extra = schema.get("additionalProperties", not properties)
        least = max(0, schema.get("minProperties", 0) - len(required))
        most: int = schema.get("maxProperties", len(properties) + _MAX_ITEMS) - len(required)
        chosen = min(len(optional), most, least if depth > _MAX_DEPTH else _MAX_OPTIONAL)
        subsets = (
            st.lists(
                st.sampled_from(optional),
                unique=True,
                min_size=min(least, chosen),
                max_size=max(chosen, min(least, len(optional))),
            )
            if optional
            else st.just([])
        )
        free: SearchStrategy[dict[str, Any]] = st.just({})
        if extra is not False and not optional and depth <= _MAX_DEPTH:
            values = self._of(extra, depth + 1) if is_object(extra) and extra else _SCALARS
            size = max(0, min(_MAX_ITEMS, most))
            free = st.dictionaries(_WORD, values, min_size=min(least, size), max_size=size)

        @st.composite
        def objects(draw: _Draw) -> dict[str, Any]:
            names = [*required, *draw(subsets)]
            drawn = {name: draw(self._of(properties.get(name, {}), depth + 1)) for name in names}
            return {**draw(free), **drawn}

        return objects()


def _listed(kinds: Any) -> list[Any]:
    return kinds if is_array(kinds) else [kinds]


def _bounds(schema: contract.Schema) -> tuple[int, int]:
    low: int = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high: int = schema.get("maximum", max(low, 0) + 10_000)
    return int(low), int(high)


# --- faults ------------------------------------------------------------------------------------

_WRONG: SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", "x" * 5000, 0, -1, 2**63, 0.5, True, [], [None], [{}], {}, {"": None}]
)


@st.composite
def _with_fault(draw: _Draw, body: Any) -> Any:
    """The body with one member dropped, added or replaced, at a depth that is drawn."""
    if is_array(body) and body:
        index = draw(st.integers(0, len(body) - 1))
        return [*body[:index], draw(_with_fault(body[index])), *body[index + 1 :]]
    if not is_object(body):
        return draw(_WRONG)
    fault = draw(st.sampled_from(["drop", "add", "replace", "deeper"]))
    if fault == "add" or not body:
        return {**body, draw(st.sampled_from(["unknown", "id", "", "user_id"])): draw(_WRONG)}
    name = draw(st.sampled_from(list(body)))
    if fault == "drop":
        return {key: value for key, value in body.items() if key != name}
    inner = draw(_with_fault(body[name])) if fault == "deeper" else draw(_WRONG)
    return {**body, name: inner}


# --- resources ---------------------------------------------------------------------------------


def users(connection: str = "Username-Password-Authentication") -> SearchStrategy[Body]:
    """Bodies of ``users.create`` that a database connection with default settings accepts.

    Two of them may have the same address; a tenant rejects the second with 409.
    """
    optional: Mapping[Any, SearchStrategy[Any]] = {
        "name": st.text(_CHARACTERS, min_size=1, max_size=_MAX_TEXT),
        "nickname": st.text(_CHARACTERS, min_size=1, max_size=_MAX_TEXT),
        "given_name": st.text(_CHARACTERS, min_size=1, max_size=_MAX_TEXT),
        "family_name": st.text(_CHARACTERS, min_size=1, max_size=_MAX_TEXT),
        "email_verified": st.booleans(),
        "blocked": st.booleans(),
        "user_metadata": st.dictionaries(_WORD, _JSON, max_size=3),
        "app_metadata": st.dictionaries(_WORD, _JSON, max_size=3),
    }
    return _accepted(
        "users.create",
        {"connection": st.just(connection), "email": _EMAIL, "password": _PASSWORDS},
        optional,
    )


def clients() -> SearchStrategy[Body]:
    """Bodies of ``clients.create`` that a tenant accepts."""
    optional: Mapping[Any, SearchStrategy[Any]] = {
        "app_type": st.sampled_from(["spa", "native", "regular_web", "non_interactive"]),
        "description": st.text(_CHARACTERS, max_size=140),
        "callbacks": st.lists(_URL, max_size=2, unique=True),
        "allowed_logout_urls": st.lists(_URL, max_size=2, unique=True),
        "web_origins": st.lists(_HOST.map("https://{}".format), max_size=2, unique=True),
        "client_metadata": st.dictionaries(_WORD, _WORD, max_size=3),
        "oidc_conformant": st.booleans(),
    }
    return _accepted("clients.create", {"name": _names()}, optional)


def roles() -> SearchStrategy[Body]:
    """Bodies of ``roles.create`` that a tenant accepts, if the name is not taken."""
    return _accepted(
        "roles.create",
        {"name": _names()},
        {"description": st.text(_CHARACTERS, min_size=1, max_size=140)},
    )


def organizations() -> SearchStrategy[Body]:
    """Bodies of ``organizations.create`` that a tenant accepts, if the name is not taken."""
    optional: Mapping[Any, SearchStrategy[Any]] = {
        "display_name": _names(),
        "metadata": st.dictionaries(_WORD, _WORD, max_size=3),
    }
    return _accepted("organizations.create", {"name": _LABEL}, optional)


def search_queries() -> SearchStrategy[str]:
    """Lucene queries (``q``) of ``users.list`` that tenants accept: terms, ranges, groups."""
    word = _WORD | _WORD.map(lambda text: f"{text}*") | _WORD.map(lambda text: f'"{text}"')
    count = st.integers(0, 20)
    terms = st.one_of(
        st.builds("{}:{}".format, st.sampled_from(["email", "name", "nickname"]), word),
        st.builds('user_metadata.{}:"{}"'.format, _WORD, _WORD),
        st.builds(
            "{}:{}".format,
            st.sampled_from(["blocked", "email_verified"]),
            st.sampled_from(["true", "false"]),
        ),
        st.builds("logins_count:[{} TO {}]".format, count, count),
        st.sampled_from(["_exists_:email", "_exists_:blocked", "NOT _exists_:username"]),
        _EMAIL.map('email:"{}"'.format),
    )
    return st.recursive(
        terms,
        lambda inner: st.builds(
            "({} {} {})".format, inner, st.sampled_from(["AND", "OR", "AND NOT"]), inner
        ),
        max_leaves=4,
    )


def _names() -> SearchStrategy[str]:
    return st.builds("{}{}".format, _WORD, st.text(_ALNUM + " -_", max_size=12)).map(str.strip)


def _accepted(
    name: str,
    required: Mapping[Any, SearchStrategy[Any]],
    optional: Mapping[Any, SearchStrategy[Any]],
) -> SearchStrategy[Body]:
    bodies: SearchStrategy[Any] = st.fixed_dictionaries(dict(required), optional=dict(optional))
    found = _bodies(_operation(name).id)
    return bodies if found is None else bodies.filter(found[1])
