"""What an install has to bring, by ``packaging`` alone, from what the releases themselves say.

Neither Poetry, nor a lock's entries, nor any code of the product has a say in it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from installs import Installed
    from origins import Origin
    from worlds import Wanted, World

    Pin = tuple[str, str, str]  # name, version and source, as ``Installed`` has them

#: Poetry's own operators of ``worlds.CONSTRAINTS``, and those of edits
ANYWHERE = "python_version >= '3'"
_AS_SPECIFIER = {"*": "", "^1.0": ">=1.0,<2", "~2.0": ">=2.0,<2.1"}


class Verdict(NamedTuple):
    """What is installed in one place though nothing needs it, and what is needed and is not."""

    needless: frozenset[Pin]
    missing: frozenset[str]


class Need(NamedTuple):
    """A requirement; ``place`` is what has to be in its pin's source (``""`` for anything)."""

    requirement: Requirement
    place: str = ""

    def is_met_by(self, pin: Pin) -> bool:
        name, version, source = pin
        wanted = self.requirement
        return name == wanted.name and wanted.specifier.contains(version) and self.place in source


class Releases:
    """What all releases of a world, and those that manifests name by their place, require."""

    def __init__(self, world: World, *manifests: Wanted) -> None:
        self._of_index = {(one.name, one.version): one.requires_dist for one in world.releases}
        self._elsewhere = {one.key: one for wanted in manifests for one in _origins(wanted)}

    def judge(
        self, needs: Iterable[Need], environment: Mapping[str, Any], pins: Installed
    ) -> Verdict:
        """Say what is missing, and what is needless, of what is installed in an environment."""
        reached, missing = self.reach(needs, environment, pins)
        return Verdict(frozenset(pins) - {pin for pin, _ in reached}, missing)

    def reach(
        self, needs: Iterable[Need], environment: Mapping[str, Any], pins: Installed
    ) -> tuple[set[tuple[Pin, str]], frozenset[str]]:
        """Follow needs over installed pins; gives pins with extras, and what is not met."""
        ahead = [*needs]
        reached: set[tuple[Pin, str]] = set()
        missing: set[str] = set()
        while ahead:
            need = ahead.pop()
            named = [pin for pin in pins if pin[0] == need.requirement.name]
            if len(named) != 1 or not need.is_met_by(named[0]):
                missing.add(f"{need.requirement} {need.place}".strip())
                continue
            for extra in ("", *need.requirement.extras):
                if (step := (named[0], extra)) not in reached:
                    reached.add(step)
                    ahead += self._needed(*step, environment)
        return reached, frozenset(missing)

    def is_left(self, pin: Pin, manifest: Wanted) -> bool:
        """Whether a pin is from a place that a manifest does not name, though another did."""
        named = {one.key for one in _origins(manifest)}
        return any(key in pin[2] for key in self._elsewhere.keys() - named)

    def _needed(self, pin: Pin, extra: str, environment: Mapping[str, Any]) -> Iterator[Need]:
        origin = next((one for key, one in self._elsewhere.items() if key in pin[2]), None)
        texts = self._of_index[pin[:2]] if origin is None else origin.release.requires_dist
        for needed in map(_parsed, texts or ()):
            if needed.marker is None or needed.marker.evaluate({**environment, "extra": extra}):
                yield Need(needed)


def of_manifest(
    wanted: Wanted, groups: Iterable[str], extras: Iterable[str], environment: Mapping[str, Any]
) -> Iterator[Need]:
    """Yield what a manifest's groups require in an environment, with these extras."""
    for group in groups:
        for name, tables in wanted.groups.get(group, {}).items():
            behind = {extra for extra, names in wanted.extras.items() if name in names}
            for table in tables:
                is_chosen = not behind.isdisjoint(extras)
                is_always = not (table.get("optional") or (behind and group == "main"))
                python = SpecifierSet(table.get("python", ""))
                marker = _parsed(f"x ; {table.get('markers', ANYWHERE)}").marker
                if (
                    (is_chosen or is_always)
                    and environment["python_full_version"] in python
                    and marker is not None
                    and marker.evaluate({**environment, "extra": ""})
                ):
                    yield _need(name, table)


def _need(name: str, table: dict[str, Any]) -> Need:
    text = table.get("version", "*")
    asked = f"[{','.join(table['extras'])}]" if table.get("extras") else ""
    origin: Origin | None = table.get("origin")
    place = origin.key if origin else f"'{table['source']}'" if "source" in table else ""
    return Need(_parsed(f"{name}{asked}{_AS_SPECIFIER.get(text, text)}"), place)


def _origins(wanted: Wanted) -> Iterator[Origin]:
    for requirements in wanted.groups.values():
        for tables in requirements.values():
            yield from (table["origin"] for table in tables if "origin" in table)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Requirement:
    return Requirement(text)
