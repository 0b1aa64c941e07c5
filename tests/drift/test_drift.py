"""The drift report finds what made-up packages have beyond a contract, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.drift.__main__ import main
from tools.drift.facts import Facts, normalized, of_contract
from tools.drift.node_package import of_node
from tools.drift.python_package import of_python

RAW_CLIENT = """
class RawThings:
    def list(self, id):
        return self._client_wrapper.httpx_client.request(
            f"things/{quote_path_param(id)}/parts", method="GET", params={"page": 1, "q": 2}
        )
    def create(self, name):
        return self._client_wrapper.httpx_client.request(
            "things", method="POST", json={"name": name}, omit=OMIT
        )
    def subscribe(self):
        with self._client_wrapper.httpx_client.stream("things/stream", method="GET") as r:
            yield r
    def unrelated(self):
        return self.other.request("nowhere", method="GET")
"""
THING = '''
class Thing(UniversalBaseModel):
    """Prose."""
    id: typing.Optional[str] = None
    kind_name: typing_extensions.Annotated[
        typing.Optional[str], FieldMetadata(alias="kindName"), pydantic.Field(alias="kindName")
    ] = None
    model_config: typing.ClassVar[int] = 1
'''
KIND = 'import typing\nKind = typing.Union[typing.Literal["a", "b"], typing.Any]\n'
CLIENT_JS = """
url: core.url.join(x !== null ? x : environments.ManagementEnvironment.Default, "things"),
method: "POST",
url: core.url.join(environments.ManagementEnvironment.Default, `things/${core.url.encodePathParam(id)}/parts`),
method: "GET",
"""
TYPES_D_TS = """\
export declare const Kind: {
    /** Prose: "no value" */
    readonly A: "a";
    readonly B: "b";
};
export type Kind = (typeof Kind)[keyof typeof Kind];
export interface Thing {
    /** Prose; with: colons */
    id?: string | undefined;
    "kindName"?: string | undefined;
    nested: {
        inner: string;
    };
    [key: string]: any;
}
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    files = {"raw_client.py": RAW_CLIENT, "types/thing.py": THING, "types/kind.py": KIND}
    return written(tmp_path / "python", "auth0/management", files)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    files = {"resources/things/client/Client.js": CLIENT_JS, "types/types.d.ts": TYPES_D_TS}
    return written(tmp_path / "node", "dist/cjs/management/api", files)


def written(root: Path, folder: str, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_python_package_states_operations_arguments_members_and_values(python: Path) -> None:
    facts = of_python(python)
    assert facts.operations == {"GET /things/{}/parts", "POST /things", "GET /things/stream"}
    assert facts.fields["GET /things/{}/parts"] == {"page", "q"}
    assert facts.fields["POST /things"] == {"name"}
    assert facts.fields["Thing"] == {"id", "kindName"}
    assert facts.values == {"Kind": {"a", "b"}}


def test_a_node_package_states_operations_members_and_values(node: Path) -> None:
    facts = of_node(node)
    assert facts.operations == {"GET /things/{}/parts", "POST /things"}
    assert facts.fields == {"Thing": {"id", "kindName", "nested"}}
    assert facts.values == {"Kind": {"a", "b"}}


def test_only_what_the_contract_lacks_is_reported(
    python: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = of_python(python)
    assert main(["--python", str(python), "--fail"], contract) == 0
    assert "  nothing" in capsys.readouterr().out
    contract.operations.remove("POST /things")
    contract.fields["Thing"].remove("kindName")
    contract.values["Kind"].remove("b")
    assert main(["--python", str(python), "--fail"], contract) == 1
    assert capsys.readouterr().out.splitlines()[1:4] == [
        "  operation  POST /things",
        "  field      Thing: kindName",
        "  value      Kind: b",
    ]
    assert main(["--python", str(python)], contract) == 0


def test_the_report_as_json_has_both_directions(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = Facts({"GET /own"}, {"thing": {"id", "nested"}}, {"Kind": {"a", "b", "c"}})
    assert main(["--node", str(node), "--json"], contract) == 0
    report = json.loads(capsys.readouterr().out)[str(node)]
    assert report["contract_lacks"] == {
        "operations": ["GET /things/{}/parts", "POST /things"],
        "fields": {"Thing": ["kindName"]},
        "values": {},
    }
    assert report["package_lacks"]["operations"] == ["GET /own"]
    assert report["package_lacks"]["values"] == {"Kind": ["c"]}


def test_a_package_of_an_unknown_form_is_an_error_and_not_an_empty_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--node", str(tmp_path)], Facts()) == 2
    assert "its form is new" in capsys.readouterr().err


def test_the_contract_states_its_operations_with_arguments_members_and_values() -> None:
    facts = of_contract()
    assert normalized("get", "/roles/{id}") in facts.operations
    assert "q" in facts.fields["GET /logs"]
    assert {"name", "description"} <= facts.fields["POST /roles"]
    assert "owner_id" in facts.fields["Role"]
    assert facts.values["RoleTypeEnum"]
