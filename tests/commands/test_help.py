"""Help: the list of commands, each with an example and exit codes, and the nearest word."""

from __future__ import annotations

import shlex
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard import __main__ as script
from poetry_lockguard.commands.help.examples import EXAMPLES
from poetry_lockguard.plugin import COMMANDS, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

PLUMBING = {"merge-driver run"}


def test_the_namespace_alone_lists_its_commands(run: Run, tmp_path: Path) -> None:
    result = run("lockguard", tmp_path)

    assert (result.code, result.err) == (0, "")
    for name in ("check", "fix", "install", "explain", "snapshot", "merge-driver"):
        assert f"\n  {name} " in result.out


@pytest.mark.parametrize("asked", ["lockguard help {}", "lockguard {} --help", "lockguard {}"])
@pytest.mark.parametrize(
    ("name", "words"), [("merge-driver", ["install"]), ("snapshot", ["create", "verify"])]
)
def test_the_help_of_a_namespace_lists_its_commands(
    run: Run, tmp_path: Path, asked: str, name: str, words: list[str]
) -> None:
    result = run(asked.format(name), tmp_path)

    assert result.code == 0
    for word in words:
        assert f"  {word} " in result.out
    assert "  run " not in result.out  # only git calls it


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lockguard chek", "lockguard check"), ("lockguard snapshot creat", "snapshot create")],
)
def test_a_mistyped_command_gets_the_nearest(
    run: Run, tmp_path: Path, typed: str, meant: str
) -> None:
    result = run(typed, tmp_path)

    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(f"did you mean {meant}?\n")


def test_the_console_script_names_the_nearest_command(capfd: pytest.CaptureFixture[str]) -> None:
    code = script.main(["instal"])

    assert code == 2
    assert capfd.readouterr().err == (
        "lockguard: there is no command 'instal'; did you mean install?"
        " `lockguard help` lists all of them\n"
    )


def test_a_mistyped_option_gets_the_nearest(run: Run, tmp_path: Path) -> None:
    result = run("lockguard check --formt json", tmp_path)

    assert result.code == 2
    assert result.err == (
        'lockguard: The option "--formt" does not exist; did you mean --format?\n'
    )


def test_an_option_that_resembles_none_gets_no_suggestion(run: Run, tmp_path: Path) -> None:
    result = run("lockguard check --xyzzy", tmp_path)

    assert (result.code, "did you mean" in result.err) == (2, False)


@pytest.mark.parametrize("words", ["help fix", "fix --help"])
def test_help_of_a_command_has_an_example_and_the_exit_codes(
    capfd: pytest.CaptureFixture[str], words: str
) -> None:
    code = script.main([*words.split(), "--no-ansi"])

    said = capfd.readouterr().out
    assert code == 0
    assert "--dry-run" in said
    assert "Example:\n    poetry lockguard fix --dry-run\n" in said
    assert "Exit codes:\n    0  in step" in said


def test_help_tells_our_options_and_names_poetrys_in_one_line(run: Run, tmp_path: Path) -> None:
    said = run("lockguard help check", tmp_path).out

    assert "--deep" in said
    assert said.count("--no-cache") == 1
    assert "forcing Poetry to behave" not in said
    assert max(map(len, said.splitlines())) <= 160


def test_plumbing_is_in_no_list(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listed = run("lockguard merge-driver", tmp_path).out
    script.main([])

    assert "git runs this" not in listed
    assert "git runs this" not in capfd.readouterr().out


def test_help_works_in_poetrys_namespace_too(run: Run, tmp_path: Path) -> None:
    result = run("lockguard help snapshot create", tmp_path)

    assert (result.code, result.err) == (0, "")
    assert "poetry lockguard snapshot create --python" in result.out


def test_every_command_has_an_example() -> None:
    assert {*COMMANDS} - {*EXAMPLES} == PLUMBING


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_of_its_command_and_its_options(name: str) -> None:
    words = shlex.split(EXAMPLES[name])
    options = {option.name for option in load(name).definition.options}

    assert EXAMPLES[name].startswith(name)
    assert {word.removeprefix("--") for word in words if word.startswith("--")} <= options


@pytest.mark.contract
@pytest.mark.parametrize("command", ["lockguard --version", "lockguard check -V"])
def test_poetry_tells_our_version_after_our_name(
    start: Callable[[str, Path], Result], tmp_path: Path, command: str
) -> None:
    told = start(command, tmp_path)

    assert (told.code, told.err) == (0, "")
    ours, poetry = version("poetry-lockguard"), version("poetry")
    assert told.out.strip() == f"lockguard {ours} (Poetry {poetry})"


@pytest.mark.contract
def test_poetry_tells_its_own_version_otherwise(
    start: Callable[[str, Path], Result], tmp_path: Path
) -> None:
    assert start("--version", tmp_path).out.strip() == f"Poetry (version {version('poetry')})"
