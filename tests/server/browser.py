"""A headless Chromium, driven over its DevTools pipe: no driver and no package is needed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WAIT = 20.0
_CONNECT = """
import os, sys
read, write = (os.dup(int(number)) for number in sys.argv[1:3])
while min(read, write) < 5:
    read, write = os.dup(read), os.dup(write)
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, which reads commands from 3 and writes results to 4."""


def executable() -> str | None:
    """Where a Chromium is installed."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


class BrowserError(Exception):
    """A command failed: the page went elsewhere meanwhile, or the command is wrong."""


class Browser:
    """One page of a Chromium of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        read, self._write = os.pipe()
        self._read, write = os.pipe()

        self._process = subprocess.Popen(
            [
                sys.executable, "-S", "-c", _CONNECT, str(read), str(write),
                program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
                "--disable-gpu", "--no-first-run", "--disable-extensions",
                "--disable-background-networking", "--disable-component-update",
                "--disable-dev-shm-usage", "--window-size=1400,900", f"--user-data-dir={profile}", "about:blank",
            ],
            pass_fds=(read, write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read)
        os.close(write)
        self._numbers = count(1)
        self._buffer = b""
        self._session: str | None = None
        self.errors: list[str] = []
        """Exceptions and errors that the page reported."""
        target = self.call("Target.createTarget", url="about:blank")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command; its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            received = self._receive()
            if received.get("id") == number:
                if "error" in received:
                    raise BrowserError(received["error"])
                result: dict[str, Any] = received["result"]
                return result
            if received.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(received["params"]["exceptionDetails"]))
            if received.get("method") == "Log.entryAdded":
                entry = received["params"]["entry"]
                if entry["level"] == "error":
                    self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._read, 1 << 16)
            assert part, "the browser ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        value: dict[str, Any] = json.loads(message)
        return value

    def open(self, url: str) -> None:
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, script: str) -> Any:
        """Wait until an expression is truthy; its value."""
        end = time.monotonic() + _WAIT
        while not (value := self._try(script)):
            assert time.monotonic() < end, f"never came: {script}\n{self.text()}\n{self.errors}"
            time.sleep(0.05)
        return value

    def _try(self, script: str) -> Any:
        try:
            return self.run(script)
        except BrowserError:
            return None

    def text(self) -> str:
        """The text that is shown."""
        return str(self.run("document.body.innerText"))

    def wait_for_text(self, text: str) -> None:
        self.wait(f"document.body.innerText.includes({json.dumps(text)})")

    def click(self, text: str, within: str = "body") -> None:
        """Click the button or link that is shown with this text."""
        find = (
            f"[...document.querySelectorAll('{within} button, {within} a, {within} summary')]"
            f".find(each => each.checkVisibility() && each.innerText.trim() === {json.dumps(text)})"
        )
        self.wait(f"!!{find}")
        self.run(f"{find}.click()")

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.wait(f"!!document.querySelector({json.dumps(selector)})")
        self.run(
            f"{{const field = document.querySelector({json.dumps(selector)});"
            f"field.value = {json.dumps(text)};"
            "field.dispatchEvent(new Event('input', {bubbles: true}));}"
        )

    def press(self, key: str, code: int) -> None:
        """Press a key where the focus is."""
        for kind in ("keyDown", "keyUp"):
            text = "\r" if key == "Enter" and kind == "keyDown" else ""
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text,
                windowsVirtualKeyCode=code,
            )  # fmt: skip

    def unnamed(self) -> list[str]:
        """Controls that a screen reader has no name for."""
        self.call("Accessibility.enable")
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        roles = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "spinbutton"}
        return [
            node["role"]["value"]
            for node in nodes
            if not node.get("ignored")
            and node.get("role", {}).get("value") in roles
            and not node.get("name", {}).get("value")
        ]

    def emulate(self, **features: str) -> None:
        """Let media features have values, such as ``prefers_color_scheme="dark"``."""
        given = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.call("Emulation.setEmulatedMedia", features=given)

    def screenshot(self, path: Path) -> None:
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        os.close(self._write)
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)


Open = Callable[[str], Browser]
