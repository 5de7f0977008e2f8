"""Pages to look at, some of them made of hostile names, and a strict reader."""

from __future__ import annotations

import itertools
from dataclasses import replace
from html.parser import HTMLParser

from snapshot_values import COMMIT, ENGINE, PRIVATE, configuration, entry, hashed, resolved, target

from poetry_lockguard.lockfile.changes import Change, LockChange
from poetry_lockguard.report import snapshot_diff, snapshot_show
from poetry_lockguard.report.diff import html as diff_page
from poetry_lockguard.report.diff_values import Diff, SnapshotDiff
from poetry_lockguard.report.snapshot_rows import Shown
from poetry_lockguard.snapshots.differences import differences
from poetry_lockguard.snapshots.document import Installed, PackageEntry, Snapshot, TargetEntry
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.origins import Directory, Git, Index, Url

VOID = {"meta", "input"}


class Node:
    """One element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Node | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Node | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    def all(self, tag: str, **attributes: str) -> list[Node]:
        """Return all elements below, by tag and by words of their attributes."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                words = {key: (child.attributes.get(key) or "").split() for key in attributes}
                if child.tag == tag and all(attributes[key] in words[key] for key in words):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str, **attributes: str) -> Node:
        """Return the first of them."""
        return self.all(tag, **attributes)[0]

    @property
    def every(self) -> list[Node]:
        """All elements below."""
        below = [child for child in self.children if isinstance(child, Node)]
        return [*below, *(inner for child in below for inner in child.every)]

    @property
    def text(self) -> str:
        """The text, as it is read."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)


class Page(HTMLParser):
    """Reads a page, insisting that every element is closed where it ought to be."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.at = self.root = Node("", {}, None)
        self.feed(content)
        self.close()
        assert self.at is self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs), self.at)
        assert len(attrs) == len(node.attributes)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parsed(content: str) -> Node:
    return Page(content).root


I686, X86_64, WINDOWS = "linux-i686-py311", "linux-x86_64-py311", "windows-x86_64-py312"
LIB = entry("0.3", source=Directory(path="../lib", editable=True), files={})
WHEELS = {
    f"matrix-1.1-{tag}.whl": hashed()
    for tag in (
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp312-cp312-win_amd64",
        "py3-none-any",
    )
}
WHOLE = Snapshot(
    project=replace(ENGINE.project, requirements={"main": ("matrix (>=1.0,<2.0)",)}),
    configurations={
        I686: configuration(
            {
                "matrix": resolved("1.0"),
                "sound32": resolved("1.0", resolved_by="matrix"),
                "wires": resolved("2.0", resolved_by="sound32", groups=("main", "dev")),
            },
            target=target(platform="manylinux_2_17_i686"),
            installed={
                "matrix": Installed(version="0.9"),
                "wires": Installed(version="2.0"),
                "pip": Installed(version="25"),
            },
        ),
        X86_64: configuration(
            {"matrix": resolved("1.1"), "wires": resolved("2.0", resolved_by="matrix")}
        ),
        WINDOWS: configuration(
            {
                "matrix": resolved("1.1"),
                "wires": resolved("2.0", resolved_by="matrix"),
                "lib": resolved("0.3", source=LIB.source),
                "drivers": resolved("7.0"),
                "git-tool": resolved("3.0", source=COMMIT),
            },
            target=target("3.12.0", platform="win_amd64"),
            extras=("gpu",),
        ),
    },
    packages={
        "matrix": (
            entry("1.0", files={"matrix-1.0.tar.gz": hashed()}),
            entry("1.1", files=WHEELS, requires_python=">=3.11", dependencies=("wires (>=2)",)),
        ),
        "sound32": (entry("1.0", files={"sound32-1.0-cp311-cp311-manylinux1_i686.whl": hashed()}),),
        "wires": (entry("2.0", files={"wires-2.0-py3-none-any.whl": hashed()}),),
        "lib": (LIB,),
        "drivers": (
            entry("7.0", files={"drivers-7.0-cp312-cp312-macosx_14_0_arm64.whl": hashed()}),
        ),
        "git-tool": (entry("3.0", source=COMMIT, files={}),),
        "spare": (entry("2.0", source=PRIVATE),),
    },
    generated="2026-01-01T00:00:00+00:00",
    generator={"lockguard": "0.1.0", "poetry": "2.5.1"},
)


def picture(snapshot: Snapshot = WHOLE, *names: str, seal: Seal = Seal.OK) -> str:
    shown = Shown(
        where="lockguard.lock",
        snapshot=snapshot,
        seal=seal,
        names=names or tuple(sorted(snapshot.configurations)),
    )
    return snapshot_show.FORMATS["html"](shown)


def change(package: str, kind: str, old: str | None, new: str | None) -> Change:
    return Change(package=package, kind=kind, old=old, new=new)


CHANGES = Diff(
    old="HEAD:poetry.lock",
    new="poetry.lock",
    changes=(
        change("anyio", "added", None, "4.0"),
        change("idna", "removed", "3.4", None),
        change("requests", "upgraded", "2.31.0", "2.34.2"),
        change("rich", "markers", 'python_version < "3.11"', 'python_version == "3.10"'),
    ),
    own=(LockChange(key="content-hash", old="a" * 64, new="b" * 64),),
)


