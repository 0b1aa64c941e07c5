"""`Credentials`: how an application under test authenticates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_mgmt._auth import Auth


@dataclass(frozen=True, slots=True)
class Credentials:
    """How an application under test authenticates with the tenant.

    Either a machine-to-machine client's id and secret, or a ready ``token``.
    """

    domain: str
    """The tenant's host name, as it appears in documents and tokens."""
    url: str
    """The URL that the tenant is reached at."""
    audience: str
    """The Management API's identifier at this tenant."""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def auth(self) -> Auth:
        """These credentials as the ``auth=`` of a `Management`."""
        from auth0_mgmt import ClientCredentials

        if self.token:
            return self.token
        return ClientCredentials(self.client_id, self.client_secret, audience=self.audience)

    def environment(self) -> dict[str, str]:
        """These credentials as environment variables, for ``monkeypatch`` or a subprocess."""
        variables = {
            "AUTH0_DOMAIN": self.domain,
            "AUTH0_URL": self.url,
            "AUTH0_AUDIENCE": self.audience,
            "AUTH0_CLIENT_ID": self.client_id,
            "AUTH0_CLIENT_SECRET": self.client_secret,
            "AUTH0_TOKEN": self.token,
        }
        return {name: value for name, value in variables.items() if value}
