"""The faults: each changes one thing that the fake does, at the one place where it does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import isfunction
from types import ModuleType
from typing import Any

from .changes import (
    alone,
    always,
    anybody,
    anything,
    argument,
    constant,
    first_of,
    forgiving,
    half_done,
    lenient,
    named,
    of_twin,
    shallow_only,
    shows,
    unpaged_total,
    unprefixed,
    unread,
    with_dot,
    without_next,
)

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


MUTATIONS = (
    # Lists.
    Mutation("page is ignored", "engine.query.paging:_offset", argument(3, 0), "test_lists.py"),
    Mutation("per_page is ignored", "engine.query.paging:_offset", argument(4, 50), "test_lists.py"),
    Mutation("include_totals is ignored", "engine.query.paging:_offset", argument(5, False), "test_lists.py"),
    Mutation("the total counts the page", "engine.query.paging:_offset", unpaged_total, "test_lists.py"),
    Mutation("pages go on beyond 1,000 records", "engine.query.paging:RECORDS", constant(10**9), "test_lists.py"),
    Mutation("a cursor leads to the beginning", "engine.query.paging:position", always(0), "test_lists.py"),
    Mutation("a checkpoint list ends after a page", "engine.query.paging:_checkpoint", without_next, "test_lists.py"),
    Mutation("a filter for equality lets all through", "behaviours.filters:equals", anything, "test_lists.py"),
    Mutation("a filter for parts lets all through", "behaviours.filters:contains", anything, "test_lists.py"),
    Mutation("q is ignored", "behaviours.listing:_found", lambda right: lambda call, docs, *rest: docs, "test_users.py"),
    Mutation("sort is ignored", "behaviours.listing:sort_key", always((lambda doc: 0, False)), "test_users.py"),
    Mutation("fields are ignored", "behaviours.listing:project", first_of, "test_lists.py"),
    # Collections, settings, relations.
    Mutation("a conflict is let through", "behaviours.references:Unique.values", always([])),
    Mutation("a missing thing is an empty one", "behaviours.collection:CollectionBehaviour.require", lenient),
    Mutation("what is not there can be deleted", "behaviours.collection:CollectionBehaviour.delete", forgiving),
    Mutation("what is deleted stays", "state.store:Transaction.delete", always(None)),
    Mutation("what goes takes nothing along", "state.store:Transaction.delete", alone, "test_users.py"),
    Mutation("defaults are forgotten", "behaviours.collection:CollectionBehaviour.complete", of_twin(defaults={}), "test_clients.py"),
    Mutation("a PATCH replaces the whole document", "behaviours.documents:merged", shallow_only),
    Mutation("a PATCH merges at every depth", "behaviours.documents:merged", lambda right: lambda old, new, how="": right(old, new, "deep"), "test_users.py"),
    Mutation("null is kept instead of deleting", "resources.users:without_nulls", first_of, "test_users.py"),
    Mutation("updated_at does not change", "behaviours.collection:CollectionBehaviour.save", of_twin(stamps=False)),
    Mutation("ids have no prefix", "state.ids:alphanumeric_id", unprefixed),
    Mutation("settings forget what was set", "behaviours.settings:SettingsBehaviour.write", lambda right: lambda self, call, doc: doc, "test_settings.py"),
    Mutation("links are seen from one side only", "behaviours.relation:RelationBehaviour.lefts", always([]), "test_roles.py"),
    Mutation("a link stays when it is taken away", "behaviours.relation:RelationBehaviour.unlink", always(True), "test_users.py"),
    # Who may, and what is allowed.
    Mutation("who brings no token is let in", "engine.tokens:verify", anybody, "test_access.py"),
    Mutation("an expired token is accepted", "engine.tokens:verify", named("now", 0.0), "test_access.py"),
    Mutation("signatures are not looked at", "engine.tokens:_signed", always(True), "test_access.py"),
    Mutation("scopes are not required", "engine.context:Principal.may", always(True), "test_access.py"),
    Mutation("bodies are not validated", "engine.validation:_Rules.read_body", unread),
    Mutation("secrets are shown to everybody", "resources.clients:_is_credential", always(False), "test_clients.py"),
    Mutation("what the fake keeps to itself is shown", "state.store:visible", first_of),
    Mutation("a rejected write leaves something behind", "engine.engine:Engine._write", half_done, "test_users.py"),
    # What happens besides.
    Mutation("nothing is logged", "engine.core:TenantCore.write_log", always(None), "test_logs.py"),
    Mutation("jobs never end", "engine.scheduler:has_due_tasks", always(False), "test_jobs.py"),
    # The client.
    Mutation("a token is never kept", "_auth:TokenCache.usable", always(None), "test_auth.py", "tests/client", CLIENT),
    Mutation("a failed fetch is not shared", "_auth:TokenCache.shared_failure", always(None), "test_token_trouble.py", "tests/client", CLIENT),
    Mutation("private keys are shown", "_redact:is_secret", shows("privatekey"), "test_redaction.py", "tests/client", CLIENT),
    Mutation("DPoP proofs are shown", "_redact:is_secret", shows("dpop"), "test_redaction.py", "tests/client", CLIENT),
    # The plugin and its guards.
    Mutation("a dot at the end escapes the network guard", "live.network_guard:normalized_host", with_dot, "test_outbound.py", "tests/plugin"),
    Mutation("every write to a live tenant is allowed", "live.write_guard:WriteGuard.check", always(None), "test_live.py", "tests/plugin"),
    Mutation("clean-ups are forgotten", "_factory:Factory.add_cleanup", always(None), "test_clean_up.py", "tests/plugin"),
    # Cassettes.
    Mutation("a host in base64 is not found", "recordings.scrubbing:_in_base64", always(()), "test_cassettes_scrub.py", "tests/cassettes"),
    Mutation("any request matches any recorded one", "cassettes.match:differences", always([]), "test_cassettes_match.py", "tests/cassettes"),
)  # fmt: skip
