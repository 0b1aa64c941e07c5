"""Plugins that this project's own tests need."""

from __future__ import annotations

from importlib.metadata import entry_points

# An installation from before the entry point does not load the plugin by itself.
_installed = "auth0" in entry_points(group="pytest11").names

pytest_plugins = ["pytester"] if _installed else ["pytester", "auth0_mgmt_testing.plugin"]
