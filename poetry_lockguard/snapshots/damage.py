"""What stops a snapshot from being read."""

from __future__ import annotations

from poetry_lockguard.errors import LockguardError

NEXT_STEP = "restore it from git, or move it away and run `poetry lockguard snapshot create`"
MERGE_STEP = "restore each side from git and join them with `poetry lockguard snapshot merge`"


class SnapshotError(LockguardError):
    """The snapshot cannot be read; ``mistakes`` are all of them, each with its place."""

    def __init__(self, where: str, mistakes: tuple[str, ...], next_step: str = NEXT_STEP) -> None:
        self.where = where
        self.mistakes = mistakes
        if len(mistakes) == 1:
            super().__init__(f"{where}: {mistakes[0]}; {next_step}")
        else:
            lines = "".join(f"\n  {where}: {mistake}" for mistake in mistakes)
            super().__init__(f"{where}: {len(mistakes)} mistakes; {next_step}:{lines}")


class NewerSnapshotError(LockguardError):
    """The snapshot is of a format this program does not know: never overwrite it."""

    def __init__(self, where: str, version: int, known: int) -> None:
        self.version = version
        super().__init__(
            f"{where}: made by a newer lockguard (format {version}, this one reads {known});"
            " upgrade poetry-lockguard"
        )


class SealError(LockguardError):
    """Writing would put a good seal on a snapshot whose seal was not good, unverified."""


class UnwritableError(LockguardError):
    """The text to write cannot be read back; the message says what is wrong with it."""
