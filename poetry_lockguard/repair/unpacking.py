"""Unpacks the output of ``git archive`` without overwriting folders that are already written."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def unpack(content: bytes, folder: Path, kept: Collection[str]) -> None:
    """Unpack an archive in a folder, except for the subfolders in ``kept``.

    Links out of the folder are left out: a repository may contain them, and no requirements are
    behind them.
    """
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = [member for member in archive if not _is_below(member.name, kept)]
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
