"""How ``/authorize`` responds to the client: query, fragment, a posted form, a message to a window."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..engine.addresses import issuer
from ..engine.context import Reply, RequestContext
from .authorization_request import AuthorizationRequest, Target, origin_of
from .errors import OAuthError
from .grants.authorization_code import new_code
from .http import html, redirect, with_query
from .pages.render import render
from .tokens import Grant, access_token, id_token

_POST_SCRIPT = "document.forms[0].submit()"


def error(context: RequestContext, target: Target, problem: OAuthError) -> Reply:
    """Tell the client why it gets nothing."""
    return send(
        context,
        target,
        {"error": problem.error, "error_description": problem.description},
    )


def success(context: RequestContext, request: AuthorizationRequest, grant: Grant) -> Reply:
    """Send the client what it requested: a code, tokens, or both."""
    types, values = request.target.response_types, dict[str, Any]()
    code = ""
    if "code" in types:
        code = new_code(
            context,
            grant,
            request.target.redirect_uri,
            request.code_challenge,
            request.code_challenge_method,
            request.scopes,
        )
        values["code"] = code
    token = ""
    if "token" in types:
        token, lifetime = access_token(context, grant, for_browser=True)
        values |= {
            "access_token": token,
            "scope": grant.access.scope,
            "expires_in": lifetime,
            "token_type": "Bearer",
        }
    if "id_token" in types:
        values["id_token"] = id_token(context, grant, access_token=token, code=code)
    return send(context, request.target, values)


def send(context: RequestContext, target: Target, values: Mapping[str, Any]) -> Reply:
    """Send values to the client in the mode that it requested, with its ``state``."""
    known = {name: str(value) for name, value in values.items()}
    if target.state is not None:
        known["state"] = target.state
    if target.response_mode == "web_message":
        return _message(target.redirect_uri, known)
    known["iss"] = issuer(context)
    if target.response_mode == "form_post":
        return _form(target.redirect_uri, known)
    if target.response_mode == "query":
        return redirect(with_query(target.redirect_uri, known))
    return redirect(f"{target.redirect_uri}#{urlencode(known)}")


def _form(url: str, values: Mapping[str, str]) -> Reply:
    page = render("form_post.html", url=url, values=values, script=_POST_SCRIPT)
    policy = f"{_policy(_POST_SCRIPT)}; frame-ancestors 'none'"
    return html(page, headers={"content-security-policy": policy})


def _message(redirect_uri: str, values: Mapping[str, str]) -> Reply:
    """A page that posts the response to the window that holds or opened it, of one origin only."""
    message = {"type": "authorization_response", "response": values}
    # ``<`` is escaped, so that no value can end the script.
    origin = json.dumps(origin_of(redirect_uri)).replace("<", "\\u003c")
    data = json.dumps(message).replace("<", "\\u003c")
    script = f"(window.opener||window.parent).postMessage({data},{origin})"
    page = render("web_message.html", script=script)
    policy = f"{_policy(script)}; frame-ancestors {origin_of(redirect_uri)}"
    reply = html(page, headers={"content-security-policy": policy})
    del reply.headers["x-frame-options"]
    return reply


def _policy(script: str) -> str:
    """Only this script may run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; script-src 'sha256-{digest}'; base-uri 'none'"


__all__ = ["error", "send", "success"]
