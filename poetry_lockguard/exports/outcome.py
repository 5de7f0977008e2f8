"""The outcome of an export: a text, or every reason why there is no text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry_lockguard.exports.bills.licences import Licences
    from poetry_lockguard.snapshots.document import Pin
    from poetry_lockguard.snapshots.format.file_facts import FileFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The text of a file that installs, and what its user should know about it."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing that would install can be written; ``reasons`` are all there are."""

    reasons: tuple[str, ...]


Export = Exported | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What a file for installers needs, but a snapshot omits because it may change.

    ``urls`` gives, for each pin from an index, the address of each of its files by file name;
    ``facts`` is what else is known of these files. ``licences`` are those of packages, by URL.
    ``pypi`` is the address of PyPI's simple pages. ``root`` leads from the folder of the exported
    file to the snapshot's, ``.`` where they are the same.
    """

    urls: Mapping[tuple[str, Pin], Mapping[str, str]] = field(default_factory=dict)
    facts: Mapping[tuple[str, Pin], FileFacts] = field(default_factory=dict)
    licences: Mapping[str, Licences] = field(default_factory=dict)
    pypi: str | None = None
    root: str = "."
