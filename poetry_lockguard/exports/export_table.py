"""``[tool.lockguard.exports]``: the files derived from a lock, and whether they are current."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import SettingsError, UsageError
from poetry_lockguard.exports.derived_file import DerivedFile, ExportSpec, derived_file
from poetry_lockguard.exports.file_seal import is_as_made, is_unmerged, with_line_feeds
from poetry_lockguard.exports.lock_selection import UnclearError
from poetry_lockguard.exports.outcome import Exported, Places
from poetry_lockguard.file_sets import is_interrupted
from poetry_lockguard.freshness.judge import EXPORT_STALE
from poetry_lockguard.lockfile.lock_bytes import read as read_lock
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.settings import Settings

INTERRUPTED = (
    "a run was interrupted while it was writing the lock and its derived files;"
    " `poetry lockguard fix` completes that"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFile:
    """One file of the table: its name there, and its current text; None if it is missing."""

    name: str
    path: Path
    text: str | None
    derived: DerivedFile

    @property
    def is_edited(self) -> bool:
        """Whether somebody else wrote or changed the file."""
        return self.text is not None and not (is_as_made(self.text) or is_unmerged(self.text))

    @property
    def root(self) -> str:
        """The way from the file's folder to the project's."""
        folder = self.derived.manifest.folder
        return PurePath(os.path.relpath(folder, self.path.parent)).as_posix()

    def known_places(self) -> Places:
        """Return the addresses and the licences that the file has already."""
        if self.derived.spec.format == "cyclonedx" and not (self.text is None or self.is_edited):
            from poetry_lockguard.exports.bills.licences import known_licences

            return Places(root=self.root, licences=known_licences(self.text))
        if not self.derived.addresses_needed or self.text is None:
            return Places(root=self.root)
        from poetry_lockguard.exports.known_files import known_index, known_places

        names = {one.pin.name for one in self.derived.pins if one.pin.source is None}
        known = known_places(self.text, self.derived.addresses_needed, self.root)
        return replace(known, pypi=known_index(self.text, names))

    def content(self, text: str) -> bytes:
        """Return a text with the line endings that the file has."""
        has_crlf = self.text is not None and "\r\n" in self.text
        return (text.replace("\n", "\r\n") if has_crlf else text).encode()

    def is_current(self) -> bool:
        """Whether the file is what the lock gives, without asking an index for addresses."""
        if self.text is None:
            return False
        made = self.derived.made(self.known_places())
        return isinstance(made, Exported) and made.text == with_line_feeds(self.text)


def declared_files(manifest: Manifest, lock: Lock, settings: Settings) -> Iterator[DeclaredFile]:
    """Yield the files of the table; raises SettingsError for unknown groups and extras.

    Raises UnclearError if an old lock does not say where a package belongs.
    """
    for name, table in settings.exports.items():
        spec = ExportSpec(
            format=table["format"],
            groups=tuple(table.get("groups", ())),
            extras=tuple(table.get("extras", ())),
            config=table.get("config"),
        )
        try:
            derived = derived_file(manifest, lock, settings, spec)
        except UsageError as error:
            raise SettingsError(f"{manifest.path}: exports.{name}: {error}") from error
        path = manifest.folder / name
        yield DeclaredFile(name=name, path=path, text=_text(path), derived=derived)


def _text(path: Path) -> str | None:
    try:
        return files.read(path).decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error


def with_exports(verdict: Verdict, manifest: Manifest, certain: Collection[str]) -> Verdict:
    """Return a fresh lock's verdict with a problem for each derived file that is out of step.

    The files that are ``certain`` to be in step are not looked at.
    """
    settings = parse_settings(manifest.settings, str(manifest.path))
    lock = parse(read_lock(manifest.lock_path))
    return verdict._replace(
        problems=(*verdict.problems, *_problems(manifest, lock, settings, certain)),
    )


def _problems(
    manifest: Manifest, lock: Lock, settings: Settings, certain: Collection[str]
) -> Iterator[Problem]:
    if is_interrupted(manifest.lock_path):
        yield Problem(code=EXPORT_STALE, message=INTERRUPTED)
        return
    try:
        for file in declared_files(manifest, lock, settings):
            if file.name not in certain and not file.is_current():
                yield Problem(
                    code=EXPORT_STALE, message=f"{file.name}: {_reason(file)}", file=file.name
                )
    except UnclearError as error:
        yield Problem(code=EXPORT_STALE, message=str(error))


def _reason(file: DeclaredFile) -> str:
    if file.text is None:
        return "missing; run `poetry lockguard fix` to make it"
    if is_unmerged(file.text):
        return "has conflict markers; run `poetry lockguard fix` when pyproject.toml is merged"
    if file.is_edited:
        return "edited by hand; `poetry lockguard fix --force` overwrites it"
    return "made from another poetry.lock; run `poetry lockguard fix`"
