"""A snapshot as a page: the matrix, and a card for each package and configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.plurals import plural
from poetry_lockguard.report.html.columns import columns
from poetry_lockguard.report.html.facts import BUILT, NOTHING, packages
from poetry_lockguard.report.html.markup import Markup, element, joined
from poetry_lockguard.report.html.matrix_table import matrix
from poetry_lockguard.report.html.package_rows import package_card, requirements
from poetry_lockguard.report.html.page import controls, page
from poetry_lockguard.report.html.target_cards import target_cards
from poetry_lockguard.report.snapshot_rows import identity
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.usage import unused_pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from poetry_lockguard.report.html.facts import Package
    from poetry_lockguard.report.snapshot_rows import Shown

_ADVICE = (
    "it differs from what was written. Restore it from git, or resolve it again with"
    " poetry lockguard snapshot create."
)


def html(shown: Shown) -> str:
    """Return the page."""
    ordered = columns(shown)
    found = packages(shown, ordered)
    required = requirements(shown.snapshot.project)
    title = shown.snapshot.project.name or shown.where
    body = [
        _header(shown, title, found),
        controls(
            "packages",
            ("only-different", "Only differences"),
            ("only-notable", "Only what needs attention"),
        ),
        element(
            "main",
            _legend(found),
            matrix(found, ordered) if ordered else element("p", "It contains no configuration."),
            _unused(shown),
            id="main",
            tabindex="-1",
        ),
        element(
            "aside",
            element("h2", "Packages", class_="vh"),
            *(package_card(package, required) for package in found),
            element("h2", "Configurations", class_="vh"),
            *target_cards(ordered, found),
            id="cards",
            aria_label="Details",
        ),
    ]
    return page(f"{title}: {shown.where}", body, search="matrix")


def _header(shown: Shown, title: str, found: Sequence[Package]) -> Markup:
    snapshot = shown.snapshot
    made = " and ".join(f"{name} {version}" for name, version in snapshot.generator.items())
    facts = [
        "sealed" if shown.seal is Seal.OK else None,
        f"Python {snapshot.project.requires_python}" if snapshot.project.requires_python else None,
        f"made {snapshot.generated}" if snapshot.generated else None,
        f"by {made}" if made else None,
    ]
    seal = f"Its seal is {shown.seal.value}: {_ADVICE}"
    return element(
        "header",
        element("h1", title, element("small", f" {shown.where}")),
        element("p", ", ".join(filter(None, facts)), class_="facts"),
        None if shown.seal is Seal.OK else element("p", seal, role="alert"),
        element("ul", *(element("li", *one) for one in _counts(shown, found)), class_="counts"),
        class_="top",
    )


def _counts(shown: Shown, found: Sequence[Package]) -> list[tuple[Markup, str]]:
    every, some = len(shown.snapshot.configurations), len({*shown.names})
    counts = [
        (f"{some} of {every}" if some < every else str(every), plural(every, "configuration")),
        (str(len(found)), plural(len(found), "package")),
        (_number(package.differs for package in found), "differ in version"),
        (_number(package.is_partly for package in found), "not everywhere"),
        (_number(BUILT in package.fates for package in found), "built from source"),
        (_number(NOTHING in package.fates for package in found), "with nothing that fits"),
        (_number(bool(package.row.loose) for package in found), "not reproducible"),
    ]
    return [(element("b", number), f" {words}") for number, words in counts if number != "0"]


def _number(flags: Iterable[bool]) -> str:
    return str(sum(flags))


def _legend(found: Sequence[Package]) -> Markup | None:
    """Explain the signs that this page uses, and how to see details."""
    if not found:
        return None
    fates = {fate for package in found for fate in package.fates}
    is_alike = any(not package.differs for package in found)
    samples = [
        ("", "1.0", "one version wherever it is needed") if is_alike else None,
        ("v0", "1.2", "the newest of versions that differ") if _any_differs(found) else None,
        ("v1", "1.1", "an older one") if _any_differs(found) else None,
        (BUILT, "1.0", "built from source") if BUILT in fates else None,
        (NOTHING, "1.0", "no file installs there") if NOTHING in fates else None,
    ]
    shown = [
        element("li", element("span", version, class_=f"bar {kind}".strip()), f" {words}")
        for kind, version, words in filter(None, samples)
    ]
    if any(package.row.loose for package in found):
        sign = element("span", "!", class_="mark loose")
        shown.append(element("li", sign, " not reproducible"))
    if any(package.is_partly for package in found):
        shown.append(element("li", "\N{EN DASH} not needed there"))
    shown.append(element("li", "Select a name to see its details", class_="hint"))
    return element("ul", *shown, class_="legend", aria_label="Legend")


def _any_differs(found: Sequence[Package]) -> bool:
    return any(package.differs for package in found)


def _unused(shown: Shown) -> Markup | None:
    unused = unused_pins(shown.snapshot)
    if not unused:
        return None
    return element(
        "section",
        element("h2", "Pinned, but used by no configuration"),
        element(
            "ul",
            *(
                element("li", joined([element("b", name), f" {identity(entry)}"]))
                for (name, _), entry in unused.items()
            ),
        ),
        class_="unused",
    )
