"""What ``check --online`` asks about a pin, and the answers an index can give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from poetry_lockguard.lockfile.document import File, Source

LOCK = "poetry.lock"
UNREACHABLE = "unreachable"  #: the code of pins that could not be checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One pin to ask about; ``held_in`` is the file that contains it, ``line`` its line there."""

    name: str
    version: str
    files: tuple[File, ...]
    source: Source | None
    line: int | None = None
    held_in: str = LOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One file that an index offers.

    ``hashes`` are ``algorithm:digest`` in lower case. ``yanked`` is None if the file is not
    yanked, else the reason, which may be empty (PEP 592). ``uploaded`` is when it was uploaded, if
    the index says so (PEP 700).
    """

    name: str
    hashes: frozenset[str] = frozenset()
    yanked: str | None = None
    uploaded: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAnswer:
    """What an index says about a package: the offers that concern the pins in question.

    ``where`` is the index as messages name it. ``status`` is the project's status (PEP 792).
    """

    where: str
    offers: tuple[Offer, ...] = ()
    status: str = "active"
    status_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The index ``where`` has no package of that name."""

    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Whether the archive of a URL pin, at the address ``where``, is still there."""

    where: str
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """``where`` could not be reached; ``reason`` says why and what to do."""

    where: str
    reason: str


def normal_hash(hash_: str) -> str:
    """Return a lock's hash in the form of the offers; format 1.0 omits the algorithm."""
    return (hash_ if ":" in hash_ else f"sha256:{hash_}").lower()


def own_offers(asked: Asked, page: PageAnswer) -> list[Offer]:
    """Return the offers that are files of a pin: by name, or by content; all if it lists none."""
    names = {file.name for file in asked.files}
    hashes = {normal_hash(file.hash) for file in asked.files}
    return [
        offer
        for offer in page.offers
        if not names or offer.name in names or not hashes.isdisjoint(offer.hashes)
    ]
