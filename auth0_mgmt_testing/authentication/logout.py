"""Log-out: ``/v2/logout`` of the vendor, ``/oidc/logout`` of OpenID Connect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from ..resources.sessions import end_session
from ..state.store import Doc
from . import sessions
from .authorization_request import is_allowed
from .circumstances import Circumstances, log
from .errors import OAuthError, invalid_request
from .http import body, html, query, redirect, refuse, split_url, strings, with_query
from .interaction import error_page
from .lookup import find_client, settings
from .pages.page import Choice, Page, show
from .sessions import Browser
from .signing import verify_id_token

family = Family()


def logout(context: RequestContext) -> Reply:
    """``GET /v2/logout``: end the session, then go where ``returnTo`` says, if that is listed."""
    given = query(context)
    try:
        client = _client(context, given.get("client_id"))
        target = given.get("returnTo")
        listed = _listed(context, client)
        if target is None and client is not None and listed:
            target = listed[0]
        if target is not None and not any(_is_same_place(target, each) for each in listed):
            raise invalid_request("The returnTo URL is not in the list of allowed logout URLs")
    except OAuthError as error:
        return _refused(context, error, given.get("returnTo"))
    _end_session(context, client)
    return html("OK") if target is None else redirect(target)


def _client(context: RequestContext, client_id: str | None) -> Doc | None:
    if client_id is None:
        return None
    client = find_client(context, client_id)
    if client is None:
        raise invalid_request(f"Unknown client: {client_id}")
    return client


def _listed(context: RequestContext, client: Doc | None) -> list[str]:
    """Where a log-out may lead: what the client lists, or, where none is named, the tenant."""
    source = settings(context, "tenant") if client is None else client
    return list(source.get("allowed_logout_urls") or ())


def _is_same_place(url: str, listed: str) -> bool:
    """Compare without query and fragment, which are the client's own business."""

    def bare(address: str) -> str:
        parts = split_url(address)
        place = parts._replace(
            scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), query="", fragment=""
        )
        return place.geturl()

    return split_url(url).scheme not in ("", "javascript", "data") and is_allowed(
        bare(url), bare(listed)
    )


def _end_session(context: RequestContext, client: Doc | None) -> None:
    browser = sessions.browser_of(context)
    session = sessions.alive(context, browser.session_id)
    sessions.remember(
        context, Browser(browser.secret, browser.is_new, None, browser.mfa_remembered)
    )
    if session is None:
        return
    user = context.tx.get("users", session["user_id"])
    about = Circumstances.of(context, client, None)
    log(context, "slo", "User successfully logged out", about, user, session_id=session["id"])
    end_session(context, session["id"], "rp-logout")


def _refused(context: RequestContext, error: OAuthError, target: str | None) -> Reply:
    refuse(context, error)
    client = find_client(context, query(context).get("client_id", ""))
    about, listed = Circumstances.of(context, client, None), _listed(context, client)
    log(
        context, "flo", error.description, about,
        allowed_logout_url=listed, return_to=target or "",
    )  # fmt: skip
    return error_page(context, error)


# --- OpenID Connect ------------------------------------------------------------------------------


def oidc_logout(context: RequestContext) -> Reply:
    """``/oidc/logout``: at once with a hint of the session, else after the user confirms."""
    posted = context.operation.method == "POST"
    requested = query(context)
    try:
        given = {**requested, **(strings(body(context)) if posted else {})}
        hint = given.get("id_token_hint")
        claims = None if hint is None else _hinted(context, hint)
        client = _oidc_client(context, given, claims)
        target = given.get("post_logout_redirect_uri")
        if target is not None and target not in _listed(context, client):
            raise invalid_request(
                "The post_logout_redirect_uri is not in the list of allowed logout URLs"
            )
    except OAuthError as error:
        return _refused(context, error, requested.get("post_logout_redirect_uri"))
    browser = sessions.browser_of(context)
    confirmed = posted and given.get("csrf_token") == browser.csrf_token("logout")
    if confirmed and given.get("action") == "cancel":
        return _done(context, target, given)
    wanted = (claims or {}).get("sid") or given.get("logout_hint")
    if not confirmed and browser.session_id is not None and wanted != browser.session_id:
        return _confirmation(context, browser, given)
    _end_session(context, client)
    return _done(context, target, given)


def _hinted(context: RequestContext, hint: str) -> dict[str, Any]:
    """The claims of an ID token that this tenant issued once."""
    try:
        return verify_id_token(context, hint)
    except OAuthError:
        raise invalid_request("The id_token_hint is invalid") from None


def _oidc_client(
    context: RequestContext, given: Mapping[str, str], claims: Mapping[str, Any] | None
) -> Doc | None:
    client_id = given.get("client_id")
    if claims is None:
        return _client(context, client_id)
    audience = str(claims.get("aud"))
    if client_id is not None and client_id != audience:
        raise invalid_request("client_id does not match the id_token_hint")
    if "logout_hint" in given and given["logout_hint"] != claims.get("sid"):
        raise invalid_request("logout_hint does not match the id_token_hint")
    return _client(context, audience)


def _confirmation(context: RequestContext, browser: Browser, given: Mapping[str, str]) -> Reply:
    kept = ("id_token_hint", "post_logout_redirect_uri", "client_id", "state", "logout_hint")
    page = Page(
        "logout",
        "logout",
        choices=(
            Choice("logout", "confirmButtonText"),
            Choice("cancel", "cancelButtonText", secondary=True),
        ),
        hidden={
            **{name: given[name] for name in kept if name in given},
            "csrf_token": browser.csrf_token("logout"),
        },
    )
    return show(context, page)


def _done(context: RequestContext, target: str | None, given: Mapping[str, str]) -> Reply:
    if target is None:
        page = Page("logout", "logout", title="doneTitle", description="doneDescription")
        return show(context, page)
    state = given.get("state")
    return redirect(target if state is None else with_query(target, {"state": state}))


family.route("GET", "/v2/logout", logout, "oauth.logout")
family.route("GET", "/oidc/logout", oidc_logout, "oauth.oidc_logout")
family.route("POST", "/oidc/logout", oidc_logout)
