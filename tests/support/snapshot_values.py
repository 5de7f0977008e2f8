"""Snapshots to test with: one small and complete, and any number of generated ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some

from poetry_lockguard.snapshots.document import (
    ConfigurationEntry,
    Installed,
    PackageEntry,
    Project,
    Resolved,
    Snapshot,
    TargetEntry,
)
from poetry_lockguard.snapshots.format.file_facts import FileFacts
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    SnapshotSource,
    Url,
)
from poetry_lockguard.snapshots.usage import packages, pins, used

steady = settings(deadline=None, max_examples=60)  # a busy machine is no mistake of the code
PYPI = PyPI()
PRIVATE = Index(name="private", url="https://mirror.example/simple/")
COMMIT = Git(url="https://forge.example/x.git", commit="c" * 40, reference="main")
SOURCES: tuple[SnapshotSource, ...] = (
    PYPI,
    PRIVATE,
    COMMIT,
    Git(url="git@forge.example:team/x.git", reference="v1", subdirectory="python"),
    Url(url="https://forge.example/x-1.0.zip"),
    LocalFile(path="wheels/x-1.0-py3-none-any.whl"),
    Directory(path="../x", editable=True),
)
LINUX = {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"}
WINDOWS = {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt"}


def hashed(digit: str = "a") -> str:
    return f"sha256:{digit * 64}"


def entry(version: str = "1.0", **other: Any) -> PackageEntry:
    values: dict[str, Any] = {
        "source": PYPI,
        "requires_python": ">=3.8",
        "files": {f"x-{version}-py3-none-any.whl": hashed()},
    }
    return PackageEntry(version=version, **(values | other))


def resolved(version: str = "1.0", **other: Any) -> Resolved:
    values: dict[str, Any] = {"source": PYPI, "groups": ("main",)}
    return Resolved(version=version, **(values | other))


def target(python: str = "3.11.0", **other: Any) -> TargetEntry:
    values: dict[str, Any] = {
        "implementation": "cpython",
        "platform": "manylinux_2_17_x86_64",
        "markers": LINUX,
    }
    return TargetEntry(python=python, **(values | other))


def configuration(packages: dict[str, Resolved] | None = None, **other: Any) -> ConfigurationEntry:
    values: dict[str, Any] = {"target": target(), "groups": ("main",), "packages": packages or {}}
    return ConfigurationEntry(**(values | other))


ENGINE = Snapshot(
    project=Project(
        name="engine",
        requires_python=">=3.10",
        content_hash="e" * 64,
        requirements={
            "main": (
                "matrix (>=1.0,<2.0)",
                "sound32 (>=1.0,<2.0) ; platform_machine == 'i686'",
            ),
            "dev": (),
        },
    ),
    configurations={
        "linux-i686-py311": configuration(
            {"matrix": resolved(), "sound32": resolved()},
            target=target(platform="manylinux_2_17_i686"),
        ),
        "linux-x86_64-py311": configuration({"matrix": resolved("1.1")}),
    },
    packages={"matrix": (entry(), entry("1.1")), "sound32": (entry(),)},
    generated="2026-01-01T00:00:00+00:00",
    generator={"lockguard": "0.1.0", "poetry": "2.5.1"},
)

VERSIONS = ("1.0", "1.0.0", "1.0rc1", "1.2", "1.10", "2.0+cpu")
NAMES = ("a", "b", "c-c")
MOMENTS = (None, "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00Z")
UPLOADS = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500000Z", "2025-12-31T23:59:59Z")
VARIANT_SOURCES = some.dictionaries(
    some.sampled_from(NAMES), some.sampled_from((PYPI, PRIVATE)), max_size=2
)
CONSTRAINTS = some.lists(
    some.sampled_from(("a (<2)", "b (==1.*) ; sys_platform == 'linux'")), max_size=2
).map(tuple)
GROUPS = some.lists(some.sampled_from(("main", "dev", "docs")), max_size=3).map(tuple)
DIGESTS = some.sampled_from([hashed(digit) for digit in "ab"])
TEXTS = some.sampled_from((">=3.8", "matrix (>=1.0,<2.0)", "größe ; extra == 'gpu'"))
INSTALLED = some.none() | some.dictionaries(
    some.sampled_from(NAMES),
    some.builds(Installed, version=some.sampled_from(VERSIONS), source=some.none()),
    max_size=2,
)


def _facts(files: set[str]) -> some.SearchStrategy[FileFacts]:
    """Return what an index could say of these files: of each, of some, or nothing."""
    names = some.sampled_from(sorted(files)) if files else some.nothing()
    return some.builds(
        FileFacts,
        sizes=some.dictionaries(names, some.sampled_from((0, 7, 1 << 40))),
        upload_times=some.dictionaries(names, some.sampled_from(UPLOADS)),
    )


def _entries(*, agreed: bool) -> some.SearchStrategy[PackageEntry]:
    """Return pins; where ``agreed``, two of one identity differ in nothing but known files."""

    @some.composite
    def one(draw: some.DrawFn) -> PackageEntry:
        version, source = draw(some.sampled_from(VERSIONS)), draw(some.sampled_from(SOURCES))
        files = draw(some.sets(some.sampled_from(("x.whl", "y.whl", "z.zip")), max_size=3))
        if agreed:
            digests = dict.fromkeys(files, hashed())
            return entry(version, source=source, files=digests, facts=draw(_facts(files)))
        return entry(
            version,
            source=source,
            requires_python=draw(some.none() | TEXTS),
            dependencies=tuple(draw(some.lists(TEXTS, max_size=2))),
            files={file: draw(DIGESTS) for file in files},
            facts=draw(_facts(files)),
        )

    return one()


@some.composite
def snapshots(
    draw: some.DrawFn, *, agreed: bool = False, some_configuration: bool = False
) -> Snapshot:
    """Return any snapshot; ``agreed`` ones contradict no other of them but in configurations."""
    held = {
        name: tuple({one.pin: one for one in entries}.values())
        for name, entries in draw(
            some.dictionaries(
                some.sampled_from(NAMES),
                some.lists(_entries(agreed=agreed), min_size=1, max_size=4),
            )
        ).items()
    }
    configurations = {
        name: _configuration(draw, held)
        for name in draw(
            some.sets(some.sampled_from("uvwxyz"), min_size=some_configuration, max_size=4)
        )
    }
    project = ENGINE.project
    if not agreed:
        requirements = draw(
            some.dictionaries(
                some.sampled_from(("main", "dev")), some.lists(TEXTS, max_size=2).map(tuple)
            )
        )
        project = replace(project, requirements=requirements, name=draw(some.none() | TEXTS))
    return Snapshot(
        project=project,
        configurations=configurations,
        packages=held,
        generated=draw(
            some.none() | some.sampled_from([f"2026-01-0{day}T00:00:00Z" for day in (1, 2)])
        ),
        generator=draw(some.sampled_from([{}, {"lockguard": "0.1.0"}, {"lockguard": "0.2.0"}])),
    )


def _configuration(
    draw: some.DrawFn, held: dict[str, tuple[PackageEntry, ...]]
) -> ConfigurationEntry:
    names = draw(some.sets(some.sampled_from(sorted(held)))) if held else set()
    packages = {}
    for name in names:
        one = draw(some.sampled_from(held[name]))
        packages[name] = Resolved(
            version=one.version,
            source=one.source,
            resolved_by=draw(some.sampled_from(("root", *NAMES))),
            groups=draw(GROUPS),
        )
    return configuration(
        packages,
        target=target(draw(some.sampled_from(("3.11.0", "3.12.0")))),
        groups=draw(GROUPS),
        sources=draw(VARIANT_SOURCES),
        constraints=draw(CONSTRAINTS),
        installed=draw(INSTALLED),
    )


@some.composite
def parts(draw: some.DrawFn, count: int) -> list[Snapshot]:
    """Return snapshots that can be merged: copies of a configuration differ in the record only."""
    made = [draw(snapshots(agreed=True)) for _ in range(count)]
    first: dict[str, Snapshot] = {}
    for number, one in enumerate(made):
        configurations, held = {}, {**pins(one)}
        for name, entry in one.configurations.items():
            origin = first.setdefault(name, one)
            if origin is one:
                configurations[name] = entry
            else:
                copy = origin.configurations[name]
                is_recorded = draw(some.booleans())
                configurations[name] = copy if is_recorded else replace(copy, installed=None)
                held = {key: pins(origin)[key] for key in used(copy)} | held
        made[number] = replace(one, configurations=configurations, packages=packages(held))
    return made
