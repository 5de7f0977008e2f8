"""What a package always needs and an extra of it needs, too, is locked for both.

Poetry writes one dependency for both, as sqlalchemy's of greenlet:
``{optional = true, markers = "platform_machine == 'x86_64' or extra == 'asyncio'"}``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from packaging.version import Version
from poetry.installation.installer import Installer
from poetry.repositories.installed_repository import InstalledRepository
from poetry.utils.env import NullEnv
from solving import load, project
from worlds import World, release

from poetry_lockguard.freshness.locked_package import marker_text, parsed_marker
from poetry_lockguard.lockfile import notation
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, PypiRun

    Run = Callable[[str, Path], Result]

#: Poetry up to 2.4 narrows a requirement of an extra to where the package needs it without
SOUND = Version(running_poetry()) >= Version("2.5")
LINUX = {"sys_platform": "linux"}
MACOS = {"sys_platform": "darwin"}
GROUP = '[tool.poetry.group.dev.dependencies]\norm = {version = "*", extras = [%s]}\n'
WITH_EXTRA, WITHOUT = GROUP % '"aio"', GROUP % ""


@pytest.fixture
def pypi_run(index: Index, pypi: Pypi) -> PypiRun:
    needs = ["green>=1 ; sys_platform == 'linux'"]
    index.add("orm", "1.0", requires=needs, extras={"aio": ["green>=1"]})
    index.add("green", "1.0")
    index.add("wing", "1.0")
    return pypi(index, here=True)


ALWAYS = '{version = ">=1", markers = "sys_platform == \\"linux\\""}'
OF_BOTH = (
    '{version = ">=1", optional = true,'
    ' markers = "sys_platform == \\"linux\\" or extra == \\"aio\\""}'
)
APART = f"green = [\n    {ALWAYS},\n    {OF_BOTH},\n]\n"
JOINED = f"green = {OF_BOTH}\n"


@pytest.fixture(
    params=[("orm", WITH_EXTRA), ("orm[aio]", WITHOUT)], ids=["extra in dev", "extra in main"]
)
def made(request: pytest.FixtureRequest, pypi_run: PypiRun, tmp_path: Path, run: Run) -> Path:
    """Give a project that needs a package with an extra in one group, and without in the other."""
    if not SOUND:
        pytest.skip("no lock of this Poetry has both")
    requirement, more = request.param
    folder = project(tmp_path / "plane", requirement, "wing", more=more)
    assert run("lockguard fix", folder).code == 0
    return folder


@pytest.fixture(params=[APART, JOINED], ids=["apart", "joined"])
def folder(request: pytest.FixtureRequest, made: Path) -> Path:
    """Give that project with a lock that has both requirements apart, or joined as Poetry does."""
    text = (made / "poetry.lock").read_text()
    assert APART in text
    (made / "poetry.lock").write_text(text.replace(APART, request.param))
    return made


def places(folder: Path) -> dict[str, set[str]]:
    """Return the platforms on which each group installs ``green``."""
    lock = parse((folder / "poetry.lock").read_bytes())
    (green,) = (pin for pin in lock.pins if pin.name == "green")
    return {
        group: {
            env["sys_platform"]
            for env in (LINUX, MACOS)
            if parsed_marker(marker_text(green, group)).validate(env)
        }
        for group in green.groups
    }


def edit(folder: Path, old: str, new: str) -> None:
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))


def test_each_group_gets_what_its_own_requirement_needs(folder: Path, run: Run) -> None:
    has_extra = "main" if "orm[aio]" in (folder / "pyproject.toml").read_text() else "dev"
    wanted = {"main": {"linux"}, "dev": {"linux"}} | {has_extra: {"linux", "darwin"}}

    assert places(folder) == wanted
    assert run("lockguard check --deep", folder).code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [('"wing"', '"wing>=1"'), (', "wing"', ""), ('"wing"', '"wing", "tail"')],
    ids=["a bound", "one less", "one more"],
)
def test_an_edit_of_another_requirement_leaves_them(
    old: str, new: str, folder: Path, run: Run, index: Index
) -> None:
    index.add("tail", "1.0")
    before = places(folder)
    edit(folder, old, new)

    assert run("lockguard fix", folder).code == 0

    assert places(folder) == before
    assert run("lockguard check --deep", folder).code == 0


@pytest.mark.parametrize(
    ("old", "new"), [('"wing"', '"wing>=1"'), (', "wing"', "")], ids=["a bound", "one less"]
)
def test_the_network_is_not_needed_for_them(old: str, new: str, folder: Path, run: Run) -> None:
    before = places(folder)
    edit(folder, old, new)

    assert run("lockguard fix --offline", folder).code == 0

    assert places(folder) == before


def test_a_snapshot_of_one_group_has_what_that_needs(folder: Path, run: Run) -> None:
    manifest = folder / "pyproject.toml"
    without = "dev" if "orm[aio]" in manifest.read_text() else "main"
    table = "[tool.lockguard.configurations.{0}]\npython = '3.12'\nplatform = '{0}-{1}'\n"
    manifest.write_text(
        manifest.read_text()
        + "".join(
            table.format(system, machine) + f"groups = ['{without}']\n"
            for system, machine in (("linux", "x86_64"), ("macos", "arm64"))
        )
    )

    assert run("lockguard snapshot sync", folder).code == 0

    made = json.loads((folder / "lockguard.lock").read_text())["configurations"]
    assert {name for name, one in made.items() if "green" in one["packages"]} == {"linux"}


def test_a_lock_that_gives_more_than_is_needed_is_sound(folder: Path, run: Run) -> None:
    lock = folder / "poetry.lock"
    lines = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join(line for line in lines if not line.startswith("markers = {")))

    result = run("lockguard check --deep", folder)

    assert (result.code, result.out) == (0, "poetry.lock: fresh\n")
    assert places(folder) == {"main": {"linux", "darwin"}, "dev": {"linux", "darwin"}}


def test_a_pin_that_is_missing_without_the_extra_is_missed(folder: Path, run: Run) -> None:
    lock = folder / "poetry.lock"
    lacking = "dev" if "orm[aio]" in (folder / "pyproject.toml").read_text() else "main"
    entry = next(one for one in lock.read_text().split("[[package]]") if 'name = "green"' in one)
    others = "main" if lacking == "dev" else "dev"
    lines = [line for line in entry.splitlines(keepends=True) if not line.startswith("markers = {")]
    bare = "".join(lines).replace('groups = ["main", "dev"]', f'groups = ["{others}"]')
    lock.write_text(lock.read_text().replace(entry, bare))

    result = run("lockguard check --deep", folder)

    assert result.code == 1
    assert "closure: green: needed by orm 1.0" in result.err + result.out


ALWAYS_THEN_EXTRA = "green>=1 ; sys_platform == 'linux'", "green>=1 ; extra == 'aio'"
THROUGH_ANOTHER = *ALWAYS_THEN_EXTRA, "orm[aio] ; extra == 'all'"
HIGHER = "green>=1 ; sys_platform == 'linux'", "green>=1.1 ; extra == 'aio'"


def pool(requires: tuple[str, ...]) -> World:
    return World(
        [release("orm", [*requires]), release("green", [], "2.0"), release("wing", [])],
    )


def stock(folder: Path, world: World) -> str:
    """Return what Poetry itself writes."""
    poetry = load(folder)
    Installer(
        NullIO(),
        NullEnv(),
        poetry.package,
        poetry.locker,
        world.pool(),
        poetry.config,
        installed=InstalledRepository(),
    ).lock(update=False).run()
    return (folder / "poetry.lock").read_text()


@pytest.mark.parametrize(
    ("requires", "requirement", "more"),
    [
        (ALWAYS_THEN_EXTRA, "orm[aio]", ""),
        (ALWAYS_THEN_EXTRA, "orm", ""),
        (ALWAYS_THEN_EXTRA, "orm[aio]", WITH_EXTRA),
        (ALWAYS_THEN_EXTRA[::-1], "orm[aio]", ""),
        (ALWAYS_THEN_EXTRA[::-1], "orm[aio]", WITHOUT),
        (THROUGH_ANOTHER, "orm[all]", ""),
        (THROUGH_ANOTHER, "orm[all]", WITH_EXTRA),
        (HIGHER, "orm[aio]", WITHOUT),
    ],
)
def test_a_new_lock_says_it_as_poetry_does(
    requires: tuple[str, ...], requirement: str, more: str, tmp_path: Path
) -> None:
    if not SOUND and requires[0].endswith("'aio'"):
        pytest.skip("this Poetry narrows what the extra needs")
    folder = project(tmp_path / "plane", requirement, "wing", more=more)
    ours = resolve(load(folder), pool(requires).pool(), NullIO())

    assert ours == stock(folder, pool(requires))

    edit(folder, '"wing"', '"wing>=1"')
    assert resolve(load(folder), pool(requires).pool(), NullIO()) == stock(folder, pool(requires))


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("sys_platform == 'linux' or extra == 'aio'", "sys_platform == 'linux'"),
        (
            "(os_name == 'nt' or extra == 'aio') and python_version < '3.13'",
            "os_name == 'nt' and python_version < '3.13'",
        ),
        ("extra == 'aio'", "<empty>"),
        ("extra == 'aio' and os_name == 'nt' or extra == 'other'", "<empty>"),
        ("extra != 'aio'", ""),
        ("extra != 'aio' and os_name == 'nt'", "os_name == 'nt'"),
        ("os_name == 'nt'", "os_name == 'nt'"),
        ("", ""),
    ],
)
def test_where_a_marker_holds_without_extras(text: str, alone: str) -> None:
    found = notation.when_no_extra(notation.marker(text))

    assert str(found) == alone.replace("'", '"')
    assert notation.holds_without_extras(notation.marker(text)) == (alone != "<empty>")
