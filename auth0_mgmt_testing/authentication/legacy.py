"""What the fake refuses with its reason: endpoints that the vendor retired, and other protocols."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._operation import Method

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family, Handler
from .errors import OAuthError
from .http import endpoint

family = Family()

_RETIRED = "the endpoint is retired: use {instead}"
_SAML = "the fake speaks no SAML: users log in by OpenID Connect"
_WS_FEDERATION = "the fake speaks no WS-Federation: users log in by OpenID Connect"

_REFUSED: tuple[tuple[Method, str, str], ...] = (
    ("POST", "/oauth/ro", _RETIRED.format(instead="the password grant of POST /oauth/token")),
    ("POST", "/oauth/access_token", _RETIRED.format(instead="token exchange at POST /oauth/token")),
    ("POST", "/delegation", _RETIRED.format(instead="token exchange at POST /oauth/token")),
    ("POST", "/tokeninfo", _RETIRED.format(instead="GET /userinfo")),
    ("POST", "/users/{user_id}/impersonate", _RETIRED.format(instead="nothing: it has no heir")),
    ("POST", "/passwordless/verify", _RETIRED.format(instead="POST /oauth/token")),
    (
        "POST",
        "/login/unlink",
        _RETIRED.format(instead="DELETE /api/v2/users/{id}/identities/{provider}/{user_id}"),
    ),
    ("POST", "/login/callback", _SAML),
    ("GET", "/samlp/{client_id}", _SAML),
    ("POST", "/samlp/{client_id}", _SAML),
    ("GET", "/samlp/metadata/{client_id}", _SAML),
    ("POST", "/samlp/{client_id}/logout", _SAML),
    ("GET", "/wsfed/{client_id}", _WS_FEDERATION),
    ("GET", "/wsfed/FederationMetadata/2007-06/FederationMetadata.xml", _WS_FEDERATION),
)


def _refusing(reason: str) -> Handler:
    @endpoint
    def refuse(context: RequestContext) -> Any:
        error = OAuthError(501, "not_implemented", reason)
        return Reply(error.status, error.body())

    return refuse


for _method, _path, _reason in _REFUSED:
    family.route(_method, _path, _refusing(_reason), read_only=True)
