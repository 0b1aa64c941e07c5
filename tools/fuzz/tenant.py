"""A tenant that contains one of everything, and the ids of what it contains."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from auth0_mgmt._json import is_array, is_object, is_sequence
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant, strategies
from auth0_mgmt_testing.engine.validation import request_validator
from auth0_mgmt_testing.tenant import CHECK_VARIABLE

from .things import BEFORE, BODIES, PATHS, PREFERRED, REFERENCES, THINGS, happen

_KEYS = (
    "id", "user_id", "client_id", "agent_id", "kid", "themeId", "token_id", "custom_domain_id", "name",
)  # fmt: skip
"""What the ids of documents are called."""
HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}


@dataclass(frozen=True)
class Furnished:
    """The tenant, and what requests to it may name."""

    tenant: FakeTenant
    arguments: Mapping[str, Mapping[str, str]]
    """For each operation the path arguments that name something that there is."""
    references: Mapping[str, Any]
    """For each member of bodies that names something: what there is."""
    samples: Mapping[str, Mapping[str, Any]]
    """For each operation whose rules no drawn body meets by chance: an accepted body."""
    before: Mapping[str, Any]
    """For each operation the requests that bring the tenant into a state for it."""

    def prepared(self, operation: Operation[Any]) -> FakeTenant:
        """The tenant in a state in which the operation can succeed."""
        tenant = self.tenant
        if operation.name in self.before:
            tenant = tenant.fork()
            for path, body in self.before[operation.name]:
                _send(tenant, path, body)
        return tenant

    def bodies(self, operation: Operation[Any]) -> st.SearchStrategy[Any]:
        """Bodies that name only what there is; None where the operation takes none."""
        if operation.body_kind == "none":
            return st.none()
        drawn = strategies.for_operation(operation.name).map(
            lambda body: _fitting(operation, body, self._linked(body))
        )
        if (sample := self.samples.get(operation.name)) is None:
            return drawn
        more = drawn.map(lambda body: _fitting(operation, sample, {**_members(body), **sample}))
        return st.one_of(st.just(sample), more)

    def _linked(self, body: Any) -> Any:
        """The body with its references turned to what there is."""
        if is_array(body):
            return [self._linked(item) for item in body]
        if not is_object(body):
            return body
        return {
            name: known
            if _alike(known := self.references.get(name), value)
            else self._linked(value)
            for name, value in body.items()
        }

    def query(self, operation: Operation[Any]) -> dict[str, Any]:
        """The query parameters that are required, naming what there is."""
        needed = [name for name in operation.required if name in operation.query]
        return {name: self.references[name] for name in needed}


@cache
def furnished() -> Furnished:
    """Create the tenant, once."""
    with patch.dict(os.environ):
        os.environ.pop(CHECK_VARIABLE, None)  # only the forks validate
        tenant = FakeTenant()
    ids: dict[str, str] = {}
    for label, path, body in THINGS:
        ids[label] = _send(tenant, str(_filled(path, ids)), _filled(body, ids))
    ids |= happen(tenant, ids)
    arguments = {
        operation.id: {
            **dict(_arguments(tenant, operation, _filled(PREFERRED, ids))),
            **_filled(PATHS.get(operation.name, {}), ids),
        }
        for operation in operations()
    }
    return Furnished(
        tenant,
        arguments,
        _filled(REFERENCES, ids),
        _filled(BODIES, ids),
        _filled(BEFORE, ids),
    )


def _alike(reference: Any, value: Any) -> bool:
    """Whether a value may stand for what a reference names: a string, or a list of strings."""
    if is_array(value) and is_array(reference):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str) and isinstance(reference, str)


def _members(body: Any) -> dict[str, Any]:
    return body if is_object(body) else {}


def _fitting(operation: Operation[Any], body: Any, changed: Any) -> Any:
    """The changed body where the contract allows it too, else the body."""
    fault = request_validator().body_fault(operation.id, changed)
    return changed if fault is None else body


def _send(tenant: FakeTenant, path: str, body: Any) -> str:
    """Send a POST, or another request where the path says so; return the new id."""
    method, _, target = path.rpartition(" ")
    content = json.dumps(body).encode()
    response = tenant.send(method or "POST", f"/api/v2{target}", HEADERS, content)
    if response.status >= 300:
        raise AssertionError(f"{path}: {response.json()}")
    return _id_of(response.json()) or ""


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    """A value with ``$label`` in its strings replaced by the id of what was created."""
    if isinstance(value, str):
        return Template(value).safe_substitute(ids)
    if is_sequence(value):
        return [_filled(item, ids) for item in value]
    if is_object(value):
        return {key: _filled(item, ids) for key, item in value.items()}
    return value


def validating_fork(tenant: FakeTenant) -> FakeTenant:
    """A fork of the tenant that validates its responses."""
    with patch.dict(os.environ, {CHECK_VARIABLE: "open"}):
        return tenant.fork()


def _arguments(
    tenant: FakeTenant, operation: Operation[Any], preferred: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Walk down the path; where a list precedes an argument, take its newest item."""
    walked = ""
    for segment in operation.path.strip("/").split("/"):
        if segment.startswith("{"):
            name = segment[1:-1]
            found = preferred.get(walked) or _newest(tenant, walked, name)
            if found is None:
                return
            yield name, found
            segment = found
        walked += f"/{segment}"


def _newest(tenant: FakeTenant, path: str, name: str) -> str | None:
    response = tenant.send("GET", f"/api/v2{path}", HEADERS)
    body = response.json() if response.status == 200 else None
    if is_object(body):
        body = next((value for value in body.values() if is_array(value)), None)
    return _id_of(body[-1], name) if is_array(body) and body else None


def _id_of(document: Any, *names: str) -> str | None:
    keys = (*names, *_KEYS)
    found = (document.get(key) for key in keys) if is_object(document) else ()
    return next((value for value in found if isinstance(value, str)), None)
