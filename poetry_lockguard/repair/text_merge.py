"""Merges single files as git does, with ``git merge-file``."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.repair.git_objects import PREFIX

if TYPE_CHECKING:
    from poetry_lockguard.repair.git_objects import Objects
    from poetry_lockguard.repair.merge_commits import Sides

USAGE = 129  #: git's exit code for an unknown option
MOST = 127  #: the largest number of conflicts in git's exit code; above it, git failed
WORDS = {"unspecified": "text", "set": "text", "text": "text", "union": "union"}


class NotMergedError(LockguardError):
    """The files cannot be merged as git would; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVersions:
    """The three contents of one file; a missing base is empty."""

    base: bytes
    ours: bytes
    theirs: bytes


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of the sides in conflict markers, and the length of the markers."""

    ours: str = "ours"
    base: str = "base"
    theirs: str = "theirs"
    size: int = 7


def with_markers(
    versions: TextVersions, objects: Objects, labels: Labels | None = None, *, union: bool = False
) -> tuple[bytes, bool]:
    """Merge line by line; return the text, and whether it has no conflicts.

    Like git's default strategy this uses the histogram algorithm, if git has an option for it.
    """
    labels = labels or Labels()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        names = ("ours", "base", "theirs")
        for name in names:
            Path(folder, name).write_bytes(getattr(versions, name))
        words = [word for name in names for word in ("-L", getattr(labels, name))]
        command = ["-p", f"--marker-size={labels.size}", *(["--union"] if union else []), *words]
        files = [str(Path(folder, name)) for name in names]
        for algorithm in (["--diff-algorithm=histogram"], []):  # an option since git 2.44
            options = ["merge-file", *algorithm, *command, "--", *files]
            done = git.run(options, objects.top, inherit=True)
            if done.returncode != USAGE:
                break
    if not 0 <= done.returncode <= MOST:
        raise NotMergedError(f"git merge-file: {git.reason(done)}")
    return done.stdout, done.returncode == 0


def merged_beside(name: str, sides: Sides, objects: Objects) -> bytes | None:
    """Merge another file of the project as git will; return None if no side has it.

    Raises NotMergedError if that is a conflict, or if git's result cannot be predicted.
    """
    path = sides.ours.beside(name)
    ours, theirs = (
        objects.read(side.commit, side.beside(name)) for side in (sides.ours, sides.theirs)
    )
    base = _base(name, sides, objects)
    if theirs in {ours, base}:
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None:
        raise NotMergedError(f"one side changed {path}, the other deleted it")
    text, is_clean = with_markers(
        TextVersions(base=base or b"", ours=ours, theirs=theirs),
        objects,
        union=_merge_attribute(path, objects) == "union",
    )
    if not is_clean:
        raise NotMergedError(f"both sides changed the same lines of {path}")
    return text


def _merge_attribute(path: str, objects: Objects) -> str:
    """Return a file's merge attribute; raise NotMergedError for one with a merge driver."""
    printed = objects.line("check-attr", "-z", "merge", "--", path) or ""
    word = printed.split("\0")[2] if printed.count("\0") > 1 else "unspecified"
    if word not in WORDS:
        raise NotMergedError(f"git merges {path} with {word}, whose result is not known yet")
    return WORDS[word]


def _base(name: str, sides: Sides, objects: Objects) -> bytes | None:
    contents = [objects.read(base.commit, base.beside(name)) for base in sides.bases]
    if len(contents) <= 1 or len({*contents}) == 1:
        return next(iter(contents), None)
    commits = [base.commit for base in sides.bases]
    return _virtual(commits, sides.ours.beside(name), objects)


def _virtual(commits: list[str], path: str, objects: Objects) -> bytes:
    """Merge several bases into one, with conflicts, as git does before it merges the sides."""
    texts = {commit: objects.read(commit, path) or b"" for commit in commits}

    def joined(one: tuple[str, bytes], other: tuple[str, bytes]) -> tuple[str, bytes]:
        older = objects.bases(one[0], other[0])
        base = _virtual(older, path, objects) if older else b""
        versions = TextVersions(base=base, ours=one[1], theirs=other[1])
        return other[0], with_markers(versions, objects, Labels(size=9))[0]

    return reduce(joined, texts.items())[1]
