"""The card of a package: what requires it, the file for each target, source and hashes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.exports.wheel_choice import Built, Nothing, Unknown, Wheel
from poetry_lockguard.plurals import counted
from poetry_lockguard.report.html.cards import card, terms, where
from poetry_lockguard.report.html.markup import Markup, element, joined
from poetry_lockguard.report.html.matrix_table import package_id
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    SnapshotSource,
    Url,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poetry_lockguard.exports.wheel_choice import Choice
    from poetry_lockguard.report.html.columns import Column
    from poetry_lockguard.report.html.facts import Fact, Package
    from poetry_lockguard.snapshots.document import PackageEntry, Project

Requirements = dict[str, list[tuple[str, str]]]  # by name: group and text


def requirements(project: Project) -> Requirements:
    """Return the requirements of the manifest, by package name."""
    found: Requirements = defaultdict(list)
    for group, texts in project.requirements.items():
        for text in texts:
            name = re.sub(r"[^\w.-].*", "", text, flags=re.DOTALL)
            found[canonicalize_name(name)].append((group, text))
    return found


def package_card(package: Package, required: Requirements) -> Markup:
    """Return the card of one package."""
    declared = [f"{text}  for {group}" for group, text in required.get(package.name, ())]
    present = [column for column, _ in package.present]
    return card(
        package_id(package.name),
        package.name,
        "package",
        terms(
            [
                ("Declared", [element("code", text) for text in declared]),
                ("Needed in", [where(present, package.columns)] if package.is_partly else []),
                ("Brought in by", _chains(package)),
            ]
        ),
        *(_pin(package, entry) for entry in package.entries),
    )


def _chains(package: Package) -> list[Markup]:
    by_chain: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Column]] = defaultdict(list)
    for column, fact in package.present:
        by_chain[fact.chain, fact.resolved.groups].append(column)
    present = [column for column, _ in package.present]
    return [
        joined([_links(chain), _for(groups), _only(columns, present)])
        for (chain, groups), columns in by_chain.items()
    ]


def _links(chain: Sequence[str]) -> Markup:
    links = [element("a", name, href=f"#{package_id(name)}") for name in reversed(chain)]
    return joined(["the manifest", *links], " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ")


def _for(groups: Sequence[str]) -> str:
    return f", for {', '.join(groups)}" if groups else ""


def _only(columns: Sequence[Column], present: Sequence[Column]) -> Markup | None:
    """Return the configurations, unless they are all those that have the package."""
    if len(columns) == len(present):
        return None
    return element("span", " in ", where(columns, present), class_="only")


def _pin(package: Package, entry: PackageEntry) -> Markup:
    present = [(column, fact) for column, fact in package.present if fact.entry is entry]
    columns = [column for column, _ in present]
    several = len(package.entries) > 1
    return element(
        "section",
        element("h4", entry.version),
        where(columns, [column for column, _ in package.present]) if several else None,
        terms(
            [
                ("Takes", _takes(present)),
                ("From", _source(entry.source)),
                ("Sealed", [_sealed(entry)]),
                ("Python", [element("code", entry.requires_python or "any")]),
                ("Needs", _needs(entry.dependencies)),
            ]
        ),
        class_="pin",
    )


def _needs(dependencies: Sequence[str]) -> list[Markup]:
    """Return its own requirements, and the number of those of its extras."""
    own = [text for text in dependencies if "extra ==" not in text]
    others = len(dependencies) - len(own)
    rest = f"{'and' if own else 'nothing, but'} {others} for its extras"
    return [*map(_code, own), *([element("span", rest, class_="where")] if others else [])]


def _takes(present: Sequence[tuple[Column, Fact]]) -> list[Markup]:
    by_choice: dict[Choice, list[Column]] = defaultdict(list)
    for column, fact in present:
        by_choice[fact.choice].append(column)
    columns = [column for column, _ in present]
    return [
        element("span", _choice(one), _only(found, columns), class_="take")
        for one, found in by_choice.items()
    ]


def _choice(one: Choice) -> Markup:
    match one:
        case Wheel(file):
            return element("code", file)
        case Built(origin):
            return joined([element("b", "built from source: ", class_="built"), _code(origin)])
        case Nothing():
            return element("b", "no file that installs there", class_="nothing")
        case Unknown(reason):
            return element("b", f"not known: {reason}", class_="unknown")


def _source(source: SnapshotSource) -> list[Markup | None]:
    match source:
        case PyPI():
            return [Markup("PyPI")]
        case Index(name=name, url=url):
            return [joined(["the index ", _code(name)]), _code(url)]
        case Git(url=url, commit=commit, reference=reference, subdirectory=below):
            lines = {"commit ": commit, "asked for as ": reference, "in ": below}
            details = [joined([word, _code(value)]) for word, value in lines.items() if value]
            return [joined(["the repository ", _code(url)]), *details]
        case Url(url=place, subdirectory=below):
            return [joined(["the archive ", _code(place)]), _below(below)]
        case LocalFile(path=place, subdirectory=below):
            return [joined(["the file ", _code(place)]), _below(below)]
        case Directory(path=path, editable=editable):
            return [joined(["the folder ", _code(path), ", editable" if editable else ""])]


def _below(folder: str | None) -> Markup | None:
    return joined(["in ", _code(folder)]) if folder else None


def _sealed(entry: PackageEntry) -> Markup:
    if entry.reason is not None:
        return element("b", f"not reproducible: {entry.reason}", class_="loose")
    if isinstance(entry.source, Git):
        return Markup("by its full commit")
    return joined([f"by the {_kinds(entry.files)} of {counted(len(entry.files), 'file')}"])


def _kinds(files: Mapping[str, str]) -> str:
    kinds = sorted({digest.partition(":")[0] for digest in files.values()})
    return ", ".join(kinds)


def _code(text: str) -> Markup:
    return element("code", text)
