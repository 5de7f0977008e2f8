"""The options of ``fix``, shared by Poetry's console and the fast command line."""

from __future__ import annotations

from poetry_lockguard.commands.options import (
    FORCE,
    LOCK_FORMAT,
    MIRROR,
    RETRIES,
    TEXT_OR_JSON,
    Option,
)
from poetry_lockguard.settings import STRATEGIES

PATHS = "Project folders, pyproject.toml or poetry.lock files; default: the project you are in."
OPTIONS = (
    Option(
        name="strategy",
        takes="many",
        choices=STRATEGIES,
        help=f"Try only these, in the order given: {', '.join(STRATEGIES)}.",
    ),
    MIRROR,
    Option(name="offline", help="Never use the network."),
    Option(
        name="timeout",
        takes="one",
        help="Seconds for fixing one lock; default: the settings', or 600.",
    ),
    RETRIES,
    LOCK_FORMAT,
    Option(name="dry-run", help="Report what would change, but do not write the lock."),
    FORCE,
    Option(name="recursive", short="r", help="Fix every Poetry project below each path."),
    TEXT_OR_JSON,
)
