"""A configuration is what Poetry's own installer would install from a lock with the same pins.

The lock is Poetry's, made by its resolver; ``snapshot sync`` takes the lock's pins. Then Poetry's
installer works out its operations from the lock, in an environment with the target's markers and
tags, for the configuration's groups and extras: both of its ways, with and without
``installer.re-resolve``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, event, given, settings
from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version, parse_constraint
from poetry.factory import Factory
from poetry.installation.executor import Executor
from poetry.installation.installer import Installer
from poetry.puzzle.exceptions import SolverProblemError
from poetry.puzzle.provider import IncompatibleConstraintsError
from poetry.repositories.installed_repository import InstalledRepository
from poetry.repositories.repository_pool import RepositoryPool
from poetry.utils.env import MockEnv, NullEnv
from sampling import examples
from solving import project
from walking import follow
from worlds import Wanted, World, manifests, worlds

from poetry_lockguard.poetry_api.target_env import TargetEnv
from poetry_lockguard.snapshots.format.reader import parse
from poetry_lockguard.targets.target import wheel_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from conftest import Result
    from index import Index, Pypi
    from poetry.installation.operations.operation import Operation
    from poetry.poetry import Poetry

    from poetry_lockguard.snapshots.document import ConfigurationEntry

    Run = Callable[[str, Path], Result]

PYTHONS = ("3.10", "3.11")
PLATFORMS = ("linux-x86_64", "windows-x86_64")
SETTINGS = settings(deadline=None, max_examples=examples(15), suppress_health_check=[*HealthCheck])


class Planning(Executor):
    """Poetry's executor, which remembers what it was asked to do, and does nothing."""

    planned: Sequence[Operation] = ()

    def execute(self, operations: list[Operation]) -> int:
        self.planned = [one for one in operations if not one.skipped]
        return 0


def lock(poetry: Poetry, pool: RepositoryPool) -> None:
    """Write poetry.lock with Poetry's own resolver and locker."""
    installer = Installer(
        NullIO(),
        NullEnv(),
        poetry.package,
        poetry.locker,
        pool,
        poetry.config,
        installed=InstalledRepository(),
    )
    installer.lock().run()


def planned(folder: Path, entry: ConfigurationEntry, *, re_resolve: bool) -> set[tuple[str, str]]:
    """Return what Poetry would install from the lock in a configuration's target."""
    target = entry.target
    markers: dict[str, Any] = {**TargetEnv(target.markers, folder).get_marker_env()}
    minor = target.markers["python_version"]
    tags = wheel_tags(minor, target.implementation, target.platform)
    env = MockEnv(marker_env=markers, supported_tags=[*tags], path=folder)
    poetry = Factory().create_poetry(folder, disable_plugins=True)
    poetry.config.merge({"installer": {"re-resolve": re_resolve}})
    pool = RepositoryPool()  # the lock is enough
    executor = Planning(env, pool, poetry.config, NullIO())
    installer = Installer(
        NullIO(),
        env,
        poetry.package,
        poetry.locker,
        pool,
        poetry.config,
        installed=InstalledRepository(),
        executor=executor,
    )
    installer.only_groups([canonicalize_name(group) for group in entry.groups])
    installer.extras([*entry.extras])
    assert installer.run() == 0
    return {(str(one.package.name), one.package.version.text) for one in executor.planned}


def held(entry: ConfigurationEntry) -> set[tuple[str, str]]:
    return {(name, one.version) for name, one in entry.packages.items()}


def configured(wanted: Wanted) -> str:
    """Return the manifest with a matrix of all that its Pythons allow."""
    allowed = parse_constraint(wanted.python)
    pythons = [one for one in PYTHONS if allowed.allows(Version.parse(f"{one}.0"))]
    extras = [[], *([extra] for extra in wanted.extras)]
    matrix = {"python": pythons, "platform": PLATFORMS, "extras": extras}
    lines = [f"{axis} = {json.dumps(values)}" for axis, values in matrix.items()]
    lines.append('groups = [["main"], ["main", "dev"]]' if wanted.groups["dev"] else "")
    return "\n".join([wanted.text(), "[tool.lockguard.matrix]", *lines, ""])


