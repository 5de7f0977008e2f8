"""What ``lockguard install`` accepts, what excludes what, and what is passed on to Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry_lockguard.commands.options import LOCK_FORMAT, MIRROR, RETRIES, TEXT_OR_JSON, Option
from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    #: returns the value of an option by its name
    Given = Callable[[str], Any]

FLAGS = {
    "no-root": "Do not install the project itself.",
    "only-root": "Install the project itself and no dependencies.",
    "no-directory": "Do not install path dependencies that are folders.",
    "all-extras": "Install all extras.",
    "all-groups": "Install all groups.",
    "compile": "Compile Python files to bytecode.",
    "dry-run": "Show what would be done; write nothing, install nothing.",
}
LISTS = {
    "with": "Optional groups to install as well.",
    "without": "Groups to leave out.",
    "only": "The only groups to install.",
    "extras": "Extras to install.",
}
GROUPS = ("with", "without", "only")
NOT_WITH_SNAPSHOT = (
    "extras",
    "all-extras",
    "all-groups",
    "only-root",
    "no-fix",
    "allow-stale",
)
CONFLICTS = (
    ("extras", ("all-extras",)),
    ("only-root", ("with", "without", "only", "all-groups", "no-root")),
    ("all-groups", ("with", "without", "only")),
)

ACCEPTS: tuple[Option, ...] = (
    Option(name="no-fix", help="Do not fix a stale lock: explain it and exit with 1."),
    Option(
        name="allow-stale",
        help="Install a stale lock as it is, with a warning, when it cannot be fixed.",
    ),
    Option(
        name="sync",
        help="Also remove packages that the lock does not contain, as poetry sync does.",
    ),
    *(
        Option(name=name, help=text, takes="many", short="E" if name == "extras" else None)
        for name, text in LISTS.items()
    ),
    *(Option(name=name, help=text) for name, text in FLAGS.items()),
    Option(
        name="snapshot",
        takes="maybe",
        default="",
        help="Install from a snapshot alone; default: the one in the settings.",
    ),
    Option(
        name="frozen",
        help="Install from the snapshot in the settings alone, in place of the lock.",
    ),
    Option(name="config", takes="one", help="The snapshot's configuration to install."),
    Option(
        name="bundle",
        takes="one",
        help="Install from a bundle (a folder, .tar or .zip) alone, without any network.",
    ),
    Option(name="partial", help="Install what the snapshot does not pin from the index."),
    MIRROR,
    Option(name="offline", help="Never use the network; caches may be used."),
    Option(
        name="timeout",
        takes="one",
        help="Seconds for fixing the lock; default: the settings', or 600.",
    ),
    RETRIES,
    LOCK_FORMAT,
    TEXT_OR_JSON,
)


def refuse_conflicts(option: Given, *, from_snapshot: bool) -> None:
    """Raise UsageError for options that cannot be combined."""
    for name in ("config", "partial"):
        if option(name) and not from_snapshot:
            raise UsageError(f"--{name} needs --snapshot; add it, or remove --{name}")
    for name, others in CONFLICTS:
        for other in others:
            if option(name) and option(other):
                raise UsageError(f"--{name} and --{other} cannot be combined; remove one")


def refuse_with_snapshot(option: Given) -> None:
    """Raise UsageError for options about the lock or the manifest: the snapshot alone decides."""
    for name in ("frozen", "snapshot", "partial"):
        if option("bundle") and option(name) not in {"", False}:
            raise UsageError(f"--bundle and --{name} cannot be combined; remove one")
    for name in NOT_WITH_SNAPSHOT:
        if option(name):
            raise UsageError(
                f"{_why_snapshot(option)} and --{name} cannot be combined; the snapshot decides"
            )


def asks_for_snapshot(option: Given) -> bool:
    """Whether an option says that the snapshot is installed in place of the lock."""
    return bool(option("frozen") or option("bundle") or option("snapshot") != "")


def _why_snapshot(option: Given) -> str:
    """Return what makes this an installation from the snapshot."""
    if option("bundle"):
        return "--bundle"
    if option("snapshot") != "":
        return "--snapshot"
    return "--frozen" if option("frozen") else 'install = "snapshot" in the settings'


def groups(option: Given, name: str) -> frozenset[str]:
    """Return the groups that an option names."""
    return frozenset(group.strip() for value in option(name) for group in value.split(","))


def tokens(option: Given, *, with_groups: bool = True) -> tuple[str, ...]:
    """Return the options of Poetry's own command as the user wrote them."""
    named = [name for name in LISTS if with_groups or name not in GROUPS]
    flags = [name for name in (*FLAGS, "no-plugins", "no-cache") if option(name)]
    lists = [(name, value) for name in named for value in option(name)]
    return (
        *(f"--{name}" for name in flags),
        *(f"--{name}={value}" for name, value in lists),
    )
