"""Small worlds of packages and manifests, drawn by Hypothesis, and edits of the manifests."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import origins
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from poetry.inspection.info import PackageInfo
from poetry.repositories.repository import Repository
from poetry.repositories.repository_pool import Priority, RepositoryPool

from poetry_lockguard.poetry_api import private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NAMES = tuple(f"p{number}" for number in range(8))
VERSIONS = ("1.0", "1.1", "1.5", "2.0", "2.1", "3.0")
MARKERS = (
    "sys_platform == 'win32'",
    "sys_platform != 'win32'",
    "python_version < '3.11'",
    "python_version >= '3.11'",
    "platform_machine == 'x86_64'",
)
PYTHONS = (">=3.10,<4.0", ">=3.9", ">=3.10,<3.13", ">=3.11,<3.12", ">=3.11")
CONSTRAINTS = ("*", ">=1.0", "<3.0", "^1.0", "~2.0", ">=1.1,<2.5")
EXTRAS = ("x", "y")
_ASKED = ("", "[x]", "[y]")
_JOINED = ("1.5", "2.0")
SOURCE_URL = "https://mirror.example/simple/"

rarely = st.integers(0, 9).map(lambda number: number == 0)
sometimes = st.integers(0, 3).map(lambda number: number == 0)


@dataclass(slots=True)
class World:
    """Everything there is to install."""

    releases: list[PackageInfo] = field(default_factory=list)

    def pool(self, *sources: str) -> RepositoryPool:
        """Return an index that knows it all, and sources that do and have to be asked by name."""
        pool = RepositoryPool([Repository("PyPI", [one.to_package() for one in self.releases])])
        for name in sources:
            packages = [one.to_package() for one in self.releases]
            for package in packages:
                private.set_source(package, "legacy", SOURCE_URL.rstrip("/"), name)
            pool.add_repository(Repository(name, packages), priority=Priority.EXPLICIT)
        return pool


@dataclass(slots=True)
class Wanted:
    """A manifest: requirements by group, as ``[tool.poetry]`` writes them."""

    python: str
    groups: dict[str, dict[str, list[dict[str, Any]]]]
    extras: dict[str, list[str]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def text(self) -> str:
        lines = ["[tool.poetry]", "package-mode = false", "[tool.poetry.dependencies]"]
        lines.append(f'python = "{self.python}"')
        for group, requirements in self.groups.items():
            if group != "main":
                lines.append(f"[tool.poetry.group.{group}.dependencies]")
            lines += [f"{name} = {_value(tables)}" for name, tables in requirements.items()]
        if self.extras:
            lines.append("[tool.poetry.extras]")
            lines += [f"{extra} = {json.dumps(names)}" for extra, names in self.extras.items()]
        for name in self.sources:
            lines += ["[[tool.poetry.source]]", f'name = "{name}"', f'url = "{SOURCE_URL}"']
            lines.append('priority = "explicit"')
        return "\n".join(lines) + "\n"

    def applying(
        self, groups: tuple[str, ...], extras: tuple[str, ...], environment: Mapping[str, Any]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield name and extras of what these groups and extras require in an environment."""
        behind = {name for extra in extras for name in self.extras[extra]}
        for group in groups:
            for name, tables in self.groups.get(group, {}).items():
                for table in tables:
                    marker = Marker(table.get("markers", "python_version >= '3'"))
                    python = SpecifierSet(table.get("python", ""))
                    if (
                        (not table.get("optional") or name in behind)
                        and environment["python_full_version"] in python
                        and marker.evaluate({**environment, "extra": ""})
                    ):
                        yield name, tuple(table.get("extras", ()))


def _value(tables: list[dict[str, Any]]) -> str:
    inline = [
        "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + "}"
        for table in map(_located, tables)
    ]
    return inline[0] if len(inline) == 1 else f"[{', '.join(inline)}]"


def _located(table: dict[str, Any]) -> dict[str, Any]:
    """Return a requirement's table with the place of a release that is not on an index."""
    if "origin" not in table:
        return table
    plain = {key: value for key, value in table.items() if key != "origin"}
    return {**origins.table(table["origin"]), **plain}


def release(name: str, requires: list[str], version: str = "1.0") -> PackageInfo:
    """Return a release of one wheel."""
    content = f"{name}-{version}"
    digest = sha256(content.encode()).hexdigest()
    return PackageInfo(
        name=name,
        version=version,
        summary="",
        requires_dist=requires,
        files=[{"file": f"{content}-py3-none-any.whl", "hash": f"sha256:{digest}"}],
    )


@st.composite
def worlds(draw: st.DrawFn, most_versions: int = 3, always: tuple[str, ...] = ()) -> World:
    """Packages that depend on one another, now and then under markers, extras, in circles.

    Each has the versions ``always`` beside drawn ones.
    """
    world = World()
    for position, name in enumerate(NAMES):
        versions = draw(
            st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=most_versions, unique=True)
        )
        for version in dict.fromkeys([*always, *versions]):
            others = NAMES if draw(rarely) else NAMES[position + 1 :]
            requires = [
                _requirement(draw, other) for other in others if other != name and draw(sometimes)
            ]
            for extra in EXTRAS:
                requires += [
                    f"{other} ; extra == '{extra}'"
                    for other in draw(st.lists(st.sampled_from(NAMES), max_size=1))
                    if other != name and draw(sometimes)
                ]
            if draw(sometimes) and requires:  # always needed, and of an extra, too
                same = draw(st.sampled_from(requires)).partition(" ;")[0]
                requires.append(f"{same} ; extra == '{draw(st.sampled_from(EXTRAS))}'")
            world.releases.append(release(name, draw(st.permutations(requires)), version))
    return world


