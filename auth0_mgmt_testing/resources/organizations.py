"""Organizations: members, their roles, connections, clients, grants, invitations and domains."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import (
    Collection,
    End,
    Listing,
    Missing,
    Parent,
    Relation,
    Unique,
    answer_one,
    equals,
    merged,
    visible,
)
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()

MISSING = Missing("No organization found by that id or name", "inexistent_organization")
NO_USER = Missing("The user does not exist.", "inexistent_user")
NO_ROLE = Missing("The role does not exist.", "inexistent_role")
NO_CLIENT = Missing("The client does not exist", "inexistent_client")
NO_GRANT = Missing("The client grant does not exist", "inexistent_client_grant")
NO_CONNECTION = Missing("No connection found by that id")
_INVITATION_SECONDS = 7 * 86400
_LINKS = (
    "organization_members",
    "organization_connections",
    "organization_client_grants",
    "organization_clients",
)


def _forget(call: Call, organization: Doc) -> None:
    """An organization that goes takes along all that hangs on it."""
    key = organization["id"]
    for table in _LINKS:
        call.tx.delete_where(table, "left", key)
    call.tx.delete_where("organization_group_roles", "organization", key)
    for table in ("invitations", "discovery_domains"):
        call.tx.delete_where(table, "parent", key)
    for link in list(call.tx.all("member_roles")):
        if link["_organization"] == key:
            call.tx.delete("member_roles", (key, link["_left"], link["_right"]))


def _prepare(call: Call, organization: Doc) -> Doc:
    """Connections and clients may be given with the organization itself."""
    organization = dict(organization)
    connections = organization.pop("enabled_connections", None) or ()
    for given in connections:
        _connect(call, organization["id"], given)
    return organization


ORGANIZATIONS = Collection(
    "organizations",
    new_id=letters(16, "org_"),
    missing=MISSING,
    unique=(
        Unique("name", "An organization with this name already exists.", "organization_conflict"),
    ),
    defaults={"third_party_client_access": "block"},
    drop_nulls=True,
    listing=Listing(filters={"include_client_association_for": lambda doc, value: True}, sort=True),
    prepare=_prepare,
    before_delete=_forget,
)
ORGANIZATIONS.bind(
    family,
    create="post_organizations",
    get="get_organizations_by_id",
    update="patch_organizations_by_id",
    delete="delete_organizations_by_id",
)
_SELF = End("organizations", MISSING)


@family.verb("get_organizations", kind="view")
def list_organizations(call: Call) -> Any:
    """Organizations; asked for a client, each says whether that client is associated."""
    client = call.query.get("include_client_association_for")

    def view(call: Call, doc: Doc) -> Doc:
        if client is None:
            return doc
        link = CLIENTS.linked(call, doc["id"], client)
        return doc if link is None else {**doc, "client_association": visible(link)}

    return answer(call, ORGANIZATIONS.docs(call), ORGANIZATIONS.listing, view)


@family.verb("get_organizations_search", kind="view")
def search(call: Call) -> Any:
    """Organizations by a query."""
    listing = Listing(search="organizations", sort=True)
    return answer(call, ORGANIZATIONS.docs(call), listing, lambda call, doc: doc)


@family.verb("get_name_by_name", kind="view")
def by_name(call: Call) -> Any:
    """The organization of a name."""
    found = call.tx.find("organizations", "unique:name", (call.path["name"],))
    if not found:
        raise MISSING.problem()
    return answer_one(call, found[0])


def _organization(call: Call) -> str:
    """The key of the path's organization, which must be there."""
    key = call.path.get("id") or call.path["organization_id"]
    _SELF.require(call, key)
    return key


# --- members and their roles -------------------------------------------------------------------


def _member(call: Call, user: Doc) -> Doc:
    shown = ("user_id", "email", "picture", "name")
    return {name: user[name] for name in shown if name in user}


MEMBERS = Relation(
    "organization_members",
    _SELF,
    End("users", NO_USER, "user_id", "members"),
    view_right=_member,
)
MEMBERS.bind(family, list="get_organization_members", add="post_members")


