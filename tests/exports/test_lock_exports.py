"""Files straight from a lock hold what Poetry would install, for every group and extra."""

from __future__ import annotations

import itertools
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.null_io import NullIO
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from installs import environments, installed, reached
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from sampling import examples
from worlds import Wanted, World, manifests, worlds

from poetry_lockguard.exports import marker_trees
from poetry_lockguard.exports.derived_file import ExportSpec, derived_file
from poetry_lockguard.exports.lock_selection import UnclearError
from poetry_lockguard.exports.marker_trees import ALWAYS, NEVER
from poetry_lockguard.exports.outcome import Exported, Places
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import parse as parse_manifest
from poetry_lockguard.poetry_api.contradiction import Contradiction
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.project import load
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

Pins = frozenset[tuple[str, str]]
HERE = [*environments(("3.10", "3.11", "3.12"))]


def lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and marker of each requirement in a file."""
    for match in re.finditer(r"^([\w.-]+)==([^\s;]+)(?: ; ([^\\\n]*))?", text, re.MULTILINE):
        yield match[1], match[2], (match[3] or "").strip()


def brought(text: str, environment: Mapping[str, Any]) -> Pins:
    """Return what an installer takes from a requirements file in an environment."""
    return frozenset(
        (name, version)
        for name, version, marker in lines(text)
        if not marker or Marker(marker).evaluate({**environment, "extra": ""})
    )


def without_groups(text: str) -> str:
    """Return a lock of format 2.1 as one of format 2.0, which does not say what is where."""
    kept = re.sub(r"^(groups|markers) = .*\n", "", text, flags=re.MULTILINE)
    kept = re.sub(r"^\[package\.markers\]\n(?:.+\n)*\n?", "", kept, flags=re.MULTILINE)
    return kept.replace('lock-version = "2.1"', 'lock-version = "2.0"')


def choices(wanted: Wanted) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    groups = [("main",), ("main", "dev"), ("dev",)]
    return itertools.product(groups, [(), *((extra,) for extra in wanted.extras)])


def exported(wanted: Wanted, lock: str, groups: tuple[str, ...], extras: tuple[str, ...]) -> str:
    manifest = parse_manifest(wanted.text(), Path("pyproject.toml"))
    spec = ExportSpec(format="requirements", groups=groups, extras=extras)
    made = derived_file(manifest, parse(lock.encode()), Settings(), spec).made(Places())
    assert isinstance(made, Exported)
    return made.text


def locked(wanted: Wanted, world: World) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pyproject.toml"
        path.write_text(wanted.text())
        try:
            manifest = parse_manifest(wanted.text(), path)
            return resolve(load(manifest), world.pool(), NullIO(), regenerate=True)
        except Contradiction:
            assume(condition=False)
            raise


@pytest.mark.contract
@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(wanted=manifests(), world=worlds())
def test_a_universal_file_brings_what_poetry_installs(wanted: Wanted, world: World) -> None:
    lock = locked(wanted, world)

    for groups, extras in choices(wanted):
        text = exported(wanted, lock, groups, extras)
        for environment in HERE:
            expected = {one[:2] for one in installed(lock, environment, groups, extras)}
            assert brought(text, environment) == expected, (groups, extras, environment)


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(wanted=manifests(), world=worlds(most_versions=1))
def test_a_lock_without_groups_gives_what_it_would_with_them(wanted: Wanted, world: World) -> None:
    lock = locked(wanted, world)
    # of several versions of a package the old format takes the highest, so there is one of each

    for groups, extras in choices(wanted):
        try:
            text = exported(wanted, without_groups(lock), groups, extras)
        except UnclearError:
            assume(condition=False)
        for environment in HERE:
            if environment["python_version"] not in wanted_pythons(wanted):
                continue
            expected = reached(lock, environment, wanted.applying(groups, extras, environment))
            assert brought(text, environment) == expected, (groups, extras, environment)


def test_packages_that_all_require_each_other_are_no_riddle() -> None:
    names = [f"p{number}" for number in range(14)]
    entries = [
        f'[[package]]\nname = "{name}"\nversion = "1.0"\noptional = false\n'
        'python-versions = "*"\nfiles = []\n[package.dependencies]\n'
        + "".join(f'{other} = "*"\n' for other in names if other != name)
        for name in names
    ]
    wanted = Wanted(
        python=">=3.10",
        groups={"main": {"p0": [{"version": "*", "markers": "sys_platform == 'win32'"}]}},
    )
    ending = '[metadata]\nlock-version = "2.0"\npython-versions = ">=3.10"\ncontent-hash = "0"\n'

    text = exported(wanted, "\n".join([*entries, ending]), ("main",), ())

    assert [line[::2] for line in lines(text)] == [
        (name, 'sys_platform == "win32"') for name in sorted(names)
    ]


@pytest.mark.parametrize("has_setuptools", [True, False])
def test_setuptools_belongs_to_an_old_lock_that_has_it(*, has_setuptools: bool) -> None:
    names = ["fs", *(["setuptools"] if has_setuptools else [])]
    entries = [
        f'[[package]]\nname = "{name}"\nversion = "1.0"\noptional = false\ncategory = "main"\n'
        'description = ""\npython-versions = "*"\n'
        + ('[package.dependencies]\nsetuptools = "*"\n' if name == "fs" else "")
        for name in names
    ]
    files = "".join(f"{name} = []\n" for name in names)
    ending = (
        '[metadata]\nlock-version = "1.1"\npython-versions = ">=3.10"\ncontent-hash = "0"\n'
        f"[metadata.files]\n{files}"
    )
    wanted = Wanted(python=">=3.10", groups={"main": {"fs": [{"version": "*"}]}})

    text = exported(wanted, "\n".join([*entries, ending]), ("main",), ())

    assert [line[0] for line in lines(text)] == names


def wanted_pythons(wanted: Wanted) -> set[str]:
    return {one for one in ("3.10", "3.11", "3.12") if f"{one}.3" in SpecifierSet(wanted.python)}


ATOMS = ["python_version < '3.11'", 'sys_platform == "win32"', "os_name == 'nt'"]


def trees() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(ATOMS)

    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        parts = st.lists(inner, min_size=2, max_size=3)
        words = st.sampled_from([" and ", " or "])
        return st.builds(lambda word, some: f"({word.join(some)})", words, parts)

    return st.recursive(leaves, joined, max_leaves=8)


@given(text=trees())
def test_a_marker_means_the_same_after_being_read_and_written(text: str) -> None:
    written = marker_trees.text(marker_trees.parse(text))

    for environment in HERE:
        values = {**environment, "extra": ""}
        assert Marker(text).evaluate(values) == Marker(written).evaluate(values)


def test_extras_are_decided_and_duplicates_left_out() -> None:
    tree = marker_trees.parse(
        "(extra == 'a' or extra == \"b\") and os_name == 'nt' or os_name == 'nt' and extra != 'c'"
    )

    def chosen(names: str) -> str:
        decided = marker_trees.with_extras(tree, lambda one: ALWAYS if one in names else NEVER)
        return marker_trees.text(decided)

    assert chosen("a") == "os_name == 'nt'"
    assert chosen("bc") == "os_name == 'nt'"
    assert marker_trees.with_extras(tree, lambda one: ALWAYS if one == "c" else NEVER) == NEVER


def test_what_poetry_writes_for_never_and_always_is_understood() -> None:
    assert marker_trees.parse("<empty>") == NEVER
    assert marker_trees.parse("*") == marker_trees.parse("") == ALWAYS
