"""What a tenant answers beside its Management API: tokens, and how to find and check them."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine import tokens
from ..engine.call import Call, Reply
from ..engine.keyring import Keyring

family = Family()


def grant_token(call: Call) -> Reply:
    """``POST /oauth/token``."""
    return Reply(*tokens.exchange(call.world, call.tx, call.headers, call.body))


def show_keys(call: Call) -> Any:
    """The keys that tokens are signed with."""
    return tokens.jwks(Keyring(call.tx), call.domain)


def show_configuration(call: Call) -> Any:
    """The OpenID configuration document."""
    return tokens.openid_configuration(call.domain)


family.route("POST", "/oauth/token", grant_token, "oauth.token")
family.route("GET", "/.well-known/jwks.json", show_keys)
family.route("GET", "/.well-known/openid-configuration", show_configuration)
