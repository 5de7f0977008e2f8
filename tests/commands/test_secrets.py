"""No command shows a password or a token of an address, in whatever form, format or file."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

import pytest
from cleo.io.buffered_io import BufferedIO
from cleo.io.outputs.output import Verbosity
from hypothesis import example, given
from hypothesis import strategies as st
from poetry.console.logging.io_formatter import IOFormatter
from poetry.console.logging.io_handler import IOHandler

from poetry_lockguard.commands.terminal.cleaning import clean
from poetry_lockguard.urls import comparable, holds_secret, redact, shown, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

FORMS = {
    "user and password": "https://bob:hush1@host.example/x-1.whl",
    "token alone": "https://hush1@host.example/x-1.whl",
    "slash in the password": "https://bob:hu/hush1@host.example/x-1.whl",
    "at in the password": "https://bob:hush1@hush2@host.example/x-1.whl",
    "colon in the password": "https://bob:hush1:hush2@host.example/x-1.whl",
    "all of them": "https://bob:hush1/hush2@hush3:hush4?hush5@host.example/x-1.whl",
    "percent-encoded": "https://bob%40host:hush1%2Fhush2@host.example/x-1.whl",
    "dotted name, password of a number": "https://bob.smith:12/hush1@host.example/x-1.whl",
    "query": "https://host.example/x-1.whl?token=hush1",
    "query that names nothing": "https://host.example/x-1.whl?hush1",
    "user part and query": "https://bob:s/hush1@host.example/x-1.whl?token=hush2&x=hush3",
    "fragment": "https://host.example/x-1.whl#access_token=hush1",
    "upper case": "HTTPS://BOB:hush1@HOST.example/x-1.whl",
    "git over https": "git+https://bob:hush1@host.example/x.git",
    "git over ssh": "ssh://git:hush1@host.example/x.git",
    "scp with a token": "hush1@host.example:x/y.git",
    "scp with a password": "git:hush1@host.example:x/y.git",
    "file": "file://bob:hush1@host.example/x-1.whl?hush2",
}
forms = pytest.mark.parametrize("url", FORMS.values(), ids=FORMS)
AROUND = (
    "{}",
    "cannot ask {}, sorry",
    "('{}')",
    '{{"a": "see \\"{}\\" now"}}',
    "a={},{}",
    "{}: no",
)


@pytest.mark.grid
@forms
@pytest.mark.parametrize("around", AROUND)
def test_a_secret_is_hidden_wherever_it_stands(url: str, around: str) -> None:
    text = around.format(url, url)

    hidden = redact(text)

    assert "hush" not in hidden
    assert "host.example" in hidden.lower()
    assert redact(hidden) == hidden
    assert "hush" not in shown(url)


@forms
def test_json_stays_json_when_its_texts_are_hidden(url: str) -> None:
    text = json.dumps({"a": f'see "{url}"\n{url}\\', "b": [f"\\{url}"]})

    assert json.loads(redact(text))["a"].startswith("see ")
    assert "hush" not in redact(text)


SHOWN = (
    "https://mirror.example:8443/simple/",
    "https://dev.example/feed@Local/simple",
    "ssh://git@forge.example/x.git",
    "git@forge.example:x/y.git",
    "https://host.example/x-1.whl#sha256=abc123",
    "https://host.example/x.zip#subdirectory=a/b&egg=x",
    "file:///home/a@b/x.whl",
    "pkg:pypi/django@1.0",
    "x @ ../x ; python_version < '3.11'",
    "poetry.lock: stale? no: fresh",
)


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert redact(text) == text
    assert not holds_secret(text)


LOGGED = {
    'https://host.example:443 "GET /x-1.whl?token=hush HTTP/1.1" 200 None': "/x-1.whl?***",
    "Max retries exceeded with url: /simple/?hush (Caused by 1)": "/simple/?***",
    "HTTPSConnectionPool(host='h.example'): with url: //u:hush@h.example/": "//***@h.example/",
}


@pytest.mark.parametrize(("text", "expected"), LOGGED.items())
def test_the_lines_of_a_log_hide_secrets(text: str, expected: str) -> None:
    io = BufferedIO()
    io.error_output.set_verbosity(Verbosity.DEBUG)
    io.output.set_verbosity(Verbosity.DEBUG)
    clean(io)
    handler = IOHandler(io)
    handler.setFormatter(IOFormatter())

    for level in (logging.DEBUG, logging.WARNING):
        handler.emit(logging.LogRecord("urllib3", level, "", 1, text, (), None))

    for said in (io.fetch_output(), io.fetch_error()):
        assert expected in said
        assert "hush" not in said


@given(text=st.text("ab/?#@:%\\ '\"=&(.,1*", max_size=60))
@example(text="?=1:@1")
def test_hiding_twice_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)


HOSTILE = {
    "letters": "a" * 40_000 + "://",
    "ats": "https://" + "@" * 40_000,
    "dots": "https://" + "." * 40_000 + "@",
    "addresses": "a://" * 10_000,
    "ports": "https://a.b:1/" + "@a.b:1" * 8_000,
    "brackets": "https://x?" + ")" * 40_000 + "x",
    "fragments": "https://x#" + "egg=a&" * 8_000 + "!",
    "bare": "(=a:" * 10_000 + "@",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(text: str, benchmark_seconds: Callable[[], float]) -> None:
    redact(text)
    holds_secret(text)

    assert benchmark_seconds() < 2


@pytest.fixture
def benchmark_seconds() -> Callable[[], float]:
    import time

    start = time.process_time()
    return lambda: time.process_time() - start


SAME = {
    "https://host.example/simple/": "https://HOST.example:443/simple",
    "https://me:hush@host.example/simple": "https://host.example/simple/",
}


@pytest.mark.parametrize(("one", "other"), SAME.items())
def test_addresses_that_lead_to_one_place_are_the_same(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    "other", ["https://host.example.evil/simple", "https://host.example@evil.example/simple"]
)
def test_addresses_that_look_alike_are_not_the_same(other: str) -> None:
    assert comparable("https://host.example/simple") != comparable(other)


KEPT = {
    "https://me:hush@host.example/x.whl?download=1#sha256=a": (
        "https://host.example/x.whl?download=1#sha256=a"
    ),
    "https://host.example/x.whl?X-Amz-Signature=hush&a=1": "https://host.example/x.whl?a=1",
    "ssh://git:hush@host.example/x.git": "ssh://git@host.example/x.git",
    "https://host.example/x.zip#subdirectory=a&token=hush": (
        "https://host.example/x.zip#subdirectory=a"
    ),
}


@pytest.mark.parametrize(("url", "expected"), KEPT.items())
def test_an_export_keeps_what_an_installer_needs_and_no_secret(url: str, expected: str) -> None:
    assert without_secrets(url) == expected


MANIFEST = """\
[project]
name = "demo"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["six==1.16.0"]

