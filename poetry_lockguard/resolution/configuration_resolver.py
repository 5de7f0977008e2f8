"""Resolves configurations with Poetry's own solver, each in its target's environment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cleo.io.null_io import NullIO
from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.core.packages.project_package import ProjectPackage

from poetry_lockguard.index.direct_origins import UnreadOrigin
from poetry_lockguard.poetry_api import package_translation, private
from poetry_lockguard.poetry_api.conflict_sentences import missing_packages
from poetry_lockguard.poetry_api.contradiction import in_plain_words
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.poetry_api.imports.solver import (
    IncompatibleConstraintsError,
    Solver,
    SolverProblemError,
)
from poetry_lockguard.poetry_api.joined_requirements import merged_apart
from poetry_lockguard.poetry_api.project import checkouts
from poetry_lockguard.poetry_api.target_env import TargetEnv
from poetry_lockguard.resolution import project_view
from poetry_lockguard.resolution.certain_solution import SolvedPackages, certain_solution
from poetry_lockguard.resolution.equivalence import ResolverInput, ResolverTrace
from poetry_lockguard.resolution.package_source import (
    EnvironmentView,
    as_seen_there,
    marker_evaluator,
)
from poetry_lockguard.resolution.variant_rules import VariantRules
from poetry_lockguard.snapshots.document import ROOT, ConfigurationEntry, Resolved, TargetEntry
from poetry_lockguard.snapshots.entry_configurations import variant_sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from poetry.core.packages.dependency import Dependency
    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.resolution.package_source import PackageSource
    from poetry_lockguard.snapshots.document import PackageEntry, Pin
    from poetry_lockguard.targets.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedConfiguration:
    """One configuration resolved: its entry, and every pin in it by name.

    ``build_pins`` are those of its build requirements, and ``unlocked`` says what could not be
    locked of them, and why.
    """

    name: str
    entry: ConfigurationEntry
    pins: Mapping[str, PackageEntry]
    build_pins: Sequence[tuple[str, PackageEntry]] = ()
    unlocked: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolvable:
    """One configuration that cannot be resolved, with the resolver's reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One configuration to resolve: the preferred pins, in order, and the packages to update.

    A preferred pin that fits no requirement is not used.
    """

    configuration: Configuration
    preferred: Sequence[Package] = ()
    newest: Collection[str] = field(default=frozenset())


class ConfigurationResolver:
    """Resolves any number of configurations of one project from one package source."""

    def __init__(
        self,
        poetry: Poetry,
        library: PackageSource,
        folder: Path,
        entries: dict[tuple[str, Pin], PackageEntry] | None = None,
    ) -> None:
        """Take a project and its package source; ``entries`` are pins computed before."""
        self._poetry = poetry
        self._library = library
        self._folder = folder
        self._entries = {} if entries is None else entries
        self._known: list[tuple[ResolverTrace, ResolvedConfiguration]] = []

    def resolve(self, jobs: Iterable[Job]) -> Iterator[ResolvedConfiguration | Unsolvable]:
        """Resolve each; network failures are raised unchanged."""
        with checkouts(self._poetry) as folder:
            for job in jobs:
                yield self._resolve_what_is_there(job, folder)

    def resolve_requirements(
        self, job: Job, requirements: Sequence[Dependency]
    ) -> ResolvedConfiguration | Unsolvable:
        """Resolve requirements other than the project's in the environment of a configuration.

        They must not have an address of their own. Network failures are raised unchanged.
        """
        env = TargetEnv(job.configuration.target.markers, self._folder)
        rules = VariantRules(job.configuration, env.marker_env, self._folder)
        root = ProjectPackage("requirements", "0")
        for one in requirements:
            root.add_dependency(rules.applied(one))
        asked = ("requirements", tuple(str(one.to_pep_508()) for one in requirements))
        return self._resolve_what_is_there(job, self._folder, (root, asked))

    def _resolve_what_is_there(
        self,
        job: Job,
        checkouts: Path,
        given: tuple[ProjectPackage, tuple[object, ...]] | None = None,
    ) -> ResolvedConfiguration | Unsolvable:
        try:
            return self._resolve(job, checkouts, given)
        except (
            PackageNotFoundError
        ):  # Poetry looks up a preferred pin without checking that it exists
            found = [one for one in job.preferred if self._is_there(one)]
            if len(found) == len(job.preferred):
                raise
            return self._resolve(replace(job, preferred=found), checkouts, given)

    def _is_there(self, package: Package) -> bool:
        if package.is_direct_origin():
            return True
        try:
            self._library.package(package.name, package.version, _index(package))
        except (PackageNotFoundError, IndexError):
            return False
        return True

    def _resolve(
        self,
        job: Job,
        checkouts: Path,
        given: tuple[ProjectPackage, tuple[object, ...]] | None,
    ) -> ResolvedConfiguration | Unsolvable:
        """Resolve the project as the configuration sees it, or what is given in its place."""
        env = TargetEnv(job.configuration.target.markers, checkouts)
        rules = VariantRules(job.configuration, env.marker_env, self._folder)
        if given is None:
            root = project_view.project_package(self._poetry.package, job.configuration, rules)
            asked = self._asked(job, env)
        else:
            root, asked = given
        if contradictions := [*rules.contradictions(root)]:
            return Unsolvable(name=job.configuration.name, reason="\n".join(contradictions))
        pool = self._library.pool
        job = replace(job, preferred=rules.eligible(job.preferred, root, pool))
        scene = _scene(job, env, rules, asked)
        for seen_before, known in self._known:
            if seen_before.is_shown(scene):
                return _renamed(known, job.configuration)
        view = EnvironmentView(self._library, rules, self._poetry.config)
        outcome = self._solve(job, root, view, env, rules)
        if isinstance(outcome, ResolvedConfiguration):
            self._known.append((ResolverTrace(scene, view.looked_at, root.all_requires), outcome))
        return outcome

    def _asked(self, job: Job, env: TargetEnv) -> tuple[object, ...]:
        """Return what the project asks for in a configuration."""
        chosen = job.configuration.groups, job.configuration.extras
        return (*chosen, project_view.applying(self._poetry.package, *chosen, env.marker_env))

    def _solve(
        self,
        job: Job,
        root: ProjectPackage,
        view: EnvironmentView,
        env: TargetEnv,
        rules: VariantRules,
    ) -> ResolvedConfiguration | Unsolvable:
        holds = marker_evaluator(env.marker_env)
        preferred = [
            rules.applied_to_all(as_seen_there(package, holds))
            if package.is_direct_origin()
            else package
            for package in job.preferred
        ]
        solver = Solver(root, view, [], preferred, NullIO(), active_root_extras=frozenset())
        provider = solver.provider
        self._library.equip(provider)
        private.replace_merge(provider, merged_apart)
        if rules:
            search = provider.search_for_direct_origin_dependency
            provider.search_for_direct_origin_dependency = (  # type: ignore[method-assign]
                lambda dependency: rules.applied_to_all(search(dependency))
            )
        private.order_locked(provider, preferred)
        newest = [canonicalize_name(name) for name in job.newest]
        try:
            with (
                solver.use_environment(env),
                provider.use_source_root(env.path / "src"),
            ):
                python = Version.parse(env.marker_env["python_full_version"])
                solved = None if newest else certain_solution(root, provider, python)
                if solved is None:
                    given = solver.solve(use_latest=newest).get_solved_packages()
                    solved = SolvedPackages.of(given)
        except (SolverProblemError, IncompatibleConstraintsError, UnreadOrigin) as error:
            missing = self._missing(error) if rules else []
            reason = rules.explained(in_plain_words(str(error)), missing)
            return Unsolvable(name=job.configuration.name, reason=reason)
        if violated := [*rules.violated(solved.groups)]:
            return Unsolvable(name=job.configuration.name, reason="\n".join(violated))
        return self._resolution(job, root, solved)

    def _missing(self, error: Exception) -> list[str]:
        """Return the packages that no index has, of those in an explanation of the solver."""
        if not isinstance(error, SolverProblemError):
            return []
        return [one.name for one in missing_packages(error, self._library.pool)]

    def _resolution(
        self,
        job: Job,
        root: ProjectPackage,
        solved: SolvedPackages,
    ) -> ResolvedConfiguration:
        configuration = job.configuration
        first = project_view.first_needed_by(root, solved.required)
        pins = {str(package.name): self._entry(package, job) for package in solved.groups}
        entry = ConfigurationEntry(
            target=target_entry(configuration),
            groups=configuration.groups,
            extras=configuration.extras,
            sources=variant_sources(configuration.variant),
            constraints=configuration.variant.constraints,
            packages={
                str(package.name): Resolved(
                    version=pins[str(package.name)].version,
                    source=pins[str(package.name)].source,
                    resolved_by=first.get(str(package.name), ROOT),
                    groups=tuple(str(group) for group in groups),
                )
                for package, groups in solved.groups.items()
            },
        )
        return ResolvedConfiguration(name=configuration.name, entry=entry, pins=pins)

    def _entry(self, package: Package, job: Job) -> PackageEntry:
        """Return the complete pin of a package of which the solver saw one environment's view."""
        name = str(package.name)
        pin = package.version.text, package_translation.source(package, self._folder)
        if (name, pin) not in self._entries:
            whole = self._whole(package, job)
            made = package_translation.entry(package, self._folder, whole.requires)
            self._entries[name, pin] = made
        return self._entries[name, pin]

    def _whole(self, package: Package, job: Job) -> Package:
        if not package.is_direct_origin():
            return self._library.package(package.name, package.version, _index(package))
        kept = (one for one in job.preferred if one.is_same_package_as(package))
        return self._library.direct(package) or next(kept, package)


def _scene(
    job: Job, env: TargetEnv, rules: VariantRules, asked: tuple[object, ...]
) -> ResolverInput:
    markers = env.marker_env
    return ResolverInput(
        asked=(*asked, frozenset(job.newest), rules.key),
        preferred=job.preferred,
        python=Version.parse(markers["python_full_version"]),
        holds=marker_evaluator(markers),
    )


def _index(package: Package) -> str | None:
    return package.source_reference if package.source_type == "legacy" else None


def _renamed(known: ResolvedConfiguration, configuration: Configuration) -> ResolvedConfiguration:
    """Return another configuration's result as this one's."""
    entry = replace(
        known.entry,
        target=target_entry(configuration),
        sources=variant_sources(configuration.variant),
        constraints=configuration.variant.constraints,
    )
    return replace(known, name=configuration.name, entry=entry)


def target_entry(configuration: Configuration) -> TargetEntry:
    """Return a configuration's target in the form of a snapshot."""
    target = configuration.target
    return TargetEntry(
        python=target.python,
        implementation=target.implementation,
        platform=target.platform,
        markers=target.markers,
    )
