"""Parses a lock of any format that Poetry 2 reads, and reports every mistake with its line."""

from __future__ import annotations

from functools import lru_cache

from poetry_lockguard import toml
from poetry_lockguard.lockfile import damage
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.document import Lock
from poetry_lockguard.lockfile.fast import plain_reader
from poetry_lockguard.lockfile.fast.header import generator
from poetry_lockguard.lockfile.fields import Fields
from poetry_lockguard.lockfile.formats import lock_version
from poetry_lockguard.lockfile.package_tables import pins


@lru_cache(maxsize=2)  # a fix reads the old and the new lock several times
def parse(content: bytes) -> Lock:
    """Parse a lock's bytes. Do not change the result: it is cached.

    Raises LockDamage that lists everything wrong with it, UnsupportedLock for a format that
    Poetry 2 does not read.
    """
    text = damage.decode(content)
    try:
        data = plain_reader.data(content) or toml.loads(text)
    except (ValueError, RecursionError) as error:
        raise LockDamage((damage.unreadable(text, error),)) from error
    if missing := damage.without_metadata(data, text):
        raise LockDamage((missing,))

    metadata = Fields(data["metadata"], "[metadata]")
    version = lock_version(data["metadata"])
    parsed, problems = pins(data, version, text)
    top = Fields(data, "the lock")
    lock = Lock(
        generator=generator(text),
        lock_version=version,
        content_hash=metadata.optional_text("content-hash"),
        python_versions=metadata.optional_text("python-versions"),
        extras=top.lists_of_text("extras"),
        pins=parsed,
        raw=data,
    )
    if problems := (*metadata.problems, *top.problems, *problems):
        raise LockDamage(problems)
    return lock
