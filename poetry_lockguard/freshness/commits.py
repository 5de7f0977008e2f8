"""Names of commits: a branch, a tag and the hash itself may all be names of one commit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poetry.core.packages.specification import PackageSpecification

_HASH = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)


def is_of_commit(pin: PackageSpecification, wanted: PackageSpecification) -> bool:
    """Whether ``wanted`` names the pinned commit by its hash or the start of its hash."""
    return _is_same_place(pin, wanted) and _begins(_commit(pin), wanted.source_reference or "")


def may_be_of_commit(pin: PackageSpecification, wanted: PackageSpecification) -> bool:
    """Whether ``wanted`` may name the pinned commit, judged without asking the host.

    Poetry keeps a pin whose commit is the wanted one, under the name that it had before. Only the
    host knows which commit a branch or a tag points to.
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
