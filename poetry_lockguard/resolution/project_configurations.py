"""The manifest as a snapshot records it, and one project's configurations resolved."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cleo.io.null_io import NullIO
from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.core.packages.package import Package

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.exports.outcome import Places
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.index.source_manifest import UnreadableRequirementsError, of_manifest
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.mirrors.failover import NoEndpointError, endpoints
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.imports.environment import EnvManager
from poetry_lockguard.poetry_api.imports.remote_repositories import PyPiRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.project import declare_index, load, load_text
from poetry_lockguard.poetry_api.target_env import TargetEnv
from poetry_lockguard.resolution import closure, pinned_source, preferences, project_view
from poetry_lockguard.resolution.build_reading import IndexBuilds, KnownBuilds
from poetry_lockguard.resolution.build_resolution import BuildStage, needs_builds
from poetry_lockguard.resolution.configuration_resolver import (
    ConfigurationResolver,
    Job,
    ResolvedConfiguration,
    Unsolvable,
)
from poetry_lockguard.resolution.equivalence import is_same
from poetry_lockguard.resolution.package_source import IndexPackageSource
from poetry_lockguard.resolution.pinned_source import MissingPin, PinnedPackageSource
from poetry_lockguard.resolution.variant_rules import VariantRules
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.snapshots.document import Project
from poetry_lockguard.snapshots.format.file_facts import (
    NOTHING_KNOWN,
    facts_of_page,
    with_more,
)
from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.snapshots.usage import pins, used_to_build, users
from poetry_lockguard.targets.declared import own_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.project_package import ProjectPackage
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import Endpoint, Endpoints
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.poetry_api.imports.repository_pools import Repository, RepositoryPool
    from poetry_lockguard.resolution.preferences import Preferences
    from poetry_lockguard.snapshots.document import PackageEntry, Pin, Snapshot
    from poetry_lockguard.snapshots.format.file_facts import FileFacts
    from poetry_lockguard.snapshots.origins import SnapshotSource
    from poetry_lockguard.snapshots.usage import Key
    from poetry_lockguard.targets.configuration import Configuration
    from poetry_lockguard.targets.variant import VariantSource

Result = TypeVar("Result")


class SnapshotProject:
    """One project, loaded once. ``folder`` is the snapshot's, which its paths are relative to."""

    def __init__(self, manifest: Manifest, folder: Path, text: str | None = None) -> None:
        """Load the project; ``text`` is its manifest if there is no such file."""
        self.manifest = manifest
        self.folder = folder
        self.poetry: Poetry = (
            load(manifest, NullIO()) if text is None else load_text(text, manifest)
        )
        self._preferred: tuple[preferences.Locked, ...] | None = None
        self._entries: dict[Key, PackageEntry] = {}  # of pins resolved from alone
        self._packages: dict[Key, tuple[PackageEntry, Package]] = {}
        self._last: tuple[Sequence[Package], ConfigurationResolver] | None = None

    @property
    def own(self) -> tuple[tuple[str, VariantSource], ...]:
        """What the declared variants take from which source."""
        settings = parse_settings(self.manifest.settings, str(self.manifest.path))
        return own_sources(self.manifest, settings)

    def project(self) -> Project:
        """Return the manifest as a snapshot records it.

        The hash uses the newest rule, whichever Poetry runs: so snapshots made by different
        versions can be merged.
        """
        package = self.poetry.package
        groups = sorted(package.dependency_group_names(include_optional=True))
        return Project(
            name=self.manifest.name,
            requires_python=package.python_versions,
            content_hash=self._hash(),
            requirements={
                str(name): tuple(
                    package_translation.requirement(one, self.folder)
                    for one in package.dependency_group(name).dependencies_for_locking
                )
                for name in groups
            },
        )

    def _hash(self) -> str:
        try:
            return content_hash(self.manifest.data, RULES[-1])
        except TypeError as error:
            raise ManifestError(
                f"{self.manifest.path}: Poetry cannot hash it: {error}; correct it there"
            ) from error

    def locked(self) -> tuple[preferences.Locked, ...]:
        """Return the pins of poetry.lock; RuntimeError if Poetry cannot read it."""
        return preferences.locked(self.poetry)

    def preferred(self) -> tuple[preferences.Locked, ...]:
        """Return the pins of poetry.lock as preferences; RuntimeError as for ``locked``."""
        if self._preferred is None:
            self._preferred = preferences.named(self.poetry, self.manifest)
        return self._preferred

    def preferred_or_none(self) -> tuple[preferences.Locked, ...]:
        """Return the pins of poetry.lock; none if Poetry cannot read it."""
        try:
            return self.preferred()
        except (RuntimeError, KeyError, ValueError):
            return ()

    def markers(self, configuration: Configuration) -> Mapping[str, object]:
        """Return the environment of a configuration as Poetry sees it."""
        return TargetEnv(configuration.target.markers, self.folder).marker_env

    def environment(self) -> Env:
        """Return the environment that Poetry would install into, without creating it."""
        return EnvManager(self.poetry).get()

    # With indexes ------------------------------------------------------------------------------

    @contextmanager
    def indexes(self, network: Network) -> Iterator[Indexes]:
        """Open the endpoints of the indexes."""
        for _, source in self.own:
            declare_index(self.poetry, source.name, source.url)
        self._refuse_undeclared_sources()
        with endpoints(self.poetry, network) as opened:
            yield Indexes(self, opened)

    def _refuse_undeclared_sources(self) -> None:
        """Raise ManifestError for requirements bound to a source that is not declared."""
        package = self.poetry.package
        bound = {
            (one.source_name, one.pretty_name)
            for group in package.dependency_group_names(include_optional=True)
            for one in package.dependency_group(group).dependencies_for_locking
            if one.source_name and not self.poetry.pool.has_repository(one.source_name)
        }
        for source, name in sorted(bound):
            raise ManifestError(
                f"{self.manifest.path}: {name} is bound to the source {source}, which is not"
                " declared; declare it in [[tool.poetry.source]], or bind the requirement to"
                " another source"
            )

    # Without -----------------------------------------------------------------------------------

    def pins(self, snapshot: Snapshot, first: Configuration | None = None) -> list[Package]:
        """Return all pins of a snapshot as packages, a configuration's own before the others."""
        own = _own(snapshot, first)
        ordered = sorted(pins(snapshot).items(), key=lambda item: item[0] not in own)
        return [self.package(key, entry) for key, entry in ordered]

    def package(self, key: Key, entry: PackageEntry) -> Package:
        """Return a pin of a snapshot as a package."""
        known = self._packages.get(key)
        if known is None or known[0] != entry:
            self._packages[key] = entry, package_translation.package(key[0], entry, self.folder)
        return self._packages[key][1]

    def gives_itself(self, configuration: Configuration, snapshot: Snapshot) -> bool:
        """Return whether a configuration's own pins certainly suffice; False proves nothing."""
        entry = snapshot.configurations.get(configuration.name)
        if entry is None:
            return False
        rules, root = self._as_seen_by(configuration)
        if any(rules.contradictions(root)):
            return False
        own = {
            name: snapshot.entry(name, (one.version, one.source))
            for name, one in entry.packages.items()
        }
        return closure.gives_itself(root, own, self.poetry.pool, rules)

    def missing(
        self, configuration: Configuration, held: Sequence[Package], own: Mapping[str, str]
    ) -> tuple[MissingPin, ...]:
        """Return what a configuration requires and no pin satisfies."""
        rules, root = self._as_seen_by(configuration)
        library = PinnedPackageSource(self.poetry.pool, held)
        return pinned_source.missing(root, library, own, rules)

    def _as_seen_by(self, configuration: Configuration) -> tuple[VariantRules, ProjectPackage]:
        """Return the rules of a configuration, and the project as it sees it."""
        self.declare_sources([configuration])
        markers = self.markers(configuration)
        rules = VariantRules(configuration, markers, self.folder)
        return rules, project_view.project_package(self.poetry.package, configuration, rules)

    def declare_sources(self, configurations: Iterable[Configuration]) -> None:
        """Add the sources that only these configurations have; each serves what it is bound to."""
        for configuration in configurations:
            for _, source in configuration.variant.sources:
                declare_index(self.poetry, source.name, source.url)

    def constraints(self, snapshot: Snapshot) -> Mapping[str, Sequence[Dependency]]:
        """Return every requirement of the manifest and of the pins in use, by name."""
        held = pins(snapshot)
        required: dict[str, list[Dependency]] = defaultdict(list)
        groups = self.poetry.package.dependency_group_names(include_optional=True)
        for name in groups:
            for one in self.poetry.package.dependency_group(name).dependencies_for_locking:
                required[str(one.name)].append(one)
        for key in users(snapshot):
            if key in held:
                for one in self.package(key, held[key]).requires:
                    required[str(one.name)].append(one)
        return required

    @staticmethod
    def allows(requirement: Dependency, version: str) -> bool:
        """Return whether a requirement allows a version."""
        return requirement.constraint.allows(Version.parse(version))

    def own_build_requires(self) -> tuple[str, ...]:
        """Return what builds the project itself, if it is a package and its manifest says so."""
        if not self.poetry.is_package_mode or "build-system" not in self.manifest.data:
            return ()
        try:
            return of_manifest(self.manifest.data, str(self.manifest.path))
        except UnreadableRequirementsError:
            return ()  # Poetry reports it

    def with_known_builds(
        self,
        resolved: ResolvedConfiguration,
        configuration: Configuration,
        snapshot: Snapshot | None,
    ) -> ResolvedConfiguration:
        """Return a configuration with those build requirements that a snapshot's pins give."""
        own = self.own_build_requires()
        if snapshot is None or not needs_builds(resolved, own):
            return resolved
        known = pins(snapshot)
        entry = snapshot.configurations.get(resolved.name)
        first = frozenset() if entry is None else used_to_build(entry)
        ordered = sorted(known.items(), key=lambda item: item[0] not in first)
        held = [self.package(key, pin) for key, pin in ordered]
        reader = KnownBuilds(known, self.folder)
        stage = BuildStage(self._resolver(held), reader, lambda _: held, ())
        return stage.completed(resolved, configuration, own)

    def from_pins(
        self, configuration: Configuration, held: Sequence[Package]
    ) -> ResolvedConfiguration | Unsolvable:
        """Resolve one configuration from pins alone, preferring the first that fits."""
        self.declare_sources([configuration])
        job = Job(configuration=configuration, preferred=held)
        (outcome,) = self._resolver(held).resolve([job])
        return outcome

    def _resolver(self, held: Sequence[Package]) -> ConfigurationResolver:
        """Return the resolver of these pins, which reuses the results of earlier resolutions."""
        if self._last is None or not is_same(self._last[0], held):
            library = PinnedPackageSource(self.poetry.pool, held)
            self._last = (
                held,
                ConfigurationResolver(self.poetry, library, self.folder, self._entries),
            )
        return self._last[1]


