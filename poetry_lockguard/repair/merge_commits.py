"""Finds out what git is merging: the commits from which a driver's three files come.

Git calls a merge driver file by file, before anything is in the working tree, and names no
commits: ``MERGE_HEAD``, ``CHERRY_PICK_HEAD`` and ``REBASE_HEAD`` are mostly written afterwards.
So commits are searched where git leaves traces (variables of ``git merge``, a rebase's own files)
and in the history, and each counts only if it has exactly the contents that git passed:

- a merge: HEAD and the merged head have ours and theirs;
- a cherry-pick, a rebase, a revert, a stash: some commit changes the file from base to theirs, or
  from theirs to base.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files, git
from poetry_lockguard.repair.git_objects import PREFIX, Objects, TreePlace

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30.0  #: for a search of the whole history
_OBJECT = re.compile(r"GITHEAD_([0-9a-f]{40,64})")
_HEADS = ("CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")
_STEPS = {"rebase-merge/done": -1, "rebase-apply/original-commit": 0, "sequencer/todo": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What git passed: the merged path, and the ids of the contents (None for no content)."""

    path: str
    base: str | None
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The merged states; a criss-cross merge has several ``bases``, no common history has none."""

    bases: tuple[TreePlace, ...]
    ours: TreePlace
    theirs: TreePlace


def sides(given: Given, objects: Objects) -> list[Sides]:
    """Return the possible explanations of what git is doing, only those of the surest kind."""
    ours = _ours(given, objects)
    if ours is None:
        return []
    for source in (_merges, _steps, _changes):
        found = [*dict.fromkeys(source(given, objects, ours))]
        if found:
            return found
    return []


def _ours(given: Given, objects: Objects) -> TreePlace | None:
    """Find our side: the index if something is staged (stash, ``cherry-pick -n``), or HEAD."""
    for tree in (_staged(objects), objects.commit("HEAD")):
        if tree is not None and (place := _place(tree, given.ours, given, objects)):
            return place
    return None


def _staged(objects: Objects) -> str | None:
    """Return the index as a tree if it differs from HEAD; read a copy, since git locks it."""
    if objects.line("diff-index", "--cached", "--quiet", "HEAD") is not None:
        return None
    index = os.environ.get("GIT_INDEX_FILE") or objects.line("rev-parse", "--git-path", "index")
    if index is None:
        return None
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        copy = Path(folder, "index")
        try:
            shutil.copyfile(objects.top / index, copy)
        except OSError:
            return None
        variables = {"GIT_INDEX_FILE": str(copy)}
        found = git.run(["write-tree"], objects.top, inherit=True, more=variables)
    return found.stdout.decode("ascii").strip() if found.returncode == 0 else None


def _place(tree: str, blob: str | None, given: Given, objects: Objects) -> TreePlace | None:
    """Find the file with this content in a tree, even if its folder has another name there."""
    if objects.id(tree, given.path) == blob:
        return TreePlace(tree, given.path)
    if blob is None:
        return None
    path = objects.find(tree, blob, posixpath.basename(given.path))
    return None if path is None else TreePlace(tree, path)


def _merges(given: Given, objects: Objects, ours: TreePlace) -> Iterator[Sides]:
    """Yield the explanations from heads that ``git merge`` names in its environment."""
    for name in os.environ:
        if (match := _OBJECT.fullmatch(name)) and (commit := objects.commit(match[1])):
            yield from _merge(commit, given, objects, ours)


def _merge(commit: str, given: Given, objects: Objects, ours: TreePlace) -> Iterator[Sides]:
    theirs = _place(commit, given.theirs, given, objects)
    if theirs is None:
        return
    bases = objects.bases("HEAD", commit)
    if len(bases) > 1:  # git merged the bases into the content that it passed
        yield Sides(
            bases=tuple(TreePlace(base, ours.path) for base in bases), ours=ours, theirs=theirs
        )
        return
    places = [_place(base, given.base, given, objects) for base in bases]
    found = tuple(place for place in places if place is not None)
    if len(found) == len(bases):
        yield Sides(bases=found, ours=ours, theirs=theirs)


def _steps(given: Given, objects: Objects, ours: TreePlace) -> Iterator[Sides]:
    """Yield the explanations from the current commit of a rebase or a sequence of picks."""
    for word, commit in _named(objects):
        if word in {"merge", "m"}:
            yield from _merge(commit, given, objects, ours)
        else:
            yield from _picked(commit, given, objects, ours)


def _named(objects: Objects) -> Iterator[tuple[str, str]]:
    for file, number in _STEPS.items():
        path = objects.line("rev-parse", "--git-path", file)
        try:
            text = files.read(Path(objects.top, path or "")).decode("utf-8", "replace")
        except OSError:
            continue
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        words = lines[number].split() if lines else []
        for revision in _revisions(words):
            if commit := objects.commit(revision):
                yield words[0], commit
    for head in _HEADS:
        if commit := objects.commit(head):
            yield head, commit


def _revisions(words: list[str]) -> Iterator[str]:
    """Yield the revisions in a rebase's line: ``pick ID``, ``merge -C ID label`` or ``ID``."""
    if words and words[0] in {"merge", "m"}:
        for label in words[1:]:
            if label == "#":
                return
            yield from (f"refs/rewritten/{label}", label)
    else:
        yield from words[:2]


def _picked(commit: str, given: Given, objects: Objects, ours: TreePlace) -> Iterator[Sides]:
    """Yield the explanation if a commit, or its reversal, is the change that git applies."""
    for parent in objects.parents(commit):
        for base, theirs in ((parent, commit), (commit, parent)):
            before = _place(base, given.base, given, objects)
            after = _place(theirs, given.theirs, given, objects)
            if before is not None and after is not None:
                yield Sides(bases=(before,), ours=ours, theirs=after)


def _changes(given: Given, objects: Objects, ours: TreePlace) -> Iterator[Sides]:
    """Search everything that a branch, tag, stash or reflog reaches for the change."""
    if given.theirs is None:
        return
    listed = objects.line(
        "log",
        "--all",
        "--reflog",
        "--full-history",
        "-m",
        "--no-renames",
        "--format=%H",
        "--no-patch",
        f"--find-object={given.theirs}",
        "HEAD",
        "--",
        f":(top,glob)**/{_literal(posixpath.basename(given.path))}",
        timeout=SECONDS,
    )
    for commit in dict.fromkeys((listed or "").split()):
        yield from _picked(commit, given, objects, ours)


def _literal(name: str) -> str:
    return re.sub(r"([*?[\\])", r"\\\1", name)
