"""The email provider and the templates of the messages that it sends."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import (
    CollectionBehaviour,
    Missing,
    SettingsBehaviour,
    merged,
    visible,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc

family = Family()

_CREDENTIALS_SHOWN = frozenset(
    {"api_user", "region", "domain", "smtp_host", "smtp_port", "smtp_user"}
)


def _public(context: RequestContext, doc: Doc) -> Doc:
    shown = visible(doc)
    credentials = shown.get("credentials")
    if is_object(credentials):
        shown["credentials"] = {
            key: value for key, value in credentials.items() if key in _CREDENTIALS_SHOWN
        }
    return shown


def _changed(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A patch replaces field by field; null takes a field away.

    Another provider than before starts from defaults: the old one's settings do not outlive it.
    """
    base = (
        old if patch.get("name", old.get("name")) == old.get("name") else PROVIDER.initial(context)
    )
    return without_nulls(merged(base, patch), deep=True)


PROVIDER = SettingsBehaviour(
    "email_provider",
    {"enabled": True},
    change=_changed,
    view=_public,
    missing=Missing("There is not a configured email provider", "inexistent_email_provider"),
)
PROVIDER.bind(family, get="emails.provider.get", update="emails.provider.update")


@family.operation("emails.provider.delete", kind="settings")
def delete_provider(context: RequestContext) -> Any:
    """Take the provider away, whether or not there is one."""
    context.tx.delete("settings", PROVIDER.name)


@family.operation("emails.provider.create", kind="settings")
def configure_provider(context: RequestContext) -> Any:
    """Set the provider where there is none."""
    if context.tx.get("settings", PROVIDER.name) is not None:
        raise APIError(
            409,
            "There is already a configured email provider",
            "email_provider_conflict",
            hint="update the provider, or delete it first",
        )
    return _public(
        context, PROVIDER.write(context, _changed(context, PROVIDER.initial(context), context.body))
    )


def _check_name(context: RequestContext) -> None:
    """Raise 400 where the body names another template than the path."""
    body: Doc = context.body or {}
    name = context.path["templateName"]
    if body.get("template", name) != name:
        message = "The template property provided in payload must match template in the URL"
        raise APIError(400, message, "invalid_body")


class _Templates(CollectionBehaviour):
    """Email templates by name: absent until they are written; PUT creates or replaces."""

    def update(self, context: RequestContext) -> Any:
        _check_name(context)
        return super().update(context)

    def replace(self, context: RequestContext) -> Any:
        name = context.path["templateName"]
        _check_name(context)
        fresh = self.complete(context, {**(context.body or {}), self.id: name})
        self.store(context, fresh, self.find(context))
        return visible(fresh)

    def store(self, context: RequestContext, doc: Doc, old: Doc | None) -> None:
        if old is None and context.tx.get(self.table, doc[self.id]) is not None:
            hint = "update it, or replace it by PUT"
            raise APIError(409, f"Template {doc[self.id]} already exists.", hint=hint)
        super().store(context, doc, old)


TEMPLATES = _Templates(
    "email_templates",
    id="template",
    new_id=None,
    missing=Missing("The template does not exist.", "inexistent_email_template"),
)
TEMPLATES.bind(
    family,
    create="email_templates.create",
    get="email_templates.get",
    update="email_templates.update",
    replace="email_templates.set",
)