@family.verb("delete_members")
def remove_members(call: Call) -> Any:
    """Members leave, and with them the roles that they had here."""
    organization = _organization(call)
    for user in call.body["members"]:
        MEMBERS.unlink(call, organization, user)
        for role in _roles(call, organization, user):
            call.tx.delete("member_roles", (organization, user, role))
    return None


family.index("member_roles", "member", lambda doc: [(doc["_organization"], doc["_left"])])
family.index("member_roles", "role", lambda doc: [(doc["_organization"], doc["_right"])])


def _roles(call: Call, organization: str, user: str) -> list[str]:
    return [link["_right"] for link in call.tx.find("member_roles", "member", (organization, user))]


def _member_of(call: Call) -> tuple[str, str]:
    organization, user = _organization(call), call.path["user_id"]
    if MEMBERS.linked(call, organization, user) is None:
        raise Problem(404, "No member found by that id", "inexistent_member")
    return organization, user


def _documents(call: Call, table: str, keys: list[str]) -> list[Doc]:
    found = (call.tx.get(table, key) for key in keys)
    return [doc for doc in found if doc is not None]


def _same(call: Call, doc: Doc) -> Doc:
    return doc


@family.verb("get_organization_member_roles", kind="relation")
@family.verb("get_organization_member_effective_roles", kind="view")
def member_roles(call: Call) -> Any:
    """The roles of a member in this organization."""
    organization, user = _member_of(call)
    docs = _documents(call, "roles", _roles(call, organization, user))
    return answer(call, docs, Listing(), _same)


@family.verb("get_organization_member_role_source_groups", kind="view")
def role_sources(call: Call) -> Any:
    """The groups through which a member has a role: those of the organization that grant it."""
    organization, user = _member_of(call)
    role = call.query["role_id"]
    groups = [
        key
        for key in _role_groups(call, organization, role)
        if call.tx.get("group_members", (key, user)) is not None
    ]
    return answer(call, _documents(call, "groups", groups), Listing(), _same)


@family.verb("post_organization_member_roles", kind="relation")
def add_member_roles(call: Call) -> Any:
    """Give a member roles in this organization."""
    organization, user = _member_of(call)
    for role in call.body["roles"]:
        if call.tx.get("roles", role) is None:
            raise NO_ROLE.problem()
        link: Doc = {"_organization": organization, "_left": user, "_right": role}
        call.tx.put("member_roles", (organization, user, role), link)
    return None


@family.verb("delete_organization_member_roles", kind="relation")
def remove_member_roles(call: Call) -> Any:
    """Take roles in this organization from a member."""
    organization, user = _member_of(call)
    for role in call.body["roles"]:
        call.tx.delete("member_roles", (organization, user, role))
    return None


@family.verb("get_organization_role_members", kind="view")
def role_members(call: Call) -> Any:
    """The members that have a role in this organization."""
    place = (_organization(call), call.path["role_id"])
    keys = [link["_left"] for link in call.tx.find("member_roles", "role", place)]
    return answer(call, _documents(call, "users", keys), Listing(), _member)


# --- groups ------------------------------------------------------------------------------------

family.index("organization_group_roles", "group", lambda doc: [(doc["_left"], doc["_group"])])
family.index("organization_group_roles", "role", lambda doc: [(doc["_left"], doc["_right"])])
family.index("organization_group_roles", "organization", lambda doc: [doc["_left"]])


def _role_groups(call: Call, organization: str, role: str) -> list[str]:
    links = call.tx.find("organization_group_roles", "role", (organization, role))
    return [link["_group"] for link in links]


def _group(call: Call) -> tuple[str, str]:
    organization, group = _organization(call), call.path["group_id"]
    if call.tx.get("groups", group) is None:
        raise Problem(404, "The group does not exist.", "inexistent_group")
    return organization, group


@family.verb("get_organization_groups", kind="view")
def groups(call: Call) -> Any:
    """The groups that have roles in this organization."""
    links = call.tx.find("organization_group_roles", "organization", _organization(call))
    keys = list(dict.fromkeys(link["_group"] for link in links))
    return answer(call, _documents(call, "groups", keys), Listing(), _same)


