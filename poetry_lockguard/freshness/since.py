"""Finds the commit since which a lock is stale, if git's history is available."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.history import ask_git, contents
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.fast.header import header_of, read_header
from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.content_hash import is_fresh
from poetry_lockguard.manifest.document import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poetry_lockguard.manifest.content_hash import Rule
    from poetry_lockguard.manifest.document import Manifest

_COMMITS = 200
_SECONDS = 0.2
_AT_ONCE = (4, 16, 60, 120)


class Since(NamedTuple):
    """One commit: its full hash, its time (seconds since 1970) and its subject."""

    commit: str
    made: int
    subject: str


def stale_since(manifest: Manifest, rule: Rule) -> Since | None:
    """Return the commit that made the lock stale by the hash rule ``rule``.

    If that happened on another branch, it is the merge into the current one. None without git or
    history, if the change is not committed, if none of the last 200 commits of manifest and lock
    was fresh although there are older ones, as beyond the end of a shallow clone, or if the search
    takes more than 0.2 seconds.
    """
    deadline = time.monotonic() + _SECONDS
    commits = _commits(manifest, deadline)
    found = None
    for commit, manifest_text, lock_text in _versions(manifest, commits, deadline):
        if manifest_text is None or lock_text is None:
            return found
        if _is_fresh(manifest, manifest_text, lock_text, rule):
            return found
        found = commit
        if time.monotonic() > deadline:
            return None
    if found is None or _is_cut_off(manifest, found, deadline):
        return None
    is_whole = time.monotonic() <= deadline and len(commits) < _COMMITS
    return found if is_whole else None


def _is_cut_off(manifest: Manifest, oldest: Since, deadline: float) -> bool:
    """Whether a shallow clone ends here: to git the commit brought every file, but it did not."""
    is_shallow = ask_git(manifest.folder, ["rev-parse", "--is-shallow-repository"], deadline)
    if (is_shallow or b"").strip() != b"true":
        return False
    parent = ["rev-parse", "--verify", "--quiet", f"{oldest.commit}^"]
    return ask_git(manifest.folder, parent, deadline) is None


def _commits(manifest: Manifest, deadline: float) -> list[Since]:
    """Return the commits that touched manifest or lock, the newest first."""
    command = ["log", "--first-parent", f"--max-count={_COMMITS}", "-z", "--format=%H %ct %s"]
    names = [manifest.path.name, manifest.lock_path.name]
    listed = ask_git(manifest.folder, [*command, "HEAD", "--", *names], deadline) or b""
    found = []
    for line in listed.decode("utf-8", "replace").split("\0"):
        commit, _, rest = line.strip("\n").partition(" ")
        made, _, subject = rest.partition(" ")
        if made.isdecimal():
            found.append(Since(commit, int(made), subject))
    return found


def _versions(
    manifest: Manifest, commits: list[Since], deadline: float
) -> Iterator[tuple[Since, bytes | None, bytes | None]]:
    """Yield each commit with both files, read in batches: the first few are often enough."""
    waiting = iter(commits)
    for count in _AT_ONCE:
        some = [*islice(waiting, count)]
        if not some:
            return
        names = (manifest.path.name, manifest.lock_path.name)
        wanted = "".join(f"{commit.commit}:./{name}\n" for commit in some for name in names)
        batch = ask_git(manifest.folder, ["cat-file", "--batch"], deadline, wanted.encode())
        if batch is None:
            return
        texts = contents(batch)
        for commit in some:
            yield commit, next(texts, None), next(texts, None)


def _is_fresh(manifest: Manifest, manifest_text: bytes, lock_text: bytes, rule: Rule) -> bool:
    try:
        header = read_header(lock_text) or header_of(parse_lock(lock_text))
        before = parse(manifest_text.decode("utf-8", "replace"), manifest.path)
        return is_fresh(before.data, header.content_hash, header.generator, rule)
    except (LockDamage, ManifestError, TypeError):
        return False


def age(made: int, now: Callable[[], float] = time.time) -> str:
    """Return how long ago a commit was made, in the largest unit that fits."""
    seconds = max(0, int(now()) - made)
    for unit, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


_UNITS = (
    ("year", 365 * 86400),
    ("month", 30 * 86400),
    ("week", 7 * 86400),
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)
