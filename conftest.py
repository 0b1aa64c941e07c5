"""Plugins of this project's own tests, besides its own, which is installed with it.

Every response of the fake is validated against the contract while these tests run.
"""

import os

os.environ.setdefault("AUTH0_FAKE_CHECK_RESPONSES", "1")

pytest_plugins = ["pytester", "tests.operations_called"]
