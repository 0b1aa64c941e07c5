"""Fixtures of the contract suite, over the tenant that the plugin's options choose."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

import pytest

from auth0_mgmt import ClientCredentials, Management
from auth0_mgmt._json import is_mapping
from auth0_mgmt_testing import Factory, TenantHandle
from tests.log_events import SCHEMA, faults_of
from tests.response_shapes import SHAPES

from .families import Family, Settings, Things, document

_KEPT = frozenset({
    "logs", "jobs", "tickets", "signing_keys", "encryption_keys", "groups", "settings", "renderings",
    "email_templates",
    "blacklisted_tokens", "organization_templates",
})  # fmt: skip
"""What no request can remove (synchronized groups among it), and settings, put back by value."""
Scoped = Callable[..., Management]


@pytest.fixture
def things(family: Family, auth0_mgmt: Management, auth0_factory: Factory) -> Things:
    """The things of the family that a case is about."""
    return Things(family, auth0_mgmt, auth0_factory)


@pytest.fixture
def ada(auth0_factory: Factory) -> Any:
    """A user."""
    return auth0_factory.user()


@pytest.fixture
def scoped(auth0_tenant: TenantHandle, auth0_factory: Factory) -> Scoped:
    """A function that gives a client whose token has these scopes of the Management API only."""

    def limited(*scopes: str) -> Management:
        app = auth0_factory.client(app_type="non_interactive", grant_types=["client_credentials"])
        audience = auth0_tenant.credentials.audience
        auth0_factory.client_grant(client_id=app.client_id, audience=audience, scope=list(scopes))
        auth = ClientCredentials(app.client_id, str(app.client_secret), audience=audience)
        return auth0_tenant.management(auth=auth)

    return limited


@pytest.fixture
def stranger(auth0_tenant: TenantHandle) -> Management:
    """A client whose token is well formed, and signed by nobody that the tenant knows."""
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "unknown"}, {"exp": 4_102_444_800})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return auth0_tenant.management(auth=b".".join([*coded, b"c2lnbmF0dXJl"]).decode())


@pytest.fixture
def changed_settings(auth0_mgmt: Management) -> Callable[..., Any]:
    """A context in which settings of the tenant are others; afterwards they are as before.

    ``with changed_settings(Settings(at="branding", change={…})) as answer`` changes them; more
    keywords add to the change.
    """

    @contextmanager
    def changed(settings: Settings, **more: Any) -> Generator[Any]:
        client: Any = attrgetter(settings.at)(auth0_mgmt)
        changes = {**settings.change, **more}
        before = document(getattr(client, settings.get)(*settings.ids))
        undo = as_before(changes, {**settings.default, **before}, settings.blank)
        write: Callable[..., Any] = getattr(client, settings.update)
        try:
            yield write(*settings.ids, **changes)
        finally:
            if settings.replace:
                getattr(client, settings.replace)(*settings.ids, **before)
            else:
                write(*settings.ids, **undo)

    return changed


@pytest.fixture
def verified_domain(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """A verified custom domain; skipped where the tenant looks at real records to verify it."""
    domains = auth0_mgmt.custom_domains
    made = domains.create(
        domain=f"{auth0_factory.name('login')}.example.com", type="auth0_managed_certs"
    )
    auth0_factory.add_cleanup(domains.delete, made.custom_domain_id)
    found = domains.verify(made.custom_domain_id or "")
    if found.status != "ready":
        pytest.skip("a domain of example.com cannot be verified on this tenant")
    return found


def as_before(changes: Mapping[str, Any], before: Mapping[str, Any], blank: Any) -> dict[str, Any]:
    """What undoes the changes, key by key where a setting is an object on both sides."""
    undo: dict[str, Any] = {}
    for name, value in changes.items():
        old = before.get(name.rstrip("_"), blank)
        both = is_mapping(value) and is_mapping(old)
        undo[name] = as_before(value, old, blank) if both else old
    return undo


@pytest.fixture(autouse=True)
def _as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test leaves the tenant as it found it; where the tenant is a fake, that is seen."""
    if "auth0_tenant" not in request.fixturenames:
        yield
        return
    fake = request.getfixturevalue("auth0_tenant").fake
    before = None if fake is None else fake.snapshot()
    yield
    if fake is not None and before is not None:
        left = fake.changes_since(before)
        assert not {*left.created, *left.updated, *left.deleted} - _KEPT, left
        if SCHEMA is not None:
            with fake.management() as mgmt:
                events = [mgmt.logs.get(str(key)) for key in left.created.get("logs", ())]
            assert faults_of(events) == []


@pytest.fixture(autouse=True)
def _known_shapes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every response of a fake has members that are known of it: see `tests.response_shapes`."""
    shapes = request.config.stash[SHAPES]
    with shapes.watching():
        yield
    if unknown := shapes.unknown():
        listed = "\n  ".join(dict.fromkeys(unknown))
        pytest.fail(
            f"responses of unknown shape; where that is right, run `make shapes`:\n  {listed}",
            pytrace=False,
        )