def _own(snapshot: Snapshot, configuration: Configuration | None) -> set[Key]:
    entry = snapshot.configurations.get(configuration.name) if configuration else None
    if entry is None:
        return set()
    return {(name, (one.version, one.source)) for name, one in entry.packages.items()}


class Indexes:
    """The indexes of one project, through the first endpoint that succeeds."""

    def __init__(self, project: SnapshotProject, opened: Endpoints) -> None:
        self._project = project
        self._ways = opened
        self._libraries: dict[int, IndexPackageSource] = {}

    def resolve(
        self,
        configurations: Sequence[Configuration],
        preferred: Preferences,
        *,
        first: Collection[Key] = (),
        newest: Collection[str] = (),
        progress: Callable[[str], None] = lambda _: None,
    ) -> list[ResolvedConfiguration | Unsolvable]:
        """Resolve configurations that do not influence one another."""
        self._project.declare_sources(configurations)

        def jobs() -> Iterator[Job]:
            for configuration in configurations:
                progress(configuration.name)
                markers = self._project.markers(configuration)
                yield Job(
                    configuration=configuration,
                    preferred=preferred.of(configuration.name, markers, first, newest),
                    newest=newest,
                )

        def work(endpoint: Endpoint) -> list[ResolvedConfiguration | Unsolvable]:
            library = self._library(endpoint)
            locked = [one.package for one in self._project.preferred_or_none()]
            with endpoint.prefetch(self._project.poetry.package, locked):
                resolver = ConfigurationResolver(
                    self._project.poetry, library, self._project.folder
                )
                return [*resolver.resolve(jobs())]

        return self._with_builds(self._ways.first(work), configurations, preferred, newest)

    def _with_builds(
        self,
        outcomes: list[ResolvedConfiguration | Unsolvable],
        configurations: Sequence[Configuration],
        preferred: Preferences,
        newest: Collection[str],
    ) -> list[ResolvedConfiguration | Unsolvable]:
        """Lock what builds packages, too, if every configuration was resolved.

        No index may have that; then what the snapshot knows of it stays, and the rest is reported.
        """
        resolved = [one for one in outcomes if isinstance(one, ResolvedConfiguration)]
        own = self._project.own_build_requires()
        if len(resolved) < len(outcomes) or not any(needs_builds(one, own) for one in resolved):
            return outcomes
        named = {one.name: one for one in configurations}
        known_pins = {} if preferred.snapshot is None else pins(preferred.snapshot)

        def pinned(name: str) -> list[Package]:
            markers = self._project.markers(named[name])
            first = preferred.of(name, markers, (), newest)
            return preferred.of_builds(name, first, newest)

        def work(endpoint: Endpoint) -> list[ResolvedConfiguration | Unsolvable]:
            library, folder = self._library(endpoint), self._project.folder
            commits = library.origin.build_requires
            poetry = self._project.poetry
            known = IndexBuilds(known_pins, folder, poetry, library.pool, commits)
            resolver = ConfigurationResolver(poetry, library, folder)
            stage = BuildStage(resolver, known, pinned, newest)
            return [stage.completed(one, named[one.name], own) for one in resolved]

        try:
            return self._ways.first(work)
        except NoEndpointError as error:
            why = f"what builds packages could not be looked up: {error}"
            return [
                replace(
                    self._project.with_known_builds(one, named[one.name], preferred.snapshot),
                    unlocked=[why],
                )
                for one in resolved
            ]

    def look_up(self, name: str, version: str, source: str | None = None) -> PackageEntry | None:
        """Return the pin of a release; ``None`` if no index has it."""

        def work(endpoint: Endpoint) -> PackageEntry | None:
            library = self._library(endpoint)
            try:
                found = library.package(name, Version.parse(version), source)
            except PackageNotFoundError:
                return None
            return package_translation.entry(found, self._project.folder, found.requires)

        return self._ways.first(work)

    def places(self, wanted: Mapping[Key, PackageEntry]) -> Places:
        """Return the URL of each file of pins from an index, and what it says of the files."""

        def work(endpoint: Endpoint) -> Places:
            pool = endpoint.pool
            return Places(
                urls={key: links(pool, *key) for key in wanted},
                facts={key: _told(pool, key, entry) for key, entry in wanted.items()},
            )

        return self._ways.first(work)

    def sources_of(self, name: str) -> list[str | None]:
        """Return the indexes that may have a package: the manifest's own, then its variants'."""
        project = self._project
        bound = (one.source_name for one in project.poetry.package.all_requires if one.name == name)
        found = [next(filter(None, bound), None)]
        return [*found, *(source.name for package, source in project.own if package == name)]

    def through(self, work: Callable[[Endpoint], Result]) -> Result:
        """Return the result of ``work`` for the first endpoint that succeeds."""
        return self._ways.first(work)

    def _library(self, endpoint: Endpoint) -> IndexPackageSource:
        return self._libraries.setdefault(id(endpoint), IndexPackageSource(endpoint.pool))


