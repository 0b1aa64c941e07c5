"""One table of the forms of ids: what is made, accepted, drawn and recognized has them."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from auth0_mgmt._operation import Operation
from auth0_mgmt_testing import FakeTenant, contract, strategies
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.behaviours import CollectionBehaviour
from auth0_mgmt_testing.engine.formats import FORMATS
from auth0_mgmt_testing.engine.validation import compiled
from auth0_mgmt_testing.state.id_forms import ID_FORMS
from auth0_mgmt_testing.state.ids import IdForm, derive_bytes
from auth0_mgmt_testing.verification.identity import canonical

from .test_operations import ROWS, ask, body_of, path_of, query_of, rules, target

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
OPERATIONS = {found.operation.name: found.operation for found in ROWS}
PREFIXED = {name: form for name, form in ID_FORMS.items() if form.prefix.endswith("_")}
BARE = ("ACTION", "BRANDING_THEME", "CLIENT", "RESOURCE_SERVER", "SESSION", "TICKET", "USER")
"""Forms without a prefix that show as ids by their length and alphabet."""


def ids_of(form: IdForm) -> list[str]:
    return [form(derive_bytes("seed", number)) for number in range(50)]


def collections() -> list[tuple[CollectionBehaviour, IdForm]]:
    found = registry().collections.values()
    return [
        (collection, collection.new_id)
        for collection in found
        if isinstance(collection, CollectionBehaviour) and collection.new_id is not None
    ]


@pytest.mark.parametrize("name", ID_FORMS)
def test_a_form_makes_what_it_matches(name: str) -> None:
    form = ID_FORMS[name]
    for made in ids_of(form):
        assert form.matches(made)
        assert set(made.removeprefix(form.prefix)) <= set(form.alphabet)
        assert len(made) == len(form.prefix) + form.length
        assert not form.matches(made + "0")
        assert not form.matches(made[:-1])


@pytest.mark.parametrize("name", [*PREFIXED, *BARE])
def test_comparisons_recognize_a_made_id(name: str) -> None:
    # By chance one in thousands has no digit and no capital, as a word has none.
    assert sum(canonical(made) == "<id>" for made in ids_of(ID_FORMS[name])) >= 48


def test_no_prefix_has_two_forms() -> None:
    forms: dict[str, set[IdForm]] = defaultdict(set)
    for form in PREFIXED.values():
        forms[form.prefix].add(form)
    assert {prefix for prefix, found in forms.items() if len(found) > 1} == set()


def test_every_collection_makes_ids_of_the_table() -> None:
    assert len(collections()) > 40
    table = set(map(id, ID_FORMS.values()))
    assert [c.table for c, form in collections() if id(form) not in table] == []


def test_the_contract_takes_the_ids_that_collections_make() -> None:
    seen = 0
    for collection, form in collections():
        for name in collection.operations.values():
            operation = OPERATIONS[name]
            parameters = rules(operation).get("path", {})
            last = re.findall(r"{(\w+)}$", operation.path)
            if not last:
                continue
            document = contract.of_operation(operation.id)
            validator = compiled(document.whole(parameters[last[0]]))
            assert all(map(validator.is_valid, ids_of(form))), name
            seen += 1
    assert seen > 80


def test_creates_give_ids_of_the_collections_form() -> None:
    created = 0
    for collection, form in collections():
        if collection.parent is not None or "create" not in collection.operations:
            continue
        operation: Operation[Any] = OPERATIONS[collection.operations["create"]]
        tenant = FakeTenant()
        answer = ask(
            tenant, operation, target(path_of(operation), query_of(operation)), body_of(operation)
        )
        if answer.status not in (200, 201):
            continue
        identifier = answer.json()[collection.id]
        forms = {"clients": (ID_FORMS["CLIENT"], ID_FORMS["THIRD_PARTY_CLIENT"])}
        assert any(each.matches(identifier) for each in forms.get(collection.table, (form,))), (
            operation.name,
            identifier,
        )
        created += 1
    assert created > 20


FORMATS_OF_IDS = {
    "client-grant-id": "CLIENT_GRANT",
    "connection-id": "CONNECTION",
    "connection-profile-id": "CONNECTION_PROFILE",
    "credential-id": "CLIENT_CREDENTIAL",
    "event-id": "EVENT",
    "event-stream-id": "EVENT_STREAM",
    "flow-id": "FLOW",
    "flows-vault-connections-id": "FLOW_VAULT_CONNECTION",
    "form-id": "FORM",
    "log-stream-id": "LOG_STREAM",
    "organization-discovery-domain-id": "ORGANIZATION_DISCOVERY_DOMAIN",
    "organization-id": "ORGANIZATION",
    "organization-template-id": "ORGANIZATION_TEMPLATE",
    "rate-limit-policy-id": "RATE_LIMIT_POLICY",
    "role-id": "ROLE",
    "token-exchange-profile-id": "TOKEN_EXCHANGE_PROFILE",
    "user-attribute-profile-id": "USER_ATTRIBUTE_PROFILE",
    "user-invitation-id": "USER_INVITATION",
}


@pytest.mark.parametrize("format", FORMATS_OF_IDS)
def test_what_is_accepted_and_drawn_has_the_form(format: str) -> None:
    form = ID_FORMS[FORMATS_OF_IDS[format]]
    assert all(map(FORMATS[format], ids_of(form)))
    # The prefix of templates is assumed, so any is accepted.
    assert FORMATS[format]("dom_" + "1" * 22) == (format == "organization-template-id")
    drawn: list[str] = []

    @given(vars(strategies)["_FORMATS"][format])
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    assert len(drawn) > 10
    assert all(map(form.matches, drawn))


@cache
def recorded() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    prefixes = "|".join(form.prefix for form in PREFIXED.values())
    pattern = re.compile(rf"(?<![A-Za-z0-9_])({prefixes})([A-Za-z0-9]{{14,40}})(?![A-Za-z0-9_])")
    for path in RECORDINGS.rglob("*.*"):
        if path.is_file():
            for prefix, own in pattern.findall(path.read_text("utf-8", "replace")):
                found[prefix].add(prefix + own)
    return found


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
@pytest.mark.parametrize("name", PREFIXED)
def test_recorded_ids_have_the_form(name: str) -> None:
    form = PREFIXED[name]
    odd = {text for text in recorded()[form.prefix] if not form.matches(text)}
    assert odd <= {"cd_xYz123AbcDeFgHi"}, "but for the one that a person wrote"


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_recordings_hold_ids_of_most_forms() -> None:
    assert len([prefix for prefix, ids in recorded().items() if ids]) > 25
    assert len(recorded()["ord_"]) > 10
