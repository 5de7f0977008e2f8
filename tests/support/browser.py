"""A real browser without a window, driven by WebDriver (W3C) over the loopback interface.

It ends with the tests, also when they are killed: the driver lives as long as a pipe of theirs,
and the browser as long as a pipe of the driver's.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import urllib.request
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"
DOWN, UP, RIGHT, LEFT, END = "\ue015", "\ue013", "\ue014", "\ue012", "\ue010"
SECONDS = 60  # for any one answer of a browser on a busy machine
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
DRIVER = '"$0" --port=0 & read -r gone; kill $!; wait $!'


@dataclass(frozen=True, slots=True)
class Browser:
    """One window; ``address`` is the session's."""

    address: str

    def open(self, url: str) -> None:
        """Load a page, forgetting what was requested before."""
        self.requested()
        self._ask("POST", "/url", url=url)

    def run(self, script: str) -> Any:
        """Return what an expression of the page comes to."""
        return self._ask("POST", "/execute/sync", script=f"return {script}", args=[])

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as a hand does; whatever has the focus gets them."""
        events = [{"type": type_, "value": key} for key in keys for type_ in ("keyDown", "keyUp")]
        action = {"type": "key", "id": "keyboard", "actions": events}
        self._ask("POST", "/actions", actions=[action])

    def click(self, selector: str) -> None:
        """Press the mouse on an element."""
        found = self._ask("POST", "/element", using="css selector", value=selector)
        self._ask("POST", f"/element/{next(iter(found.values()))}/click")

    def emulate(self, *, media: str = "", colours: str = "light") -> None:
        """Show the page as on another medium, or as a system set to light or dark shows it."""
        features = [{"name": "prefers-color-scheme", "value": colours}]
        self._devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def resize(self, width: int, height: int) -> None:
        """Return the page so much room."""
        self._devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def without_scripts(self, *, disabled: bool) -> None:
        """Let no page run its script from now on, or let them again."""
        self._devtools("Emulation.setScriptExecutionDisabled", value=disabled)

    def screenshot(self) -> list[bytes]:
        """Return the rows of the picture, each pixel as red, green, blue."""
        return pixels(base64.b64decode(self._ask("GET", "/screenshot")))

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self._ask("POST", "/print"))

    def requested(self) -> list[str]:
        """Return every address that was asked for since the last time, and not held back."""
        entries = self._ask("POST", "/se/log", type="performance")
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        held = {
            message["params"]["requestId"]
            for message in messages
            if message["method"] == "Network.loadingFailed"
            and message["params"].get("blockedReason") == "csp"
        }
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
            and message["params"]["requestId"] not in held
        ]

    def complaints(self) -> list[str]:
        """Return what the browser said in its console since the last time."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", type="browser")]

    def _devtools(self, command: str, **parameters: Any) -> Any:
        return self._ask("POST", "/goog/cdp/execute", cmd=command, params=parameters)

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        return ask(method, f"{self.address}{path}", **body)


def ask(method: str, address: str, **body: Any) -> Any:
    """Ask the driver; an error is told with its words."""
    data = json.dumps(body).encode() if method == "POST" else None
    request = urllib.request.Request(address, data, method=method)
    try:
        with DIRECT.open(request, timeout=SECONDS) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(json.load(error)["value"]["message"]) from None


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start a browser with an empty profile; skips the test where none is, or none starts."""
    # A browser may still be writing when its driver has gone; all it writes is in here.
    with tempfile.TemporaryDirectory(prefix="pictures", ignore_cleanup_errors=True) as folder:
        yield from _browsing(folder)


def _browsing(folder: str) -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("there is no chromium with its chromedriver on this machine")
    with subprocess.Popen(
        ["/bin/sh", "-c", DRIVER, driver],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": folder},
    ) as process:
        assert process.stdout is not None
        said = (re.search(r"successfully on port (\d+)", line) for line in process.stdout)
        started = next(filter(None, said), None)
        assert started, f"{driver} did not start"
        base = f"http://127.0.0.1:{started[1]}"
        flags = [*FLAGS, f"--user-data-dir={folder}/profile"]
        options = {
            "goog:chromeOptions": {"binary": program, "args": flags},
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }
        try:
            made = ask("POST", f"{base}/session", capabilities={"alwaysMatch": options})
        except AssertionError as error:
            pytest.skip(f"{program} does not start on this machine: {error}")
        session = f"{base}/session/{made['sessionId']}"
        try:
            yield Browser(session)
        finally:
            ask("DELETE", session)


def pixels(png: bytes) -> list[bytes]:
    """Decode a PNG of eight bits a channel, without interlace: what a browser makes."""
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind = png[at + 4 : at + 8]
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + size]
        at += 12 + size
    width, height, bits, colours, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert bits == 8
    step = {2: 3, 6: 4}[colours]
    data = zlib.decompress(chunks[b"IDAT"])
    rows, last = [], bytes(width * step)
    for number in range(height):
        start = number * (width * step + 1)
        last = _unfiltered(data[start], data[start + 1 : start + 1 + width * step], last, step)
        rows.append(last)
    return rows if step == 3 else [_opaque(row) for row in rows]


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Undo one of the five filters of PNG (https://www.w3.org/TR/png-3/#9Filters)."""
    row = bytearray(line)
    for index in range(len(row) if kind else 0):
        left = row[index - step] if index >= step else 0
        corner = above[index - step] if index >= step else 0
        row[index] = (row[index] + _predicted(kind, left, above[index], corner)) % 256
    return bytes(row)


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        return min((left, up, corner), key=lambda near: abs(left + up - corner - near))
    return {1: left, 2: up, 3: (left + up) // 2}[kind]


def _opaque(row: bytes) -> bytes:
    return bytes(value for index, value in enumerate(row) if index % 4 != 3)
