"""Every format becomes the same exchanges; what is none of them is refused by file and line."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from auth0_mgmt_testing.errors import RecordingFormatError
from auth0_mgmt_testing.recordings.exchange import Scenario, read_time
from auth0_mgmt_testing.recordings.importers import find, load

from .conftest import go_vcr

URL = "https://recorded.eu.auth0.com/api/v2/roles?page=0"
SENT = '{"name":"editor"}'
GIVEN = '{"id":"rol_AAAAAAAAAAAAAAA1","name":"editor"}'

GO_VCR_1: dict[str, Any] = {
    "version": 1,
    "interactions": [
        {
            "request": {"body": SENT, "form": {}, "headers": {}, "url": URL, "method": "POST"},
            "response": {"body": GIVEN, "headers": {}, "status": "200 OK", "code": 200},
        }
    ],
}
VCRPY: dict[str, Any] = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "POST", "uri": URL, "body": SENT, "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Date": ["Wed, 05 Nov 2025 10:00:00 GMT"]},
                "body": {"string": GIVEN},
            },
        }
    ],
}
RUBY_VCR: dict[str, Any] = {
    "http_interactions": [
        {
            "request": {
                "method": "post",
                "uri": URL,
                "body": {"encoding": "UTF-8", "string": SENT},
                "headers": {"Accept": ["*/*"]},
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {},
                "body": {
                    "encoding": "UTF-8",
                    "base64_string": base64.b64encode(GIVEN.encode()).decode(),
                },
            },
            "recorded_at": "Wed, 05 Nov 2025 10:00:00 GMT",
        }
    ],
    "recorded_with": "VCR 6.2.0",
}
NOCK = [
    {
        "scope": "https://recorded.eu.auth0.com:443",
        "method": "POST",
        "path": "/api/v2/roles?page=0",
        "body": json.loads(SENT),
        "status": 200,
        "response": json.loads(GIVEN),
        "rawHeaders": ["Date", "Wed, 05 Nov 2025 10:00:00 GMT", "X-Other", "1"],
    }
]
HAR: dict[str, Any] = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "startedDateTime": "2025-11-05T10:00:00.000Z",
                "request": {
                    "method": "POST",
                    "url": URL,
                    "headers": [{"name": "Content-Type", "value": "application/json"}],
                    "postData": {"mimeType": "application/json", "text": SENT},
                },
                "response": {
                    "status": 200,
                    "headers": [],
                    "content": {
                        "text": base64.b64encode(GIVEN.encode()).decode(),
                        "encoding": "base64",
                    },
                },
            }
        ],
    }
}
WIREMOCK: dict[str, Any] = {
    "mappings": [
        {
            "request": {
                "method": "POST",
                "urlPath": "/api/v2/roles",
                "queryParameters": {"page": {"equalTo": "0"}},
                "bodyPatterns": [{"equalToJson": SENT}],
            },
            "response": {"status": 200, "jsonBody": json.loads(GIVEN)},
        }
    ]
}


def only(scenarios: list[Scenario]) -> Any:
    [scenario] = scenarios
    [exchange] = scenario.exchanges
    return exchange


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("go-vcr-1.yaml", GO_VCR_1),
        ("go-vcr-3.yaml", {**GO_VCR_1, "version": 2}),
        ("vcrpy.yaml", VCRPY),
        ("vcrpy.json", VCRPY),
        ("ruby.yml", RUBY_VCR),
        ("nock.json", NOCK),
        ("browser.har", HAR),
        ("wiremock.json", WIREMOCK),
        ("one-stub.json", WIREMOCK["mappings"][0]),
    ],
)
def test_every_format_becomes_the_same_exchange(write: Any, name: str, content: Any) -> None:
    exchange = only(load(write(name, content)))
    assert exchange.request.method == "POST"
    assert exchange.request.target == "/api/v2/roles?page=0"
    assert json.loads(exchange.request.body) == json.loads(SENT)
    assert exchange.response.status == 200
    assert json.loads(exchange.response.body) == json.loads(GIVEN)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.yaml", VCRPY), ("b.yaml", RUBY_VCR), ("c.json", NOCK), ("d.har", HAR)],
)
def test_the_formats_own_date_is_kept(write: Any, name: str, content: Any) -> None:
    [scenario] = load(write(name, content))
    assert scenario.recorded_at == datetime(2025, 11, 5, 10, tzinfo=UTC)


def test_without_a_date_of_its_own_the_answers_newest_timestamp_counts(write: Any) -> None:
    answers = [
        {"created_at": "2024-03-01T10:00:00.123Z"},
        {"items": [{"updated_at": "2025-02-03T04:05:06.123456789Z"}]},
    ]
    cassette = go_vcr(*(("GET", "/roles", None, 200, value) for value in answers))
    [scenario] = load(write("c.yaml", cassette))
    assert scenario.recorded_at == datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_what_is_no_time_reads_as_none() -> None:
    assert read_time("2025-99-99") is None
    assert read_time("tomorrow") is None


def test_compressed_bodies_are_read(write: Any) -> None:
    packed = gzip.compress(GIVEN.encode())
    nock = [{**NOCK[0], "response": [packed.hex()]}]
    vcr = json.loads(json.dumps(VCRPY))
    vcr["interactions"][0]["response"] = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Encoding": ["gzip"]},
        "body": {"base64_string": base64.b64encode(packed).decode()},
    }
    for name, content in (("n.json", nock), ("v.json", vcr)):
        assert json.loads(only(load(write(name, content))).response.body) == json.loads(GIVEN)


def test_wiremock_mappings_are_ordered_by_their_index(write: Any) -> None:
    def mapping(path: str, index: int) -> dict[str, Any]:
        return {
            "request": {"method": "GET", "url": path},
            "response": {"status": 200},
            "insertionIndex": index,
        }

    [scenario] = load(write("m.json", {"mappings": [mapping("/b", 2), mapping("/a", 1)]}))
    assert [e.request.target for e in scenario.exchanges] == ["/a", "/b"]


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("text.yaml", "just some text\n", 1, "not a recording of"),
        ("list.json", '[{"a": 1}]', 1, "not a recording of"),
        ("broken.json", '{\n  "version": 1,\n  oops\n}', 3, "not JSON"),
        ("broken.yaml", "version: 2\ninteractions:\n  - a: [1\n", 4, "not YAML"),
        (
            "no-code.yaml",
            "version: 2\ninteractions:\n- id: 0\n  request:\n    method: GET\n"
            "    url: https://a/b\n  response:\n    body: ''\n",
            7,
            "'code' is missing",
        ),
        (
            "bad-url.json",
            '{"http_interactions": [\n{"request":\n{"method": "get",\n"uri": "nowhere"},\n"response": {}}]}',
            4,
            "is no URL",
        ),
        (
            "pattern.json",
            '{"mappings": [\n{"request":\n{"method": "GET", "urlPattern": ".*"},\n"response": {}}]}',
            2,
            "pattern",
        ),
        ("odd.json", '[{"scope": "https://a", "path": "/b", "status": "x"}]', 1, "whole number"),
    ],
)
def test_a_file_of_none_of_the_formats_is_refused_by_line(
    write: Any, name: str, text: str, line: int, reason: str
) -> None:
    path = write(name, text)
    with pytest.raises(RecordingFormatError) as caught:
        load(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert reason in str(caught.value)


def test_binary_files_and_missing_paths_are_refused(tmp_path: Any) -> None:
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordingFormatError, match="not a text file"):
        load(tmp_path / "b.json")
    with pytest.raises(RecordingFormatError, match="no such file"):
        list(find([tmp_path / "none"]))


def test_scenarios_are_named_by_their_path_below_what_was_given(write: Any, tmp_path: Any) -> None:
    (tmp_path / "sub").mkdir()
    write("sub/one.yaml", GO_VCR_1)
    write("notes.txt", "not a recording")
    assert [name for _, name in find([tmp_path])] == ["sub/one"]
