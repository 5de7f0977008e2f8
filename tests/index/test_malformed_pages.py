"""A page that is no page is one mirror's failure: the next mirror is asked."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import requests
from index import Index, status
from online_locks import held, pin, write
from solving import project

from poetry_lockguard.index import pages
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Serve

    Run = Callable[[str, Path], Result]

NAME = "matrix-1.0-py3-none-any.whl"
FILE = {"filename": NAME, "url": f"/files/{NAME}", "hashes": {}}
FILES: dict[str, Any] = {
    "files of null": [None],
    "a file name that is a number": [{**FILE, "filename": 5}],
    "no file name": [{"url": "/x"}],
    "no address": [{"filename": NAME, "hashes": {}}],
    "an address that is none": [{**FILE, "url": "http://[::1/x"}],
    "an address that is a number": [{**FILE, "url": 5}],
    "hashes as a list": [{**FILE, "hashes": ["sha256=0"]}],
    "a hash that is a number": [{**FILE, "hashes": {"sha256": 5}}],
    "a Python that is a number": [{**FILE, "requires-python": 3}],
    "a time that is a number": [{**FILE, "upload-time": 5}],
    "a size that is a text": [{**FILE, "size": "big"}],
    "files as a table": {"a": 1},
}
BODIES: dict[str, tuple[str, bytes]] = {
    **{
        name: (pages.JSON, json.dumps({"meta": {}, "name": "matrix", "files": files}).encode())
        for name, files in FILES.items()
    },
    "JSON without end": (pages.JSON, b'{"files": [' + b"[" * 100_000),
    "a number without end": (pages.JSON, b'{"files": ' + b"9" * 5_000 + b"}"),
    "an unknown charset": ("text/html; charset=nonsense", b"nothing at all"),
    "a charset that cannot decode": ("text/html; charset=idna", b"\xff\xfe nothing"),
    "an anchor to no address": ("text/html", f'<a href="http://[::1/{NAME}">x</a>'.encode()),
    "an odd anchor to no address": ("text/html", f"<a href='http://[::1/{NAME}'>x</a>".encode()),
}


def answered(kind: str, content: bytes) -> requests.Response:
    """Return a response of these bytes."""
    made = requests.Response()
    made.status_code, made.url = 200, "https://mirror.example/simple/matrix/"
    made.headers["Content-Type"] = kind
    made.encoding = kind.rpartition("charset=")[2] if "charset" in kind else "utf-8"
    made.raw = io.BytesIO(content)
    return made


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_malformed_page_fails_as_a_source_does_if_at_all(body: tuple[str, bytes]) -> None:
    with suppress(SourceFailure):
        page = pages.read(answered(*body))
        assert [link.filename for link in page.links] in ([], [NAME])


BAD = [
    "files of null",
    "no address",
    "hashes as a list",
    "JSON without end",
]


@pytest.mark.parametrize("body", [BODIES[name] for name in BAD], ids=BAD)
def test_the_next_mirror_is_asked(  # noqa: PLR0913, PLR0917 - fixtures
    body: tuple[str, bytes],
    index: Index,
    serve: Serve,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    index.add("matrix", "1.0")
    bad, good = serve(index, json=True), serve(index, json=True)
    bad.fault("/simple/matrix/", status(200, headers={"Content-Type": body[0]}, body=body[1]))
    mirrors = f'\n[tool.lockguard]\nmirrors = ["{bad.url}", "{good.url}"]\n'
    folder = project(tmp_path / "app", "matrix", more=mirrors)

    result = run("lockguard fix", folder)

    assert result.code == 0, result.err
    assert [one.version for one in parse((folder / "poetry.lock").read_bytes()).pins] == ["1.0"]


DECLARED = """
[[tool.poetry.source]]
name = "own"
url = "{}"
"""


@pytest.mark.parametrize(
    "command", ["fix", "snapshot create --python 3.11 --platform linux-x86_64"]
)
@pytest.mark.parametrize("name", ["files as a table", "JSON without end", "no address"])
def test_a_declared_source_with_such_a_page_is_named(  # noqa: PLR0913, PLR0917 - fixtures
    name: str, command: str, index: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    index.add("matrix", "1.0")
    server = serve(index, json=True)
    kind, body = BODIES[name]
    server.fault("/simple/matrix/", status(200, headers={"Content-Type": kind}, body=body))
    folder = project(tmp_path / "app", "matrix", more=DECLARED.format(server.url))

    result = run(f"lockguard {command}", folder)

    assert result.code == 1
    said = result.out + result.err
    assert "instead of an index page" in said, said


def test_an_online_check_goes_on(
    index: Index, serve: Serve, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    index.add("matrix", "1.0")
    index.add("sound", "1.0")
    server = serve(index, json=True)
    kind, content = BODIES["a charset that cannot decode"]
    server.fault("/simple/matrix/", status(200, headers={"Content-Type": kind}, body=content))
    pins = [pin(name, "1.0", held(index, name, "1.0")) for name in ("matrix", "sound")]
    more = f'\n[tool.lockguard]\nmirrors = ["{server.url}"]\n'

    result = run("lockguard check --online", write(tmp_path / "app", pins, more=more))

    assert result.code == 2
    assert "could not be asked about matrix:" in result.out
