"""Every collection of the fake tenant is typed; a new one by `make generate` alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import auth0_mgmt_testing
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.setup.collections import TenantCollections
from tools.generate import __main__ as generator
from tools.generate.collections import source


def test_every_collection_of_the_registry_is_declared_for_type_checkers() -> None:
    package = Path(str(auth0_mgmt_testing.__file__)).parent
    declared = (package.parent / generator.COLLECTIONS).read_text("utf-8")
    names = FakeTenant().collection_names()
    missing = [
        name
        for name in names
        if name not in vars(TenantCollections)
        and f"\n        {name}: OtherCollection[" not in declared
    ]
    assert missing == []
    assert len(names) >= 54


def test_a_new_collection_is_declared_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = FakeTenant()
    names, rules = tenant.collection_names(), tenant.rules
    known: Callable[[object, str], object] = vars(TenantCollections)["__getattr__"]

    def more_names(self: object) -> tuple[str, ...]:
        return (*names, "widgets")

    def collection(self: object, name: str) -> object:
        return rules if name == "widgets" else known(self, name)

    monkeypatch.setattr(TenantCollections, "collection_names", more_names)
    monkeypatch.setattr(TenantCollections, "__getattr__", collection)
    assert "        widgets: OtherCollection[m_rules.Rule]\n" in source()
