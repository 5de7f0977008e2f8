"""Words of a lock, a manifest or a command line never steer a terminal or a pipeline's runner."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from cleo.formatters.formatter import Formatter
from cleo.io.buffered_io import BufferedIO
from cleo.io.outputs.output import Type
from steering import TRICKS, steers

from poetry_lockguard.commands.terminal.cleaning import clean
from poetry_lockguard.printable import Clean, printable, visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

AS_TOML = json.dumps(TRICKS)
MANIFEST = """\
[project]
name = "demo"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["six==1.16.0"]

[tool.poetry]
package-mode = false
"""
LOCK = """\
[[package]]
name = "six"
version = "1.15.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = []

[package.source]
type = "legacy"
url = "https://mirror.example/simple"
reference = {reference}

[metadata]
lock-version = {version}
python-versions = ">=3.10"
content-hash = {hash}
"""
HASH = '"0000000000000000000000000000000000000000000000000000000000000000"'


def lock(**values: str) -> str:
    return LOCK.format(**({"reference": '"corp"', "version": '"2.1"', "hash": HASH} | values))


def settings(line: str) -> str:
    return f"{MANIFEST}\n[tool.lockguard]\n{line}\n"


WHERE = {
    "reference": (MANIFEST, lock(reference=AS_TOML)),
    "lock-version": (MANIFEST, lock(version=AS_TOML)),
    "content-hash": (MANIFEST, lock(hash=AS_TOML)),
    "package": (MANIFEST, lock().replace('name = "six"', f"name = {AS_TOML}")),
    "package's version": (MANIFEST, lock().replace('"1.15.0"', AS_TOML)),
    "file": (MANIFEST, lock().replace("[]", f"[{{file = {AS_TOML}, hash = {AS_TOML}}}]")),
    "key of the settings": (settings(f"{AS_TOML} = 1"), lock()),
    "value of the settings": (settings(f"guard = {AS_TOML}"), lock()),
    "configuration": (settings(f"configurations.{AS_TOML}.python = 3"), lock()),
    "name of the project": (MANIFEST.replace('"demo"', AS_TOML), lock()),
    "requirement": (MANIFEST.replace('"six==1.16.0"', AS_TOML), lock()),
    "group": (f'{MANIFEST}\n[tool.poetry.group.{AS_TOML}.dependencies]\nx = "1"\n', lock()),
    "source": (
        f'{MANIFEST}\n[[tool.poetry.source]]\nname = {AS_TOML}\nurl = "https://h.example"\n',
        lock(),
    ),
}
COMMANDS = (
    "lockguard check",
    "lockguard check --deep",
    "lockguard check --format github",
    "lockguard check --format json",
    "lockguard check -r . --format github",
    "lockguard check --deep --format sarif",
    "lockguard check --deep --format gitlab",
    "lockguard check --deep --format junit",
    "lockguard fix --offline",
    "lockguard fix --offline -v",
    "lockguard fix --offline --format json",
    "lockguard install --no-fix --dry-run",
    "lockguard install --no-fix --dry-run --format json",
    "install --dry-run",
    "lockguard diff old.lock poetry.lock",
    "lockguard diff old.lock poetry.lock --format markdown",
    "lockguard diff old.lock poetry.lock --format json",
    "lockguard diff old.lock poetry.lock --format html",
    "lockguard snapshot create --dry-run",
    "lockguard matrix",
)


@pytest.mark.grid
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("manifest", "text"), WHERE.values(), ids=WHERE)
def test_what_a_file_holds_steers_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    manifest: str,
    text: str,
    command: str,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "pyproject.toml").write_text(manifest)
    (tmp_path / "poetry.lock").write_text(text)
    (tmp_path / "old.lock").write_text(lock(version='"2.0"'))
    monkeypatch.setenv("LOCKGUARD_GUARD", "check")

    result = run(command, tmp_path)

    assert steers(result.out, ours="github" in command) == []
    assert steers(result.err) == []
    if "json" in command:
        json.loads(result.out)


@pytest.mark.parametrize(
    "command",
    ["check {}", "check --format github {}", "diff {}", "fix --strategy {}", "nonsense {}"],
)
def test_what_is_typed_steers_nothing(command: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "pyproject.toml").write_text(MANIFEST)

    result = run(f"lockguard {command.format(shlex.quote(TRICKS))}", tmp_path)

    assert steers(result.out, ours=True) == []
    assert steers(result.err) == []


def test_the_door_without_poetry_lets_nothing_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from poetry_lockguard.__main__ import main

    monkeypatch.chdir(tmp_path)
    for manifest, text in WHERE.values():
        (tmp_path / "pyproject.toml").write_text(manifest)
        (tmp_path / "poetry.lock").write_text(text)
        for command in ("check", "check --deep", "check --format github", "check --format json"):
            main(command.split())

            out, err = capsys.readouterr()
            assert steers(out, ours="github" in command) == []
            assert steers(err) == []


def test_a_colour_of_our_own_is_kept() -> None:
    assert printable(Clean("\x1b[32mfresh\x1b[39m")) == "\x1b[32mfresh\x1b[39m"


def test_what_cannot_be_seen_is_shown_as_json_would_write_it() -> None:
    text = "a\x1b\u202e\U000e0001\x9b\tb\n"

    assert visible(text) == "a\\u001b\\u202e\\udb40\\udc01\\u009b\tb\n"
    assert json.loads(f'"{visible(text[:-3])}"') == text[:-3]


def test_the_console_still_moves_its_cursor_and_colours_its_words() -> None:
    io = BufferedIO(decorated=True)
    clean(io)

    io.output.write("\x0d\x1b[2K")
    io.write_line("<info>done</info>")
    io.write_line(Formatter.escape("<info>\x1b[2J"), type=Type.NORMAL)

    said = io.fetch_output()
    assert said.startswith("\r\x1b[2K\x1b[34mdone\x1b[39m\n")
    assert "\\u001b[2J" in said