def compare(run: Run, folder: Path, world: World, wanted: Wanted) -> None:
    for name in ("poetry.lock", "lockguard.lock"):
        (folder / name).unlink(missing_ok=True)
    (folder / "pyproject.toml").write_text(configured(wanted))
    try:
        lock(Factory().create_poetry(folder, disable_plugins=True), world.pool())
    except (SolverProblemError, IncompatibleConstraintsError):
        return  # nothing to install
    synced = run("lockguard snapshot sync", folder)
    assert synced.code == 0, synced.err
    snapshot = parse((folder / "lockguard.lock").read_bytes(), "lockguard.lock").snapshot
    for entry in snapshot.configurations.values():
        ours = held(entry)
        as_locked = planned(folder, entry, re_resolve=False)
        resolved = planned(folder, entry, re_resolve=True)
        requirements = [
            text for group in entry.groups for text in snapshot.project.requirements[group]
        ]
        event("the same" if ours == as_locked == resolved else "not the same")
        if ours != as_locked:
            assert [*faults(requirements, entry, world, as_locked)]
            assert not [*faults(requirements, entry, world, ours)]
        assert ours == resolved or as_locked != resolved


def faults(
    requirements: Iterable[str],
    entry: ConfigurationEntry,
    world: World,
    chosen: set[tuple[str, str]],
) -> Iterator[str]:
    """Say in what these packages are not exactly what a configuration needs."""
    requires = {(one.name, one.version): one.requires_dist or [] for one in world.releases}
    versions = dict(sorted(chosen))
    yield from (f"{name} twice" for name, version in chosen if versions[name] != version)
    yield from follow(requirements, entry, versions, lambda name: requires[name, versions[name]])


@pytest.mark.contract
@SETTINGS
@given(worlds(), manifests())
def test_a_configuration_is_what_poetry_would_install(
    run: Run, tmp_path: Path, world: World, wanted: Wanted
) -> None:
    """Or Poetry's choice is not exactly what the manifest asks for there, and ours is.

    Poetry may install what an extra that is not wanted would bring, where something else needs it
    elsewhere; what stands in a circle of requirements with markers; two versions, one over the
    other, where its lock does not tell their groups apart; and in rare cases too little. A walk
    over the requirements, which asks neither, then has to say so. Where its way to resolve the lock
    again (the default up to 2.2) takes another pin than the lock's markers say, the lock is right.
    """
    compare(run, tmp_path, world, wanted)


@pytest.mark.slow
@settings(SETTINGS, max_examples=400)
@given(worlds(), manifests())
def test_a_configuration_is_what_poetry_would_install_at_length(
    run: Run, tmp_path: Path, world: World, wanted: Wanted
) -> None:
    compare(run, tmp_path, world, wanted)


MORE = """
[tool.poetry.group.dev.dependencies]
tester = "*"

[project.optional-dependencies]
gpu = ["shader"]
"""


@pytest.mark.contract
def test_both_installers_make_the_same_environment(
    run: Run, tmp_path: Path, index: Index, pypi: Pypi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("engine", "1.0", requires=["sound32>=1", "never ; sys_platform == 'none'"])
    for name in ("sound32", "shader", "tester", "never"):
        index.add(name, "1.0")
    pypi(index, here=True)
    stock = project(tmp_path / "stock", "engine", more=MORE)
    assert run("lock", stock).code == 0
    for name in ("engine", "sound32", "shader", "tester"):
        index.add(name, "2.0")
    assert run("lockguard snapshot create --groups main,dev --extras gpu", stock).code == 0
    ours = Path(shutil.copytree(stock, tmp_path / "ours"))
    (ours / "poetry.lock").unlink()

    installed = run("install --extras gpu", stock)
    reproduced = run("lockguard install --snapshot", ours)

    assert (installed.code, reproduced.code) == (0, 0), reproduced.err
    everything = ("engine", "sound32", "shader", "tester")
    assert listed(ours) == listed(stock) == dict.fromkeys(everything, "1.0")


def listed(folder: Path) -> dict[str, str]:
    """Return what the Python of a project's environment finds installed."""
    program = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d.metadata['Name']: d.version for d in m.distributions()}))"
    )
    (python,) = [*folder.glob(".venv/bin/python"), *folder.glob(".venv/Scripts/python.exe")]
    answer = subprocess.check_output([str(python), "-c", program], text=True)
    found: dict[str, str] = json.loads(answer)
    found.pop("pip", None)
    return found
