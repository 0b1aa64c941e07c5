"""``/userinfo``: who an access token was issued for."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import Family
from .claims import user_claims
from .errors import invalid_token
from .http import bearer, endpoint
from .lookup import member
from .tokens import subject_of

family = Family()


@endpoint
def show_user(context: RequestContext) -> Any:
    """The claims of the token's user, as far as its scopes go."""
    claims = subject_of(context, bearer(context))
    user = context.tx.get("users", str(claims["sub"]))
    scopes = str(claims.get("scope", "")).split()
    if user is None or "openid" not in scopes:
        raise invalid_token()
    organization = {name: claims[name] for name in ("org_id", "org_name") if name in claims}
    own = member(claims, "_claims")
    return {"sub": user["user_id"], **user_claims(user, scopes), **own, **organization}


family.route("GET", "/userinfo", show_user, "oauth.userinfo", read_only=True, cors=True)
family.route("POST", "/userinfo", show_user, read_only=True, cors=True)