@family.verb("get_organization_group_roles", kind="relation")
def group_roles(call: Call) -> Any:
    """The roles that a group gives in this organization."""
    links = call.tx.find("organization_group_roles", "group", _group(call))
    return answer(call, _documents(call, "roles", [k["_right"] for k in links]), Listing(), _same)


@family.verb("post_organization_group_roles", kind="relation")
def add_group_roles(call: Call) -> Any:
    """Let a group give roles in this organization."""
    organization, group = _group(call)
    for role in call.body["roles"]:
        if call.tx.get("roles", role) is None:
            raise NO_ROLE.problem()
        link: Doc = {"_left": organization, "_group": group, "_right": role}
        call.tx.put("organization_group_roles", (organization, group, role), link)
    return None


@family.verb("delete_organization_group_roles", kind="relation")
def remove_group_roles(call: Call) -> Any:
    """Stop a group from giving roles in this organization."""
    organization, group = _group(call)
    for role in call.body["roles"]:
        call.tx.delete("organization_group_roles", (organization, group, role))
    return None


@family.verb("get_organization_role_groups", kind="view")
def role_groups(call: Call) -> Any:
    """The groups that give a role in this organization."""
    keys = _role_groups(call, _organization(call), call.path["role_id"])
    return answer(call, _documents(call, "groups", keys), Listing(), _same)


# --- connections -------------------------------------------------------------------------------

CONNECTIONS = Relation(
    "organization_connections", _SELF, End("connections", NO_CONNECTION, "connection_id")
)
CONNECTIONS.bind(family)
_OLD = ("connection_id", "assign_membership_on_login", "is_signup_enabled", "show_as_button")


def _connect(call: Call, organization: str, given: Doc) -> Doc:
    key = given["connection_id"]
    connection = CONNECTIONS.right.require(call, key)
    if CONNECTIONS.linked(call, organization, key) is not None:
        raise Problem(
            409, "The connection is already enabled for this organization", "connection_conflict"
        )
    said: Doc = {
        "assign_membership_on_login": False,
        "show_as_button": True,
        "is_enabled": True,
        "organization_access_level": "none",
        **({"is_signup_enabled": False} if connection.get("strategy") == "auth0" else {}),
        **given,
    }
    # The older operations leave signing up out of an answer where nobody said anything of it.
    said["_signup_said"] = "is_signup_enabled" in given
    return CONNECTIONS.link(call, organization, key, **said)


def _connected(call: Call) -> Doc:
    """The link of the path's connection to the path's organization."""
    key = call.path.get("connection_id") or call.path["connectionId"]
    link = CONNECTIONS.linked(call, _organization(call), key)
    if link is None:
        raise NO_CONNECTION.problem()
    return link


def _connection(call: Call, link: Doc) -> Doc:
    connection = call.tx.get("connections", link["_right"]) or {}
    about = {name: connection[name] for name in ("name", "strategy") if name in connection}
    return {**visible(link), "connection": about}


def _old_connection(call: Call, link: Doc) -> Doc:
    whole = _connection(call, link)
    names = [name for name in _OLD if name in whole]
    if not link["_signup_said"]:
        names = [name for name in names if name != "is_signup_enabled"]
    return {**{name: whole[name] for name in names}, "connection": whole["connection"]}


def _said(call: Call) -> Doc:
    link = _connected(call)
    new = merged(link, call.body or {})
    new["_signup_said"] = link["_signup_said"] or "is_signup_enabled" in (call.body or {})
    return call.tx.put(CONNECTIONS.table, (link["_left"], link["_right"]), new)


@family.verb("get_organization_connections", kind="relation")
def connections(call: Call) -> Any:
    """The connections of an organization, disabled ones included unless asked otherwise."""
    links = call.tx.find(CONNECTIONS.table, "left", _organization(call))
    listing = Listing(filters={"is_enabled": equals("is_enabled")})
    return answer(call, links, listing, _connection)


@family.verb("get_enabled_connections", kind="relation")
def enabled_connections(call: Call) -> Any:
    """The enabled connections of an organization, in the older form."""
    links = call.tx.find(CONNECTIONS.table, "left", _organization(call))
    enabled = [link for link in links if link["is_enabled"]]
    page = answer(call, enabled, Listing(), _old_connection)
    if is_object(page) and "limit" in page:
        # The older list gives the number of items shown as its limit.
        page = {**page, "limit": len(page["enabled_connections"])}
    return page


