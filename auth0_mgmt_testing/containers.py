"""A fake tenant in a container, by Testcontainers: the extra ``auth0-mgmt[containers]``.

The image is the one of the project's Dockerfile: ``docker build -t auth0-fake .``
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from .adapters.local_authority import BUNDLE, CERTIFICATE
from .engine.hosts import TENANT_PATH
from .errors import MissingExtraError, ServerStartError
from .remote import RemoteTenant
from .server.authority import trust_variables
from .state.files import write_private

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy
except ModuleNotFoundError as error:
    raise MissingExtraError(
        "auth0_mgmt_testing.containers needs Testcontainers: pip install 'auth0-mgmt[containers]'",
        name=error.name,
    ) from error

IMAGE = "auth0-fake"
PORT = 8400
"""The port of the server inside of its container."""
_DATA = "/data"
"""The data folder of the server inside of its container."""
_ALLOW_HOST = "AUTH0_FAKE_SERVE_ALLOW_HOST"
_START_SECONDS = 60
_POLL_SECONDS = 0.1


class Auth0FakeContainer(DockerContainer):
    """A served fake tenant in a container of its own, published at a free port of this machine.

    A context manager that starts and stops it. Everything that Testcontainers has works on it, too:
    ``with_network``, ``with_volume_mapping`` (state and authority are in ``/data``), ``with_env``
    (``AUTH0_FAKE_SERVE_…``, one for each option of ``auth0-fake serve``) …
    """

    def __init__(self, image: str = IMAGE, *, tls: bool = False, **options: Any) -> None:
        """``tls``: serve HTTPS. Options as in `testcontainers.core.container.DockerContainer`."""
        super().__init__(image, **options)
        self._tls = tls
        self._resources = ExitStack()
        self._verify: ssl.SSLContext | bool = True
        self._trust: dict[str, str] = {}
        self.with_exposed_ports(PORT)
        ready = HttpWaitStrategy(PORT, "/__fake/health")
        if tls:
            self.with_env("AUTH0_FAKE_SERVE_TLS", "1")
            ready.using_tls(insecure=True)  # its authority is new
        self.waiting_for(
            ready.with_startup_timeout(_START_SECONDS).with_poll_interval(_POLL_SECONDS)
        )

    def start(self) -> Self:
        """Start the container; return when the tenant responds.

        Raises `ServerStartError` where no container of the image can be made.
        """
        self._allow_hosts()
        try:
            super().start()
        except Exception as error:  # the library's, which has no types
            if self._container is not None:
                raise
            raise ServerStartError(
                f"no container of {self.image!r} can be made: {error}; its image is built from the "
                f"project's Dockerfile: docker build -t {IMAGE} ."
            ) from error
        if self._tls:
            self._learn_authority()
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Stop and remove the container; its tenants' connections are closed."""
        self._resources.close()
        super().stop(force, delete_volume)

    @property
    def url(self) -> str:
        """Where this machine reaches the tenant."""
        host, port = self.get_container_host_ip(), self.get_exposed_port(PORT)
        return f"{'https' if self._tls else 'http'}://{host}:{port}"

    @property
    def domain(self) -> str:
        """The domain for an SDK: host and port, as for this machine."""
        return self.environment()["AUTH0_DOMAIN"]

    def tenant(self, name: str = "") -> RemoteTenant:
        """The control of the tenant, or of another one of the server, created on first use."""
        return self._resources.enter_context(self._connect(name))

    def environment(self, name: str = "") -> dict[str, str]:
        """The environment variables of a client on this machine, those for TLS included."""
        with self._connect(name) as tenant:
            return {**tenant.environment(), **self._trust}

    def _connect(self, name: str) -> RemoteTenant:
        url = f"{self.url}{TENANT_PATH}{name}" if name else self.url
        return RemoteTenant(url, verify=self._verify)

    def _allow_hosts(self) -> None:
        """Let the server accept the names that the container is reached by."""
        daemon = self.get_docker_client()
        client: Any = daemon.client  # of a package without types
        gateways = [
            _gateway(config)
            for network in client.networks.list()
            for config in network.attrs["IPAM"]["Config"] or ()
        ]
        given = self.env.get(_ALLOW_HOST, "auth0").split()
        names = (*given, *(self._network_aliases or ()), daemon.host(), *gateways)
        self.with_env(_ALLOW_HOST, " ".join(dict.fromkeys(names)))

    def _learn_authority(self) -> None:
        """Copy the certificate of the server's authority, so that its clients can trust it."""
        folder = Path(self._resources.enter_context(TemporaryDirectory()))
        for name in (CERTIFICATE, BUNDLE):
            found = self.exec(["cat", f"{_DATA}/{name}"])
            if found.exit_code != 0:
                raise ServerStartError(f"{self.image!r} has no {_DATA}/{name}: {found.output!r}")
            write_private(folder / name, found.output)
        self._trust = trust_variables(folder / CERTIFICATE, folder / BUNDLE)
        self._verify = ssl.create_default_context(cafile=folder / CERTIFICATE)


def _gateway(config: Mapping[str, str]) -> str:
    """The address of the daemon's machine in one of its networks, by default the first."""
    return config.get("Gateway") or str(next(ip_network(config["Subnet"]).hosts()))
