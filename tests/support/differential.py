"""Fixes a lock of a drawn world as the product does, and as ``poetry lock`` does, and compares.

What is compared is what Poetry installs from the two locks, in every environment, for each choice
of groups and of extras. Where that differs, ``needs`` says which of the two is wrong.
"""

from __future__ import annotations

import itertools
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from cleo.io.null_io import NullIO
from installs import environments, installed
from needs import Releases, Verdict, of_manifest
from poetry.core.constraints.version import Version, parse_constraint
from poetry.factory import Factory
from poetry.installation.installer import Installer
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError
from poetry.repositories.installed_repository import InstalledRepository
from poetry.utils.env import NullEnv

from poetry_lockguard.index.deadline import Deadline, TimeIsUp
from poetry_lockguard.index.network import Network
from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.manifest.document import Manifest, parse
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.relock.context import RelockContext
from poetry_lockguard.relock.reduction import Reduction
from poetry_lockguard.relock.soundness import Verified, flaws
from poetry_lockguard.relock.strategies import Relock
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installs import Installed
    from poetry.repositories.repository_pool import RepositoryPool
    from worlds import Wanted, World

    from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Kept
    from poetry_lockguard.repair.ladder import Outcome


#: Poetry's solver never ends, or fails an assertion of its own, where some requirements on files
#: and folders contradict one another
_SECONDS = 15


class NoLockError(Exception):
    """Poetry finds no lock for a manifest."""


def stock_lock(folder: Path, world: World, wanted: Wanted, old: str | None) -> str:
    """Return what ``poetry lock`` of stock Poetry writes, from an old lock or from nothing."""
    (folder / "pyproject.toml").write_text(wanted.text())
    path = folder / "poetry.lock"
    path.unlink(missing_ok=True)
    if old is not None:
        path.write_text(old)
    poetry = Factory().create_poetry(folder, disable_plugins=True)
    installer = Installer(
        NullIO(),
        NullEnv(path=folder / "env"),
        poetry.package,
        poetry.locker,
        world.pool(*wanted.sources),
        poetry.config,
        installed=InstalledRepository(),
    )
    installer.lock(update=old is None)
    try:
        with Deadline(_SECONDS).ringing():
            installer.run()
    except (SolverProblemError, IncompatibleConstraintsError, TimeIsUp, AssertionError) as error:
        raise NoLockError(str(error)) from error
    return path.read_text()


class _WorldContext(RelockContext):
    """The context of a fix in which a drawn world answers in place of the network."""

    def __init__(self, manifest: Manifest, pool: RepositoryPool) -> None:
        super().__init__(manifest, Network(), Deadline(600), NullIO())
        self._pool = pool

    def first(self, work: Callable[..., Any]) -> Any:
        """Return the result of ``work`` over the world."""
        ahead = SimpleNamespace(fetch=lambda _: None)
        return work(SimpleNamespace(pool=self._pool, prefetch=lambda *_: nullcontext(ahead)))


