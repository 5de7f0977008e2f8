"""The committed lock, if it fits the manifest again because an edit was undone.

A fix after the edit may have dropped pins, or the environments of some. Only the committed lock
still has them; an index may have other files by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import accepting

if TYPE_CHECKING:
    from poetry_lockguard.lockfile.document import Lock, Pin
    from poetry_lockguard.manifest.document import Manifest


def restored(manifest: Manifest, lock: Lock, text: str) -> str | None:
    """Return the lock at HEAD if some Poetry calls it fresh and it has every pin of ``lock``.

    ``text`` is that of ``lock``; its line endings stay. None if there is no such lock, or if it is
    the lock here. Takes two calls of git.
    """
    try:
        content = git.show("HEAD", f"./{manifest.lock_path.name}", manifest.folder)
        committed = None if content is None else parse(content)
    except (git.GitError, LockDamage):
        return None
    if content is None or committed is None or not _is_before(committed, lock):
        return None
    if not accepting(manifest.data, committed.content_hash, committed.generator):
        return None
    plain = content.decode("utf-8").replace("\r\n", "\n")
    new = plain.replace("\n", "\r\n") if "\r\n" in text else plain
    return None if new == text else new


def _is_before(committed: Lock, lock: Lock) -> bool:
    """Whether a lock can have come from the committed one by a fix that moved no pin."""
    pins = {*map(_release, committed.pins)}
    return committed.lock_version == lock.lock_version and all(
        _release(pin) in pins for pin in lock.pins
    )


def _release(pin: Pin) -> tuple[object, ...]:
    return pin.name, pin.version, pin.source, frozenset(pin.files)
