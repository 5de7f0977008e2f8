"""Poetry's own locker, except that it captures the text of the lock instead of writing it."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.packages.dependency import Dependency
from poetry.packages.locker import Locker

from poetry_lockguard import files
from poetry_lockguard.lockfile.fast import plain_reader
from poetry_lockguard.lockfile.fast.entry_texts import Texts
from poetry_lockguard.poetry_api import joined_requirements
from poetry_lockguard.poetry_api.cloning import clone
from poetry_lockguard.urls import without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.utils import NormalizedName
    from poetry.core.packages.package import Package
    from poetry.packages.transitive_package_info import TransitivePackageInfo
    from poetry.poetry import Poetry
    from poetry.repositories.lockfile_repository import LockfileRepository
    from tomlkit.toml_document import TOMLDocument


_PLAIN = re.compile(r"[A-Za-z0-9._+:!-]+")  # needs no escape in TOML
_FILE, _HASH = "lockguard-file-{}", "lockguard-hash-{}"
_PLACE = re.compile(r'^.*"lockguard-file-([0-9]+)".*\n', re.MULTILINE)
_ENTRY = "lockguard-entry-{}"
_KEPT = re.compile(r'^name = "lockguard-entry-([0-9]+)"\nfiles = \[\]\n', re.MULTILINE)


class CapturingLocker(Locker):
    """Reads ``preferences`` (a lock's data) if given, else the project's lock; writes nothing.

    ``captured`` is the text that Poetry would have written, with the line endings Poetry keeps.

    Most of a locker's time goes into text that already exists. So Poetry gets a placeholder for
    every unchanged entry, which is then replaced by the old text. And of a package's files Poetry
    gets only one, whose line is the pattern for the rest.
    """

    def __init__(self, poetry: Poetry, preferences: dict[str, Any] | None = None) -> None:
        super().__init__(poetry.locker.lock, poetry.pyproject.data)
        self._preferences = preferences
        self._files: list[list[dict[str, str]]] = []
        self._kept: list[str] = []
        self._repository: LockfileRepository | None = None
        self.captured: bytes | None = None

    @property
    def lock_data(self) -> dict[str, Any]:
        """The data of the lock whose pins are preferred."""
        if self._preferences is None:
            self._preferences = plain_reader.data(_content(self._lock)) or super().lock_data
        return self._preferences

    @property
    def content_hash(self) -> str:
        """The hash that the running Poetry computes for the manifest."""
        return self._content_hash

    def is_locked(self) -> bool:
        """Return whether there are pins to prefer."""
        return self._preferences is not None or super().is_locked()

    def locked_repository(self) -> LockfileRepository:
        """Return the pins, made once: the prefetch and the solver share them."""
        if self._repository is None:
            self._repository = super().locked_repository()
        return self._repository

    def _get_locked_package(self, info: dict[str, Any], *more: Any, **options: Any) -> Package:
        """Parse the requirements of extras, which many packages have in common, only once."""
        try:
            extras = _extras(info.get("extras", {}))
        except ValueError:  # of an old lock, which Poetry reads in its own way
            return super()._get_locked_package(info, *more, **options)
        package: Package = super()._get_locked_package({**info, "extras": {}}, *more, **options)
        package.extras = extras
        return joined_requirements.as_read(package)

    def set_lock_data(self, root: Package, packages: dict[Package, TransitivePackageInfo]) -> bool:
        """Capture the text; return False, so that Poetry does not report a written lock."""
        super().set_lock_data(root, joined_requirements.as_written(root, packages))
        return False

    def _lock_packages(
        self, packages: dict[Package, TransitivePackageInfo]
    ) -> list[dict[str, Any]]:
        """Replace unchanged entries and long file lists by placeholders."""
        texts = Texts(_content(self._lock))
        entries = map(_without_login, super()._lock_packages(packages))
        return [self._short(entry, texts.of(entry)) for entry in entries]

    def _short(self, entry: dict[str, Any], text: str | None) -> dict[str, Any]:
        if text is not None:
            self._kept.append(text)
            return {"name": _ENTRY.format(len(self._kept) - 1), "files": []}
        if _are_plain(entry["files"]):
            number = len(self._files)
            self._files.append(entry["files"])
            entry["files"] = [{"file": _FILE.format(number), "hash": _HASH.format(number)}]
        return entry

    def _listed(self, place: re.Match[str]) -> str:
        """Return the lines for the files, after the line that Poetry wrote for the placeholder."""
        line, number = place.group(), place.group(1)
        before, between = line.split(_FILE.format(number))
        between, after = between.split(_HASH.format(number))
        return "".join(
            f"{before}{one['file']}{between}{one['hash']}{after}"
            for one in self._files[int(number)]
        )

    def _should_write(self, lock: TOMLDocument) -> bool:  # noqa: ARG002 - Poetry's signature
        return True  # whether anything changed is decided by comparing texts

    def _write_lock_data(self, data: TOMLDocument) -> None:
        """Do what Poetry does except writing, so that nothing incomplete can be left on disk."""
        text = data.as_string().replace("\r\n", "\n")
        text = _PLACE.sub(self._listed, text)
        text = _KEPT.sub(lambda place: f"{self._kept[int(place.group(1))]}\n", text)
        self.captured = text.replace("\n", _line_ending(self._lock)).encode("utf-8")
        self._lock_data = None


def _without_login(entry: dict[str, Any]) -> dict[str, Any]:
    """Remove user and password from an index URL: Poetry finds the index by its name."""
    source = entry.get("source", {})
    if source.get("type") == "legacy":
        source["url"] = without_secrets(source["url"])
    return entry


def _extras(table: dict[str, list[str]]) -> dict[NormalizedName, list[Dependency]]:
    return {
        canonicalize_name(name): [clone(_requirement(text)) for text in texts]
        for name, texts in table.items()
    }


@functools.cache
def _requirement(text: str) -> Dependency:
    return Dependency.create_from_pep_508(text)


def _are_plain(files: list[dict[str, str]]) -> bool:
    return bool(files) and all(
        one.keys() == {"file", "hash"} and all(map(_PLAIN.fullmatch, one.values())) for one in files
    )


def _content(path: Path) -> bytes:
    try:
        return files.read(path)
    except OSError:
        return b""


def _line_ending(path: Path) -> str:
    """Return the line ending of the first line, or the system's; the lock may not be text."""
    try:
        with files.opened(path) as file:
            return "\r\n" if file.readline(65536).endswith(b"\r\n") else "\n"
    except FileNotFoundError:
        return os.linesep
