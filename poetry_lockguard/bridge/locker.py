"""Poetry's own locker, except that it gives the text of the lock in place of writing it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from poetry.packages.locker import Locker

if TYPE_CHECKING:
    from pathlib import Path

    from poetry.core.packages.package import Package
    from poetry.packages.transitive_package_info import TransitivePackageInfo
    from poetry.poetry import Poetry
    from poetry.repositories.lockfile_repository import LockfileRepository
    from tomlkit.toml_document import TOMLDocument


_PLAIN = re.compile(r"[A-Za-z0-9._+:!-]+")  # needs no escape in TOML
_FILE, _HASH = "lockguard-file-{}", "lockguard-hash-{}"
_PLACE = re.compile(r'^.*"lockguard-file-([0-9]+)".*\n', re.MULTILINE)


class CapturingLocker(Locker):
    """Reads ``preferences`` (a lock's data) where given, else the project's lock; writes nothing.

    ``captured`` is the text that Poetry would have written, line endings as Poetry keeps them.

    Half of a locker's time goes into the tables of files, thousands of them, all alike. So Poetry
    is given one for each package, and the line it writes for that one is the pattern for the rest.
    """

    def __init__(self, poetry: Poetry, preferences: dict[str, Any] | None = None) -> None:
        super().__init__(poetry.locker.lock, poetry.pyproject.data)
        self._preferences = preferences
        self._files: list[list[dict[str, str]]] = []
        self._repository: LockfileRepository | None = None
        self.captured: bytes | None = None

    @property
    def lock_data(self) -> dict[str, Any]:
        """The data of the lock whose pins are preferred."""
        return super().lock_data if self._preferences is None else self._preferences

    @property
    def content_hash(self) -> str:
        """The hash that this Poetry gives the manifest."""
        return self._content_hash

    def is_locked(self) -> bool:
        """Tell whether there are pins to prefer."""
        return self._preferences is not None or super().is_locked()

    def locked_repository(self) -> LockfileRepository:
        """Give the pins, made once: those who fetch ahead and the solver ask for the same."""
        if self._repository is None:
            self._repository = super().locked_repository()
        return self._repository

    def set_lock_data(self, root: Package, packages: dict[Package, TransitivePackageInfo]) -> bool:
        """Capture the text; nothing was written, so that Poetry does not say it was."""
        super().set_lock_data(root, packages)
        return False

    def _lock_packages(
        self, packages: dict[Package, TransitivePackageInfo]
    ) -> list[dict[str, Any]]:
        """Put one file in the place of many."""
        entries = super()._lock_packages(packages)
        for entry in entries:
            if _are_plain(entry["files"]):
                number = len(self._files)
                self._files.append(entry["files"])
                entry["files"] = [{"file": _FILE.format(number), "hash": _HASH.format(number)}]
        return entries

    def _listed(self, place: re.Match[str]) -> str:
        """Give the lines for the files, each as Poetry wrote the one in their place."""
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
        """Do all that Poetry does but to write: nothing on disk, nothing for a kill to leave."""
        text = data.as_string().replace("\r\n", "\n")
        text = _PLACE.sub(self._listed, text)
        self.captured = text.replace("\n", _line_ending(self._lock)).encode("utf-8")
        self._lock_data = None


def _are_plain(files: list[dict[str, str]]) -> bool:
    return bool(files) and all(
        one.keys() == {"file", "hash"} and all(map(_PLAIN.fullmatch, one.values())) for one in files
    )


def _line_ending(path: Path) -> str:
    """Give the first line's ending, the system's without a lock; it may not be text at all."""
    try:
        with path.open("rb") as file:
            return "\r\n" if file.readline(65536).endswith(b"\r\n") else "\n"
    except FileNotFoundError:
        return os.linesep
