"""The options that the snapshot commands share, as data."""

from __future__ import annotations

from poetry_lockguard.commands.options import MIRROR, RETRIES, Option

FILE = Option(
    name="file",
    takes="one",
    help="The snapshot; default: the one in the settings (lockguard.lock).",
)
CONFIG = Option(name="config", takes="many", help="A configuration's name; may be repeated.")
NETWORK = (
    MIRROR,
    Option(name="offline", help="Never use the network; caches may be used."),
    Option(name="timeout", takes="one", help="Seconds for all network requests."),
    RETRIES,
)
TARGET = (
    Option(name="python", takes="one", help="A Python version, such as 3.11 or 3.11.7."),
    Option(
        name="platform", takes="one", help="A platform, such as linux-x86_64, or a wheel's tag."
    ),
    Option(name="implementation", takes="one", help="The Python implementation: cpython or pypy."),
    Option(name="extras", takes="many", short="E", help="Extras to include."),
    Option(name="groups", takes="many", help="Dependency groups to include; default: main."),
)