@dataclass(frozen=True, kw_only=True)  # no slots: results are cached
class Edit:
    """A lock of a manifest, and the manifest after an edit.

    ``hashed`` is the manifest whose hash the lock has, where that is not the one it was made for;
    ``is_known`` tells whether git's history has the manifest of that hash.
    """

    world: World
    before: Wanted
    after: Wanted
    hashed: Wanted | None = None
    is_known: bool = True

    @cached_property
    def releases(self) -> Releases:
        """What every release of the world requires."""
        return Releases(self.world, self.before, self.after, self.hashed or self.before)

    def __str__(self) -> str:
        """Show the example whole."""
        manifests = [wanted.text() for wanted in (self.before, self.after, self.hashed) if wanted]
        releases = [f"{one.name} {one.version} {one.requires_dist}" for one in self.world.releases]
        return "\n".join([*manifests, *releases, f"is_known={self.is_known}"])

    def start(self, folder: Path) -> str:
        """Return the lock before the fix."""
        text = stock_lock(folder, self.world, self.before, None)
        if self.hashed is None:
            return text
        (old,) = (row for row in text.splitlines() if row.startswith("content-hash"))
        data = parse(self.hashed.text(), folder / "pyproject.toml").data
        return text.replace(
            old, f'content-hash = "{content_hash(data, rule_for(running_poetry()))}"'
        )

    def locked(self, folder: Path) -> str:
        """Return the lock that the product makes of the edited manifest from nothing."""
        pool = self.world.pool(*self.after.sources)
        return resolve(load(self.manifest(folder, self.after)), pool, NullIO(), regenerate=True)

    def manifest(self, folder: Path, wanted: Wanted) -> Manifest:
        """Write a manifest, and return it."""
        path = folder / "pyproject.toml"
        path.write_text(wanted.text())
        return parse(wanted.text(), path)

    def earlier(self, folder: Path) -> Manifest | None:
        """Return the manifest that git's history has for the lock's hash."""
        known = self.hashed or self.before
        return parse(known.text(), folder / "pyproject.toml") if self.is_known else None

    def foreign(self, pins: Iterable[tuple[str, str, str]]) -> Installed:
        """Return the pins from places that only the manifest before the edit names."""
        return frozenset(pin for pin in pins if self.releases.is_left(pin, self.after))

    def kept(self, folder: Path, text: str, earlier: Wanted | None = None) -> Kept | Doubt:
        """Try the offline strategy; ``earlier`` is what git's history has, if given."""
        lock = parse_lock(text.encode())
        manifest = self.manifest(folder, self.after)
        known = self.earlier(folder) if earlier is None else parse(earlier.text(), manifest.path)
        return keep(manifest, lock, text, running_poetry(), lambda: known)

    def relocked(self, folder: Path, text: str) -> Outcome:
        """Relock as a fix with a network does, with what makes the smallest change of it."""
        manifest = self.manifest(folder, self.after)
        (folder / "poetry.lock").write_text(text)
        with _WorldContext(manifest, self.world.pool(*self.after.sources)) as context:
            return Verified(
                Relock(context),
                lambda new: flaws(new, manifest, Settings()),
                Reduction(manifest, text).candidates,
            ).attempt()


class Place(NamedTuple):
    """An environment with a choice of groups and extras."""

    environment: dict[str, Any]
    groups: frozenset[str]
    extras: frozenset[str]

    def __str__(self) -> str:
        names = ("python_version", "sys_platform", "platform_machine")
        where = " ".join(self.environment[name] for name in names)
        return f"{where} {sorted(self.groups)} {sorted(self.extras)}"


