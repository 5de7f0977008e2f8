"""Names of commits: a branch, a tag and the hash itself may all be names of one commit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poetry.core.packages.specification import PackageSpecification

_HASH = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)


def is_of_commit(pin: PackageSpecification, wanted: PackageSpecification) -> bool:
    """Whether ``wanted`` names, by its hash or the beginning of it, the commit that is pinned."""
    return _is_same_place(pin, wanted) and _begins(_commit(pin), wanted.source_reference or "")


def may_be_of_commit(pin: PackageSpecification, wanted: PackageSpecification) -> bool:
    """Whether ``wanted`` names the commit that is pinned, as far as that can be told from here.

    Poetry keeps a pin whose commit is the one wanted, with the name that it had before. Of which
    commit a branch or a tag is the name, only the host knows.
    """
    if not _is_same_place(pin, wanted) or not _commit(pin):
        return False
    name = wanted.source_reference or ""
    return _HASH.fullmatch(name) is None or _begins(_commit(pin), name)


def _is_same_place(pin: PackageSpecification, wanted: PackageSpecification) -> bool:
    return (
        pin.source_type == wanted.source_type == "git"
        and pin.source_url == wanted.source_url
        and (pin.source_subdirectory or "") == (wanted.source_subdirectory or "")
    )


def _commit(pin: PackageSpecification) -> str:
    return (pin.source_resolved_reference or "").lower()


def _begins(commit: str, name: str) -> bool:
    return _HASH.fullmatch(name) is not None and commit.startswith(name.lower())