@family.verb("post_organization_connection", kind="relation")
def add_connection(call: Call) -> Any:
    """Give an organization a connection."""
    return visible(_connection(call, _connect(call, _organization(call), call.body)))


@family.verb("post_enabled_connections", kind="relation")
def enable_connection(call: Call) -> Any:
    """Give an organization a connection; the older form."""
    return visible(_old_connection(call, _connect(call, _organization(call), call.body)))


@family.verb("get_organization_connection", kind="relation")
def get_connection(call: Call) -> Any:
    """One connection of an organization."""
    return _connection(call, _connected(call))


@family.verb("get_enabled_connections_by_connectionId", kind="relation")
def get_enabled_connection(call: Call) -> Any:
    """One connection of an organization; the older form."""
    return _old_connection(call, _connected(call))


@family.verb("patch_organization_connection", kind="relation")
def change_connection(call: Call) -> Any:
    """Change what an organization says of a connection."""
    return _connection(call, _said(call))


@family.verb("patch_enabled_connections_by_connectionId", kind="relation")
def change_enabled_connection(call: Call) -> Any:
    """Change what an organization says of a connection; the older form."""
    return _old_connection(call, _said(call))


@family.verb("delete_organization_connection", kind="relation")
@family.verb("delete_enabled_connections_by_connectionId", kind="relation")
def remove_connection(call: Call) -> Any:
    """Take a connection from an organization; answers alike where it had none."""
    key = call.path.get("connection_id") or call.path["connectionId"]
    CONNECTIONS.unlink(call, _organization(call), key)
    return None


# --- clients -----------------------------------------------------------------------------------

CLIENTS = Relation("organization_clients", _SELF, End("clients", NO_CLIENT, "client_id"))
CLIENTS.bind(family)


def _client(call: Call, link: Doc) -> Doc:
    client = call.tx.get("clients", link["_right"]) or {}
    shown = ("name", "is_first_party", "grant_types")
    return {**visible(link), "client": {name: client[name] for name in shown if name in client}}


def _client_link(call: Call) -> Doc:
    link = CLIENTS.linked(call, _organization(call), call.path["client_id"])
    if link is None:
        raise NO_CLIENT.problem()
    return link


@family.verb("get_organization_clients", kind="relation")
def clients(call: Call) -> Any:
    """The clients that an organization says something about."""
    links = call.tx.find(CLIENTS.table, "left", _organization(call))
    return answer(call, links, Listing(), _client)


@family.verb("post_organization_clients", kind="relation")
def add_clients(call: Call) -> Any:
    """Associate clients with an organization."""
    organization = _organization(call)
    shown: list[Doc] = []
    for given in call.body["clients"]:
        CLIENTS.right.require(call, given["client_id"])
        link = CLIENTS.link(call, organization, given["client_id"], **given)
        shown.append(_client(call, link))
    return Reply(201, shown)


@family.verb("delete_organization_clients", kind="relation")
def remove_clients(call: Call) -> Any:
    """End the association of clients with an organization."""
    organization = _organization(call)
    for client in call.body["clients"]:
        CLIENTS.unlink(call, organization, client)
    return None


@family.verb("get_organization_client", kind="relation")
def get_client(call: Call) -> Any:
    """What an organization says about one client."""
    return _client(call, _client_link(call))


@family.verb("patch_organization_client", kind="relation")
def change_client(call: Call) -> Any:
    """Change what an organization says about one client."""
    link = _client_link(call)
    key = (link["_left"], link["_right"])
    return _client(call, call.tx.put(CLIENTS.table, key, merged(link, call.body or {})))


# --- client grants -----------------------------------------------------------------------------

GRANTS = Relation("organization_client_grants", _SELF, End("client_grants", NO_GRANT, "grant_id"))
GRANTS.bind(family)


@family.verb("get_organization-client-grants", kind="relation")
def client_grants(call: Call) -> Any:
    """The client grants assigned to an organization."""
    listing = Listing(
        filters={
            "audience": equals("audience"),
            "client_id": equals("client_id"),
            "grant_ids": equals("id"),
        }
    )
    return answer(call, GRANTS.rights(call, _organization(call)), listing, _same)


