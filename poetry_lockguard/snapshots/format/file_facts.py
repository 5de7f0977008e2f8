"""What an index says of files besides their hashes: their sizes and when they were uploaded.

These are no part of what a pin is: an index that says nothing of them, or something else, makes no
other snapshot. What a snapshot knows of a file is kept as long as the file has the same hash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from poetry_lockguard.policy.admission import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Fact = TypeVar("Fact", int, str)
LARGEST = 1 << 53  #: bytes; every reader of JSON takes such a number exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What is known of a pin's files, by their names; of many an index says nothing.

    ``sizes`` are in bytes, ``upload_times`` in ISO 8601, UTC.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    upload_times: Mapping[str, str] = field(default_factory=dict)


NOTHING_KNOWN = FileFacts()


class PinCopy(Protocol):
    """One copy of a pin: its files with their hashes, and what it says of them."""

    @property
    def files(self) -> Mapping[str, str]:
        """The hashes by file name."""

    @property
    def facts(self) -> FileFacts:
        """What is known of the files."""


def upload_time(value: object) -> str | None:
    """Return an index's ``upload-time`` (PEP 700) in its one form; None if it is no such time."""
    found = moment(value)
    return None if found is None else found.isoformat().replace("+00:00", "Z")


def size(value: object) -> int | None:
    """Return a number of bytes; None for anything else."""
    return value if type(value) is int and 0 <= value <= LARGEST else None


def facts_of(files: Iterable[Mapping[str, Any]]) -> FileFacts:
    """Return the facts about files as Poetry has them (``file``, ``size``, ``upload_time``)."""
    files = [*files]
    sizes = {one["file"]: size(one.get("size")) for one in files}
    times = {one["file"]: upload_time(one.get("upload_time")) for one in files}
    return FileFacts(
        sizes={file: one for file, one in sizes.items() if one is not None},
        upload_times={file: one for file, one in times.items() if one is not None},
    )


def facts_of_page(told: Mapping[str, Mapping[str, Any]], files: Mapping[str, str]) -> FileFacts:
    """Return what a JSON page says of files, by name; not of one that it gives another hash."""
    same = {
        file: told[file] for file in files if file in told and _is_same(told[file], files[file])
    }
    return facts_of(
        {"file": file, "size": one.get("size"), "upload_time": one.get("upload-time")}
        for file, one in same.items()
    )


def _is_same(told: Mapping[str, Any], digest: str) -> bool:
    kind, _, content = digest.partition(":")
    hashes = told.get("hashes")
    return not isinstance(hashes, dict) or hashes.get(kind, content) == content


def first_known(files: Mapping[str, str], copies: Iterable[PinCopy]) -> FileFacts:
    """Return the facts about these files; of several copies of a pin, the first that has one."""
    return _collected(files, [*copies], lambda first, _: first, lambda first, _: first)


def least_known(files: Mapping[str, str], copies: Iterable[PinCopy]) -> FileFacts:
    """Return the facts about these files; of several copies of a pin, the smallest and earliest.

    So the order of the copies never matters.
    """
    return _collected(files, [*copies], min, _earliest)


def known_files(facts: FileFacts) -> frozenset[str]:
    """Return the names of the files of which anything is known."""
    return frozenset({**facts.sizes, **facts.upload_times})


def with_more(facts: FileFacts, others: FileFacts) -> FileFacts:
    """Add what others say of files of the same content; what is known already stays."""
    return FileFacts(
        sizes={**others.sizes, **facts.sizes},
        upload_times={**others.upload_times, **facts.upload_times},
    )


def _earliest(first: str, second: str) -> str:
    return min(first, second, key=lambda text: (moment(text), text))


def _collected(
    files: Mapping[str, str],
    copies: list[PinCopy],
    size_of: Callable[[int, int], int],
    time_of: Callable[[str, str], str],
) -> FileFacts:
    if not any(one.facts.sizes or one.facts.upload_times for one in copies):
        return NOTHING_KNOWN
    return FileFacts(
        sizes=_joined(files, [(one, one.facts.sizes) for one in copies], size_of),
        upload_times=_joined(files, [(one, one.facts.upload_times) for one in copies], time_of),
    )


def _joined(
    files: Mapping[str, str],
    copies: Iterable[tuple[PinCopy, Mapping[str, Fact]]],
    chosen: Callable[[Fact, Fact], Fact],
) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for copy, facts in copies:
        for file, value in facts.items():
            if file in files and files[file] == copy.files[file]:
                found[file] = chosen(found[file], value) if file in found else value
    return found
