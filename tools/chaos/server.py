"""A server on the loopback that resets, stalls, truncates, lies about lengths and sends bombs.

It speaks HTTP/1.1 over bare sockets. Every request takes effect once (it is counted by its
``x-call`` header) and the response shows the call's fault; later attempts of a call
succeed, so that a client that retries wrongly is seen to repeat a write.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache

JSON = b"content-type: application/json\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n" + JSON


def _sized(body: bytes, more: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return HEAD + more + b"content-length: %d\r\n\r\n" % size + body


GOOD = _sized(
    json.dumps({"user_id": "u", "id": "r", "name": "r", "users": [], "roles": []}).encode()
)


@cache
def bomb() -> bytes:
    """64 MiB of zeros, packed."""
    return gzip.compress(bytes(64 * 2**20))


def _redirect(status: int) -> bytes:
    return b"HTTP/1.1 %d X\r\nlocation: http://127.0.0.1:9/x\r\ncontent-length: 0\r\n\r\n" % status


FAULTS: dict[str, Callable[[], bytes]] = {
    "close before a response": lambda: b"",
    "reset before a response": lambda: b"",
    "stall before a response": lambda: b"",
    "close in the head": lambda: HEAD[:9],
    "close after the head": lambda: HEAD + b"content-length: 20\r\n\r\n",
    "close in the body": lambda: _sized(b'{"user_id":', length=500),
    "reset in the body": lambda: _sized(b'{"user_id":', length=500),
    "stall in the body": lambda: _sized(b'{"user_id":', length=500),
    "a length that is too small": lambda: _sized(b'{"user_id": "u"}', length=3),
    "a negative length": lambda: _sized(b"{}", length=-5),
    "a length of letters": lambda: HEAD + b"content-length: many\r\n\r\n{}",
    "two lengths": lambda: _sized(b"{}", b"content-length: 7\r\n"),
    "a huge length": lambda: HEAD + b"content-length: 99999999999999\r\n\r\n{}",
    "chunks without an end": lambda: HEAD + b'transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
    "chunks of nonsense": lambda: HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "not HTTP": lambda: b"\x00\xff\x16\x03\x01 nonsense\r\n\r\n",
    "an odd status line": lambda: b"HTTP/1.1 abc OK\r\n\r\n",
    "status 999": lambda: b"HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n",
    "a header without end": lambda: HEAD + b"x-long: " + b"a" * 200_000,
    "a header of odd bytes": lambda: HEAD + b"x-\xff: \xff\xfe\r\ncontent-length: 2\r\n\r\n[]",
    "gzip that is none": lambda: _sized(b"nonsense", b"content-encoding: gzip\r\n"),
    "gzip that ends early": lambda: _sized(
        gzip.compress(b"x" * 999)[:-9], b"content-encoding: gzip\r\n"
    ),
    "an encoding that was not requested": lambda: _sized(b"x", b"content-encoding: br\r\n"),
    "a bomb": lambda: _sized(bomb(), b"content-encoding: gzip\r\n"),
    "an empty body": lambda: _sized(b""),
    "not JSON": lambda: _sized(b"<html>"),
    "not UTF-8": lambda: _sized(b'{"user_id": "\xff\xfe"}'),
    "deep JSON": lambda: _sized(b"[" * 100_000),
    "JSON of another kind": lambda: _sized(b'"text"'),
    "a huge number": lambda: _sized(b'{"user_id": 1e999, "logins_count": ' + b"9" * 5_000 + b"}"),
    "204 with a body": lambda: b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}",
    "301": lambda: _redirect(301),
    "307": lambda: _redirect(307),
    "304": lambda: b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "400 of nonsense": lambda: b"HTTP/1.1 400 X\r\ncontent-length: 9\r\n\r\n[[[[[[[[[",
    "429 for a million years": lambda: (
        b"HTTP/1.1 429 X\r\nx-ratelimit-reset: 99999999999999\r\ncontent-length: 0\r\n\r\n"
    ),
    "503 with an odd wait": lambda: (
        b"HTTP/1.1 503 X\r\nretry-after: 1e999\r\ncontent-length: 0\r\n\r\n"
    ),
}
_STALLS = frozenset(name for name in FAULTS if name.startswith("stall"))
_RESETS = frozenset(name for name in FAULTS if name.startswith("reset"))
_CLOSES = frozenset(FAULTS) - _STALLS


class ChaosServer:
    """The server; a call says with ``x-fault`` what goes wrong, with ``x-call`` which it is."""

    def __init__(self) -> None:
        self.effects: Counter[str] = Counter()
        """How often every call took effect."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop accepting connections and let the stalled ones go."""
        self._stop.set()
        self._socket.close()

    def __enter__(self) -> ChaosServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        buffer = b""
        with suppress(OSError), connection:
            while not self._stop.is_set():
                while b"\r\n\r\n" not in buffer:
                    data = connection.recv(65_536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                headers = _headers(head)
                length = int(headers.get("content-length", "0"))
                while len(buffer) < length:
                    buffer += connection.recv(65_536)
                buffer = buffer[length:]
                if not self._answer(connection, headers):
                    return

    def _answer(self, connection: socket.socket, headers: dict[str, str]) -> bool:
        """Respond to a request; return whether the connection stays open."""
        call, fault = headers.get("x-call", ""), headers.get("x-fault", "")
        with self._lock:
            self.effects[call] += 1
            first = self.effects[call] == 1
        if not first or fault not in FAULTS:
            connection.sendall(GOOD)
            return True
        connection.sendall(FAULTS[fault]())
        if fault in _STALLS:
            self._stop.wait(30)
        elif fault in _RESETS:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return fault not in _CLOSES


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {
        name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, _, value in pairs
    }
