"""Read the parts of a snapshot: pins and their sources, the project, the configurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from poetry_lockguard.snapshots import origins
from poetry_lockguard.snapshots.document import (
    ROOT,
    VARIABLES,
    ConfigurationEntry,
    Installed,
    PackageEntry,
    Project,
    Resolved,
    TargetEntry,
)
from poetry_lockguard.snapshots.format import checks
from poetry_lockguard.snapshots.format.file_facts import FileFacts
from poetry_lockguard.snapshots.format.table import Table, inside, shown

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.format.checks import Check
    from poetry_lockguard.snapshots.format.file_facts import Fact
    from poetry_lockguard.snapshots.origins import SnapshotSource

Packages = Mapping[str, tuple[PackageEntry, ...]]
_ONE_OF = "pypi, index, git, url, file, directory"


def project(table: Table) -> tuple[Project, int]:
    """Read the project, and how many folders up its paths may lead."""
    table.only("name", "requires_python", "content_hash", "requirements", "root")
    requirements = table.table("requirements")
    read = Project(
        name=table.optional_text("name"),
        requires_python=table.optional_text("requires_python"),
        content_hash=table.optional_text("content_hash"),
        requirements={key: requirements.texts(key) for key in requirements.values},
    )
    return read, checks.climb(table.optional_text("root", checks.upward) or ".")


def packages(table: Table, levels: int) -> Packages:
    """Read all pins."""
    held = {}
    for name in table.values:
        table.key(name, checks.name)
        items = table.items(name)
        if table.values[name] == []:
            table.wrong("expected at least one pin", name)
        entries: list[PackageEntry] = []
        for number, item in enumerate(items):
            entry = _known(Table(item, table.mistakes, table, (name, number)), levels)
            same = [known for known, other in enumerate(entries) if other.pin == entry.pin]
            if same and entry.version:
                first = f"{inside(table.place, name)}[{same[0]}]"
                table.wrong(f"pins what {first} pins already", name, number)
            entries.append(entry)
        held[name] = tuple(entries)
    return held


# The last pin read at each place that is sound and reproducible, as nearly all are: snapshots that
# are merged hold the same ones. (Only texts are compared then: 1 equals true.)
_READ: dict[tuple[str, int | None], tuple[dict[str, Any], int, PackageEntry]] = {}


def _known(table: Table, levels: int) -> PackageEntry:
    """Read a pin, unless the same was read and found sound just before."""
    known = _READ.get(table.way)
    is_reproducible = table.values.get("reproducible") is True
    if known is not None and is_reproducible and known[:2] == (table.values, levels):
        return known[2]
    before = len(table.mistakes)
    entry = _package(table, levels)
    if len(table.mistakes) == before and is_reproducible:
        _READ[table.way] = table.values, levels, entry
    return entry


def _package(table: Table, levels: int) -> PackageEntry:
    table.only(
        "version",
        "source",
        "requires_python",
        "dependencies",
        "files",
        "reproducible",
        "reason",
        "build_requires",
        "bytes",
        "upload_times",
    )
    before = len(table.mistakes)
    entry = PackageEntry(
        version=table.text("version", checks.version),
        source=source(table.table("source"), levels),
        requires_python=table.optional_text("requires_python"),
        dependencies=table.texts("dependencies"),
        files=table.table("files").text_values(checks.file_name, checks.digest),
        build_requires=_requirements(table, "build_requires"),
        facts=_facts(table),
    )
    reproducible = table.flag("reproducible")
    reason = table.optional_text("reason")
    if len(table.mistakes) > before or not table.is_table:
        return entry
    why_not = entry.reason
    if reproducible and why_not:
        table.wrong(f"expected false, because {why_not}", "reproducible")
    elif not reproducible and why_not is None:
        table.wrong("expected true, because its files or its commit seal it", "reproducible")
    elif reproducible and reason is not None:
        table.wrong("a reproducible pin has no reason", "reason")
    elif not reproducible and reason is None:
        table.wrong("is missing", "reason")
    return entry


def _facts(table: Table) -> FileFacts:
    return FileFacts(
        sizes=_of_files(table, "bytes", Table.size_values),
        upload_times=_of_files(table, "upload_times", _times),
    )


def _of_files(
    table: Table, key: str, read: Callable[[Table, Check], dict[str, Fact]]
) -> dict[str, Fact]:
    """Read an optional object that says something of the pin's files, by their names."""
    if key not in table.values:
        return {}
    files = table.values.get("files")
    names = files if isinstance(files, dict) else {}
    return read(
        table.table(key), lambda name: None if name in names else "is not among the pin's files"
    )


def _times(table: Table, names: Check) -> dict[str, str]:
    return table.text_values(names, checks.upload_time)


def _requirements(table: Table, key: str) -> tuple[str, ...] | None:
    """Read an optional list of requirements as ``packaging`` takes them."""
    return table.texts(key, checks.requirement) if key in table.values else None


def source(table: Table, levels: int) -> SnapshotSource:
    """Read where a pin comes from; PyPI if the source is invalid."""
    kind = table.values.get("type")
    if not table.is_table:
        return origins.PyPI()
    if not isinstance(kind, str) or kind not in _SOURCES:
        what = "is missing" if "type" not in table.values else f"expected one of {_ONE_OF}, not "
        table.wrong(what + (shown(kind) if "type" in table.values else ""), "type")
        return origins.PyPI()
    return _SOURCES[kind](table, levels)


def _pypi(table: Table, _: int) -> SnapshotSource:
    table.only("type")
    return origins.PyPI()


def _index(table: Table, _: int) -> SnapshotSource:
    table.only("type", "name", "url")
    return origins.Index(name=table.text("name"), url=table.text("url", checks.url))


