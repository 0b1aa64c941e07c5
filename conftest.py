"""Plugins of this project's own tests, besides its own, which is installed with it.

Every response of the fake is validated against the contract while these tests run, and bytecode
is kept: else each of the processes that they start would compile all that it imports.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ.setdefault("AUTH0_FAKE_CHECK_RESPONSES", "1")

pytest_plugins = ["pytester", "tests.operations_called", "tests.response_shapes"]
