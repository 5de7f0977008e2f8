"""What an update is asked to move: names, with a version or a git reference, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version

from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.lockfile.document import Lock, Pin

_MOVE = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:==\s*(\S+)\s*)?")
#: kinds of pins whose version is whatever stands there: no index can offer another
_FIXED_KINDS = {"directory": "a folder", "file": "a file", "url": "a URL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One package to move: to a version, to a git reference, or to the newest in range."""

    name: str
    version: Version | None = None
    reference: str | None = None

    @property
    def is_newest(self) -> bool:
        """Whether the newest in range is wanted."""
        return self.version is None and self.reference is None

    def __str__(self) -> str:
        if self.reference is not None:
            return f"{self.name} @{self.reference}"
        return f"{self.name} {self.version.text}" if self.version else self.name


def parse_moves(texts: Iterable[str]) -> tuple[Move, ...]:
    """Parse ``NAME``, ``NAME==VERSION`` and ``NAME==@REFERENCE`` arguments. Raises UsageError."""
    moves = [_parsed(text) for text in texts]
    for number, move in enumerate(moves):
        if any(one.name == move.name for one in moves[:number]):
            raise UsageError(f"{move.name} is named twice; name it once")
    return tuple(moves)


def _parsed(text: str) -> Move:
    match = _MOVE.fullmatch(text)
    if match is None and "[" in text:
        name = text.partition("[")[0].strip()
        raise UsageError(f"{text!r}: extras belong to pyproject.toml; name the package: {name}")
    if match is None:
        raise UsageError(f"{text!r}: expected NAME, NAME==VERSION or, for git, NAME==@REFERENCE")
    name, wanted = str(canonicalize_name(match[1])), match[2]
    if wanted is None:
        return Move(name=name)
    if wanted.startswith("@") and len(wanted) > 1:
        return Move(name=name, reference=wanted[1:])
    try:
        return Move(name=name, version=Version.parse(wanted))
    except ValueError as error:
        raise UsageError(f"{text!r}: {wanted!r} is not a version (PEP 440)") from error


def check_moves(moves: Sequence[Move], lock: Lock, where: str) -> None:
    """Raise UsageError for a name that the lock does not have, or a pin that cannot be moved."""
    held: dict[str, list[Pin]] = {}
    for pin in lock.pins:
        held.setdefault(pin.name, []).append(pin)
    for move in moves:
        if move.name not in held:
            raise UsageError(
                f"{where}: no package {move.name!r} is locked{suggestion(move.name, held)}"
            )
        _check_kind(move, {pin.source.kind if pin.source else "" for pin in held[move.name]})


def _check_kind(move: Move, kinds: set[str]) -> None:
    for kind, place in _FIXED_KINDS.items():
        if kinds == {kind}:
            raise UsageError(
                f"{move.name} comes from {place}: change what is there, then run"
                " `poetry lockguard fix`"
            )
    if "git" in kinds and move.version is not None:
        raise UsageError(f"{move.name} comes from git: write {move.name}==@TAG or ==@COMMIT")
    if "git" not in kinds and move.reference is not None:
        raise UsageError(f"{move.name} does not come from git: write {move.name}==VERSION")
