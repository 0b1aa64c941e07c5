"""The fixture ``auth0_user_token``, in the modes that have a fake tenant."""

from __future__ import annotations

import pytest

SUITE = """
    import jwt
    import pytest

    from auth0_mgmt_testing import StateError

    def test_a_token(auth0_tenant, auth0_user_token):
        auth0_tenant.fake.resource_servers.add(
            identifier="urn:api", name="API", scopes=[{"value": "read:things"}]
        )
        token = auth0_user_token(audience="urn:api", scope="read:things")
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["scope"] == "read:things"
        assert auth0_user_token.log_in(scope="openid").id_token
        with pytest.raises(StateError):
            auth0_user_token(audience="urn:nobody")
"""


@pytest.mark.parametrize("mode", ["fake", "server"])
def test_a_suite_gets_users_tokens(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(SUITE)
    pytester.runpytest("-q", f"--auth0={mode}", "-p", "no:cacheprovider").assert_outcomes(passed=1)
