"""Signing keys, encryption keys, custom signing keys."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of

NOWHERE = "00000000-0000-4000-8000-000000000000"


def test_one_signing_key_is_current_and_one_is_next(auth0_mgmt: Management) -> None:
    keys = auth0_mgmt.keys.signing.list()
    assert [key.current for key in keys].count(True) == 1
    assert [key.next_ for key in keys].count(True) == 1
    current = next(key for key in keys if key.current)
    read = auth0_mgmt.keys.signing.get(current.kid or "")
    assert (read.kid, read.fingerprint) == (current.kid, current.fingerprint)
    assert "BEGIN CERTIFICATE" in (read.cert or "")
    assert "PRIVATE" not in str(read.to_dict())


def test_a_missing_signing_key_answers_404(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.keys.signing.get("nobody-has-this-key")


@pytest.mark.auth0_fake_only(reason="a live tenant's signing keys are its users' business")
def test_the_next_key_becomes_current_and_the_old_one_can_be_revoked(
    auth0_mgmt: Management,
) -> None:
    signing = auth0_mgmt.keys.signing
    old = next(key for key in signing.list() if key.current)
    coming = next(key for key in signing.list() if key.next_)
    rotated = signing.rotate()
    keys = {key.kid: key for key in signing.list()}
    assert rotated.kid in keys
    assert keys[coming.kid].current is True
    assert keys[old.kid].get("previous") is True
    assert [key.next_ for key in keys.values()].count(True) == 1
    signing.revoke(old.kid or "")
    read = signing.get(old.kid or "")
    assert read.revoked is True
    assert read.revoked_at is not None
    assert status_of(signing.revoke, "nobody-has-this-key") == 404


@pytest.mark.auth0_requires("encryption_keys")
def test_an_encryption_key_waits_for_its_material(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    keys = auth0_mgmt.keys.encryption
    made = keys.create(type="customer-provided-root-key")
    auth0_factory.add_cleanup(keys.delete, made.kid)
    kid = made.kid or ""
    assert made.state == "pre-activation"
    assert kid in {key.kid for key in keys.list()}
    wrapping = keys.create_public_wrapping_key(kid)
    assert "BEGIN PUBLIC KEY" in (wrapping.public_key or "")
    with pytest.raises(BadRequestError, match="Wrapped key material is invalid") as refused:
        keys.import_(kid, wrapped_key="bm9uc2Vuc2U=")
    assert refused.value.error_code == "invalid_body"
    assert keys.get(kid).state == "pre-activation"
    keys.delete(kid)
    assert keys.get(kid).state == "destroyed" if status_of(keys.get, kid) is None else True


@pytest.mark.auth0_requires("encryption_keys")
def test_a_missing_encryption_key_answers_404(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.keys.encryption.get(NOWHERE)


@pytest.mark.auth0_fake_only(reason="rekeying a live tenant cannot be undone")
def test_rekeying_makes_new_keys_active(auth0_mgmt: Management) -> None:
    keys = auth0_mgmt.keys.encryption
    before = {key.kid for key in keys.list() if key.state == "active"}
    keys.rekey()
    after = {key.kid for key in keys.list() if key.state == "active"}
    assert after - before
    pages = [keys.list(page=n, per_page=1, include_totals=True) for n in range(2)]
    assert pages[0].items[0].kid != pages[1].items[0].kid


@pytest.mark.auth0_fake_only(reason="a live tenant's own keys are its users' business")
def test_custom_signing_keys_are_there_once_they_are_set(auth0_mgmt: Management) -> None:
    keys = auth0_mgmt.keys.custom_signing
    with pytest.raises(NotFoundError):
        keys.get()
    own: Any = [
        {"kty": "RSA", "kid": "mine", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "AQAB"}
    ]
    keys.set(keys=own)
    assert [key.get("kid") for key in keys.get().get("keys")] == ["mine"]
    keys.delete()
    with pytest.raises(NotFoundError):
        keys.get()
