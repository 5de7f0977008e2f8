"""Finds the manifest that a stale lock was made for, in git's history."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.manifest.document import Manifest, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.lockfile.document import Lock

_COMMITS = 200
_SECONDS = 2.0


def previous_manifest(manifest: Manifest, lock: Lock) -> Manifest | None:
    """Return the manifest in git's history that hashes to the lock's content-hash.

    This is the one committed with the lock if its hash matches, else the newest. Any of Poetry's
    hash rules counts. None if there is no git, no history, no such commit among the last 200 that
    touched manifest or lock, or if the search takes more than two seconds: the explanation is then
    less precise. Never prompts and never uses the network.
    """
    if lock.content_hash is None:
        return None
    deadline = time.monotonic() + _SECONDS
    for text in _older_texts(manifest.folder, manifest.path.name, deadline):
        if time.monotonic() > deadline:
            return None
        try:
            candidate = parse(text, manifest.path)
        except ManifestError:
            continue
        if lock.content_hash in _hashes(candidate):
            return candidate
    return None


def _hashes(manifest: Manifest) -> tuple[str, ...]:
    try:
        return tuple(content_hash(manifest.data, rule) for rule in RULES)
    except TypeError:  # Poetry cannot hash it either, so no lock was made for it
        return ()


def _older_texts(folder: Path, name: str, deadline: float) -> Iterator[str]:
    """Yield the manifest's older texts, each once: the likeliest, then the newest first.

    The likeliest is the one committed with the lock; git finds it fast even in a long history.
    The commits of manifest and lock come next. The lock's are included because of merges: they
    lead to the manifest of the side whose lock was taken.
    """
    seen: set[bytes] = set()
    for count, paths in ((1, ["poetry.lock"]), (_COMMITS, [name, "poetry.lock"])):
        listed = ask_git(
            folder, ["rev-list", f"--max-count={count}", "HEAD", "--", *paths], deadline
        )
        if listed is None:
            return
        commits = listed.decode("ascii", "replace").split()
        if not commits:  # a lock that was never committed
            continue
        wanted = "".join(f"{commit}:./{name}\n" for commit in commits).encode()
        for blob in contents(ask_git(folder, ["cat-file", "--batch"], deadline, wanted) or b""):
            if blob is not None and blob not in seen:
                seen.add(blob)
                yield blob.decode(errors="replace")  # a manifest that is not UTF-8 never had a lock


def contents(batch: bytes) -> Iterator[bytes | None]:
    """Yield the files in the output of ``git cat-file --batch``.

    Each is ``<id> blob <size>``, the content and a newline. None stands for ``<name> missing``.
    """
    position = 0
    while (end := batch.find(b"\n", position)) != -1:
        header = batch[position:end].split()
        position = end + 1
        if len(header) == 3 and header[1] == b"blob":  # noqa: PLR2004 - else "<name> missing"
            size = int(header[2])
            yield batch[position : position + size]
            position += size + 1
        else:
            yield None


def ask_git(folder: Path, command: list[str], deadline: float, stdin: bytes = b"") -> bytes | None:
    """Run git in ``folder``; None if that fails or takes too long."""
    seconds = max(0.1, deadline - time.monotonic())
    try:
        process = git.run(["--literal-pathspecs", *command], folder, stdin=stdin, timeout=seconds)
    except (git.GitError, OSError):
        return None
    return process.stdout if process.returncode == 0 else None
