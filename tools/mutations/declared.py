"""The faults: each changes one thing that the fake does, at the one place where it does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import getattr_static, isfunction
from types import ModuleType
from typing import Any

from .changes import (
    alone,
    always,
    anybody,
    anything,
    argument,
    constant,
    deep_only,
    edited,
    forgiving,
    given,
    half_done,
    lenient,
    named,
    of_twin,
    shows,
    unpaged_total,
    unprefixed,
    unread,
    unverified,
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
        static = isinstance(getattr_static(owner, name), staticmethod)
        setattr(owner, name, staticmethod(wrong) if static else wrong)
        if isfunction(right) and isinstance(owner, ModuleType):
            for module in [m for key, m in sys.modules.items() if key.startswith(self.package)]:
                for taken in [key for key, value in vars(module).items() if value is right]:
                    setattr(module, taken, wrong)

    def tests(self) -> str:
        """The tests that are run first."""
        return f"{self.suite}/{self.first}"

    def found(self) -> tuple[Any, str]:
        """The owner of the attribute and its name; raises AttributeError if it is missing."""
        module, _, path = self.place.partition(":")
        owner: Any = import_module(f"{self.package}.{module}")
        *classes, name = path.split(".")
        for each in classes:
            owner = getattr(owner, each)
        getattr(owner, name)
        return owner, name


def _of(
    suite: str, package: str = PACKAGE
) -> Callable[[str, str, Callable[[Any], Any], str], Mutation]:
    """Declare faults that one suite has to notice."""

    def declare(name: str, place: str, change: Callable[[Any], Any], first: str) -> Mutation:
        return Mutation(name, place, change, first, suite, package)

    return declare


_fake = _of("tests/fake")
_login = _of("tests/authentication")
_server = _of("tests/server")
_client = _of("tests/client", CLIENT)
_plugin = _of("tests/plugin")
_cassettes = _of("tests/cassettes")

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
    Mutation("q is ignored", "behaviours.listing:_found", given(1), "test_users.py"),
    Mutation("sort is ignored", "state.selection:Selection.in_order", given(0), "test_users.py"),
    Mutation("fields are ignored", "behaviours.listing:project", given(0), "test_lists.py"),
    # Collections, settings, relations.
    Mutation("a conflict is let through", "behaviours.references:Unique.values", always([])),
    Mutation("a missing thing is an empty one", "behaviours.collection:CollectionBehaviour.require", lenient),
    Mutation("what is not there can be deleted", "behaviours.collection:CollectionBehaviour.delete", forgiving),
    Mutation("what is deleted stays", "state.store:Transaction.delete", always(None)),
    Mutation("what goes takes nothing along", "state.store:Transaction.delete", alone, "test_users.py"),
    Mutation("defaults are forgotten", "behaviours.collection:CollectionBehaviour.complete", of_twin(defaults={}), "test_clients.py"),
    Mutation("a PATCH replaces the whole document", "behaviours.documents:merged", given(1)),
    Mutation("a PATCH merges at every depth", "behaviours.documents:merged", deep_only, "test_users.py"),
    Mutation("null is kept instead of deleting", "resources.users:without_nulls", given(0), "test_users.py"),
    Mutation("updated_at does not change", "behaviours.collection:CollectionBehaviour.save", of_twin(stamps=False)),
    Mutation("ids have no prefix", "state.ids:IdForm.__call__", unprefixed),
    Mutation("settings forget what was set", "behaviours.settings:SettingsBehaviour.write", given(2), "test_settings.py"),
    Mutation("links are seen from one side only", "behaviours.relation:RelationBehaviour.lefts", always([]), "test_roles.py"),
    Mutation("a link stays when it is taken away", "behaviours.relation:RelationBehaviour.unlink", always(True), "test_users.py"),
    # Who may, and what is allowed.
    Mutation("who brings no token is let in", "engine.tokens:verify", anybody, "test_access.py"),
    Mutation("an expired token is accepted", "engine.tokens:verify", named("now", 0.0), "test_access.py"),
    Mutation("signatures are not looked at", "engine.tokens:_signed", always(True), "test_access.py"),
    Mutation("scopes are not required", "engine.context:Principal.may", always(True), "test_access.py"),
    Mutation("bodies are not validated", "engine.validation:_Rules.read_body", unread),
    Mutation("secrets are shown to everybody", "resources.clients:_is_credential", always(False), "test_clients.py"),
    Mutation("what the fake keeps to itself is shown", "state.store:visible", given(0)),
    Mutation("a rejected write leaves something behind", "engine.engine:Engine._write", half_done, "test_users.py"),
    # What happens besides.
    Mutation("nothing is logged", "engine.core:TenantCore.write_log", always(None), "test_logs.py"),
    Mutation("jobs never end", "engine.scheduler:has_due_tasks", always(False), "test_jobs.py"),
    # The fake, beyond what the contract suite shows.
    _fake("+a b requires b", "engine.query.lucene:_Reader._clauses", edited(("needed if must or not some else [*needed, _any(some)]", "[*needed, _any(some)] if some else needed")), "test_lucene.py"),
    _fake("whoever signed it, an ID token links its user", "resources.users:verified_id_token", unverified, "test_live_answers.py"),
    _fake("a response of 4xx takes effect", "engine.engine:Engine._write", edited(("response.status < 400", "True")), "test_behaviour_failures.py"),
    _fake("a member that nobody declared is let through", "engine.response_validation:closed", given(0), "test_open_responses.py"),
    _login("a rejected login leaves nothing behind", "engine.engine:Engine._write", edited(("errors_too or response", "response")), "test_attacks.py"),
    _login("an assertion is accepted twice", "authentication.client_authentication:_spend", always(True), "test_client_credentials.py"),
    # Actions.
    _login("a denial by an action lets the user in", "actions.effects:Effects.deny", always(None), "test_actions.py"),
    _login("the record of a denied log-in is rolled back with it", "engine.context:RequestContext.keep", edited(("self.lasting.append(effect)", "pass")), "test_actions.py"),
    _login("after a redirect every action runs once more", "resources.action_executions:run_trigger", edited(("if each.binding_id in pending", "")), "test_actions.py"),
    _login("an action that fails stops nothing", "resources.action_executions:_Execution.run", edited(("if kind.blocking:", "if False:")), "test_actions.py"),
    _login("the draft runs in place of what is deployed", "resources.action_executions:_deployed", edited(('str(action["name"]), version', 'str(action["name"]), {**action, "_actions": action["id"]}')), "test_actions.py"),
    _fake("the values of secrets are in console output", "actions.runner:_Hider.__call__", given(1), "test_action_code.py"),
    _fake("an action may compute for ever", "actions.quickjs_engine:timeout", always(None), "test_action_code.py"),
    _server("actions of a server run in node", "server.hosting:TenantHost._add", edited(("self.options.trust_actions", "True")), "test_control.py"),
    # The server.
    _server("a request that was cut short takes effect", "server.http:Connection.eof_received", edited(("    return bool(", "    if self._begun:\n        self.on_message_complete()\n    return bool(")), "test_http.py"),
    _server("pages of other origins may use the control", "server.hosting:TenantHost._foreign", always(None), "test_http.py"),
    _server("requests for any host are accepted", "server.hosting:TenantHost._allowed", always(True), "test_http.py"),
    # The client: tokens.
    _client("a token is never kept", "_auth:TokenCache.usable", always(None), "test_auth.py"),
    _client("a failed fetch is not shared", "_auth:TokenCache.shared_failure", always(None), "test_token_trouble.py"),
    _client("threads that waited fetch a token again", "_dispatch:Dispatcher.token", edited(("    try:\n        found = cache.usable(_flow.clock(), stale)", "    try:\n        found = None")), "test_token_trouble.py"),
    _client("tasks that waited fetch a token again", "_dispatch:AsyncDispatcher._new_token", edited(("found = cache.usable(_flow.clock(), stale)", "found = None")), "test_auth.py"),
    _client("a retry sends the same assertion", "_flow:fetch_token", edited(("    def request() -> Prepared:", "    once = form()\n\n    def request() -> Prepared:"), ("urlencode(form())", "urlencode(once)")), "test_token_trouble.py"),
    _client("a redirect of the token endpoint is a token", "_auth:parse_token", edited(("status >= 300", "status >= 400")), "test_limits.py"),
    _client("a token that the tenant refused is not renewed", "_flow:call", edited(("renewed = not renewable", "renewed = True")), "test_auth.py"),
    _client("white space of a token is kept", "_auth:clean_token", edited(("token = value.strip()", "token = value")), "test_auth.py"),
    # The client: waiting and limits.
    _client("throttling waits once", "_flow:_pace", edited(("while allowed > 0 and", "if allowed > 0 and")), "test_limits.py"),
    _client("throttling waits without a limit", "_flow:_pace", edited(("wait = min(wait, allowed)", "pass")), "test_limits.py"),
    _client("a write is repeated after trouble", "_retry:is_retryable", edited(("return non_idempotent or method in _IDEMPOTENT", "return True")), "test_retry.py"),
    _client("a call has no deadline", "_flow:call", edited(("if settings.deadline is not None:", "if False:")), "test_limits.py"),
    _client("a retry is waited for beyond the deadline", "_flow:_attempts", edited(("in_time = request.deadline is None or delay < request.deadline - monotonic()", "in_time = True")), "test_limits.py"),
    _client("a token is waited for beyond the deadline", "_dispatch:Dispatcher.token", edited(("lock.acquire(timeout=_left(deadline))", "lock.acquire()")), "test_limits.py"),
    _client("a response may have any length", "_http:_Body._check", always(None), "test_limits.py"),
    _client("a response may unpack to any length", "_http:_Body.feed", edited(("        self._add(part)", "        self._parts.append(part)")), "test_limits.py"),
    _client("a job's file may unpack to any length", "_jobs:_file", edited(("if size > request.max_bytes:", "if False:")), "test_jobs.py"),
    # The client: lists and jobs.
    _client("logs follow a cursor that stays", "_pagination:_after_logs", edited((' or cursor == given.get("from")', "")), "test_pagination.py"),
    _client("a list may go in circles", "_pagination:Trail.after", edited(("if cursor == self.kept:", "if False:")), "test_limits.py"),
    _client("a list may be empty for ever", "_pagination:Trail.after", edited(("if empty >= _EMPTY_PAGES:", "if False:")), "test_limits.py"),
    _client("a users file may reach the limit", "_jobs:users_files", edited(("size + len(text) >= limit", "size + len(text) > limit")), "test_jobs.py"),
    _client("a user may reach the limit of a file", "_jobs:users_files", edited(("len(text) + 2 >= limit", "len(text) + 2 > limit")), "test_jobs.py"),
    # The client: other hosts and processes.
    _client("a job's file is fetched with the token", "_jobs:JobsHelpers.download", edited(("self._dispatcher.http.fetch(request)", "self._dispatcher.drive(self._dispatcher.flow(request, self._dispatcher.settings))")), "test_hosts.py"),
    _client("a job's file is fetched with the token, asynchronously", "_jobs:AsyncJobsHelpers.download", edited(("await self._dispatcher.http.fetch(request)", "await self._dispatcher.drive(self._dispatcher.flow(request, self._dispatcher.settings))")), "test_hosts.py"),
    _client("a job's file is fetched with the caller's headers", "_http:HTTPClient.fetch", edited(("_download(self.library, request)", "self._message(client, request)"), ("if not self._own:", "if False:")), "test_hosts.py"),
    _client("redirects are followed", "_http:HTTPClient._exchange", edited(("follow_redirects=False", "follow_redirects=True")), "test_limits.py"),
    _client("redirects are followed, asynchronously", "_http:AsyncHTTPClient._unhurried", edited(("follow_redirects=False", "follow_redirects=True")), "test_limits.py"),
    _client("a redirect is a success", "_flow:call", edited(("response.status >= 300", "response.status >= 400")), "test_limits.py"),
    _client("a path may leave the API", "_client:_free_request", edited(("raise InvalidRequestError(f\"path {path!r} must stay below /api/v2\")", "pass")), "test_hosts.py"),
    _client("a forked child keeps the connections", "_http:HTTPClient.after_fork", always(None), "test_processes.py"),
    _client("a forked child keeps the connections, asynchronously", "_http:AsyncHTTPClient.after_fork", always(None), "test_processes.py"),
    _client("a forked child keeps the limiter's lock", "_rate_limit:RateLimiter.after_fork", always(None), "test_processes.py"),
    # The client: secrets.
    _fake("a report shows what a secret was", "verification.compare:_Walk.differ", edited(("_redacted(value, *place.keys)", "value")), "test_planted_secrets.py"),
    _fake("the target of a report shows secrets", "recordings.sensitive:without_secret_parameters", given(0), "test_planted_secrets.py"),
    _fake("a ticket is stored as it is", "resources.mail:new_link", edited(("digest(secret)", "secret")), "test_planted_secrets.py"),
    _fake("an export holds secrets", "setup.exports:exported", named("secrets", True), "test_planted_secrets.py"),
    Mutation("a form's code is in the request log", "_redact:subject", always(""), "test_planted_secrets.py", "tests/fake", CLIENT),
    _fake("a cascade follows keys alone", "state.store:Transaction.delete_all", edited(("key if cascade.by is None else cascade.by(doc)", "key")), "test_cascades.py"),
    _client("private keys are shown", "_redact:is_secret", shows("privatekey"), "test_redaction.py"),
    _client("DPoP proofs are shown", "_redact:is_secret", shows("dpop"), "test_redaction.py"),
    # The plugin and its guards.
    _plugin("a dot at the end escapes the network guard", "live.network_guard:normalized_host", with_dot, "test_outbound.py"),
    _plugin("sockets escape the network guard", "live.network_guard:NetworkGuard._connecting", edited(("self._check_any(address[0])", "pass")), "test_outbound.py"),
    _plugin("every write to a live tenant is allowed", "live.write_guard:WriteGuard.check", always(None), "test_live.py"),
    _plugin("a write may refer to any client", "live.created_resources:_REFERENCES", constant(("user_id", "connection_id", "organization_id")), "test_created_resources.py"),
    _plugin("a write may list anything", "live.created_resources:_LISTED", constant(()), "test_created_resources.py"),
    _plugin("a write may act on every user", "live.created_resources:_INACTIVE", constant({}), "test_created_resources.py"),
    _plugin("any user may be linked away", "live.created_resources:_ABSORBS", constant(frozenset()), "test_created_resources.py"),
    _plugin("clean-ups are forgotten", "_factory:Factory.add_cleanup", always(None), "test_clean_up.py"),
    _plugin("a served response outside the contract fails nothing", "server.hosting:TenantHost._failed", edited(("tenant.failure = tenant.failure or error", "pass")), "test_response_conformance.py"),
    # Cassettes.
    _cassettes("what is in a container is recorded", "_secrets:secret_in_recording", edited(("secret_at(keys)", "secret_at(keys[-1:])")), "test_cassettes_scrub.py"),
    _cassettes("an allowed text allows what stands beside it", "cassettes.check:_without", always(""), "test_cassettes_check.py"),
    _cassettes("what is allowed is recorded as something else", "recordings.allowed:AllowList.keeps", always(False), "test_cassettes_check.py"),
    _cassettes("a key of digits and letters is let through", "recordings.sensitive:hexadecimal_key", always(False), "test_cassettes_check.py"),
    _cassettes("a host in base64 is not found", "recordings.scrubbing:_in_base64", always(()), "test_cassettes_scrub.py"),
    _cassettes("headers are written as they are", "recordings.scrubbing:_through", edited(("str(visit((name,), {}, value))", "value")), "test_cassettes_scrub.py"),
    _cassettes("any request matches any recorded one", "cassettes.match:differences", always([]), "test_cassettes_match.py"),
    _cassettes("recorded requests may be left over", "cassettes.replay:Replay.finish", always(None), "test_cassettes_replay.py"),
    _cassettes("a cassette is never too old", "cassettes.metadata:CassetteMetadata.age", always(0), "test_cassettes_replay.py"),
)  # fmt: skip
