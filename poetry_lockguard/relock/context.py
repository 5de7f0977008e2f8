"""The context shared by all strategies: project, current lock, endpoints and deadline."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from poetry_lockguard.poetry_api.project import load, to_stderr
from poetry_lockguard.relock.lock_before import LockBefore
from poetry_lockguard.repair.certain_conflict import certain_conflict
from poetry_lockguard.repair.preferred import release, without
from poetry_lockguard.repair.salvage import salvage
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.urls import parse as parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from cleo.io.io import IO
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version
    from typing_extensions import Self

    from poetry_lockguard.index.deadline import Deadline
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.lockfile.document import Lock
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import Endpoint, Endpoints
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.policy.admission import Admission
    from poetry_lockguard.repair.certain_conflict import CertainConflict

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Relocked:
    """A new lock's text, and the releases of the old one that no index has any more.

    Those in ``kept`` are in the new lock as they were in the old one.
    """

    text: str
    gone: tuple[tuple[str, str], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def remark(self) -> str:
        """The remark to print about it, if any."""
        remarks = [f"no index has {_listed(self.gone)} any more"] if self.gone else []
        if self.kept:
            remarks.append(f"no index has {_listed(self.kept)} any more; kept as locked")
        return "; ".join(remarks)


def _listed(releases: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(releases))


class RelockContext:
    """The context of one fix; a context manager that closes its connections."""

    def __init__(  # noqa: PLR0913 - what every strategy needs, and two keyword options
        self,
        manifest: Manifest,
        network: Network,
        deadline: Deadline,
        io: IO,
        *,
        wishes: dict[str, Any] | None = None,
        is_from_scratch: bool = False,
    ) -> None:
        """Take the project and the limits.

        ``wishes`` (a lock's data) are pins that regenerate keeps if they fit; by default those of
        the old lock, and none if ``is_from_scratch``. The policy of the settings decides which
        releases may be brought in.
        """
        self.manifest = manifest
        self._wishes = wishes
        self._is_from_scratch = is_from_scratch
        self.deadline = deadline
        self.io = to_stderr(io)
        self._endpoints: Endpoints | None = None
        self._withdrawn: set[tuple[NormalizedName, Version]] = set()
        self.before = LockBefore.of(manifest.lock_path)
        self.admission = _admission(manifest, self.before.compared)
        self._network = replace(network, admission=self.admission)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._endpoints is not None:
            self._endpoints.close()

    @cached_property
    def known_conflict(self) -> CertainConflict | None:
        """Requirements of the manifest that exclude each other, whatever the indexes have."""
        return certain_conflict(self.manifest, None)

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.manifest.folder

    @property
    def damaged(self) -> bytes | None:
        """The lock's bytes, if there is a lock that cannot be read."""
        return self.before.content if self.before.unfit else None

    @property
    def lock_data(self) -> dict[str, Any] | None:
        """The readable lock's data."""
        return None if self.before.lock is None else self.before.lock.raw

    @property
    def wishes(self) -> dict[str, Any] | None:
        """The pins to keep if possible, even if only part of the lock can be read."""
        if self._is_from_scratch:
            return None
        content = self.before.content
        if self._wishes is None and content is not None:
            self._wishes = salvage(content).preferences
        return self._wishes

    def load(self) -> None:
        """Let Poetry read the manifest; raises ManifestError if Poetry rejects it."""
        _ = self.poetry

    @property
    def opened(self) -> tuple[str, ...]:
        """The sources whose URL in the manifest contains credentials."""
        from poetry_lockguard.poetry_api.imports.remote_repositories import LegacyRepository

        return tuple(
            one.name
            for one in self.poetry.pool.all_repositories
            if isinstance(one, LegacyRepository) and parse_address(one.url).username is not None
        )

    @cached_property
    def poetry(self) -> Poetry:
        """Poetry's view of the project, its plugins run once."""
        return load(self.manifest, self.io)

    def resolve(self, preferences: dict[str, Any] | None = None) -> Relocked:
        """Let Poetry make the lock through the first endpoint that succeeds.

        The pins of ``preferences`` (a lock's data) are kept if they fit and are available.
        """
        if preferences is None:
            return Relocked(self._resolve(None))
        return self.sparing(self._as_asked(preferences), self._resolve)

    def _as_asked(self, lock: dict[str, Any]) -> dict[str, Any]:
        """Return a lock's data with today's names of sources, without what nobody asks for."""
        from poetry_lockguard.freshness.trusting import without_foreign
        from poetry_lockguard.resolution.renamed_sources import as_declared

        return without_foreign(self.manifest, as_declared(self.poetry, lock))

    @staticmethod
    def sparing(pins: dict[str, Any], make: Callable[[dict[str, Any]], str]) -> Relocked:
        """Return the result of ``make`` for ``pins``, without those that no index has any more."""
        from poetry_lockguard.index.repository_pool import NotServedError

        gone: list[tuple[str, str]] = []
        while True:
            try:
                return Relocked(make(pins), tuple(gone))
            except NotServedError as missing:  # noqa: PERF203 - each round is a whole relock
                found = {release(one) for one in pins["package"] if missing.is_about(one)}
                if not found:
                    raise
                gone += sorted(found)
                pins = without(pins, found)

    def _resolve(self, kept: dict[str, Any] | None) -> str:
        from poetry_lockguard.poetry_api.lock_writing import resolve
        from poetry_lockguard.poetry_api.locker import CapturingLocker

        def through(endpoint: Endpoint) -> str:
            locker = CapturingLocker(self.poetry, kept)
            locked = [] if kept is None else locker.locked_repository().packages
            with endpoint.prefetch(copy.deepcopy(self.poetry.package), locked):
                return resolve(
                    self.poetry, endpoint.pool, self.io, regenerate=kept is None, locker=locker
                )

        return self.first(through)

    def relock(self, lock: dict[str, Any]) -> Relocked:
        """Let Poetry make the lock from a readable one's pins, and request only the rest."""
        self._withdrawn.clear()
        made = self.sparing(self._as_asked(lock), self._relock)
        kept = ((str(name), version.text) for name, version in self._withdrawn)
        return replace(made, kept=tuple(kept))

    def _relock(self, kept_pins: dict[str, Any]) -> str:
        from poetry_lockguard.poetry_api.locker import CapturingLocker
        from poetry_lockguard.poetry_api.poetry_versions import Generator
        from poetry_lockguard.relock.kept_pins import KeptPins, relock
        from poetry_lockguard.relock.pin_doubts import PinDoubts

        def through(endpoint: Endpoint) -> str:
            locker = CapturingLocker(self.poetry, kept_pins)
            locked = locker.locked_repository().packages
            doubts = PinDoubts(
                self.poetry,
                locker.lock_data,
                Generator.of(self.manifest.lock_path),
                has_to_be_poetrys=False,
            )
            likely = [one for one in locked if doubts.is_likely(one)]
            trusted = {one.name for one in locked if not doubts.of_entry(one)}
            root = copy.deepcopy(self.poetry.package)
            with endpoint.prefetch(root, locked, trusted) as ahead:
                return relock(
                    self.poetry,
                    endpoint.pool,
                    KeptPins(
                        locker,
                        doubts,
                        functools.cache(lambda: ahead.fetch(likely)),
                        self._withdrawn,
                    ),
                    self.io,
                )

        return self.first(through)

    @property
    def mirror(self) -> str | None:
        """The mirror through which the lock was made, if PyPI itself could not be used."""
        return None if self._endpoints is None else self._endpoints.mirror

    def first(self, work: Callable[[Endpoint], Made]) -> Made:
        """Return the result of ``work`` for the first endpoint that succeeds."""
        from poetry_lockguard.mirrors.failover import Endpoints
        from poetry_lockguard.poetry_api.temporary_home import temporary_home

        if self._endpoints is None:
            self._endpoints = Endpoints(self.poetry, self._network)
        with temporary_home():
            return self._endpoints.first(work)


def _admission(manifest: Manifest, old: Lock | None) -> Admission | None:
    policy = parse_settings(manifest.settings, str(manifest.path)).policy
    if policy is None:
        return None
    from poetry_lockguard.freshness.policed import admission

    return admission(manifest, policy, ((pin.name, pin.version) for pin in old.pins) if old else ())