@st.composite
def joined_worlds(draw: st.DrawFn) -> World:
    """Packages of which one needs another always, perhaps twice, and of its extras, too.

    Others need that one with and without its extras.
    """
    always = [
        f"p2{draw(st.sampled_from(('', '>=1.0')))}{_and_marker(draw, ' ; ')}"
        for _ in range(draw(st.integers(1, 3)))
    ]
    of_extras = [
        f"p2{draw(st.sampled_from(('', '>=1.0', '<3.0')))} ; extra == '{extra}'"
        + _and_marker(draw, " and ")
        for extra in EXTRAS
        for _ in range(draw(st.integers(0, 2)))
    ]
    itself = ["p1[x] ; extra == 'y'"] if draw(st.booleans()) else []
    requires = {
        "p0": [f"p1{draw(st.sampled_from(_ASKED))}{_and_marker(draw, ' ; ')}"],
        "p1": draw(st.permutations([*always, *of_extras, *itself, "p4"])),
        "p2": ["p3"] if draw(st.booleans()) else [],
        "p5": [f"p1{draw(st.sampled_from(_ASKED))}"],
    }
    return World(
        [release(name, requires.get(name, []), version) for name in NAMES for version in _JOINED]
    )


def _and_marker(draw: st.DrawFn, sign: str) -> str:
    return f"{sign}{draw(st.sampled_from(MARKERS))}" if draw(st.booleans()) else ""


def _requirement(draw: st.DrawFn, name: str) -> str:
    constraint = draw(st.sampled_from(("", "", ">=1.0", "<3.0", ">=1.1,<3")))
    marker = f" ; {draw(st.sampled_from(MARKERS))}" if draw(sometimes) else ""
    return f"{name}{constraint}{marker}"


@st.composite
def manifests(draw: st.DrawFn) -> Wanted:
    """A few requirements in two groups, one perhaps optional behind an extra."""
    main = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    dev = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
    wanted = Wanted(
        python=draw(st.sampled_from(PYTHONS)),
        groups={
            "main": {name: [_table(draw)] for name in main},
            "dev": {name: [_table(draw)] for name in dev},
        },
    )
    if draw(sometimes):
        wanted.groups["main"][main[0]][0]["optional"] = True
        wanted.extras["feature"] = [main[0]]
    return wanted


def _table(draw: st.DrawFn) -> dict[str, Any]:
    table: dict[str, Any] = {"version": draw(st.sampled_from(CONSTRAINTS))}
    if draw(sometimes):
        table["extras"] = [draw(st.sampled_from(EXTRAS))]
    if draw(rarely):
        table["markers"] = draw(st.sampled_from(MARKERS))
    return table


def _drop(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    del wanted.groups["main"][name]
    wanted.extras = {extra: names for extra, names in wanted.extras.items() if names != [name]}


def _add(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    new = draw(st.sampled_from([other for other in NAMES if other != name]))
    wanted.groups["main"].setdefault(new, [_table(draw)])


def _tighten(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    tighter = st.sampled_from(("^1.0", "~2.0", ">=1.5", "<2"))
    wanted.groups["main"][name][0]["version"] = draw(tighter)


def _loosen(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    wanted.groups["main"][name][0]["version"] = "*"


def _regroup(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    moved = wanted.groups["main"].pop(name)
    moved[0].pop("optional", None)
    wanted.groups["dev"][name] = moved
    wanted.extras = {extra: names for extra, names in wanted.extras.items() if names != [name]}


def _re_extra(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    chosen = draw(st.lists(st.sampled_from(EXTRAS), unique=True))
    wanted.groups["main"][name][0]["extras"] = chosen


def _python(draw: st.DrawFn, wanted: Wanted, _name: str) -> None:
    wanted.python = draw(st.sampled_from(PYTHONS))


def _several(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    table = {k: v for k, v in wanted.groups["main"][name][0].items() if k != "markers"}
    wanted.groups["main"][name] = [
        {**table, "version": "<2", "python": "<3.11"},
        {**table, "version": ">=1", "python": ">=3.11"},
    ]


def _re_feature(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """Give the project's extra another name, or put a requirement behind a new one."""
    if not wanted.extras:
        wanted.groups["main"][name][0]["optional"] = True
    wanted.extras = {"renamed": [*wanted.extras.get("feature", [name])]}


def _merge_groups(_draw: st.DrawFn, wanted: Wanted, _name: str) -> None:
    for name, tables in wanted.groups["dev"].items():
        wanted.groups["main"].setdefault(name, tables)
    wanted.groups["dev"] = {}


EDITS: dict[str, Callable[[st.DrawFn, Wanted, str], None]] = {
    "drop": _drop,
    "add": _add,
    "tighten": _tighten,
    "loosen": _loosen,
    "regroup": _regroup,
    "re-extra": _re_extra,
    "change Python range": _python,
    "multi-constraint": _several,
    "rename extra": _re_feature,
    "merge groups": _merge_groups,
}


@st.composite
def edited(draw: st.DrawFn, wanted: Wanted, kind: str) -> Wanted:
    """The manifest after one edit of a kind."""
    after = copy.deepcopy(wanted)
    EDITS[kind](draw, after, draw(st.sampled_from(sorted(after.groups["main"]))))
    return after
