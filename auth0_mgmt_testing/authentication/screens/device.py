"""Device activation: the user types the device's code, logs in, and confirms."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources.log_types import LOG_TYPES
from .. import device, interaction, sessions
from ..circumstances import Circumstances, log
from ..errors import OAuthError
from ..http import body, query, refuse, strings
from ..pages.page import Choice, Field, Page, show

family = Family()


def _page(context: RequestContext, user_code: str = "", error: str = "") -> Reply:
    browser = sessions.browser_of(context)
    page = Page(
        "device-flow",
        "device-code-activation",
        fields=(Field("user_code", "codePlaceholder", value=user_code, autocomplete="off"),),
        choices=(Choice("default", "buttonText"),),
        hidden={"csrf_token": browser.csrf_token("activate")},
        error=error,
        status=400 if error else 200,
    )
    return show(context, page, headers=browser.cookie(context) if browser.is_new else {})


@interaction.standalone
def activate(context: RequestContext) -> Reply:
    """``GET /activate``: the device's code, perhaps filled in by its link."""
    return _page(context, query(context).get("user_code", ""))


@interaction.standalone
def submit(context: RequestContext) -> Reply:
    """The code leads to the confirmation, that to the log-in."""
    given = strings(body(context))
    browser = sessions.browser_of(context)
    if given.get("csrf_token") != browser.csrf_token("activate"):
        error = OAuthError(403, "access_denied", "The form was not sent by this page")
        return interaction.error_page(context, error)
    user_code = given.get("user_code", "").strip()
    waiting = device.waiting_for(context, user_code)
    if waiting is None:
        return _page(context, user_code, "no-code")
    if given.get("action") == "cancel":
        device.decide(context, user_code, None)
        about = Circumstances.of(context, context.tx.get("clients", waiting["client_id"]), None)
        session = {"session_id": browser.session_id or ""}
        log(context, "fdecc", LOG_TYPES["fdecc"].name, about, **session)
        return _denied(context)
    if given.get("action") != "confirm":
        return _confirmation(context, waiting["user_code"])
    requested = {
        "client_id": waiting["client_id"],
        "scope": waiting["scope"],
        "audience": waiting["audience"] or "",
    }
    try:
        request = interaction.device_request(context, requested)
        flow = interaction.begin(context, request, kind="device", user_code=waiting["user_code"])
        return interaction.advance(context, flow)
    except OAuthError as error:
        refuse(context, error)
        device.decide(context, user_code, None)
        client = context.tx.get("clients", waiting["client_id"])
        about, session_id = Circumstances.of(context, client, None), browser.session_id or ""
        log(
            context, "fdeac", error.description, about, code=waiting["user_code"],
            session_id=session_id, error={"type": error.error},
        )  # fmt: skip
        return interaction.error_page(context, error)


def _confirmation(context: RequestContext, user_code: str) -> Reply:
    browser = sessions.browser_of(context)
    page = Page(
        "device-flow",
        "device-code-confirmation",
        title="confirmTitle",
        description="confirmDescription",
        choices=(
            Choice("confirm", "confirmButtonText"),
            Choice("cancel", "cancelButtonText", secondary=True),
        ),
        hidden={"csrf_token": browser.csrf_token("activate"), "user_code": user_code},
        variables={"userCode": user_code},
    )
    return show(context, page)


def _denied(context: RequestContext) -> Reply:
    page = Page(
        "device-flow",
        "device-code-activation-denied",
        title="deniedTitle",
        description="deniedDescription",
    )
    return show(context, page)


def success(context: RequestContext) -> Reply:
    """``GET /device/success``."""
    page = Page(
        "device-flow",
        "device-code-activation-allowed",
        title="doneTitle",
        description="doneDescription",
    )
    return show(context, page)


family.route("GET", "/activate", activate)
family.route("POST", "/activate", submit)
family.route("GET", "/device/success", success, read_only=True)
