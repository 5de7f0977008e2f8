"""Describes what is wrong with a lock that cannot be read or trusted."""

from __future__ import annotations

import re
from typing import Any

from poetry_lockguard import conflicts
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.toml import TOMLDecodeError

NEXT_STEP = "run `poetry lockguard fix`"
_PLACE = r" \(at line (\d+), column \d+\)"
_METADATA = r"(?m)^\[metadata\]"


class LockDamage(Exception):  # noqa: N818 - an outcome, not an error
    """The lock cannot be read or trusted; ``problems`` say why, each ready for the user."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class UnsupportedLock(LockDamage):
    """The lock's format is not one that Poetry 2 reads; never overwrite it."""

    def __init__(self, problem: Problem, lock_version: str) -> None:
        super().__init__((problem,))
        self.lock_version = lock_version


def unfit(what: str, line: int | None = None) -> Problem:
    """Return the problem of one thing in a lock that Poetry cannot read."""
    return _problem("lock-unreadable", what, line)


def decode(content: bytes) -> str:
    """Decode a lock's bytes.

    Raises LockDamage for what TOML does not allow: a byte order mark, other encodings, NULs.
    """
    if not content.strip():
        raise LockDamage((_problem("lock-truncated", "empty, as after an interrupted write"),))
    if content.startswith(b"\xef\xbb\xbf"):
        raise LockDamage((unfit("begins with a byte order mark, which Poetry cannot read", 1),))
    if (nul := content.find(b"\0")) >= 0:
        what = "contains NUL bytes, as after an interrupted write"
        raise LockDamage((unfit(what, _line_at(content, nul)),))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 (byte {error.start})"
        raise LockDamage((unfit(what, _line_at(content, error.start)),)) from error


def unreadable(text: str, error: ValueError | RecursionError) -> Problem:
    """Return why the TOML parser rejects this text: conflict, truncation, or other damage."""
    if found := conflicts.lines(text):
        return _problem("lock-conflict", conflicts.said(found), found[0])
    if isinstance(error, RecursionError):
        return unfit("nested too deeply to be a lock")
    if not isinstance(error, TOMLDecodeError):
        return unfit("contains a number that is too long")
    last = text.rstrip().count("\n") + 1
    reason = str(error)
    place = re.search(_PLACE, reason)
    line = int(place.group(1)) if place else last
    what = re.sub(_PLACE, "", reason).replace(" (at end of document)", "").rstrip(".")
    if line >= last and _looks_like_a_lock(text, cut=place is None):
        return _problem("lock-truncated", f"ends in the middle ({_lowered(what)})", line)
    if what.startswith("Cannot overwrite"):
        what = "a key is defined twice"
    return unfit(f"invalid TOML: {_lowered(what)}", line)


def _looks_like_a_lock(text: str, *, cut: bool) -> bool:
    """Whether a text is the beginning of a lock; ``cut``: the parser reached the end of it."""
    begins = text.startswith("#") or "[[package]]" in text
    return begins and (cut or not re.search(_METADATA, text))


def without_metadata(data: dict[str, Any], text: str) -> Problem | None:
    """Return a problem if a lock that is valid TOML has no ``[metadata]``."""
    match data.get("metadata"):
        case dict():
            return None
        case None if "package" in data or not data:
            last = text.rstrip().count("\n") + 1
            what = "ends in the middle: there is no [metadata] table, which Poetry writes last"
            return _problem("lock-truncated", what, last)
        case None:
            return _problem("metadata-missing", "has no [metadata] table")
        case _:
            return _problem("metadata-missing", '"metadata" is not a table')


def _problem(code: str, what: str, line: int | None = None) -> Problem:
    place = "poetry.lock" if line is None else f"poetry.lock:{line}"
    return Problem(code=code, message=what, line=line).with_next_step(NEXT_STEP).about(place)


def _line_at(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
