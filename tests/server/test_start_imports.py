"""What a server does without until it needs it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer
TenantServer(ServerOptions()).close()
print(sorted({"httpx", "rich", "pygments", "cryptography", "respx"} & sys.modules.keys()))
"""


def test_a_server_is_ready_without_what_it_may_never_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
