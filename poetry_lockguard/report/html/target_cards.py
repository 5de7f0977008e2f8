"""The card of a configuration: target, groups, extras, and what an installer would do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from poetry_lockguard.plurals import counted
from poetry_lockguard.report.html.cards import card, terms
from poetry_lockguard.report.html.columns import platform_label
from poetry_lockguard.report.html.facts import BUILT, NOTHING, READY, UNKNOWN
from poetry_lockguard.report.html.markup import Markup, element, joined
from poetry_lockguard.report.html.matrix_table import package_id, target_id
from poetry_lockguard.snapshots import origins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poetry_lockguard.report.html.columns import Column
    from poetry_lockguard.report.html.facts import Package
    from poetry_lockguard.snapshots.document import ConfigurationEntry

_FATES = {
    READY: "from a wheel",
    BUILT: "built from source",
    NOTHING: "with no file that installs",
    UNKNOWN: "not known",
}


def target_cards(columns: Sequence[Column], found: Sequence[Package]) -> Iterator[Markup]:
    """Yield the cards of all configurations."""
    by_name: dict[str, dict[str, list[str]]] = {column.name: {} for column in columns}
    for package in found:
        for column, fact in package.present:
            by_name[column.name].setdefault(fact.fate, []).append(package.name)
    for column in columns:
        yield _card(column, by_name[column.name])


def _card(column: Column, fates: Mapping[str, Sequence[str]]) -> Markup:
    entry = column.entry
    target = entry.target
    return card(
        target_id(column.name),
        column.name,
        "configuration",
        terms(
            [
                ("Python", [f"{target.python}, {target.implementation}"]),
                ("Platform", [platform_label(entry), element("code", target.platform)]),
                ("Groups", [", ".join(entry.groups) or "none"]),
                ("Extras", [", ".join(entry.extras) or "none"]),
                *_variant(entry),
                *_builds(entry),
                ("Packages", [counted(len(entry.packages), "package")]),
                ("Installs", [_fate(fate, fates[fate]) for fate in _FATES if fate in fates]),
                ("Installed", [_installed(entry)]),
            ]
        ),
        _markers(target.markers),
    )


def _variant(entry: ConfigurationEntry) -> Iterator[tuple[str, list[str | Markup]]]:
    """Yield the terms of a variant; none for any other configuration."""
    if entry.sources:
        sources = sorted(entry.sources.items())
        yield "Sources", [", ".join(f"{name} from {origins.named(at)}" for name, at in sources)]
    if entry.constraints:
        yield "Constraints", [", ".join(entry.constraints)]


def _builds(entry: ConfigurationEntry) -> Iterator[tuple[str, list[str | Markup]]]:
    """Yield what builds packages, if the configuration pins that."""
    for name, build in [("", entry.build), *sorted(entry.build_apart.items())]:
        if build:
            tools = ", ".join(f"{one} {at.version}" for one, at in sorted(build.items()))
            yield f"Builds {name} with" if name else "Builds with", [tools]


def _fate(fate: str, names: Sequence[str]) -> Markup:
    count = f"{len(names)} {_FATES[fate]}"
    if fate == READY:
        return joined([count])
    links = (element("a", name, href=f"#{package_id(name)}") for name in names)
    return joined([element("b", f"{count}: ", class_=fate), joined(links, ", ")])


def _installed(entry: ConfigurationEntry) -> str:
    """Compare the recorded packages with the resolved ones."""
    if entry.installed is None:
        return "not recorded"
    found = Counter[str]()
    for name in {*entry.packages, *entry.installed}:
        match entry.packages.get(name), entry.installed.get(name):
            case None, _:
                found["extra"] += 1
            case _, None:
                found["missing"] += 1
            case pin, actual if pin and actual and pin.version != actual.version:
                found["of another version"] += 1
    counts = [f"{found[kind]} {kind}" for kind in sorted(found)]
    return ", ".join([f"recorded, {counted(len(entry.installed), 'package')}", *counts])


def _markers(markers: Mapping[str, str]) -> Markup | None:
    if not markers:
        return None
    return element(
        "details",
        element("summary", "Markers"),
        element(
            "dl",
            *(
                element(
                    "div", element("dt", key), element("dd", element("code", value or "(empty)"))
                )
                for key, value in sorted(markers.items())
            ),
        ),
    )
