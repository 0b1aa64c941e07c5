"""The link of the mail to a user who is blocked after failed log-ins: following it is enough."""

from __future__ import annotations

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources import mail
from ...resources.log_types import LOG_TYPES
from ...resources.users import log_members
from ..http import client_ip, query
from ..pages.page import Page, show
from ..protection import forget_failures

family = Family()

_PROMPT = "brute-force-protection"


def unblock(context: RequestContext) -> Reply:
    """``/lo/unblock``: lift the blocks of a ticket's user."""
    secret = query(context).get("ticket", "")
    found = mail.find(context, secret, "unblock")
    if found is None:
        page = Page(
            _PROMPT,
            "brute-force-protection-unblock-failure",
            title="failureTitle",
            description="failureDescription",
            status=400,
        )
        return show(context, page)
    _, user = found
    mail.end(context, secret)
    context.tx.delete_where("user_blocks", "user", user["user_id"])
    forget_failures(context, user, client_ip(context))
    about = {**log_members(context, user), "ip": client_ip(context)}
    context.log(
        "ublkdu", LOG_TYPES["ublkdu"].name, **about, details={"email": user.get("email", "")}
    )
    return show(context, Page(_PROMPT, "brute-force-protection-unblock-success"))


family.route("GET", "/lo/unblock", unblock)