def links(pool: RepositoryPool, name: str, pin: Pin) -> dict[str, str]:
    """Return the current URLs of a release's files in the index."""
    version, source = pin
    package = Package(name, version)
    found: dict[str, str] = {}
    for repository in _repositories(pool, source):
        for link in _links(repository, package):
            found.setdefault(link.filename, link.url_without_fragment)
    return found


def _repositories(pool: RepositoryPool, source: SnapshotSource) -> list[Repository]:
    """Return the indexes of a pin's source."""
    if isinstance(source, Index):
        return [pool.repository(source.name)]
    return [
        one
        for one in pool.repositories
        if not isinstance(source, PyPI) or one.name.lower() == "pypi"
    ]


def _told(pool: RepositoryPool, key: Key, entry: PackageEntry) -> FileFacts:
    """Return what the page of a release, which was read for its links, says of its files."""
    name, (text, source) = key
    release = canonicalize_name(name), Version.parse(text)
    facts = NOTHING_KNOWN
    for repository in _repositories(pool, source):
        if isinstance(repository, CachingRepository):
            facts = with_more(facts, facts_of_page(repository.told(*release), entry.files))
    return facts


def _links(repository: Repository, package: Package) -> Iterable[Link]:
    """Read a project's page if there is one: PyPI's API may not answer at all."""
    if not isinstance(repository, CachingRepository):
        return repository.find_links_for_package(package)
    try:
        page = private.page(repository, package.name)
    except PackageNotFoundError:
        return ()
    found: Iterable[Link] = page.links_for_version(package.name, package.version)
    return found


def pypi_pages() -> str:
    """Return the URL of PyPI's simple index, as Poetry knows it."""
    return PyPiRepository().url
