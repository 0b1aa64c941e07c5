"""The typed collections of the fake tenant, one for each in its registry: source on stdout.

    python -m tools.generate.collections

A program of its own, because it needs the generated client and the fake as they are once everything
else is written. A collection that has a property in `TenantCollections` is typed there.
"""

from __future__ import annotations

from typing import Any

from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.setup.access import Collection
from auth0_mgmt_testing.setup.collections import TenantCollections


def source() -> str:
    """The module that declares every collection which has no property."""
    tenant = FakeTenant()
    homes: set[str] = set()
    attributes: list[str] = []
    for name in sorted(tenant.collection_names()):
        if name in vars(TenantCollections):
            continue
        collection: Collection[Any] = getattr(tenant, name)
        home, _, model = (collection.model_name() or "_base.Model").partition(".")
        homes.add(home)
        attributes.append(f"        {name}: OtherCollection[m_{home.strip('_')}.{model}]")
    imports = "".join(
        f"    from auth0_mgmt.models import {home} as m_{home.strip('_')}\n"
        for home in sorted(homes)
    )
    declared = "\n".join(attributes)
    return f'''"""The collections of a tenant whose fields are not spelled out, for type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
{imports}
    from .access import OtherCollection

class GeneratedCollections:
    """What `TenantCollections.__getattr__` returns."""

    if TYPE_CHECKING:
{declared}
'''


if __name__ == "__main__":
    print(source(), end="")
