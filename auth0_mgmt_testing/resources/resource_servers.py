"""Resource servers (APIs), the Management API among them; reached by id or by identifier."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from auth0_mgmt.resources import operations

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, Unique, among, equals
from ..state.ids import hexadecimal
from ..state.store import Doc

family = Family()

MISSING = Missing("The resource server does not exist", "inexistent_resource_server")
_DAY = 86400


def _defaults(call: Call, doc: Doc) -> Doc:
    return {
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        "subject_type_authorization": {
            "client": {"policy": "require_client_grant"},
            "user": {"policy": "allow_all"},
        },
        "token_lifetime": _DAY,
        "token_lifetime_for_web": min(7200, doc.get("token_lifetime") or _DAY),
        "signing_alg": "RS256",
    }


def _forget(call: Call, server: Doc) -> None:
    """A server that goes takes along the grants for it and its permissions."""
    identifier = server["identifier"]
    for grant in list(call.tx.all("client_grants")):
        if grant["audience"] == identifier:
            call.tx.delete("client_grants", grant["id"])


class _Servers(Collection):
    def find(self, call: Call, key: str | None = None) -> Doc | None:
        wanted = self.key(call) if key is None else key
        found = super().find(call, wanted)
        if found is not None:
            return found
        # Some clients escape the identifier once more than the path asks for.
        for identifier in (wanted, unquote(wanted)):
            if named := call.tx.find(self.table, "unique:identifier", (identifier,)):
                return named[0]
        return None


SERVERS = _Servers(
    "resource_servers",
    new_id=hexadecimal(24),
    missing=MISSING,
    unique=(
        Unique(
            "identifier",
            "A resource server with the same identifier already exists.",
            "resource_server_conflict",
        ),
    ),
    defaults=_defaults,
    drop_nulls=True,
    listing=Listing(filters={"identifiers": among("identifier")}),
    before_delete=_forget,
)
SERVERS.bind(
    family,
    list="get_resource-servers",
    create="post_resource-servers",
    get="get_resource-servers_by_id",
    delete="delete_resource-servers_by_id",
)


def _with_client(call: Call, server: Doc) -> Doc:
    """A server names the client that stands for it, where there is one."""
    encryption: Doc | None = server.get("token_encryption")
    if encryption and (key := encryption.get("encryption_key")):
        # The key itself is written and never read back.
        shown = {name: value for name, value in key.items() if name != "pem"}
        server = {**server, "token_encryption": {**encryption, "encryption_key": shown}}
    linked = call.tx.find("clients", "server", server["identifier"])
    return {**server, "client_id": linked[0]["client_id"]} if linked else server


SERVERS.view = _with_client
SERVERS.created = _with_client


@family.verb("patch_resource-servers_by_id", kind="collection")
def change(call: Call) -> Any:
    """Change a server; a live tenant answers 200 where the contract says 201."""
    return Reply(200, SERVERS.update(call))


@family.verb("get_resource-servers_search", kind="view")
def search(call: Call) -> Any:
    """Resource servers by a query, in order of creation."""
    listing = Listing(filters={"is_system": equals("is_system")}, search="resource_servers")
    return answer(call, SERVERS.docs(call), listing, _with_client)


def _management_scopes() -> list[Doc]:
    """Every scope that an operation of the API asks for."""
    names = {scope for operation in operations() for scope in operation.scopes}
    return [
        {"value": name, "description": name.replace("_", " ").replace(":", " ").capitalize()}
        for name in sorted(names)
    ]


@family.setup(order=10)
def management_api(call: Call) -> None:
    """The Management API itself, a system API that every tenant holds."""
    SERVERS.add(
        call,
        {
            "name": "Auth0 Management API",
            "identifier": f"https://{call.domain}/api/v2/",
            "scopes": _management_scopes(),
            "is_system": True,
        },
    )
