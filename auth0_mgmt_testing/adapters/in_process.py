"""The tenants that are entered: every HTTP library of the process is connected to them.

httpx is patched by respx, one router for each tenant. For the other libraries there is one set of
patches, put in place when the first tenant is entered and removed when the last one is left. A
library that is imported in between is patched when it is imported.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import respx

if TYPE_CHECKING:
    from ._protocol import Hosts, RequestHandler

ADAPTERS = {
    "http.client": "http_client",
    "urllib3.connection": "http_client",
    "aiohttp.connector": "aiohttp",
    "httpx2": "httpx2",
}
"""The module of a library that is patched, and the adapter that does it."""
_DEFAULT_PORTS = (None, 80, 443)


class Libraries:
    """The patches of the libraries other than httpx."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tenants: list[RequestHandler] = []
        self._patches: list[Any] = []
        self._finder = _Finder(self._patch)

    def tenant(self, host: str | None, port: int | None) -> RequestHandler | None:
        """The entered tenant with this host name, of several the one entered last."""
        name = (host or "").rstrip(".").lower()
        for tenant in reversed(self._tenants):
            its_host, _, its_port = tenant.domain.lower().partition(":")
            if name == its_host and (str(port) == its_port if its_port else port in _DEFAULT_PORTS):
                return tenant
        return None

    def add(self, tenant: RequestHandler) -> None:
        with self._lock:
            self._tenants.append(tenant)
            if len(self._tenants) > 1:
                return
            sys.meta_path.insert(0, self._finder)
            importlib.import_module("http.client")
            for name in ADAPTERS:
                if name in sys.modules:
                    self._patch(sys.modules[name])

    def remove(self, tenant: RequestHandler) -> None:
        with self._lock:
            # The last one that is this very tenant: it may have been entered twice.
            at = max(i for i, entered in enumerate(self._tenants) if entered is tenant)
            del self._tenants[at]
            if self._tenants:
                return
            sys.meta_path.remove(self._finder)
            while self._patches:
                self._patches.pop().stop()

    def _patch(self, module: ModuleType) -> None:
        adapter = importlib.import_module(f".{ADAPTERS[module.__name__]}", __package__)
        make: Callable[[ModuleType, Hosts], Iterator[Any]] = adapter.patches
        with self._lock:
            if not self._tenants:
                return  # left while another thread imported the library
            for patch in make(module, self):
                patch.start()
                self._patches.append(patch)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the libraries to patch, to patch them as soon as they are imported."""

    def __init__(self, patch: Callable[[ModuleType], None]) -> None:
        self._patch = patch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in ADAPTERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._patch)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads a module as its own loader does, and patches it."""

    def __init__(self, loader: Any, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._patch(module)


LIBRARIES = Libraries()


class Entered:
    """A tenant that every HTTP library of the process is connected to, until `stop`."""

    def __init__(self, tenant: RequestHandler) -> None:
        self._tenant = tenant
        self._router = respx.patch(tenant)
        self._router.start()
        LIBRARIES.add(tenant)

    def stop(self, quiet: bool = False) -> None:
        LIBRARIES.remove(self._tenant)
        self._router.stop(quiet=quiet)
