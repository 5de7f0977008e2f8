"""What both ways to write a bill of materials share: what the project needs, names of hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.reachability import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: the names of hash algorithms in CycloneDX
HASH_NAMES = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}


def roots(needed: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the fewest parts from which all others are reached: of a circle, its first part."""
    inner = {other for others in needed.values() for other in others}
    found = [ref for ref in needed if ref not in inner]
    reached = {*reachable(found, needed.__getitem__)}
    for ref in needed:
        if ref not in reached:
            found.append(ref)
            reached.update(reachable([ref], needed.__getitem__))
    return found
