"""The commands by name, in the order in which they are listed; each is imported when it is needed.

Every ``poetry`` command imports this: keep it lazy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poetry_lockguard.poetry_api.imports.console import Command

NAMESPACE = "lockguard"
COMMANDS = (
    "check",
    "fix",
    "update",
    "export",
    "install",
    "diff",
    "explain",
    "snapshot",
    "snapshot create",
    "snapshot sync",
    "snapshot show",
    "snapshot verify",
    "snapshot diff",
    "snapshot add",
    "snapshot remove",
    "snapshot update",
    "snapshot upgrade",
    "snapshot merge",
    "snapshot clean",
    "snapshot export",
    "snapshot record",
    "bundle",
    "digest",
    "matrix",
    "schema",
    "completion",
    "demo",
    "merge-driver",
    "merge-driver install",
    "merge-driver uninstall",
    "merge-driver run",
)


class Name(str):
    """The name of one of these commands, which cleo suggests only for similar input.

    For a mistyped command, cleo suggests all commands whose name contains the input; these should
    not appear for a mistyped command of Poetry's.
    """

    __slots__ = ()

    def find(self, part: str, *between: Any) -> int:
        """Find ``part`` if the input is about this command."""
        is_ours = part.startswith(NAMESPACE[:5]) or (len(part) > 3 and part in NAMESPACE)  # noqa: PLR2004 - shorter input matches too much
        is_command = self == f"{NAMESPACE} {part}"
        return super().find(part, *between) if is_ours or is_command else -1


def load(name: str) -> Command:
    """Import the module of a command and return the command."""
    from importlib import import_module

    place = name.replace("-", "_").replace(" ", ".")
    below = ".overview" if any(other.startswith(f"{name} ") for other in COMMANDS) else ""
    module = import_module(f"poetry_lockguard.commands.{place}{below}")
    words = name.replace("-", " ").split()
    command: Command = getattr(module, f"{''.join(map(str.title, words))}Command")()
    command.name = Name(command.name)
    return command
