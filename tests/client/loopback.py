"""A real HTTP/1.1 server on the loopback, for what only sockets show."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]


CLIENT_PORT = "x-client-port"
"""A header that the server adds to requests: the port that the connection comes from."""


def echo(method: str, path: str, headers: dict[str, str]) -> Reply:
    """A user whose id is the requested one and whose name is the client's port, after 2 ms."""
    time.sleep(0.002)
    user = {"user_id": path.rpartition("/")[2], "name": headers[CLIENT_PORT]}
    body = json.dumps(user).encode()
    return 200, {"content-type": "application/json"}, body


@contextmanager
def served(reply: Callable[[str, str, dict[str, str]], Reply] = echo) -> Generator[str]:
    """A server that keeps connections alive; yields its origin."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            sent = {name.lower(): value for name, value in self.headers.items()}
            sent[CLIENT_PORT] = str(self.client_address[1])
            status, headers, body = reply(self.command, self.path, sent)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

        def log_message(self, format: str, *args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
