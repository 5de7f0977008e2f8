"""Unpacks what ``git archive`` gives of a commit, beside what has been laid out already."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def unpack(content: bytes, folder: Path, spared: Collection[str]) -> None:
    """Unpack an archive in a folder, but nothing in those subfolders that are to be spared.

    Links that lead out of the folder are left out: a repository may hold them, and nothing that
    tells requirements is behind them.
    """
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = [one for one in archive if not _is_below(one.name, spared)]
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, members, filter=_harmless)  # noqa: S202 - that is a filter
        else:
            archive.extractall(folder, members)  # noqa: S202 - git's own; older Pythons cannot filter


def _is_below(name: str, folders: Collection[str]) -> bool:
    return any(f"{name}/".startswith(f"{folder}/") for folder in folders)


def _harmless(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None
