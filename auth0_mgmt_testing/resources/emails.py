"""The email provider and the templates of the messages that it sends."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Collection, Missing, Settings, merged, visible, without_nulls
from ..state.store import Doc

family = Family()

_CREDENTIALS_SHOWN = frozenset(
    {"api_user", "region", "domain", "smtp_host", "smtp_port", "smtp_user"}
)


def _public(call: Call, doc: Doc) -> Doc:
    shown = visible(doc)
    credentials = shown.get("credentials")
    if is_object(credentials):
        shown["credentials"] = {
            key: value for key, value in credentials.items() if key in _CREDENTIALS_SHOWN
        }
    return shown


def _changed(call: Call, old: Doc, patch: Doc) -> Doc:
    """A patch replaces field by field; null takes a field away.

    Another provider than before starts anew: the old one's settings do not outlive it.
    """
    base = old if patch.get("name", old.get("name")) == old.get("name") else PROVIDER.initial(call)
    return without_nulls(merged(base, patch))


PROVIDER = Settings(
    "email_provider",
    {"enabled": True},
    change=_changed,
    view=_public,
    missing=Missing("There is not a configured email provider", "inexistent_email_provider"),
)
PROVIDER.bind(family, get="get_provider", update="patch_provider")


@family.verb("delete_provider", kind="settings")
def delete_provider(call: Call) -> Any:
    """Take the provider away, whether or not there is one."""
    call.tx.delete("settings", PROVIDER.name)


@family.verb("post_provider", kind="settings")
def configure_provider(call: Call) -> Any:
    """Set the provider where there is none."""
    if call.tx.get("settings", PROVIDER.name) is not None:
        raise Problem(
            409, "There is already a configured email provider", "email_provider_conflict"
        )
    return _public(call, PROVIDER.write(call, _changed(call, PROVIDER.initial(call), call.body)))


class _Templates(Collection):
    """Email templates are their names' own; a replacement may create one."""

    def replace(self, call: Call) -> Any:
        name = call.path["templateName"]
        fresh = self.complete(call, {**(call.body or {}), self.id: name})
        self.store(call, fresh, self.find(call))
        return visible(fresh)

    def store(self, call: Call, doc: Doc, old: Doc | None) -> None:
        if old is None and call.tx.get(self.table, doc[self.id]) is not None:
            raise Problem(409, f"Template {doc[self.id]} already exists.")
        super().store(call, doc, old)


TEMPLATES = _Templates(
    "email_templates",
    id="template",
    new_id=None,
    missing=Missing("The template does not exist.", "inexistent_email_template"),
)
TEMPLATES.bind(
    family,
    create="post_email-templates",
    get="get_email-templates_by_templateName",
    update="patch_email-templates_by_templateName",
    replace="put_email-templates_by_templateName",
)

_SUBJECTS = {
    "verify_email": "Verify your email",
    "verify_email_by_code": "Verify your email",
    "reset_email": "Reset your password",
    "reset_email_by_code": "Reset your password",
    "welcome_email": "Welcome",
    "blocked_account": "Account blocked",
    "stolen_credentials": "Password breached",
    "enrollment_email": "Enroll in multi-factor authentication",
    "mfa_oob_code": "Verification code",
    "user_invitation": "You have been invited",
}


@family.setup()
def standard_templates(call: Call) -> None:
    """A fresh tenant's templates: there, and switched off."""
    for name, subject in _SUBJECTS.items():
        call.tx.put(
            TEMPLATES.table,
            name,
            {
                "template": name,
                "body": f"<html><body><h1>{subject}</h1></body></html>",
                "from": "",
                "resultUrl": "",
                "subject": subject,
                "syntax": "liquid",
                "includeEmailInRedirect": False,
                "enabled": False,
            },
        )