@family.verb("create_organization-client-grants", kind="relation")
def add_client_grant(call: Call) -> Any:
    """Assign a client grant to an organization."""
    organization, key = _organization(call), call.body["grant_id"]
    grant = GRANTS.right.require(call, key)
    GRANTS.link(call, organization, key)
    # A live tenant names the grant ``grant_id`` here, where the list says ``id``.
    shown = ("client_id", "audience", "scope")
    return {"grant_id": key, **{name: grant[name] for name in shown if name in grant}}


@family.verb("delete_client-grants_by_grant_id", kind="relation")
def remove_client_grant(call: Call) -> Any:
    """Take a client grant from an organization."""
    GRANTS.unlink(call, _organization(call), call.path["grant_id"])
    return None


# --- invitations -------------------------------------------------------------------------------


def _later(call: Call, seconds: float) -> str:
    moment = datetime.fromtimestamp(call.time() + seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _invitation(call: Call, doc: Doc) -> Doc:
    """The ticket, its address and its end."""
    client = call.tx.get("clients", doc["client_id"])
    if client is None:
        raise NO_CLIENT.problem()
    organization = _SELF.require(call, call.path["id"])
    ticket = call.secret(32).replace("-", "A").replace("_", "B")
    login = client.get("initiate_login_uri") or f"https://{call.domain}/login"
    doc = dict(doc)
    seconds = doc.pop("ttl_sec", None) or _INVITATION_SECONDS
    doc.pop("send_invitation_email", None)
    return {
        **doc,
        "invitation_url": f"{login}?invitation={ticket}&organization={organization['id']}"
        f"&organization_name={organization['name']}",
        "ticket_id": ticket,
        "created_at": call.now(),
        "expires_at": _later(call, seconds),
        "organization_id": organization["id"],
    }


INVITATIONS = Collection(
    "invitations",
    new_id=letters(16, "uinv_"),
    missing=Missing("The invitation does not exist.", "inexistent_invitation"),
    parent=Parent("organizations", "id", MISSING),
    listing=Listing(sort=True),
    prepare=_invitation,
)
INVITATIONS.bind(
    family,
    list="get_invitations",
    get="get_invitations_by_invitation_id",
    delete="delete_invitations_by_invitation_id",
)


@family.verb("post_invitations", kind="collection")
def invite(call: Call) -> Any:
    """Invite somebody; a live tenant answers 201 where the contract says 200."""
    return Reply(201, INVITATIONS.create(call))


# --- discovery domains -------------------------------------------------------------------------


def _domain(call: Call, doc: Doc) -> Doc:
    """What the owner of a domain must publish to prove it."""
    from hashlib import md5

    host = f"_ss-verification.{call.path['id']}.{doc['domain']}"
    proof = md5(call.secret().encode(), usedforsecurity=False).hexdigest()
    return {**doc, "verification_host": host, "verification_txt": proof}


DOMAINS = Collection(
    "discovery_domains",
    new_id=base58(22, "ord_"),
    missing=Missing("The discovery domain does not exist", "inexistent_discovery_domain"),
    unique=(
        Unique(
            ("_organizations", "domain"),
            "A discovery domain with this name already exists.",
            "discovery_domain_conflict",
            fold=True,
        ),
    ),
    defaults={"status": "pending", "use_for_organization_discovery": True},
    parent=Parent("organizations", "id", MISSING),
    prepare=_domain,
)
DOMAINS.bind(
    family,
    list="get_discovery-domains",
    create="post_discovery-domains",
    get="get_discovery-domains_by_discovery_domain_id",
    update="patch_discovery-domains_by_discovery_domain_id",
    delete="delete_discovery-domains_by_discovery_domain_id",
)


@family.verb("get_name_by_discovery_domain", kind="view")
def domain_by_name(call: Call) -> Any:
    """The discovery domain of a name."""
    place = (_organization(call), call.path["discovery_domain"].lower())
    found = call.tx.find("discovery_domains", "unique:_organizations,domain", place)
    if not found:
        raise DOMAINS.missing.problem()
    return answer_one(call, found[0])
