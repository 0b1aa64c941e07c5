"""The faults: each changes one thing that the fake does, at the one place where it does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import isfunction
from types import ModuleType
from typing import Any

PACKAGE = "auth0_mgmt_testing"
CLIENT = "auth0_mgmt"
CONTRACT = "tests/contract"


@dataclass(frozen=True, slots=True)
class Mutation:
    """``place`` is ``module:name`` or ``module:Class.name`` below ``package``.

    ``change`` makes the faulty thing of the right one. ``first``: tests of ``suite`` that are run
    before all others, since they ought to notice it; of a suite other than the contract suite,
    only they are run.
    """

    name: str
    place: str
    change: Callable[[Any], Any]
    first: str = "test_collections.py"
    suite: str = CONTRACT
    package: str = PACKAGE

    def put(self) -> None:
        """Put the fault in, also where a module has imported the right thing by its name."""
        owner, name = self.found()
        right = getattr(owner, name)
        wrong = self.change(right)
        setattr(owner, name, wrong)
        if isfunction(right) and isinstance(owner, ModuleType):
            for module in [m for key, m in sys.modules.items() if key.startswith(self.package)]:
                for taken in [key for key, value in vars(module).items() if value is right]:
                    setattr(module, taken, wrong)

    def found(self) -> tuple[Any, str]:
        """The owner of the attribute and its name; raises AttributeError if it is missing."""
        module, _, path = self.place.partition(":")
        owner: Any = import_module(f"{self.package}.{module}")
        *classes, name = path.split(".")
        for each in classes:
            owner = getattr(owner, each)
        getattr(owner, name)
        return owner, name


def _always(value: Any) -> Callable[[Any], Any]:
    """Whatever the arguments."""
    return lambda right: lambda *given, **named: value


def _constant(value: Any) -> Callable[[Any], Any]:
    return lambda right: value


def _anything(right: Any) -> Any:
    """A filter that lets everything through."""
    return lambda path: lambda doc, value: True


def _argument(position: int, value: Any) -> Callable[[Any], Any]:
    """One argument is always the same."""

    def change(right: Any) -> Any:
        def wrong(*given: Any, **named: Any) -> Any:
            return right(*given[:position], value, *given[position + 1 :], **named)

        return wrong

    return change


def _named(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda right: lambda *given, **named: right(*given, **{**named, name: value})


def _first_of(right: Any) -> Any:
    return lambda given, *rest, **named: given


def _unpaged_total(right: Any) -> Any:
    def wrong(*given: Any) -> Any:
        page = right(*given)
        known = {"total": len(page.items)} if "total" in page.members else {}
        return replace(page, members={**page.members, **known})

    return wrong


def _without_next(right: Any) -> Any:
    def wrong(*given: Any) -> Any:
        page = right(*given)
        return replace(page, members={k: v for k, v in page.members.items() if k != "next"})

    return wrong


def _of_twin(**changes: Any) -> Callable[[Any], Any]:
    """A method of a collection that works as if it had been declared otherwise."""

    def change(right: Any) -> Any:
        def wrong(self: Any, *given: Any) -> Any:
            return right(replace(self, **changes), *given)

        return wrong

    return change


def _lenient(right: Any) -> Any:
    """What is missing is an empty thing."""

    def wrong(self: Any, call: Any, key: str | None = None) -> Any:
        return self.find(call, key) or {self.id: self.key(call) if key is None else key}

    return wrong


def _forgiving(right: Any) -> Any:
    """Deleting what is not there is fine."""

    def wrong(self: Any, call: Any) -> Any:
        return None if self.find(call) is None else right(self, call)

    return wrong


def _alone(right: Any) -> Any:
    """Deleting one object deletes nothing else: the schema declares no cascade."""

    def wrong(self: Any, table: str, key: Any) -> Any:
        own, self._schema = self._schema, replace(self._schema, cascades={})
        try:
            return right(self, table, key)
        finally:
            self._schema = own

    return wrong


def _shows(*fragments: str) -> Callable[[Any], Any]:
    """Names with these fragments are not secret."""

    def change(right: Any) -> Any:
        def wrong(name: str) -> bool:
            plain = name.lower().replace("_", "").replace("-", "")
            return not any(each in plain for each in fragments) and bool(right(name))

        return wrong

    return change


def _with_dot(right: Any) -> Any:
    """A dot at a host name's end makes it another host."""
    return lambda host: right(host) + ("." if host.endswith(".") else "")


def _unread(right: Any) -> Any:
    """A body is read and taken as it is."""

    def wrong(self: Any, content_type: str, body: bytes) -> Any:
        return self._parse(content_type, body) if body and self._body is not None else None

    return wrong


def _half_done(right: Any) -> Any:
    """What a rejected write has stored already stays."""

    def wrong(self: Any, call: Any, *rest: Any) -> Any:
        try:
            return right(self, call, *rest)
        except Exception:
            self._core.commit(call.tx.commit())
            raise

    return wrong


def _anybody(right: Any) -> Any:
    """Who brings no token is let in."""

    def wrong(header: str | None, **named: Any) -> Any:
        return right(header or "Bearer anybody", **named)

    return wrong


def _shallow_only(right: Any) -> Any:
    return lambda old, new, how="shallow": new


def _unprefixed(right: Any) -> Any:
    return lambda length, prefix="": right(length)