def places(wanted: Wanted) -> Iterator[Place]:
    """Yield every environment of a manifest with each group, all of them, and the extras."""
    allowed = parse_constraint(wanted.python)
    extras = {frozenset[str](), frozenset(wanted.extras), *map(frozenset, zip(wanted.extras))}
    groups = {frozenset(wanted.groups), *map(frozenset, zip(wanted.groups))}
    for environment in environments():
        if allowed.allows(Version.parse(environment["python_full_version"])):
            for pair in itertools.product(sorted(groups, key=sorted), sorted(extras, key=sorted)):
                yield Place(environment, *pair)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What our lock and Poetry's install otherwise in one place, and what is wrong with that.

    ``before`` is what the lock before the edit installs there for the same groups, ``anyhow`` for
    any groups, and ``foreign`` what Poetry installs from where nobody asks for it any more.
    """

    place: Place
    ours: Installed
    theirs: Installed
    our_verdict: Verdict
    their_verdict: Verdict
    before: Installed
    anyhow: Installed
    foreign: Installed

    @property
    def reason(self) -> str:
        """Why our lock may differ; empty if there is no good reason."""
        ours, theirs = self.our_verdict, self.their_verdict
        if not ours.missing <= theirs.missing:
            return ""
        if needless := ours.needless - theirs.needless:
            return "the lock mixed up its groups before" if needless <= self.before else ""
        if theirs.missing:
            return "Poetry leaves out what is needed"
        if theirs.needless:
            return "Poetry brings what is not needed"
        if self.foreign:
            return "Poetry keeps a source that nobody asks for"
        return "Poetry moves pins that serve" if self.ours <= self.anyhow else ""

    def __str__(self) -> str:
        ours, theirs = sorted(self.ours - self.theirs), sorted(self.theirs - self.ours)
        return f"{self.place}: ours {ours} {self.our_verdict}, Poetry {theirs} {self.their_verdict}"


def differences(edit: Edit, old: str, ours: str, theirs: str) -> Iterator[Difference]:
    """Yield the places in which two locks of the edited manifest install different packages.

    ``old`` is the lock before the edit.
    """
    known = edit.before
    for place in places(edit.after):
        found = [installed(text, *place) for text in (ours, theirs)]
        if found[0] != found[1]:
            needed = [*of_manifest(edit.after, place.groups, place.extras, place.environment)]
            verdicts = [edit.releases.judge(needed, place.environment, one) for one in found]
            before = installed(old, place.environment, place.groups, known.extras)
            if not mixes_groups():
                made_for = edit.hashed or known  # by its hash, which is all that the product sees
                needed = [*of_manifest(made_for, place.groups, known.extras, place.environment)]
                before = edit.releases.judge(needed, place.environment, before).needless
            yield Difference(
                place=place,
                ours=found[0],
                theirs=found[1],
                our_verdict=verdicts[0],
                their_verdict=verdicts[1],
                before=before,
                anyhow=installed(old, place.environment, known.groups, known.extras),
                foreign=edit.foreign(found[1]),
            )


def mixes_groups() -> bool:
    """Whether the running Poetry often mixes up the markers of groups.

    Without the manifest that a lock was made for, nobody can tell then whether a marker is wider
    than its group needs.
    """
    return Version.parse(running_poetry()) < Version.parse("2.3")


def is_sound(edit: Edit, wanted: Wanted, text: str) -> bool:
    """Whether a lock installs all that a manifest needs, everywhere."""
    return not any(
        edit.releases.judge(
            of_manifest(wanted, place.groups, place.extras, place.environment),
            place.environment,
            installed(text, *place),
        ).missing
        for place in places(wanted)
    )


def pins(text: str) -> Installed:
    """Return name, version and source of each pin."""
    return frozenset(
        (entry["name"], entry["version"], str(entry.get("source", "")))
        for entry in parse_lock(text.encode()).raw["package"]
    )


def newly_needed(edit: Edit, old: str, new: str) -> frozenset[str]:
    """Return the packages that are needed in more environments, or with more extras, than before.

    Before is what the lock ``old`` was made for; ``new`` is a lock of the edited manifest.
    """
    return frozenset(
        name for name, *_ in _needed(edit, edit.after, new) - _needed(edit, edit.before, old)
    )


def _needed(edit: Edit, wanted: Wanted, text: str) -> set[tuple[str, str, str, str]]:
    """Return what is needed: name and version of a pin, its extra, and the environment."""
    allowed = parse_constraint(wanted.python)
    found: set[tuple[str, str, str, str]] = set()
    for environment in environments():
        if allowed.allows(Version.parse(environment["python_full_version"])):
            pins = installed(text, environment, wanted.groups, wanted.extras)
            needs = of_manifest(wanted, wanted.groups, wanted.extras, environment)
            steps = edit.releases.reach(needs, environment, pins)[0]
            found |= {(pin[0], pin[1], extra, str(environment)) for pin, extra in steps}
    return found


def in_a_folder(work: Callable[[Path], Any]) -> Any:
    """Do something in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        return work(Path(name).resolve())