[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
x = {{ {kind} = '{url}' }}

[[tool.poetry.source]]
name = "corp"
url = '{source}'
priority = "supplemental"
"""
LOCK = """\
[[package]]
name = "x"
version = "{version}"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = []

[package.source]
type = "{kind}"
url = '{url}'
reference = "main"
resolved_reference = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "{hash}"
"""
COMMANDS = {
    "check": "check",
    "check as json": "check --format json",
    "check as annotations": "check --format github",
    "deep": "check --deep",
    "deep as json": "check --deep --format json",
    "deep as annotations": "check --deep --format github",
    "diff": "diff old.lock poetry.lock",
    "diff as markdown": "diff old.lock poetry.lock --format markdown",
    "diff as json": "diff old.lock poetry.lock --format json",
    "diff as html": "diff old.lock poetry.lock --format html",
    "fix": "fix --offline -vvv",
    "fix as json": "fix --offline --format json",
    "install": "install --no-fix --dry-run -v",
}


def write(folder: Path, url: str, kind: str) -> None:
    folder.mkdir(exist_ok=True)
    declared = {"git": "git", "url": "url", "legacy": "url"}[kind]
    source = url if re.match(r"\w+:", url) else FORMS["user part and query"]  # what Poetry reads
    text = MANIFEST.format(url=url, kind=declared, source=source)
    (folder / "pyproject.toml").write_text(text)
    for name, version in (("old.lock", "1.0"), ("poetry.lock", "1.1")):
        text = LOCK.format(url=f"{url}{version[-1:]}", kind=kind, version=version, hash="0" * 64)
        (folder / name).write_text(text)


@pytest.mark.grid
@forms
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_command_shows_a_secret(command: str, url: str, tmp_path: Path, run: Run) -> None:
    for kind in ("url", "git", "legacy"):
        write(tmp_path / kind, url, kind)

        result = run(f"lockguard {command}", tmp_path / kind)

        assert "hush" not in result.out + result.err
        if "json" in command:
            assert json.loads(result.out)["lockguard"] == 1


@pytest.mark.grid
@forms
@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
def test_a_report_in_a_file_holds_no_secret(form: str, url: str, tmp_path: Path, run: Run) -> None:
    write(tmp_path / "story", url, "url")

    run(f"lockguard diff old.lock poetry.lock --format {form} --output r", tmp_path / "story")

    said = (tmp_path / "story" / "r").read_text()
    assert "hush" not in said
    assert "host.example" in said.lower()


@forms
def test_the_door_without_poetry_shows_no_secret(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from poetry_lockguard.__main__ import main

    write(tmp_path / "story", url, "url")
    monkeypatch.chdir(tmp_path / "story")

    for command in ("check", "check --deep", "check --format json", "check --format github"):
        main(command.split())

    out, err = capsys.readouterr()
    assert "x" in out
    assert "hush" not in out + err
