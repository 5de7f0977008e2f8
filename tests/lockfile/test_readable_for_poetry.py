"""A lock that Poetry could not read when it installs is not fresh."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from locks import MANIFEST, lock_for, project
from packaging.markers import Marker
from poetry.core.packages.dependency import Dependency
from poetry.core.packages.vcs_dependency import VCSDependency
from poetry.core.version.markers import parse_marker
from poetry.factory import Factory
from poetry.packages.locker import Locker

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.lockfile.fast import shape
from poetry_lockguard.manifest import certain
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from pathlib import Path

OWN = '\nmarkers = "python_version < \\"3.13\\""'
NEEDED = 'vector = {version = ">=1", markers = "python_version < \\"3.13\\""}'
EXTRA = '"sound (>=1)"'
GIT = (
    '[package.source]\ntype = "git"\nurl = "http://[::1/x"\nreference = "x"\n'
    f'resolved_reference = "{"a" * 40}"\n'
)
REFUSED = {
    "a constraint without end": (NEEDED, 'vector = ">=4."'),
    "a constraint with a semicolon": (NEEDED, 'vector = ">=4;2.0"'),
    "a constraint with a tab": (NEEDED, 'vector = ">\\t=7.1"'),
    "an empty constraint": (NEEDED, 'vector = ""'),
    "no Pythons": ('python-versions = ">=3.8"\ngroups', 'python-versions = ""\ngroups'),
    "a marker of parentheses": (OWN, '\nmarkers = "((("'),
    "a marker that closes first": (
        OWN,
        '\nmarkers = "os_name == \\"a\\") and (os_name == \\"b\\""',
    ),
    "a marker of an unknown variable": (OWN, '\nmarkers = "nothing < \\"3.13\\""'),
    "a marker of a version that is none": (OWN, '\nmarkers = "python_version < \\"x.y\\""'),
    "a marker of a group": (OWN, '\nmarkers = {main = "((("}'),
    "a marker of a dependency": (NEEDED, 'vector = {version = ">=1", markers = "((("}'),
    "an empty extra": (EXTRA, '""'),
    "an extra of a version that is none": (EXTRA, '"sound (>=4.;)"'),
    "an extra of a name that looks like a file's": (EXTRA, '"sound.zip (>=1)"'),
    "an extra of an address": (EXTRA, '"sound @ http://[::1/x"'),
    "a dependency on an address": (NEEDED, 'vector = {url = "http://[::1/x"}'),
    "a dependency on a repository": (NEEDED, 'vector = {git = "http://[::1/x"}'),
    "a dependency on a repository of one word": (NEEDED, 'vector = {git = "root"}'),
    "a dependency on a path as an address": (NEEDED, 'vector = {url = "./x"}'),
    "a repository": ('[package.extras]\nfast = ["sound (>=1)"]\n', GIT),
}
READ = {
    "nothing": ("", ""),
    "a marker with several versions": (OWN, '\nmarkers = "python_version in \\"3.8, 3.9\\""'),
    "an empty marker": (OWN, '\nmarkers = ""'),
    "an extra that PEP 508 does not know": (EXTRA, '"sound (>=1,<2 || >3)"'),
    "an extra without end": (EXTRA, '"sound (>=1"'),
}


def written(folder: Path, change: tuple[str, str]) -> Path:
    text = lock_for()
    assert change[0] in text
    return project(folder, lock=text.replace(*change, 1))


def is_read_by_poetry(folder: Path) -> bool:
    try:
        locker = Locker(folder / "poetry.lock", loads(MANIFEST))
        packages = locker.locked_repository().packages
        has_groups = locker.lock_data["metadata"]["lock-version"] == "2.1"
        if has_groups and hasattr(locker, "locked_packages"):
            locker.locked_packages()
    except Exception:  # noqa: BLE001 - whatever it raises, an install ends with it
        return False
    return all(package.all_requires is not None for package in packages)


def status(folder: Path) -> Status:
    return judge(read(folder / "pyproject.toml"), poetry_version="2.1.3").status


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_poetry_refuses_is_broken(change: tuple[str, str], tmp_path: Path) -> None:
    folder = written(tmp_path, change)

    assert not is_read_by_poetry(folder)
    assert status(folder) is Status.BROKEN


@pytest.mark.parametrize("change", READ.values(), ids=READ)
def test_what_poetry_reads_is_fresh(change: tuple[str, str], tmp_path: Path) -> None:
    folder = written(tmp_path, change)

    assert is_read_by_poetry(folder)
    assert status(folder) is Status.FRESH


SIGNS = "\"'[]{},.=<>!~^*;:() \\09aé\t-_|@/\n"


def mutated(rng: random.Random) -> str:
    """Return a fresh lock with one place changed, neither in its first line nor in its hash."""
    text = lock_for()
    at = rng.randrange(text.index("\n"), text.index("content-hash"))
    gone = rng.choice([0, 0, 1, rng.randint(1, 4)])
    return text[:at] + (rng.choice(SIGNS) if gone < 2 else "") + text[at + gone :]


@pytest.mark.parametrize(
    "count", [300, pytest.param(20_000, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_no_mutated_lock_is_fresh_that_poetry_cannot_read(count: int, tmp_path: Path) -> None:
    rng = random.Random(count)
    project(tmp_path)
    manifest = read(tmp_path / "pyproject.toml")
    fresh = 0
    for _ in range(count):
        text = mutated(rng)
        (tmp_path / "poetry.lock").write_text(text)
        if judge(manifest, poetry_version="2.1.3").status is Status.FRESH:
            fresh += 1
            assert is_read_by_poetry(tmp_path), text

    assert 0 < fresh < count


PIECES = [
    "python_version", "python_full_version", "sys_platform", "os_name", "extra", "platform_machine",
    " ", " == ", " != ", " < ", " >= ", " ~= ", " in ", " and ", " or ", "(", ")", '"3.8"',
    '"3.8.*"', '"win32"', '""', '"x y"', '"3.8rc1"', "'", "3", '"3"', '"3.8.dev0"',
]  # fmt: skip
NAMES = [
    ".zip", ".tar.gz",
    "sound", "a.b", "-", "[x]", "[x,y]", "[]", "[-]", " (", ")", ">=1", "==1.*", ",", " || ", "1.0",
    "~=1", "~=1.0", "v2.0-beta.1", " ; ", '"', 'os_name == "nt"', 'extra == "x"', "@ http://x",
    "<2dev",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_looks_like_a_marker_is_one(text: str) -> None:
    if text and certain.is_marker(text):
        parse_marker(text)


OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "~=", "===")
NUMBERS = (
    *("3", "3.9", "3.9.1", "3.*", "3.9.*", "3.9.0.*", "3.9rc1", "3.9a1", "3.9.dev0", "3.9-1"),
    *("v3.9", "03.9", "3.9.post1", "3.9+x", "", "3.11.0a6", "3.11.0.rc1"),
)


@pytest.mark.parametrize("variable", ["python_version", "python_full_version"])
def test_a_version_of_python_that_looks_fine_in_a_marker_is(variable: str) -> None:
    certain_ones = 0
    for operator, number in itertools.product(OPERATORS, NUMBERS):
        text = f'{variable} {operator} "{number}"'
        if certain.is_marker(text):
            certain_ones += 1
            assert not Dependency.create_from_pep_508(f"a ; {text}").marker.is_empty()
            Marker(text)
    assert certain_ones > 12


CLAUSES = (
    *("*", "^3.9", "~3.9", "<3", "<4", ">=3.8", "!=3.9.*", "==3.9", "==3.9.*", "3.9", "3.*"),
    *(">3.9rc1", "3.9-1", ">=3.9.dev0", "v3", ">= 3.9", "~=3.9", "~=3"),
)


def test_a_range_of_pythons_that_looks_fine_is() -> None:
    alone = [[one] for one in CLAUSES]
    pairs = [[*two] for two in itertools.product(CLAUSES, repeat=2)]
    certain_ones = 0
    for joint, clauses in itertools.product((",", " || "), [*alone, *pairs]):
        text = joint.join(clauses)
        if certain.is_python_range(text):
            certain_ones += 1
            Factory.create_dependency("a", {"version": "*", "python": text})
    assert certain_ones > 100


@given(st.lists(st.sampled_from(NAMES), max_size=9).map("".join))
def test_what_looks_like_a_requirement_is_one(text: str) -> None:
    if shape.is_requirement(text) and "||" not in text:
        Dependency.create_from_pep_508(text)


@given(st.text("http:/[]@.-?#~%x1 ", max_size=20))
def test_what_looks_like_an_address_is_one(text: str) -> None:
    from urllib.parse import urlsplit

    if certain.is_address(text):
        urlsplit(text)


@given(st.text("htps:/@.-~%x1=", max_size=20).map("https://h/{}".format) | st.text("g@h:/.x-"))
@example("g@h:g")  # Poetry wants a folder here
@example("g@h:g/g")
def test_what_looks_like_a_repository_is_one(text: str) -> None:
    if certain.is_repository(text):
        VCSDependency("any", "git", text)