def snapshot_changes(old: Snapshot, new: Snapshot) -> str:
    diff = SnapshotDiff(
        old="HEAD:lockguard.lock",
        new="lockguard.lock",
        found=differences(old, new),
        common=tuple(sorted({*old.configurations} & {*new.configurations})),
    )
    return snapshot_diff.FORMATS["html"](diff)


def cells(page: Node, package: str) -> dict[str, str]:
    """Return what the matrix says of a package, by configuration, as the columns lead to it."""
    names = [link["title"] for link in page.one("thead").all("tr")[-1].all("a")]
    row = next(row for row in page.all("tr") if row.attributes.get("data-name") == package)
    said = [
        cell.text for cell in row.all("td") for _ in range(int(cell.attributes.get("colspan") or 1))
    ]
    return dict(zip(names, said, strict=True))


def card(page: Node, identity: str) -> dict[str, list[str]]:
    """Return the terms of a card."""
    (found,) = page.all("article", id=identity)
    terms: dict[str, list[str]] = {}
    for row in found.all("div"):
        terms.setdefault(row.one("dt").text, []).extend(one.text for one in row.all("dd"))
    return terms


EVIL = "\"'><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
SCHEME = "javascript:document.title='owned'"
HOSTILE = Snapshot(
    project=replace(
        ENGINE.project,
        name=EVIL,
        requires_python=EVIL,
        requirements={EVIL: (f"evil {EVIL}", EVIL)},
    ),
    configurations={
        EVIL: configuration(
            {
                EVIL: resolved("1.0", resolved_by=EVIL, groups=(EVIL,), source=Url(url=SCHEME)),
                "evil": resolved("1.0", resolved_by=EVIL),
                "index": resolved("1.0", source=Index(name=EVIL, url=SCHEME)),
                "git": resolved("1.0", source=Git(url=SCHEME, commit=EVIL, reference=EVIL)),
            },
            groups=(EVIL,),
            extras=(EVIL,),
            target=TargetEntry(
                python="3.11.0", implementation=EVIL, platform=EVIL, markers={EVIL: EVIL}
            ),
            installed={EVIL: Installed(version=EVIL)},
        ),
        SCHEME: configuration({"evil": resolved("2.0")}),
    },
    packages={
        EVIL: (entry("1.0", source=Url(url=SCHEME), files={EVIL: EVIL}, requires_python=EVIL),),
        "evil": (
            entry("1.0", files={f"{EVIL}.whl": EVIL, f"{EVIL}.tar.gz": EVIL}, dependencies=(EVIL,)),
            entry("2.0", files={}),
            entry("3.0", source=Index(name=EVIL, url=SCHEME)),
        ),
        "index": (entry("1.0", source=Index(name=EVIL, url=SCHEME)),),
        "git": (entry("1.0", source=Git(url=SCHEME, commit=EVIL, reference=EVIL)),),
    },
    generated=EVIL,
    generator={EVIL: EVIL},
)
HARMLESS = Snapshot(project=ENGINE.project)
PAGES = {
    "snapshot": picture(),
    "hostile snapshot": picture(HOSTILE),
    "diff": diff_page(CHANGES),
    "hostile diff": diff_page(
        Diff(
            old=EVIL,
            new=SCHEME,
            changes=tuple(
                change(EVIL, kind, EVIL, SCHEME) for kind in ("upgraded", "files", "markers")
            ),
            own=(LockChange(key=EVIL, old=EVIL, new=SCHEME),),
        )
    ),
    "hostile snapshot diff": snapshot_changes(HARMLESS, HOSTILE),
}


def many(*, configurations: int, packages: int) -> Snapshot:
    """Return a large snapshot: a third of its packages differ, some are built, some nowhere fit."""
    tags = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_11_0_arm64", "win_amd64")
    pythons = [f"3.{minor}.0" for minor in range(10, 15)]
    places = list(itertools.product(pythons, tags))
    names = [f"package-{number:03}" for number in range(packages)]
    held: dict[str, tuple[PackageEntry, ...]] = {}
    for number, name in enumerate(names):
        versions = ("2.31.0", "2.30.4", "1.9")[: 1 + (number % 3 == 0) + (number % 9 == 0)]
        held[name] = tuple(
            entry(version, files=_files(name, version, number, tags)) for version in versions
        )
    found = {}
    for index in range(configurations):
        python, platform = places[index % len(places)]
        found[f"configuration-{index}"] = configuration(
            {
                name: resolved(
                    held[name][(index + number) % len(held[name])].version,
                    resolved_by=names[number // 2] if number else "root",
                )
                for number, name in enumerate(names)
                if number % 20 or platform == "win_amd64"
            },
            target=target(python, platform=platform),
            extras=(f"extra{index // len(places)}",),
        )
    return Snapshot(project=ENGINE.project, configurations=found, packages=held)


def _files(name: str, version: str, number: int, tags: tuple[str, ...]) -> dict[str, str]:
    start = f"{name.replace('-', '_')}-{version}"
    match number % 4:
        case 0:
            minors = range(10, 15)
            wheels = [f"{start}-cp3{one}-cp3{one}-{tag}.whl" for one in minors for tag in tags]
            return dict.fromkeys([*wheels, f"{start}.tar.gz"], hashed())
        case 1 if number % 8 == 1:
            return {f"{start}.tar.gz": hashed()}
        case _:
            return dict.fromkeys([f"{start}-py3-none-any.whl", f"{start}.tar.gz"], hashed())
