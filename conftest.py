"""Plugins that this project's own tests need, besides its own, which is installed with it."""

pytest_plugins = ["pytester", "tests.operations_called"]
