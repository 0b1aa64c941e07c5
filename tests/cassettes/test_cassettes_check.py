"""The scan of cassettes: it finds what is planted, and lets pass what a cassette may hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from auth0_mgmt_testing.cassettes import CassetteMetadata
from auth0_mgmt_testing.cassettes.check import check, findings
from auth0_mgmt_testing.cassettes.store import save
from auth0_mgmt_testing.cli import application
from auth0_mgmt_testing.recordings.allowed import AllowList
from auth0_mgmt_testing.recordings.scrubbing import Known, scrub

from .conftest import HOST, TEST, exchange

HEXADECIMAL = "0123456789abcdef" * 2
RANDOM = "Zk3vQ9xTfR7mWc2pLs8yHd4bNj6gXe1aUo5iVt0q"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}, "a JWT"),
        ({"x": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIB"}, "a certificate or key"),
        ({"x": "-----BEGIN CERTIFICATE-----\nMIIEpAIB"}, "a certificate or key"),
        ({"x": "https://hooks.slack.com/services/T0/B0/" + "a" * 24}, "a webhook's URL"),
        ({"x": "https://discord.com/api/webhooks/123456/" + "aB-" * 8}, "a webhook's URL"),
        ({"x": "https://discordapp.com/api/v9/webhooks/123456/" + "aB-" * 8}, "a webhook's URL"),
        (
            {"x": "https://acme.webhook.office.com/webhookb2/1-2@3-4/IncomingWebhook/abcd/5-6"},
            "a webhook's URL",
        ),
        ({"x": "https://hooks.zapier.com/hooks/catch/123456/abcdef/"}, "a webhook's URL"),
        ({"x": "https://hook.eu1.make.com/abcdefghijkl"}, "a webhook's URL"),
        ({"x": "https://maker.ifttt.com/trigger/on/with/key/abcdefghijk"}, "a webhook's URL"),
        ({"x": "https://api.telegram.org/bot123456:ABCDEFGHIJK/sendMessage"}, "a webhook's URL"),
        ({"x": "https://files.example.com/a?b=1&sig=abcdefgh"}, "a secret in a URL's query"),
        ({"anything": HEXADECIMAL}, "a hexadecimal key"),
        ({"nested": [{"anything": HEXADECIMAL.upper()}]}, "a hexadecimal key"),
        ({"code": f"const apiKey = '{HEXADECIMAL}';"}, "a key in code"),
        ({"x": "Bearer abcdefghijklmnop"}, "a bearer token"),
        ({"x": "Basic YWxhZGRpbjpvcGVuc2VzYW1l"}, "basic credentials"),
        ({"x": "https://user:hunter2@db.example.com/"}, "credentials in a URL"),
        ({"x": "AKIAIOSFODNN7EXAMPLE"}, "an AWS key"),
        ({"x": "sk_" + "live_abcdefghijklmnop"}, "a Stripe key"),
        ({"x": "ghp_" + "a" * 36}, "a GitHub token"),
        ({"x": "xoxb-" + "1234567890-abc"}, "a Slack token"),
        ({"x": "AIza" + "B" * 35}, "a Google key"),
        ({"x": "SG." + "a" * 20 + "." + "b" * 20}, "a SendGrid key"),
        ({"client_secret": "hunter2!"}, "a secret, by its key"),
        ({"mySecretThing": "Tr0ub4dor"}, "a secret, by its key"),
        ({"db": {"passwd": "Tr0ub4dor"}}, "a secret, by its key"),
        ({"whatever": RANDOM}, "a random-looking string"),
        ({"user": "grace@navy.mil"}, "an e-mail address"),
        ({"text": "call +442079460123 now"}, "a telephone number"),
        ({"last_ip": "81.2.69.142"}, "an IP address"),
        ({"iss": "https://acme.eu.auth0.com/"}, "a tenant's host"),
    ],
)
def test_planted_secrets_are_found(document: Any, kind: str) -> None:
    for planted in (exchange(answer=document), exchange("POST", "/api/v2/x", document)):
        found = list(findings([planted]))
        assert kind in {finding.kind for finding in found}
        scrubbed = scrub([planted], Known("cassette-tenant.eu.auth0.com"))
        if kind not in ("a random-looking string", "a tenant's host"):
            assert kind not in {finding.kind for finding in findings(scrubbed)}
        values = [value for value in document.values() if isinstance(value, str)]
        assert not any(value in str(finding) for finding in found for value in values)


@pytest.mark.parametrize(
    "document",
    [
        {"id": HEXADECIMAL},
        {"client_id": HEXADECIMAL},
        {"fingerprint": HEXADECIMAL},
        {"verification_txt": HEXADECIMAL},
        {"script": "const key = event.secrets.KEY; const token = 'a'"},
        {"x": "https://hooks.example.com/services/a/b/c"},
        {"x": "see https://discord.com/developers and https://zapier.com/apps?sort=name"},
    ],
)
def test_identifiers_and_plain_urls_pass_and_stay(document: Any) -> None:
    (scrubbed,) = scrub([exchange(answer=document)], Known("cassette-tenant.eu.auth0.com", [HOST]))
    assert list(findings([scrubbed])) == []
    assert json.loads(scrubbed.response.body) == document


def test_a_webhook_keeps_its_host() -> None:
    url = "https://hooks.zapier.com/hooks/catch/123456/abcdef"
    (scrubbed,) = scrub([exchange(answer={"x": url})], Known("cassette-tenant.eu.auth0.com"))
    assert json.loads(scrubbed.response.body)["x"].startswith("https://hooks.zapier.com/scrubbed")


ALLOWED: list[tuple[str, Any]] = [
    ("support@acme.com", {"x": "write to support@acme.com", "email": "support@acme.com"}),
    ("*@acme.com", {"x": "write to help@acme.com"}),
    ("public-value", {"api_key": "public-value"}),
    (HEXADECIMAL, {"anything": HEXADECIMAL}),
    ("+442079460123", {"text": "call +442079460123 now"}),
    ("hooks.zapier.com/*", {"x": "https://hooks.zapier.com/hooks/catch/123456/abcdef"}),
    ("sk_test_abcdefghijklmnop", {"x": "sk_test_abcdefghijklmnop"}),
    ("198.51.100.*", {"last_ip": "198.51.100.7"}),
]


@pytest.mark.parametrize(("entry", "document"), ALLOWED)
def test_what_is_allowed_is_kept_and_found_as_allowed(
    entry: str, document: Any, path: Path
) -> None:
    planted = exchange("POST", "/api/v2/x?email=support%40acme.com", document, document)
    allowed = AllowList([entry])
    host = "cassette-tenant.eu.auth0.com"
    scrubbed = scrub([planted], Known(host, allowed=allowed))
    assert json.loads(scrubbed[0].response.body) == json.loads(scrubbed[0].request.body) == document
    used = tuple(allowed.used)
    save(path, replace(CassetteMetadata.now("fake server", TEST), allowed=used), scrubbed)
    found = list(check([path]))
    assert all(finding.allowed for finding in found)
    assert bool(found) == bool(used)
    if used:
        result = CliRunner().invoke(application(), ["cassettes", "check", str(path)])
        assert result.exit_code == 0
        assert f"0 findings, {len(found)} allowed" in result.stdout
        assert "(allowed)" in result.stdout


def test_what_is_beside_an_allowed_text_is_still_replaced_and_found() -> None:
    text = "support@acme.com or grace@navy.mil"
    (scrubbed,) = scrub(
        [exchange(answer={"x": text})],
        Known("cassette-tenant.eu.auth0.com", allowed=AllowList(["support@acme.com"])),
    )
    assert json.loads(scrubbed.response.body)["x"].startswith("support@acme.com or scrubbed")
    found = list(findings([exchange(answer={"x": text})], ["support@acme.com"]))
    assert {finding.allowed for finding in found if "host" not in finding.place} == {False}


@pytest.mark.parametrize("entry", ["", "*", "***", "a*b"])
def test_an_entry_that_allows_nearly_anything_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="would allow too much"):
        AllowList([entry])


def test_planted_headers_and_query_are_found() -> None:
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    kinds = {finding.kind for finding in findings([exchange(headers=headers)])}
    assert "the header authorization" in kinds
    target = "/api/v2/users?q=email%3Agrace%40navy.mil"
    assert any(f.kind == "an e-mail address" for f in findings([exchange(target=target)]))


def test_what_scrubbing_leaves_passes(path: Path) -> None:
    document = {
        "client_id": RANDOM[:32],
        "client_secret": RANDOM,
        "email": "grace@navy.mil",
        "token_endpoint_auth_method": "client_secret_post",
        "picture": "https://s.gravatar.com/avatar/3e3417d7ef77d5932a6734b916515ed5?s=480",
        "iss": f"https://{HOST}/",
    }
    save(
        path,
        CassetteMetadata.now("live tenant", TEST),
        scrub([exchange(answer=document)], Known("cassette-tenant.eu.auth0.com", [HOST])),
    )
    assert not list(check([path.parent]))


def test_the_command_tells_what_was_found_and_where(path: Path) -> None:
    save(
        path,
        CassetteMetadata.now("live tenant", TEST),
        [exchange(answer={"client_secret": "hunter2!"})],
    )
    result = CliRunner().invoke(application(), ["cassettes", "check", str(path.parent)])
    assert result.exit_code == 1
    assert f"{path}: exchange 1, response client_secret: a secret, by its key" in result.stdout
    assert "hunter2" not in result.output


def test_the_command_passes_clean_cassettes_and_refuses_an_empty_folder(path: Path) -> None:
    clean = scrub([exchange(answer={})], Known("cassette-tenant.eu.auth0.com", [HOST]))
    save(path, CassetteMetadata.now("fake server", TEST), clean)
    result = CliRunner().invoke(application(), ["cassettes", "check", str(path)])
    assert (result.exit_code, result.stdout) == (0, "1 cassettes scanned, 0 findings\n")
    empty = path.parent / "empty"
    empty.mkdir()
    assert CliRunner().invoke(application(), ["cassettes", "check", str(empty)]).exit_code == 2
    missing = path.parent / "none"
    assert CliRunner().invoke(application(), ["cassettes", "check", str(missing)]).exit_code == 2


def test_a_file_that_is_no_cassette_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("interactions: []\nversion: 1\n", "utf-8")
    (found,) = check([file])
    assert "metadata lacks recorded_at, source, package, test" in found.kind


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"garbage", "it is not a cassette: its structure is not that of a cassette"),
        (b"{}", "it is not a cassette: its structure is not that of a cassette"),
        (b"\xff\xfe", "it is not a cassette: no text of UTF-8"),
        (b"a: [", "it is not a cassette: no YAML, "),
    ],
)
def test_garbage_is_a_finding_told_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    (found,) = check([file])
    assert found.kind.startswith(told)
    assert "\n" not in found.kind
