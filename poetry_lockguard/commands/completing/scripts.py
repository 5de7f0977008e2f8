"""The scripts that teach a shell to complete ``lockguard``."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from poetry_lockguard.commands.completing.completed_words import below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from poetry_lockguard.commands.completing.completed_words import Completed

_BASH = """\
_lockguard() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}"
    local command="" words="" number word
    if [[ $cur == "=" ]]; then
        cur=""  # bash makes three words of --format=json
    elif [[ $prev == "=" ]]; then
        prev="${{COMP_WORDS[COMP_CWORD-2]}}"
    fi
    for ((number = 1; number < COMP_CWORD; number++)); do
        word="${{COMP_WORDS[number]}}"
        case "$command/$word" in
{steps}
        esac
    done
    case "$command $prev" in
{values}
        *)
            case "$command/$cur" in
{options}
            esac
            case "$command" in
{words}
            esac
            ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _lockguard lockguard
"""
_ZSH = """\
#compdef lockguard
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
"""
_FISH = """\
function __lockguard_at
    set -l words (commandline -opc)[2..-1]
    test "$words" = "$argv"
end
function __lockguard_in
    set -l words (commandline -opc)[2..-1]
    string match -q -- "$argv *" "$words "
end
"""


def bash(commands: list[Completed]) -> str:
    """Return a script for ``~/.bashrc``, which needs nothing else."""
    return _BASH.format(
        steps=_lines(12, _steps(commands)),
        values=_lines(8, _values(commands)),
        options=_lines(16, _options(commands)),
        words=_lines(16, _words(commands)),
    )


def zsh(commands: list[Completed]) -> str:
    """Return a script for ``~/.zshrc``; zsh runs the functions of bash itself."""
    return _ZSH + bash(commands)


def _lines(indent: int, lines: Iterable[str]) -> str:
    return "\n".join(f"{' ' * indent}{line}" for line in lines)


def _steps(commands: list[Completed]) -> Iterator[str]:
    """Yield how each word leads from a command to the one below it."""
    for one in commands:
        above, _, word = one.name.rpartition(" ")
        yield f'"{above}/{word}") command="{one.name}" ;;'


def _values(commands: list[Completed]) -> Iterator[str]:
    for one in commands:
        for option, choices in one.choices.items():
            yield f'"{one.name} --{option}") words="{" ".join(choices)}" ;;'


def _options(commands: list[Completed]) -> Iterator[str]:
    for one in commands:
        if one.options:
            names = " ".join(f"--{option}" for option in one.options)
            yield f'"{one.name}/-"*) words="{names}" ;;'


def _words(commands: list[Completed]) -> Iterator[str]:
    for name in ("", *(one.name for one in commands)):
        own = [one.words for one in commands if one.name == name]
        found = [one.name.rpartition(" ")[2] for one in below(commands, name)]
        words = [*found, *(own[0] if own else ())]
        if words:
            yield f'"{name}") words="$words {" ".join(words)}" ;;'


def fish(commands: list[Completed]) -> str:
    """Return a script for fish's folder of completions."""
    return "\n".join([_FISH, *_fish(commands), ""])


def _fish(commands: list[Completed]) -> Iterator[str]:
    for name in ("", *(one.name for one in commands)):
        for one in below(commands, name):
            word = one.name.rpartition(" ")[2]
            yield f"{_at('at', name)} -f -a {word} -d {quote(one.description)}"
    for one in commands:
        for word in one.words:
            yield f"{_at('at', one.name)} -f -a {word}"
        for option, text in one.options.items():
            values = one.choices.get(option, ())
            given = f" -x -a {quote(' '.join(values))}" if values else ""
            yield f"{_at('in', one.name)} -l {option} -d {quote(text)}{given}"


def _at(place: str, name: str) -> str:
    return f"complete -c lockguard -n {quote(f'__lockguard_{place} {name}'.strip())}"


SCRIPTS: dict[str, Callable[[list[Completed]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
