"""Makes the lock of a merged manifest from both sides' pins, offline if they suffice."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from packaging.version import Version

from poetry_lockguard.index.deadline import Deadline
from poetry_lockguard.index.network import Network
from poetry_lockguard.lockfile.notation import UnreadableError, constraint
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api.build_isolation import building_only, drawing_on
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.imports.solver import (
    IncompatibleConstraintsError,
    SolverProblemError,
)
from poetry_lockguard.poetry_api.lock_writing import explained
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.poetry_versions import Generator
from poetry_lockguard.poetry_api.refresh import solved
from poetry_lockguard.relock.context import RelockContext
from poetry_lockguard.relock.locked_repository import NeedsNetworkError
from poetry_lockguard.relock.offline import refresh
from poetry_lockguard.relock.reduction import Reduction
from poetry_lockguard.relock.soundness import Verified, flaws
from poetry_lockguard.relock.strategies import Regenerate, Rung
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Kept
from poetry_lockguard.repair.ladder import Attempt, Declined, Outcome, Solved, climb
from poetry_lockguard.repair.salvage import Salvaged, salvage
from poetry_lockguard.resolution.renamed_sources import as_declared
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import NEWEST
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleo.io.io import IO

    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.relock.merge_limits import MergeLimits
    from poetry_lockguard.repair.lock_merge import MergedPins


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The pins to work with.

    ``data`` are those of a lock with all of them, the preferred ones of a package first.
    ``generator`` is the oldest Poetry that wrote one of them. ``unfit`` says why they cannot be
    used offline, if so. ``text`` is our lock with the entries that only the other side changed.
    """

    data: dict[str, Any]
    generator: Generator
    unfit: str = ""
    text: str | None = None

    @classmethod
    def of(cls, blend: MergedPins, ours: Lock, theirs: Lock, text: str | None = None) -> Pins:
        """Combine the pins of two locks, for the Python versions of both."""
        allowed = constraint("*")
        for lock in (ours, theirs):
            with suppress(UnreadableError):
                allowed = allowed.intersect(constraint(lock.python_versions or "*"))
        written = [Generator.named(lock.generator) for lock in (ours, theirs)]
        names = " and ".join(blend.disputed)
        return cls(
            data=blend.lock_data(str(allowed)),
            generator=min(written, key=lambda one: one.version or Version("0")),
            unfit=f"the two sides have different hashes for {names}" if names else "",
            text=text,
        )

    @classmethod
    def salvaged(cls, contents: Iterable[bytes]) -> Pins:
        """Take what can be read of two locks of which one is damaged."""
        entries = (entry for content in contents for entry in salvage(content).entries)
        return cls(
            data=Salvaged(tuple(entries)).preferences,
            generator=Generator(None),
            unfit="the lock of one side cannot be read",
        )


@dataclass(frozen=True, slots=True)
class FromEntries(Rung):
    """Keeps the entries of both sides as they are, if they satisfy the merged manifest."""

    pins: Pins
    name: ClassVar[str] = "offline"
    online: ClassVar[bool] = False
    material: ClassVar[str] = "the locks"

    def make(self) -> Outcome:
        """Decline if both sides changed a package, or anything is in doubt."""
        text = self.pins.text
        if text is None:
            return Declined("both sides changed the entry of a package")
        lock = parse(text.encode("utf-8"))
        match keep(self.context.manifest, lock, text, running_poetry()):
            case Kept(text=new, notes=notes):
                return Solved(new, "; ".join(notes), is_smallest=True)
            case doubt:
                return Declined(str(doubt))


@dataclass(frozen=True, slots=True)
class FromBothSides(Rung):
    """Resolves from the pins of both sides alone."""

    pins: Pins
    name: ClassVar[str] = "offline"
    online: ClassVar[bool] = False
    material: ClassVar[str] = "the locks"

    def make(self) -> Outcome:
        """Decline whenever Poetry would need more than the locks contain."""
        if unfit := self.pins.unfit:
            return Declined(unfit)
        pins = self.pins
        try:
            text = refresh(
                self.context.poetry, pins.data, generator=pins.generator, is_ordered=True
            )
        except NeedsNetworkError as reason:
            return Declined(redact(str(reason)))
        return Solved(text)


@dataclass(frozen=True, slots=True)
class MergedRelock(Rung):
    """Keeps every pin of both sides that still fits; the rest comes from the index."""

    pins: Pins
    name: ClassVar[str] = "relock"
    material: ClassVar[str] = "the locks"

    def make(self) -> Outcome:
        """Resolve with the index."""
        pins = as_declared(self.context.poetry, self.pins.data)
        made = self.context.sparing(pins, self._over)
        return Solved(made.text, made.remark)

    def _over(self, pins: dict[str, Any]) -> str:
        return self.context.first(lambda endpoint: self._through(endpoint, pins))

    def _through(self, endpoint: Endpoint, pins: dict[str, Any]) -> str:
        poetry = self.context.poetry
        locker = CapturingLocker(poetry, pins)
        ahead = endpoint.prefetch(
            copy.deepcopy(poetry.package), locker.locked_repository().packages
        )
        try:
            with ahead, drawing_on(endpoint.pool):
                return solved(poetry, endpoint.pool, locker, self.context.io, is_ordered=True)
        except SolverProblemError as error:
            raise explained(error, endpoint.pool, poetry) from error
        except IncompatibleConstraintsError as error:
            raise Contradiction(str(error)) from error


@dataclass(frozen=True, slots=True)
class OnlineRefused(Rung):
    """Takes the place of what would use the network."""

    reason: str
    name: ClassVar[str] = "relock"
    online: ClassVar[bool] = False

    def make(self) -> Outcome:
        """Decline."""
        return Declined(self.reason)


def merge(manifest: Manifest, pins: Pins, limits: MergeLimits, io: IO) -> Iterator[Attempt]:
    """Try the strategies in order; the last attempt is the outcome.

    Progress goes to the stderr of ``io``. ``manifest`` is in a folder with the merged project.
    Raises LockguardError for an unusable manifest or settings.
    """
    with building_only(limits.may_build):
        yield from _merge(manifest, pins, limits, io)


def _merge(manifest: Manifest, pins: Pins, limits: MergeLimits, io: IO) -> Iterator[Attempt]:
    settings = parse_settings(manifest.settings, str(manifest.path))
    deadline = Deadline(settings.timeout)
    network = Network(settings_mirrors=settings.mirrors, deadline=deadline.moment, unattended=True)
    with RelockContext(manifest, network, deadline, io, wishes=pins.data) as context:
        context.load()
        online = (MergedRelock(context, pins), Regenerate(context))
        wants_newest = settings.lock_format == NEWEST
        rungs: Sequence[Rung] = (
            *([] if wants_newest else [FromEntries(context, pins)]),
            FromBothSides(context, pins),
            *([OnlineRefused(context, limits.refusal)] if limits.foreign else online),
        )
        reduction = Reduction(manifest, None if wants_newest else context.before.compared_text)
        yield from climb(
            Verified(rung, lambda text: flaws(text, manifest, settings), reduction.candidates)
            for rung in rungs
            if rung.name in settings.strategies
        )
