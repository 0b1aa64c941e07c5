"""The collections of a served tenant: typed as those of `FakeTenant`, read and written over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import quote

from .._registry import registry
from ..actions.program import TRUST
from ..actions.runner import ActionRun, read_run
from ..errors import MissingDocumentError
from ..setup.access import Collection, M, to_json
from ..setup.action_collection import ActionCollection, ActionExecution, read_execution
from .wire import Wire

C = TypeVar("C", bound=Collection[Any])


class RemoteCollection(Collection[M]):
    """Reads and writes over HTTP what a `Collection` reads and writes in the state."""

    def __init__(self, wire: Wire, family: str) -> None:
        self._wire = wire
        self._family = family
        self._collection = registry().collections[family]

    def __getitem__(self, key: str) -> M:
        return self._read(self._wire.call("GET", self._place(key), secrets="true"))

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or not key:
            return False
        try:
            self._wire.call("GET", self._place(key))
        except MissingDocumentError:
            return False
        return True

    def __len__(self) -> int:
        return int(self._wire.call("GET", f"collections/{self._family}", limit=0)["total"])

    def keys(self) -> list[str]:
        found: list[str] = self._wire.call("GET", f"collections/{self._family}/keys")
        return found

    def __delitem__(self, key: str) -> None:
        self._wire.call("DELETE", self._place(key))

    def update(self, key: str, /, **fields: Any) -> M:
        body = self._checked(fields)
        return self._read(self._wire.call("PATCH", self._place(key), body, secrets="true"))

    def put(self, fields: Mapping[str, Any]) -> M:
        path = f"collections/{self._family}/documents"
        return self._read(self._wire.call("POST", path, self._checked(fields), secrets="true"))

    def __repr__(self) -> str:
        return f"<{len(self)} {self._family} at {self._wire.url}>"

    def _place(self, key: str) -> str:
        return f"collections/{self._family}/documents/{quote(str(key), safe='')}"

    def _read(self, value: Any) -> M:
        from auth0_mgmt.models._base import read_json

        return read_json(self._model(), json.dumps(value).encode())


class RemoteActionCollection(RemoteCollection[Any], ActionCollection):
    """The same for actions, whose code runs on the server."""

    def run(
        self,
        action: Any,
        event: Mapping[str, Any] | None = None,
        *,
        trigger: Any = None,
        user: Any = None,
        client: Any = None,
        resumed: bool = False,
    ) -> ActionRun:
        body = {
            "action": _id(action, "id"),
            "event": to_json(event or {}),
            "trigger": trigger,
            "user": _id(user, "user_id"),
            "client": _id(client, "client_id"),
            "resumed": resumed,
        }
        return read_run(self._wire.call("POST", "action-runs", body))

    def bind(self, trigger: Any, *actions: Any) -> None:
        given = [_id(action, "id") for action in actions]
        self._wire.call("POST", "action-bindings", {"trigger": trigger, "actions": given})

    def executions(self) -> list[ActionExecution]:
        return [read_execution(each) for each in self._wire.call("GET", "action-executions")]

    @property
    def time_limit(self) -> float:
        return float(self._wire.call("GET", "action-limits")["time_limit"])

    @time_limit.setter
    def time_limit(self, seconds: float) -> None:
        self._wire.call("PATCH", "action-limits", {"time_limit": seconds})

    @property
    def memory_limit(self) -> int:
        return int(self._wire.call("GET", "action-limits")["memory_limit"])

    @memory_limit.setter
    def memory_limit(self, size: int) -> None:
        self._wire.call("PATCH", "action-limits", {"memory_limit": size})

    @property
    def trusted(self) -> bool:
        return bool(self._wire.call("GET", "action-limits")["trusted"])

    @trusted.setter
    def trusted(self, trusted: bool) -> None:
        raise TypeError(f"a server's actions are not trusted from elsewhere: {TRUST}")

    @property
    def http_client(self) -> Any:
        """None: the server sends the requests of the code's ``fetch`` itself."""
        return None

    @http_client.setter
    def http_client(self, client: Any) -> None:
        raise TypeError(
            "the code of a served tenant's actions runs on the server: it has no client"
        )


def remote_collection(kind: type[C], wire: Wire, family: str) -> C:
    """The collection of a served tenant with the fields and models of a kind."""
    made = _KINDS.get(kind)
    if made is None:
        made = _KINDS[kind] = _remote(kind)
    return cast("C", made(wire, family))


_KINDS: dict[type[Any], Any] = {}


def _remote(kind: type[Any]) -> Any:
    over = RemoteActionCollection if issubclass(kind, ActionCollection) else RemoteCollection
    return type(f"Remote{kind.__name__}", (over, kind), {"__doc__": kind.__doc__})


def _id(value: Any, name: str) -> Any:
    return value if value is None or isinstance(value, str) else getattr(value, name)
