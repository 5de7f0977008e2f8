"""An index laid out as PyTorch's: a folder for each variant, and the files on another host."""

from __future__ import annotations

import hashlib
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from index.wheels import Release, wheel

if TYPE_CHECKING:
    from collections.abc import Iterable

LINUX = "cp312-cp312-manylinux_2_28_x86_64"
MAC = "cp312-none-macosx_11_0_arm64"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = self.server.answers.get(self.path)  # type: ignore[attr-defined]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        body = content if content is not None else b"not here"
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "binary/any")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that the base class calls

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _Host(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that hangs up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Quiet)
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class TorchIndex:
    """Pages at ``/whl/VARIANT/``, and the files they name at another port."""

    def __init__(self) -> None:
        self.pages, self.files = _Host(), _Host()
        self._links: dict[tuple[str, str], list[str]] = {}

    def url(self, variant: str) -> str:
        """Return the address of a variant's index."""
        return f"{self.pages.base}/whl/{variant}"

    def add(  # noqa: PLR0913 - a declarative line
        self,
        variant: str,
        name: str,
        version: str,
        *,
        requires: Iterable[str] = (),
        tags: Iterable[str] = (LINUX,),
        code: str = "",
    ) -> None:
        """Add the wheels of one release to a variant's folder."""
        release = Release(name=name, version=version, requires=tuple(requires), code=code)
        for tag in tags:
            filename, content = wheel(release, tag)
            path = f"/whl/{variant}/{filename.replace('+', '%2B')}"
            self.files.answers[path] = content
            digest = hashlib.sha256(content).hexdigest()
            link = f'<a href="{self.files.base}{path}#sha256={digest}">{escape(filename)}</a><br/>'
            self._links.setdefault((variant, name), []).append(link)
        page = "\n".join(self._links[variant, name])
        text = f"<!DOCTYPE html>\n<html><body>\n{page}\n</body></html>\n"
        self.pages.answers[f"/whl/{variant}/{name}/"] = text.encode()

    def stop(self) -> None:
        """Stop both hosts."""
        for host in (self.pages, self.files):
            host.shutdown()
            host.server_close()
