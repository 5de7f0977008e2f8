"""Poetry's own locker, except that it gives the text of the lock in place of writing it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poetry.packages.locker import Locker

if TYPE_CHECKING:
    from poetry.core.packages.package import Package
    from poetry.packages.transitive_package_info import TransitivePackageInfo
    from poetry.poetry import Poetry
    from tomlkit.toml_document import TOMLDocument


class CapturingLocker(Locker):
    """Reads ``preferences`` (a lock's data) where given, else the project's lock; writes nothing.

    ``captured`` is the text that Poetry would have written, line endings as Poetry keeps them.
    """

    def __init__(self, poetry: Poetry, preferences: dict[str, Any] | None = None) -> None:
        super().__init__(poetry.locker.lock, poetry.pyproject.data)
        self._preferences = preferences
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

    def set_lock_data(self, root: Package, packages: dict[Package, TransitivePackageInfo]) -> bool:
        """Capture the text; nothing was written, so that Poetry does not say it was."""
        super().set_lock_data(root, packages)
        return False

    def _should_write(self, lock: TOMLDocument) -> bool:  # noqa: ARG002 - Poetry's signature
        return True  # whether anything changed is decided by comparing texts

    def _write_lock_data(self, data: TOMLDocument) -> None:
        """Let Poetry write beside a stand-in for the old lock, whose line endings it keeps."""
        original = self._lock
        with tempfile.TemporaryDirectory(prefix="lockguard-") as folder:
            self._lock = Path(folder, "poetry.lock")
            try:
                if original.exists():
                    self._lock.write_bytes(_first_line_ending(original))
                super()._write_lock_data(data)
                self.captured = self._lock.read_bytes()
            finally:
                self._lock = original


def _first_line_ending(path: Path) -> bytes:
    """Give the first line's ending; the line itself may not be text at all."""
    with path.open("rb") as file:
        return b"\r\n" if file.readline(65536).endswith(b"\r\n") else b"\n"