def _git(table: Table, levels: int) -> SnapshotSource:
    table.only("type", "url", "reference", "commit", "subdirectory")
    address = table.values.get("url")
    is_local = isinstance(address, str) and checks.is_relative(address)
    return origins.Git(
        url=table.text("url", checks.below(levels) if is_local else checks.repository),
        commit=table.optional_text("commit"),
        reference=table.optional_text("reference"),
        subdirectory=table.optional_text("subdirectory", checks.below(0)),
    )


def _url(table: Table, _: int) -> SnapshotSource:
    table.only("type", "url", "subdirectory")
    return origins.Url(
        url=table.text("url", checks.url),
        subdirectory=table.optional_text("subdirectory", checks.below(0)),
    )


def _file(table: Table, levels: int) -> SnapshotSource:
    table.only("type", "path", "subdirectory")
    return origins.LocalFile(
        path=table.text("path", checks.below(levels)),
        subdirectory=table.optional_text("subdirectory", checks.below(0)),
    )


def _directory(table: Table, levels: int) -> SnapshotSource:
    table.only("type", "path", "editable")
    return origins.Directory(
        path=table.text("path", checks.below(levels)), editable=table.flag("editable")
    )


_SOURCES: dict[str, Callable[[Table, int], SnapshotSource]] = {
    "pypi": _pypi,
    "index": _index,
    "git": _git,
    "url": _url,
    "file": _file,
    "directory": _directory,
}


def configuration(table: Table, held: Packages | None, levels: int) -> ConfigurationEntry:
    """Read one configuration; its packages must be in ``held``, unless that is None."""
    table.only(
        "target",
        "groups",
        "extras",
        "sources",
        "constraints",
        "packages",
        "build",
        "build_apart",
        "installed",
    )
    return ConfigurationEntry(
        target=_target(table.table("target")),
        groups=table.texts("groups"),
        extras=table.texts("extras"),
        sources=_variant_sources(table, levels),
        constraints=_requirements(table, "constraints") or (),
        packages=_packages(table.table("packages"), held, levels),
        build=_build(table, held, levels),
        build_apart=_build_apart(table, held, levels),
        installed=_installed(table, levels),
    )


def _packages(table: Table, held: Packages | None, levels: int) -> dict[str, Resolved]:
    return {name: _resolved(name, item, held, levels) for name, item in table.tables(checks.name)}


def _build(table: Table, held: Packages | None, levels: int) -> dict[str, Resolved]:
    return _packages(table.table("build"), held, levels) if "build" in table.values else {}


def _build_apart(
    table: Table, held: Packages | None, levels: int
) -> dict[str, dict[str, Resolved]]:
    if "build_apart" not in table.values:
        return {}
    apart = table.table("build_apart").tables(checks.name)
    return {name: _packages(item, held, levels) for name, item in apart}


def _variant_sources(table: Table, levels: int) -> dict[str, origins.Index | origins.PyPI]:
    """Read the sources of a variant, each an index or PyPI; without the key there are none."""
    if "sources" not in table.values:
        return {}
    found: dict[str, origins.Index | origins.PyPI] = {}
    own = table.table("sources")
    for name, item in own.tables(checks.name):
        match source(item, levels):
            case origins.Index() | origins.PyPI() as index:
                found[name] = index
            case _:
                own.wrong("expected pypi or an index", name)
    return found


_MARKERS: dict[str, Check] = {
    **dict.fromkeys(VARIABLES, checks.text),
    **dict.fromkeys(("python_full_version", "python_version"), checks.python),
    **dict.fromkeys(("platform_release", "platform_version"), checks.marker),
}


def _target(table: Table) -> TargetEntry:
    table.only("python", "implementation", "platform", "markers")
    before = len(table.mistakes)
    markers = table.table("markers")
    for key in markers.values:
        markers.key(key, checks.text)
        markers.text(key, _MARKERS.get(key, checks.marker))
    entry = TargetEntry(
        python=table.text("python", checks.python),
        implementation=table.text("implementation"),
        platform=table.text("platform"),
        markers=markers.values,
    )
    if len(table.mistakes) == before and entry.environment is entry.markers:
        for name in VARIABLES:
            markers.has(name)
    return entry


def _resolved(name: str, table: Table, held: Packages | None, levels: int) -> Resolved:
    table.only("version", "source", "resolved_by", "groups")
    version = table.text("version", checks.version)
    asked = source(table.table("source"), levels) if "source" in table.values else None
    return Resolved(
        version=version,
        source=_pinned(name, version, asked, table, held),
        resolved_by=table.text("resolved_by", checks.name) or ROOT,
        groups=table.texts("groups"),
    )


def _pinned(
    name: str, version: str, asked: SnapshotSource | None, table: Table, held: Packages | None
) -> SnapshotSource:
    """Find the source of the pin that a configuration names."""
    found = [entry.source for entry in (held or {}).get(name, ()) if entry.version == version]
    if not version or held is None or (asked is not None and asked in found):
        return asked or origins.PyPI()
    if not found:
        table.wrong(f"{version} is not among the pins of {name}", "version")
    elif asked is not None:
        table.wrong(f"no pin of {name} {version} has this source", "source")
    elif len(found) > 1:
        table.wrong(f"is missing; {name} {version} is pinned from {len(found)} sources", "source")
    return found[0] if found else origins.PyPI()


def _installed(table: Table, levels: int) -> dict[str, Installed] | None:
    if table.values.get("installed") is None:
        return None
    return {
        name: _found(item, levels) for name, item in table.table("installed").tables(checks.name)
    }


def _found(table: Table, levels: int) -> Installed:
    table.only("version", "source")
    has_source: Any = table.values.get("source") is not None
    return Installed(
        version=table.text("version", checks.version),
        source=source(table.table("source"), levels) if has_source else None,
    )
