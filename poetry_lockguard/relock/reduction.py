"""Reduces a new lock to the smallest change of the old one, if the settings ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.repair.equal_meaning import Need
    from poetry_lockguard.repair.ladder import Solved


class Reduction(NamedTuple):
    """How new locks of one project are made similar to the old one.

    ``old_text`` is ``None`` if there is no old lock, or if the newest notation is requested.
    """

    manifest: Manifest
    old_text: str | None

    def candidates(self, solved: Solved) -> Iterator[Solved]:
        """Yield the smallest change first, and then the lock as it was made."""
        if self.old_text is not None and not solved.is_smallest:
            from poetry_lockguard.repair.smallest import ProjectFacts, smallest

            project = ProjectFacts(
                data=self.manifest.data, poetry=running_poetry(), roots=self._roots
            )
            made = smallest(self.old_text, solved.lock_text, project)
            yield solved._replace(lock_text=made.text, moved_up=made.moved_up)
            if made.text == solved.lock_text:
                return
        yield solved

    def _roots(self) -> Mapping[str, Sequence[Need]]:
        from poetry_lockguard.manifest.requirements import declaration
        from poetry_lockguard.repair.roots import roots

        try:
            return roots(declaration(self.manifest))
        except ManifestError:  # Poetry's plugins can change what poetry-core alone cannot
            return {}
