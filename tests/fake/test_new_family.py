"""A new family of resources appears everywhere by itself: it is declared in its module alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FAMILY = """
from auth0_mgmt_testing.behaviours import CollectionBehaviour, Missing
from auth0_mgmt_testing.engine.registry import Family

family = Family()
CollectionBehaviour("widgets", missing=Missing("no widget"), defaults={"size": 1}).bind(family)
"""
PROGRAM = """
import json, sys
import auth0_mgmt_testing.resources as resources

resources.__path__.append(sys.argv[1])
from auth0_mgmt_testing import FakeTenant

tenant = FakeTenant()
tenant.load({"widgets": [{"id": "loaded"}]})
added = tenant.widgets.add(id="added")
exported = tenant.export()
twin = FakeTenant()
twin.load(exported)
from tools.generate.collections import source

print(json.dumps({
    "named": "widgets" in tenant.collection_names(),
    "ids": [widget.to_dict()["id"] for widget in tenant.widgets],
    "sizes": [widget.to_dict()["size"] for widget in tenant.widgets],
    "exported": len(exported["tables"]["widgets"]),
    "twin": [widget.to_dict()["id"] for widget in twin.widgets],
    "typed": "widgets: OtherCollection[" in source(),
}))
"""
ROOT = Path(__file__).parents[2]


def test_a_family_that_is_added_is_loaded_accessed_exported_and_typed(tmp_path: Path) -> None:
    (tmp_path / "widgets.py").write_text(FAMILY)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "named": True,
        "ids": ["loaded", "added"],
        "sizes": [1, 1],
        "exported": 2,
        "twin": ["loaded", "added"],
        "typed": True,
    }
