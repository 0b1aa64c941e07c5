"""Which collections are linked: each relation once, for all modules that read or change it."""

from __future__ import annotations

from ..behaviours import Relation

CONNECTION_CLIENTS = Relation("connection_clients", "connections", "clients")
GROUP_MEMBERS = Relation("group_members", "groups", "users")
GROUP_ROLES = Relation("group_roles", "groups", "roles")
ORGANIZATION_CLIENT_GRANTS = Relation(
    "organization_client_grants", "organizations", "client_grants"
)
ORGANIZATION_CLIENTS = Relation("organization_clients", "organizations", "clients")
ORGANIZATION_CONNECTIONS = Relation("organization_connections", "organizations", "connections")
ORGANIZATION_MEMBERS = Relation("organization_members", "organizations", "users")
ORGANIZATION_TEMPLATE_ASSIGNMENTS = Relation(
    "organization_template_assignments", "organizations", "organization_templates"
)
ROLE_PERMISSIONS = Relation("role_permissions", "roles")
USER_PERMISSIONS = Relation("user_permissions", "users")
USER_ROLES = Relation("user_roles", "users", "roles")
