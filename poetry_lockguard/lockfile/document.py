"""``poetry.lock`` as values, for every format that Poetry 2 reads (1.0, 1.1, 2.0, 2.1)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Source(NamedTuple):
    """Where a pin comes from; ``None`` in its place means PyPI.

    ``kind`` is ``legacy``, ``git``, ``url``, ``file`` or ``directory``, as Poetry writes it.
    """

    kind: str
    url: str
    reference: str | None = None
    resolved_reference: str | None = None
    subdirectory: str | None = None


class File(NamedTuple):
    """One artifact of a pin: its file name and ``algorithm:digest``."""

    name: str
    hash: str


class Pin(NamedTuple):
    """One ``[[package]]`` of a lock.

    ``name`` is normalized (PEP 503); ``version`` is the text in the lock. ``groups`` is empty and
    ``markers`` are ``None`` before format 2.1. ``dependencies`` maps normalized names to the
    constraints as Poetry writes them (``"*"``, ``">=1,<2"``, or a table with ``version``,
    ``markers``, ``extras``, ``optional``, ``path``, ``git`` …). ``raw`` is the whole table.
    ``line`` is the line of ``[[package]]``, from 1.
    """

    name: str
    version: str
    source: Source | None
    python_versions: str
    optional: bool
    groups: tuple[str, ...]
    markers: str | dict[str, str] | None
    files: tuple[File, ...]
    dependencies: dict[str, tuple[str | dict[str, Any], ...]]
    extras: dict[str, tuple[str, ...]]
    line: int
    raw: dict[str, Any]

    def __repr__(self) -> str:
        """Return a representation without the tables."""
        return f"Pin({self.name} {self.version})"


class Lock(NamedTuple):
    """A whole lock. ``generator`` is the Poetry version that its first line names, or None."""

    generator: str | None
    lock_version: str
    content_hash: str | None
    python_versions: str | None
    extras: dict[str, tuple[str, ...]]
    pins: tuple[Pin, ...]
    raw: dict[str, Any]

    def __repr__(self) -> str:
        """Return a representation without the tables."""
        return f"Lock({self.lock_version}, {self.pins})"