MUTATIONS = (
    # Lists.
    Mutation("page is ignored", "engine.query.paging:_offset", _argument(3, 0), "test_lists.py"),
    Mutation("per_page is ignored", "engine.query.paging:_offset", _argument(4, 50), "test_lists.py"),
    Mutation("include_totals is ignored", "engine.query.paging:_offset", _argument(5, False), "test_lists.py"),
    Mutation("the total counts the page", "engine.query.paging:_offset", _unpaged_total, "test_lists.py"),
    Mutation("pages go on beyond 1,000 records", "engine.query.paging:RECORDS", _constant(10**9), "test_lists.py"),
    Mutation("a cursor leads to the beginning", "engine.query.paging:position", _always(0), "test_lists.py"),
    Mutation("a checkpoint list ends after a page", "engine.query.paging:_checkpoint", _without_next, "test_lists.py"),
    Mutation("a filter for equality lets all through", "behaviours.filters:equals", _anything, "test_lists.py"),
    Mutation("a filter for parts lets all through", "behaviours.filters:contains", _anything, "test_lists.py"),
    Mutation("q is ignored", "behaviours.listing:_found", lambda right: lambda call, docs, *rest: docs, "test_users.py"),
    Mutation("sort is ignored", "behaviours.listing:sort_key", _always((lambda doc: 0, False)), "test_users.py"),
    Mutation("fields are ignored", "behaviours.listing:project", _first_of, "test_lists.py"),
    # Collections, settings, relations.
    Mutation("a conflict is let through", "behaviours.references:Unique.values", _always([])),
    Mutation("a missing thing is an empty one", "behaviours.collection:CollectionBehaviour.require", _lenient),
    Mutation("what is not there can be deleted", "behaviours.collection:CollectionBehaviour.delete", _forgiving),
    Mutation("what is deleted stays", "state.store:Transaction.delete", _always(None)),
    Mutation("what goes takes nothing along", "state.store:Transaction.delete", _alone, "test_users.py"),
    Mutation("defaults are forgotten", "behaviours.collection:CollectionBehaviour.complete", _of_twin(defaults={}), "test_clients.py"),
    Mutation("a PATCH replaces the whole document", "behaviours.documents:merged", _shallow_only),
    Mutation("a PATCH merges at every depth", "behaviours.documents:merged", lambda right: lambda old, new, how="": right(old, new, "deep"), "test_users.py"),
    Mutation("null is kept instead of deleting", "resources.users:without_nulls", _first_of, "test_users.py"),
    Mutation("updated_at does not change", "behaviours.collection:CollectionBehaviour.save", _of_twin(stamps=False)),
    Mutation("ids have no prefix", "state.ids:alphanumeric_id", _unprefixed),
    Mutation("settings forget what was set", "behaviours.settings:SettingsBehaviour.write", lambda right: lambda self, call, doc: doc, "test_settings.py"),
    Mutation("links are seen from one side only", "behaviours.relation:RelationBehaviour.lefts", _always([]), "test_roles.py"),
    Mutation("a link stays when it is taken away", "behaviours.relation:RelationBehaviour.unlink", _always(True), "test_users.py"),
    # Who may, and what is allowed.
    Mutation("who brings no token is let in", "engine.tokens:verify", _anybody, "test_access.py"),
    Mutation("an expired token is accepted", "engine.tokens:verify", _named("now", 0.0), "test_access.py"),
    Mutation("signatures are not looked at", "engine.tokens:_signed", _always(True), "test_access.py"),
    Mutation("scopes are not required", "engine.context:Principal.may", _always(True), "test_access.py"),
    Mutation("bodies are not validated", "engine.validation:_Rules.read_body", _unread),
    Mutation("secrets are shown to everybody", "resources.clients:_SECRETS", _constant(frozenset()), "test_clients.py"),
    Mutation("what the fake keeps to itself is shown", "state.store:visible", _first_of),
    Mutation("a rejected write leaves something behind", "engine.engine:Engine._write", _half_done, "test_users.py"),
    # What happens besides.
    Mutation("nothing is logged", "engine.core:TenantCore.write_log", _always(None), "test_logs.py"),
    Mutation("jobs never end", "engine.scheduler:has_due_tasks", _always(False), "test_jobs.py"),
    # The client.
    Mutation("a token is never kept", "_auth:TokenCache.usable", _always(None), "test_auth.py", "tests/client", CLIENT),
    Mutation("a failed fetch is not shared", "_auth:TokenCache.shared_failure", _always(None), "test_token_trouble.py", "tests/client", CLIENT),
    Mutation("private keys are shown", "_redact:is_secret", _shows("privatekey"), "test_redaction.py", "tests/client", CLIENT),
    Mutation("DPoP proofs are shown", "_redact:is_secret", _shows("dpop"), "test_redaction.py", "tests/client", CLIENT),
    # The plugin and its guards.
    Mutation("a dot at the end escapes the network guard", "live.network_guard:normalized_host", _with_dot, "test_outbound.py", "tests/plugin"),
    Mutation("every write to a live tenant is allowed", "live.write_guard:WriteGuard.check", _always(None), "test_live.py", "tests/plugin"),
    Mutation("clean-ups are forgotten", "_factory:Factory.add_cleanup", _always(None), "test_clean_up.py", "tests/plugin"),
    # Cassettes.
    Mutation("a host in base64 is not found", "recordings.scrubbing:_in_base64", _always(()), "test_cassettes_scrub.py", "tests/cassettes"),
    Mutation("any request matches any recorded one", "cassettes.match:differences", _always([]), "test_cassettes_match.py", "tests/cassettes"),
)  # fmt: skip
