"""The second factor: enrol one where there is none, else answer a challenge."""

from __future__ import annotations

from auth0_mgmt._json import is_array, is_object

from ...actions.effects import Effects
from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...resources.authentication_methods import (
    METHODS,
    add_recovery_code,
    masked_email,
    masked_phone,
)
from ...state.store import Doc
from .. import challenges, factors, interaction, mfa_policy
from ..circumstances import log
from ..errors import access_denied
from ..http import redirect
from ..interaction import Flow, screen
from ..lookup import settings
from ..pages.page import Choice, Field, Page

family = Family()

_PROMPTS = {
    "totp": "mfa-otp",
    "phone": "mfa-sms",
    "email": "mfa-email",
    "push-notification": "mfa-push",
    "recovery-code": "mfa-recovery-code",
}
_CODE = Field("code", "codePlaceholder", autocomplete="one-time-code", inputmode="numeric")


@screen
def choose(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    """To the factor that is required, or to enrolling one."""
    user, effects = flow.require_user(context), Effects.from_json(flow.kept["effects"])
    if mfa_policy.to_enroll(context, user, effects.enroll_with):
        return redirect(flow.url("mfa-enroll"))
    methods = mfa_policy.to_challenge(context, user, effects.challenge_with)
    method = methods[0]
    key = ""
    if method["type"] != "totp":
        key = factors.begin_challenge(context, user, method)["oob_code"]
    flow.update(context, challenge=[method["id"], key])
    return redirect(flow.url("mfa-challenge"))


# --- enrolling -----------------------------------------------------------------------------------


def _to_enroll(context: RequestContext, flow: Flow, user: Doc) -> list[str]:
    wanted = Effects.from_json(flow.kept["effects"]).enroll_with
    return mfa_policy.to_enroll(context, user, wanted)


@screen
def show_enrollment(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user = flow.require_user(context)
    kinds = _to_enroll(context, flow, user)
    if not kinds:
        return redirect(flow.url("mfa"))
    kind = kinds[0]
    if kind != "phone":
        return _enroll(context, flow, user, kind, str(user.get("email") or ""))
    page = Page(
        "mfa-sms",
        "mfa-sms-enrollment",
        title="enrollTitle",
        description="enrollDescription",
        fields=(Field("phone_number", "phonePlaceholder", "tel", autocomplete="tel"),),
        choices=(Choice("default", "buttonText"),),
    )
    return flow.show(context, page)


@screen
def submit_enrollment(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user = flow.require_user(context)
    if not _to_enroll(context, flow, user) or not given.get("phone_number"):
        return redirect(flow.url("mfa"))
    return _enroll(context, flow, user, "phone", given["phone_number"])


def _enroll(context: RequestContext, flow: Flow, user: Doc, kind: str, address: str) -> Reply:
    if kind == "totp":
        method, _ = factors.enroll_totp(context, user)
        key = ""
    else:
        channels: dict[str, factors.Channel] = {"phone": "sms", "email": "email"}
        method, shown = factors.enroll_oob(context, user, channels.get(kind, "auth0"), address)
        key = shown["oob_code"]
    flow.update(context, challenge=[method["id"], key])
    return redirect(flow.url("mfa-challenge"))


# --- challenges ----------------------------------------------------------------------------------


def _method(context: RequestContext, flow: Flow) -> Doc | None:
    kept = flow.kept["challenge"]
    return context.tx.get(METHODS.table, str(kept[0])) if is_array(kept) else None


def _page(context: RequestContext, flow: Flow, method: Doc, error: str = "") -> Page:
    kind, new = method["type"], not method.get("confirmed", True)
    prompt = _PROMPTS[kind]
    address = ""
    if kind == "phone":
        address = masked_phone(method["phone_number"])
    elif kind == "email":
        address = masked_email(method["email"])
    rules = settings(context, "guardian.settings")
    fields = [] if kind == "push-notification" else [_CODE]
    if rules.get("display_remember_me_checkbox", True) and not new:
        value = "true" if rules.get("remember_me_default_value") else ""
        fields.append(Field("remember", "rememberMeText", "checkbox", value, required=False))
    enrolling = new and kind == "totp"
    has_recovery = any(
        doc["type"] == "recovery-code"
        for doc in mfa_policy.enrolled(context, flow.require_user(context))
    )
    return Page(
        prompt,
        f"{prompt}-{'enrollment' if new else 'challenge'}",
        title="enrollTitle" if enrolling else "title",
        description="enrollDescription" if enrolling else "description",
        secret=str(method["_totp_secret"]) if enrolling else "",
        fields=fields,
        choices=(Choice("default", "buttonText"),),
        links=((flow.url("mfa-recovery-code"), "useRecoveryText"),)
        if has_recovery and kind == "totp"
        else (),
        variables={"address": address},
        error=error,
        status=400 if error else 200,
    )


@screen
def show_challenge(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    method = _method(context, flow)
    if method is None:
        return redirect(flow.url("mfa"))
    return flow.show(context, _page(context, flow, method))


@screen
def submit_challenge(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user, method = flow.require_user(context), _method(context, flow)
    if method is None:
        return redirect(flow.url("mfa"))
    key = flow.kept["challenge"][1]
    problem = _problem(context, user, method, key, given.get("code", "").strip())
    if problem == "rejected":
        log(context, "gd_auth_rejected", "Second factor rejected", flow.about(context), user)
        raise access_denied("The second factor was rejected")
    if problem:
        if problem != "pending":
            factors.log_failed_factor(context, "Second factor failed", flow.about(context), user)
            if key:
                challenges.count_attempt(context, key)
        return flow.show(context, _page(context, flow, method, problem))
    if key:
        challenges.end(context, key)
    enrolled_now = not method.get("confirmed", True)
    factors.confirm(context, method)
    about = flow.about(context)
    log(context, "gd_auth_succeed", "Second factor succeeded", about, user)
    flow.update(context, remember_mfa=given.get("remember") == "true")
    if enrolled_now:
        first = len(mfa_policy.enrolled(context, user)) == 1
        if first and settings(context, "guardian.factors").get("recovery-code"):
            code = add_recovery_code(context, user["user_id"])
            flow.update(context, challenge={"recovery_code": code})
            return redirect(flow.url("mfa-new-recovery-code"))
    remember = bool(flow.kept["remember_mfa"])
    return interaction.second_factor_passed(context, flow, remember=remember)


def _problem(context: RequestContext, user: Doc, method: Doc, key: str, code: str) -> str:
    """What is wrong with an answer: a text's key, empty where it is right."""
    if method["type"] == "totp":
        passed = factors.passes_otp(context, user, code)
        return "" if passed is not None and passed["id"] == method["id"] else "invalid-code"
    challenge = challenges.find(context, key, factors.KIND)
    if challenge is None or challenges.is_expired(context, challenge):
        return "invalid-code"
    if method["type"] == "push-notification":
        decision = str(challenge["decision"])
        return "" if decision == "approved" else decision
    return "" if challenges.is_answer(challenge, code) else "invalid-code"


# --- recovery ------------------------------------------------------------------------------------


def _recovery_page(error: str = "") -> Page:
    return Page(
        "mfa-recovery-code",
        "mfa-recovery-code-challenge",
        fields=(Field("code", "codePlaceholder", autocomplete="off"),),
        choices=(Choice("default", "buttonText"),),
        error=error,
        status=400 if error else 200,
    )


@screen
def show_recovery(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    return flow.show(context, _recovery_page())


@screen
def submit_recovery(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    user = flow.require_user(context)
    if not factors.passes_recovery_code(context, user, given.get("code", "").strip()):
        log(context, "gd_recovery_failed", "Recovery code failed", flow.about(context), user)
        return flow.show(context, _recovery_page("invalid-code"))
    log(context, "gd_recovery_succeed", "Recovery code succeeded", flow.about(context), user)
    code = add_recovery_code(context, user["user_id"])
    flow.update(context, challenge={"recovery_code": code})
    return redirect(flow.url("mfa-new-recovery-code"))


@screen
def show_new_recovery(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    kept = flow.kept["challenge"]
    code = str(kept["recovery_code"]) if is_object(kept) else ""
    page = Page(
        "mfa-recovery-code",
        "mfa-recovery-code-enrollment",
        title="enrollTitle",
        description="enrollDescription",
        secret=code,
        choices=(Choice("default", "confirmButtonText"),),
    )
    return flow.show(context, page)


@screen
def confirm_recovery(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    kept = flow.kept["challenge"]
    if not is_object(kept):
        return redirect(flow.url("mfa"))
    remember = bool(flow.kept["remember_mfa"])
    return interaction.second_factor_passed(context, flow, remember=remember)


for _method_name, _path, _handler in (
    ("GET", "/u/mfa", choose),
    ("GET", "/u/mfa-enroll", show_enrollment),
    ("POST", "/u/mfa-enroll", submit_enrollment),
    ("GET", "/u/mfa-challenge", show_challenge),
    ("POST", "/u/mfa-challenge", submit_challenge),
    ("GET", "/u/mfa-recovery-code", show_recovery),
    ("POST", "/u/mfa-recovery-code", submit_recovery),
    ("GET", "/u/mfa-new-recovery-code", show_new_recovery),
    ("POST", "/u/mfa-new-recovery-code", confirm_recovery),
):
    family.route("GET" if _method_name == "GET" else "POST", _path, _handler)
