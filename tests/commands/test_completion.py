"""``lockguard completion``: what bash, zsh and fish complete, asked of the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard.commands.completing.completed_words import completed
from poetry_lockguard.commands.completing.scripts import SCRIPTS
from poetry_lockguard.plugin import COMMANDS, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

BASH = """
{script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_lockguard
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
#: zsh's own emulation of bash's completion, in a shell that nobody sits at
ZSH = """
compinit() {{ : }}; bashcompinit() {{ : }}; complete() {{ : }}
compgen() {{ print -l -- ${{(M)${{=2}}:#$4*}} }}
{script}
emulate -L ksh
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_lockguard
print -l -- "${{COMPREPLY[@]}}"
"""
FISH = "{script}\ncomplete -C {line}\n"
LINES = {
    "lockguard che": {"check"},
    "lockguard snapshot ver": {"verify"},
    "lockguard check --onl": {"--online"},
    "lockguard snapshot create --plat": {"--platform"},
    "lockguard fix --format ": {"text", "json"},
    "lockguard fix --strategy rel": {"relock"},
    "lockguard explain content-h": {"content-hash"},
    "lockguard merge-driver ": {"install", "uninstall"},
    "lockguard check -r --de": {"--deep"},
}


def asked(shell: str, line: str) -> set[str]:
    """Return what a shell offers at the end of a line."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} on this machine")
    script = SCRIPTS[shell](completed({name: load(name) for name in COMMANDS}))
    words = f'{line} ""' if line.endswith(" ") else line
    if shell == "fish":
        text = FISH.format(script=script, line=f"'{line}'")
    else:
        text = (BASH if shell == "bash" else ZSH).format(script=script, words=words)
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *options, "-c", text], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {offer.split("\t")[0] for offer in done.stdout.splitlines()} - {""}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_completes(shell: str, line: str) -> None:
    assert asked(shell, line) == LINES[line]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_offers_every_command_but_the_plumbing(shell: str) -> None:
    first = {name for name in COMMANDS if " " not in name}

    assert asked(shell, "lockguard ") == first
    assert "run" not in asked(shell, "lockguard merge-driver ")


def test_the_script_is_printed_alone(run: Run, tmp_path: Path) -> None:
    result = run("lockguard completion bash", tmp_path)

    assert (result.code, result.out, result.err) == (
        0,
        SCRIPTS["bash"](completed({name: load(name) for name in COMMANDS})),
        "",
    )


def test_another_shell_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    result = run("lockguard completion tcsh", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert result.err == "lockguard: shell: expected one of bash, zsh, fish, not 'tcsh'\n"
