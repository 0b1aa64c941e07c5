"""What a tenant answers beside its Management API: tokens, and how to find and check them."""

from __future__ import annotations

from typing import Any

from ..engine import tokens
from ..engine.context import Reply, RequestContext
from ..engine.keyring import Keyring
from ..engine.registry import Family

family = Family()


def grant_token(context: RequestContext) -> Reply:
    """``POST /oauth/token``."""
    return Reply(*tokens.exchange(context.world, context.tx, context.headers, context.body))


def show_keys(context: RequestContext) -> Any:
    """The keys that tokens are signed with."""
    return tokens.jwks(Keyring(context.tx), context.domain)


def show_configuration(context: RequestContext) -> Any:
    """The OpenID configuration document."""
    return tokens.openid_configuration(context.domain)


family.route("POST", "/oauth/token", grant_token, "oauth.token")
family.route("GET", "/.well-known/jwks.json", show_keys)
family.route("GET", "/.well-known/openid-configuration", show_configuration)
