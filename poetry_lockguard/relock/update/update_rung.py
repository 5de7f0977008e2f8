"""The one strategy of an update: Poetry's solver over what may be chosen of each package."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from poetry.core.packages.dependency import Dependency

from poetry_lockguard.index.repository_pool import NotServedError
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.nearest_names import the_nearest
from poetry_lockguard.plurals import first_few
from poetry_lockguard.poetry_api.conflict_cores import excluding
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.relock.strategies import Rung
from poetry_lockguard.relock.update.lone_moves import LoneMover
from poetry_lockguard.relock.update.moved_doubts import MovedDoubts
from poetry_lockguard.relock.update.moving import Moved, PinMover
from poetry_lockguard.relock.update.moving_pool import VersionOffer
from poetry_lockguard.relock.update.version_ranges import AllowedVersions
from poetry_lockguard.repair.ladder import Failed, Outcome, OutOfTime, Solved
from poetry_lockguard.resolution.renamed_sources import as_declared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from poetry.core.constraints.version import Version
    from poetry.core.packages.package import Package

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.relock.update.moves import Move

_LOOKED_AT = 12  #: newer releases whose metadata are read at most
_TRIED = 2  #: newer releases that are tried before the solver chooses among all of them
_OFFERED = 3


class Refusal(Exception):  # noqa: N818 - an answer: the wanted version cannot be had
    """A version that the index does not have, or the manifest does not allow."""


@dataclass(frozen=True, slots=True)
class UpdateRung(Rung):
    """Moves some pins, and as few others as possible."""

    moves: tuple[Move, ...]
    keeps_notation: bool = True
    blamed: set[str] = field(default_factory=set)
    name: ClassVar[str] = "update"

    def attempt(self) -> Outcome:
        """Try it within the remaining time; say which pins stood in the way when it is over."""
        outcome = Rung.attempt(self)
        if not isinstance(outcome, OutOfTime) or not self.blamed:
            return outcome
        names = first_few(sorted(self.blamed), _OFFERED)
        reason = f"{outcome.reason}; no versions were found for what has to move, too: {names}"
        return outcome._replace(reason=reason)

    def make(self) -> Outcome:
        """Solve over the first endpoint that succeeds."""
        return self._made(asks_for_all=False)

    def again(self) -> Outcome:
        """Solve with the index's metadata of every pin, since the lock's may be wrong."""
        return self._within(lambda: self._made(asks_for_all=True))

    def _made(self, *, asks_for_all: bool) -> Outcome:
        for move in self.moves:
            reason = move.version and self._allowed(move.name).excluding(move.version)
            if reason:
                return Failed(reason)
        try:
            moved, notes = self.context.first(
                lambda endpoint: self._through(endpoint, asks_for_all=asks_for_all)
            )
        except Refusal as reason:
            return Failed(str(reason))
        remark = "; ".join([*_remark(moved), *notes])
        return Solved(moved.text, remark, is_smallest=moved.is_smallest)

    @property
    def _lock(self) -> Lock:
        lock = self.context.before.lock
        if lock is None:
            raise Refusal(self.context.before.unfit)
        return lock

    @property
    def _moving(self) -> frozenset[str]:
        return frozenset(move.name for move in self.moves)

    def _allowed(self, name: str) -> AllowedVersions:
        root = self.context.poetry.package
        return AllowedVersions(name=name, root=root, lock=self._lock, moving=self._moving)

    def _through(self, endpoint: Endpoint, *, asks_for_all: bool) -> tuple[Moved, list[str]]:
        mover = self._mover(endpoint.pool)
        if asks_for_all:
            mover.asked.update((pin.name, pin.version) for pin in mover.pins())
        notes: list[str] = []
        conflict: Contradiction | None = None
        for trial in self._trials(mover, notes):
            if self.keeps_notation and not asks_for_all:
                alone = self._alone(mover, trial) or self._alone(mover, self._split(mover, trial))
                if alone is not None:
                    return alone, notes
            try:
                moved = mover.move(trial)
            except Contradiction as error:
                conflict = conflict or error
                continue
            if _has_all(moved.text, trial):
                return moved, notes
        raise self._unmoved(conflict)

    def _alone(self, mover: PinMover, trial: Mapping[str, VersionOffer]) -> Moved | None:
        """Return the lock if what is offered needs no other pin to move."""
        text = self.context.before.compared_text
        if text is None or not trial or any(move.reference for move in self.moves):
            return None
        context = self.context
        alone = LoneMover(
            manifest=context.manifest, poetry=context.poetry, lock=self._lock, text=text
        )
        made = alone.moved(trial)
        if made is None or not _has_all(made, trial):
            return None
        return Moved(text=made, withdrawn=mover.withdrawn(trial), is_smallest=True)

    def _split(
        self, mover: PinMover, trial: Mapping[str, VersionOffer]
    ) -> Mapping[str, VersionOffer]:
        """Let pins stay on the Pythons that the new releases do not support."""
        python = mover.poetry.package.python_constraint
        limited = {
            name: one.release
            for name, one in trial.items()
            if one.release is not None and not one.release.python_constraint.allows_all(python)
        }
        return {**trial, **_fixed(mover, limited, strict=())} if limited else {}

    def _unmoved(self, conflict: Contradiction | None) -> Exception:
        """Return why the wanted versions cannot be had."""
        wanted = {move.name: move.version for move in self.moves if move.version}
        names = " and ".join(f"{name} {one.text}" for name, one in wanted.items())
        if conflict is None:
            return Refusal(f"nothing that is locked can use {names}")
        blamed = {n: v for n, v in wanted.items() if excluding(conflict.__cause__, {n: v})}
        if not blamed:
            return conflict
        names = " and ".join(f"{name} {one.text}" for name, one in blamed.items())
        sentence = f"{names} is not possible: {', '.join(excluding(conflict.__cause__, blamed))}"
        return Contradiction(str(conflict), conflict.missing, sentence)

    def _mover(self, pool: RepositoryPool) -> PinMover:
        context = self.context
        lock = as_declared(context.poetry, self._lock.raw)
        generator = Generator.of(context.manifest.lock_path)
        return PinMover(
            poetry=context.poetry,
            sources=pool,
            lock=lock,
            moving=self._moving,
            doubts=MovedDoubts(context.poetry, lock, generator),
            io=context.io,
            commits=dict(self._commits()),
            blamed=self.blamed,
        )

    def _commits(self) -> Iterator[tuple[tuple[str, str | None], str]]:
        wanted = {move.name: move.reference for move in self.moves if move.reference}
        for pin in self._lock.pins:
            if pin.name in wanted and pin.source is not None and pin.source.kind == "git":
                yield (pin.source.url, pin.source.subdirectory), wanted[pin.name]

    def _trials(self, mover: PinMover, notes: list[str]) -> Iterator[Mapping[str, VersionOffer]]:
        """Yield what to offer, the best first.

        A package that is locked at one version moves as a whole, if it can; one that is locked at
        several moves where the new version fits.
        """
        fixed = {one.name: self._exact(mover, one) for one in self.moves if one.version}
        several = {name for name in fixed if len(self._allowed(name).held) > 1}
        free = {one.name: self._any(one.name) for one in self.moves if one.is_newest}
        newest = {one.name: self._newest(mover, one, notes) for one in self.moves if one.is_newest}
        first = _fixed(mover, fixed, strict=fixed.keys() - several)
        for number in range(max(map(len, newest.values()), default=0)):
            chosen = {
                name: VersionOffer(release=found[min(number, len(found) - 1)])
                for name, found in newest.items()
                if found
            }
            yield {**free, **first, **chosen}
        yield {**free, **first}
        if fixed:
            yield {**free, **_fixed(mover, fixed, strict=several)}

    def _any(self, name: str) -> VersionOffer:
        held = self._allowed(name).held
        return VersionOffer(least=held[0] if held else None)

    def _exact(self, mover: PinMover, move: Move) -> Package:
        """Return the named release; raises Refusal with the nearest if no index has it."""
        source = self._allowed(move.name).source_name
        version = move.version
        assert version is not None  # noqa: S101 - for the type checker
        try:
            return mover.sources.package(move.name, version, repository_name=source)
        except NotServedError as error:
            near = _nearest(self._search(mover, move.name), version)
            nearest = f"; {the_nearest([one.text for one in near])}" if near else ""
            raise Refusal(f"no index has {move.name} {version.text}{nearest}") from error

    def _search(self, mover: PinMover, name: str) -> list[Package]:
        dependency = Dependency(name, "*", allows_prereleases=True)
        dependency.source_name = self._allowed(name).source_name
        return mover.sources.find_packages(dependency)

    def _newest(self, mover: PinMover, move: Move, notes: list[str]) -> list[Package]:
        """Return the newest releases in range, the newest first; none if the solver decides."""
        allowed = self._allowed(move.name)
        held = allowed.held
        if len(held) != 1 or self._is_from_git(move.name):
            return []
        stable = {one.version: one for one in self._stable(mover, move.name, held[0])}
        found = sorted(stable.values(), key=lambda one: one.version, reverse=True)
        within = allowed.range()
        notes += _held_back(allowed, found, within.allows)
        fitting = (one.version for one in found if within.allows(one.version))
        looked_at = islice(fitting, _LOOKED_AT)
        return [*islice(self._for_python(mover, move.name, looked_at, notes), _TRIED)]

    def _for_python(
        self, mover: PinMover, name: str, versions: Iterable[Version], notes: list[str]
    ) -> Iterator[Package]:
        """Yield the releases that support the project's Pythons, and the pin itself.

        Of those that do not, the newest is noted.
        """
        allowed = self._allowed(name)
        python = mover.poetry.package.python_constraint
        is_noted = False
        for version in versions:
            release = mover.sources.package(name, version, repository_name=allowed.source_name)
            if release.python_constraint.allows_all(python) or version in allowed.held:
                yield release
            elif not is_noted:
                is_noted = True
                notes.append(
                    f"{name} {version.text} needs Python {release.python_versions}, and the project"
                    f" supports {python}; `poetry lockguard update {name}=={version.text}` uses it"
                    " there alone"
                )

    def _is_from_git(self, name: str) -> bool:
        return any(pin.name == name and _is_direct(pin.source) for pin in self._lock.pins)

    def _stable(self, mover: PinMover, name: str, held: Version) -> Iterator[Package]:
        """Yield the releases that are not older than the pin, nor withdrawn or unfinished."""
        for one in self._search(mover, name):
            is_odd = one.yanked or (one.is_prerelease() and not held.is_unstable())
            if one.version >= held and (not is_odd or one.version == held):
                yield one


def _is_direct(source: Any) -> bool:
    return source is not None and source.kind != "legacy"


def _fixed(
    mover: PinMover, releases: Mapping[str, Package], *, strict: Collection[str]
) -> dict[str, VersionOffer]:
    """Offer the named releases; unless ``strict``, pins may stay where these do not fit."""
    held: dict[str, list[Package]] = {}
    for pin in mover.pins():
        held.setdefault(str(pin.name), []).append(pin)
    return {
        name: VersionOffer(release=one, held=() if name in strict else tuple(held.get(name, ())))
        for name, one in releases.items()
    }


def _has_all(text: str, trial: Mapping[str, VersionOffer]) -> bool:
    """Whether a lock has the offered releases."""
    pins = {(pin.name, pin.version) for pin in parse(text.encode("utf-8")).pins}
    chosen = [one.release for one in trial.values() if one.release is not None]
    return all((str(one.name), one.pretty_version) in pins for one in chosen)


def _nearest(found: Sequence[Package], version: Version) -> list[Version]:
    """Return the versions next to one, the older first."""
    known = sorted({one.version for one in found})
    older = [one for one in known if one < version][-_OFFERED + 1 :]
    newer = [one for one in known if one > version][: _OFFERED - len(older)]
    return [*older, *newer] or known[-_OFFERED:]


def _held_back(allowed: AllowedVersions, found: Sequence[Package], allows: Any) -> Iterator[str]:
    """Say which newer release is out of range, and which requirement keeps it out."""
    newest = next(iter(found), None)
    if newest is None or allows(newest.version):
        return
    reason = allowed.holding_back(newest.version)
    if reason:
        yield f"{allowed.name} {newest.version.text} is out of range: {reason}"


def _remark(moved: Moved) -> Iterator[str]:
    """Say which pins stay although no index has them any more."""
    names = ", ".join(f"{name} {version}" for name, version in sorted(moved.withdrawn))
    if names:
        yield f"no index has {names} any more; kept as locked"
