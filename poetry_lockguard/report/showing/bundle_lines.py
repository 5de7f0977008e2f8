"""The report of ``bundle``: what was gathered, what is not in it, or why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cleo.formatters.formatter import Formatter

from poetry_lockguard.installing.bundling import BundleWritten
from poetry_lockguard.plurals import counted
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poetry_lockguard.exports.bundles.bundle_contents import BundleFile
    from poetry_lockguard.installing.bundling import BundleRefused

_KB, _MB = 1_000, 1_000_000


def megabytes(size: int) -> str:
    """Return a size as text."""
    return f"{size / _MB:.1f} MB" if size >= _MB // 10 else f"{size / _KB:.1f} kB"


def byte_progress(arrived: int, known: int) -> str:
    """Return how much has arrived, of what is known to come."""
    return f"Downloading: {megabytes(arrived)} of {megabytes(known)}"


def written_line(outcome: BundleWritten, output: Path) -> str:
    """Return the line about a complete bundle."""
    new = f"{outcome.fetched or 'none'} new"
    return (
        f"{shown(output)}: {counted(len(outcome.files), 'file')}, {megabytes(outcome.size)}, {new};"
        " the bundle is complete"
    )


def warnings(outcome: BundleWritten) -> Iterator[str]:
    """Yield what the place without a network has to have besides the bundle."""
    if outcome.builds:
        yield (
            "WARNING: these archives are built when they are installed, and their build tools are"
            " not in the bundle; put wheels of the build tools into the folder:"
        )
        yield from (f"  {one}" for one in outcome.builds)
    if outcome.folders:
        yield (
            "WARNING: path dependencies that are folders are not in the bundle:"
            f" {', '.join(outcome.folders)}; install from a checkout, and put wheels of their build"
            " tools into the folder"
        )


def refusal_lines(outcome: BundleRefused, output: Path) -> Iterator[str]:
    """Yield why there is no complete bundle."""
    yield from (Formatter.escape(f"lockguard: {reason}") for reason in outcome.reasons)
    yield Formatter.escape(f"lockguard: {shown(output)}: not complete; run this again to resume")


def as_json(outcome: BundleWritten | BundleRefused, output: Path) -> str:
    """Return the JSON document."""
    written = outcome if isinstance(outcome, BundleWritten) else None
    document = {
        "lockguard": 1,
        "command": "bundle",
        "status": "complete" if written else "failed",
        "output": shown(output),
        "size": written.size if written else 0,
        "fetched": written.fetched if written else 0,
        "files": [_file(*one) for one in written.files] if written else [],
        "unpinned_builds": [*written.builds] if written else [],
        "folders": [*written.folders] if written else [],
        "failures": [] if isinstance(outcome, BundleWritten) else [*outcome.reasons],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _file(file: BundleFile, size: int) -> dict[str, Any]:
    name, (version, _) = file.key
    return {
        "name": file.name,
        "package": name,
        "version": version,
        "hash": file.digest,
        "size": size,
    }
