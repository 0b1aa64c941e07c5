"""Who belongs to a team, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping

from auth0_mgmt import ClientCredentials, ConflictError, Management

DATABASE = "Username-Password-Authentication"


class Members:
    """The members of a team: users of a tenant who have one of the team's roles."""

    def __init__(self, mgmt: Management) -> None:
        self._mgmt = mgmt

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Members:
        """As the deployed application starts: by AUTH0_URL and a client's id and secret."""
        auth = ClientCredentials(environment["AUTH0_CLIENT_ID"], environment["AUTH0_CLIENT_SECRET"])
        audience = environment.get("AUTH0_AUDIENCE")
        return cls(Management(environment["AUTH0_URL"], auth, audience=audience))

    def close(self) -> None:
        self._mgmt.close()

    def join(self, email: str, password: str, role_id: str) -> str:
        """Make somebody a member; gives the user's id. Who is known keeps their account.

        If the role cannot be given, an account that was made for it goes again.
        """
        try:
            user = self._mgmt.users.create(
                connection=DATABASE, email=email, password=password, verify_email=False
            )
            user_id, is_new = str(user.user_id), True
        except ConflictError:
            user_id, is_new = (
                str(self._mgmt.users.list_users_by_email(email=email)[0].user_id),
                False,
            )
        try:
            self._mgmt.users.roles.assign(user_id, roles=[role_id])
        except Exception:
            if is_new:
                self._mgmt.users.delete(user_id)
            raise
        return user_id

    def of(self, role_id: str) -> list[str]:
        """The names of those who have a role, sorted."""
        return sorted(str(user.name) for user in self._mgmt.roles.users.list(role_id))
