"""The control of a served tenant, over HTTP: everything that `FakeTenant` does, from any process.

`wire` sends requests to the control API; `parts` and `collections` are what a tenant consists of,
`tenant` puts them together.
"""

from .tenant import RemoteTenant as RemoteTenant
