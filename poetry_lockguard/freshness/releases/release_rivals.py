"""Names that several primary sources offer (dependency confusion); makes no requests itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard.freshness import trust
from poetry_lockguard.freshness.releases.answers import normal_hash
from poetry_lockguard.lockfile.document import Source
from poetry_lockguard.outcomes import Problem
from poetry_lockguard.printable import tamed
from poetry_lockguard.urls import same_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.freshness.releases.answers import Asked, PageAnswer
    from poetry_lockguard.manifest.document import Manifest

CODE = "ambiguous-source"
_PYPI = "pypi"


@dataclass(frozen=True, slots=True)
class Rivalry:
    """The primary sources of a project, by name, and the names that are bound to a source.

    PyPI is None among the sources, as it is in a lock.
    """

    primaries: Mapping[str, Source | None]
    bound: frozenset[str]

    @classmethod
    def of(cls, manifest: Manifest) -> Rivalry:
        """Read them from a manifest."""
        tables = manifest.poetry.get("source")
        named = [
            (str(table["name"]), table.get("url"))
            for table in (tables if isinstance(tables, list) else ())
            if isinstance(table, dict)
            and "name" in table
            and str(table.get("priority", "primary")).lower() == "primary"
        ]
        primaries: dict[str, Source | None] = {}
        for name, url in named:
            if name.lower() == _PYPI:
                primaries[name] = None
            elif isinstance(url, str):
                primaries[name] = Source(kind="legacy", url=url, reference=name)
        asks = trust.of_manifest(manifest)
        return cls(
            primaries, frozenset(name for name, bound in asks.bound.items() if None not in bound)
        )

    def others(self, asked: Asked) -> Iterator[tuple[str, Source | None]]:
        """Yield the primary sources, with their names, that a pin did not come from."""
        is_of_index = asked.source is None or asked.source.kind == "legacy"
        own = self._own(asked.source) if is_of_index and len(self.primaries) > 1 else None
        if own is None or asked.name in self.bound:
            return
        yield from ((name, one) for name, one in self.primaries.items() if name != own)

    def _own(self, source: Source | None) -> str | None:
        """Return the name of the primary source that a pin came from; None for no primary one."""
        for name, one in self.primaries.items():
            if source is None or one is None:
                if source is one:
                    return name
            elif same_index(source.url, one.url):
                return name
        return None


def is_other(asked: Asked, page: PageAnswer) -> bool:
    """Whether a page is of another project, not a copy: it has none of the locked content."""
    locked = {normal_hash(file.hash) for file in asked.files}
    return all(locked.isdisjoint(offer.hashes) for offer in page.offers)


def problem(asked: Asked, rival: str) -> Problem:
    """Return the problem that another primary source offers a pin's name."""
    own = "PyPI" if asked.source is None else asked.source.reference or asked.source.url
    own = tamed(own)
    return Problem(
        code=CODE,
        message=(
            f"{asked.name}: locked from {own}, but the source {tamed(rival)} offers another package"
            " of that name, and the next lock could take it from there; bind it with"
            f' {asked.name} = {{ version = "…", source = "{own}" }} in [tool.poetry.dependencies],'
            " or make one of the sources explicit or supplemental"
        ),
        package=asked.name,
        locked=asked.version,
        line=asked.line,
        file=asked.held_in,
    )
