"""``--format html``: what is on the pages, read without a browser."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from diffs import MANIFEST, lock
from hypothesis import given, settings
from hypothesis import strategies as some
from pictures import (
    CHANGES,
    I686,
    PAGES,
    WHOLE,
    WINDOWS,
    X86_64,
    Node,
    card,
    cells,
    many,
    parsed,
    picture,
    snapshot_changes,
)
from snapshot_values import (
    ENGINE,
    PRIVATE,
    configuration,
    entry,
    hashed,
    resolved,
    snapshots,
    steady,
    target,
)

from poetry_lockguard.report.diff import html as diff_page
from poetry_lockguard.report.diff_values import Diff
from poetry_lockguard.report.html.markup import element, text
from poetry_lockguard.report.html.words import compared
from poetry_lockguard.snapshots.document import Snapshot, TargetEntry
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.format.canonical import Seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]


def test_the_matrix_tells_every_package_in_every_configuration() -> None:
    page = parsed(picture())

    assert cells(page, "matrix") == {I686: "1.0 built", X86_64: "1.1", WINDOWS: "1.1"}
    assert cells(page, "drivers") == {
        I686: "\N{EN DASH}not needed here",
        X86_64: "\N{EN DASH}not needed here",
        WINDOWS: "7.0 nothing fits",
    }
    assert cells(page, "wires") == dict.fromkeys((I686, X86_64, WINDOWS), "2.0")


def test_what_differs_is_marked_in_words_and_by_its_form() -> None:
    page = parsed(picture())

    rows = {row["data-name"]: row for row in page.one("tbody").all("tr")}
    assert rows["matrix"]["class"] == "differs built"
    assert [cell.attributes["class"] for cell in rows["matrix"].all("td")] == ["v1 built", "v0"]
    assert "versions differ" in rows["matrix"].one("th").text
    assert rows["wires"].attributes.get("class") is None
    assert rows["lib"]["class"] == "partly built loose"
    assert "not reproducible" in rows["lib"].one("th").text
    assert [one.text for one in page.one("ul", **{"class": "counts"}).all("li")] == [
        "3 configurations",
        "6 packages",
        "1 differ in version",
        "4 not everywhere",
        "3 built from source",
        "1 with nothing that fits",
        "1 not reproducible",
    ]


def test_the_head_has_a_row_for_each_axis() -> None:
    page = parsed(picture(ENGINE))

    rows = page.one("thead").all("tr")
    assert [[cell.text for cell in row.all("th")] for row in rows] == [
        ["Package", "linux-i686", "linux-x86_64"],
        ["3.11", "3.11"],
    ]
    assert rows[1].all("a")[0]["aria-label"] == f"3.11: {I686}"
    assert rows[0].all("th")[0]["rowspan"] == "2"


def test_names_of_their_own_are_in_the_head_and_no_others() -> None:
    page = parsed(picture())

    last = page.one("thead").all("tr")[-1]
    assert [cell.text for cell in last.all("th")] == ["main", "main", f"main [gpu] {WINDOWS}"]
    assert [link["aria-label"] for link in last.all("a")] == [
        f"main: {I686}",
        f"main: {X86_64}",
        f"main [gpu]: {WINDOWS}",
    ]


@pytest.mark.parametrize(
    ("versions", "first"),
    [
        ({"3.11.0": "1.0", "3.12.0": "2.0"}, ["Python 3.11", "Python 3.12"]),
        ({"win_amd64": "1.0", "win_arm64": "2.0"}, ["windows-arm64", "windows-x86_64"]),
    ],
    ids=["by Python", "by platform"],
)
def test_columns_stand_where_equal_neighbours_meet(
    versions: dict[str, str], first: list[str]
) -> None:
    places = [
        (python, platform)
        for python in ("3.11.0", "3.12.0")
        for platform in ("win_amd64", "win_arm64")
    ]
    snapshot = replace(
        ENGINE,
        configurations={
            f"{platform}-{python}": configuration(
                {"matrix": resolved(versions.get(python) or versions[platform])},
                target=target(python, platform=platform),
            )
            for python, platform in places
        },
        packages={"matrix": (entry("1.0"), entry("2.0"))},
    )

    page = parsed(picture(snapshot))

    assert [cell.text for cell in page.one("thead").one("tr").all("th")][1:] == first
    assert [cell.attributes["colspan"] for cell in page.one("tbody").all("td")] == ["2", "2"]


def test_python_3_9_comes_before_3_10() -> None:
    pythons = ("3.10.0", "3.9.0", "3.10.4")
    snapshot = replace(
        ENGINE,
        configurations={python: configuration(target=target(python)) for python in pythons},
        packages={},
    )

    page = parsed(picture(snapshot))

    heads = [link["title"] for link in page.one("thead").all("a")]
    assert heads == ["3.9.0", "3.10.0", "3.10.4"]


def test_the_card_of_a_package_tells_all_of_it() -> None:
    page = parsed(picture())

    assert card(page, "p-matrix") == {
        "Declared": ["matrix (>=1.0,<2.0)  for main"],
        "Brought in by": ["the manifest, for main"],
        "Takes": [
            f"matrix-1.1-cp311-cp311-manylinux_2_17_x86_64.whl in {X86_64}",
            f"matrix-1.1-cp312-cp312-win_amd64.whl in {WINDOWS}",
            "built from source: matrix-1.0.tar.gz",
        ],
        "From": ["PyPI", "PyPI"],
        "Sealed": ["by the sha256 of 3 files", "by the sha256 of 1 file"],
        "Python": [">=3.11", ">=3.8"],
        "Needs": ["wires (>=2)"],
    }
    assert [one.text for one in page.all("article", id="p-matrix")[0].all("h4")] == ["1.1", "1.0"]


THEN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
CHAIN = f"the manifest{THEN}"
TOLD = {
    "chains": (
        "p-wires",
        "Brought in by",
        [
            f"{CHAIN}matrix{THEN}sound32, for dev, main in {I686}",
            f"{CHAIN}matrix, for main in {X86_64}, {WINDOWS}",
        ],
    ),
    "where it is needed": ("p-lib", "Needed in", [WINDOWS]),
    "folder": ("p-lib", "From", ["the folder ../lib, editable"]),
    "why not sealed": ("p-lib", "Sealed", ["not reproducible: a directory can change at any time"]),
    "nothing fits": ("p-drivers", "Takes", ["no file that installs there"]),
    "repository": (
        "p-git-tool",
        "From",
        ["the repository https://forge.example/x.git", f"commit {'c' * 40}", "asked for as main"],
    ),
    "commit": ("p-git-tool", "Sealed", ["by its full commit"]),
    "checkout": ("p-git-tool", "Takes", ["built from source: the repository"]),
    "target": (f"c-{I686}", "Python", ["3.11.0, cpython"]),
    "platform": (f"c-{I686}", "Platform", ["linux-i686", "manylinux_2_17_i686"]),
    "extras": (f"c-{WINDOWS}", "Extras", ["gpu"]),
    "what is built": (
        f"c-{WINDOWS}",
        "Installs",
        [
            "2 from a wheel",
            "2 built from source: git-tool, lib",
            "1 with no file that installs: drivers",
        ],
    ),
    "record": (
        f"c-{I686}",
        "Installed",
        ["recorded, 3 packages, 1 extra, 1 missing, 1 of another version"],
    ),
    "no record": (f"c-{X86_64}", "Installed", ["not recorded"]),
    "markers": (f"c-{I686}", "sys_platform", ["linux"]),
}


@pytest.mark.parametrize(("identity", "term", "said"), TOLD.values(), ids=TOLD)
def test_cards_tell(identity: str, term: str, said: list[str]) -> None:
    assert card(parsed(picture()), identity)[term] == said


def test_what_extras_would_need_is_counted_only() -> None:
    needs = ("idna (>=2)", "pytest ; extra == 'test'", "sphinx ; extra == 'docs'")
    snapshot = replace(
        ENGINE,
        configurations={"one": configuration({"a": resolved(), "b": resolved()})},
        packages={"a": (entry(dependencies=needs),), "b": (entry(dependencies=needs[1:]),)},
    )

    page = parsed(picture(snapshot))

    assert card(page, "p-a")["Needs"] == ["idna (>=2)", "and 2 for its extras"]
    assert card(page, "p-b")["Needs"] == ["nothing, but 2 for its extras"]


def test_a_circle_of_who_brought_whom_in_ends() -> None:
    packages = {"a": resolved(resolved_by="b"), "b": resolved(resolved_by="a")}
    snapshot = replace(
        ENGINE,
        configurations={"one": configuration(packages)},
        packages={"a": (entry(),), "b": (entry(),)},
    )

    (said,) = card(parsed(picture(snapshot)), "p-a")["Brought in by"]

    assert said == f"{CHAIN}a{THEN}b, for main"


def test_a_version_from_two_places_names_them() -> None:
    files = {"matrix-1.0-py3-none-any.whl": hashed()}
    snapshot = replace(
        ENGINE,
        configurations={
            "cpu": configuration({"matrix": resolved()}),
            "gpu": configuration({"matrix": resolved(source=PRIVATE)}),
        },
        packages={"matrix": (entry(files=files), entry(files=files, source=PRIVATE))},
    )

    page = parsed(picture(snapshot))

    assert cells(page, "matrix") == {"cpu": "1.0 PyPI", "gpu": "1.0 private"}
    assert card(page, "p-matrix")["From"] == [
        "the index private",
        "https://mirror.example/simple/",
        "PyPI",
    ]


def test_chosen_configurations_are_all_that_is_shown() -> None:
    page = parsed(picture(WHOLE, X86_64))

    assert cells(page, "matrix") == {X86_64: "1.1"}
    assert [one["id"] for one in page.all("article")] == ["p-matrix", "p-wires", f"c-{X86_64}"]
    assert page.one("ul", **{"class": "counts"}).all("li")[0].text == "1 of 3 configurations"


@pytest.mark.parametrize("seal", [Seal.WRONG, Seal.MISSING])
def test_a_bad_seal_is_an_alert(seal: Seal) -> None:
    page = parsed(picture(WHOLE, seal=seal))

    assert page.one("p", role="alert").text.startswith(f"Its seal is {seal.value}: ")
    assert parsed(picture()).all("p", role="alert") == []


def test_pins_that_nothing_uses_are_listed() -> None:
    page = parsed(picture())

    assert [one.text for one in page.one("section", **{"class": "unused"}).all("li")] == [
        "spare 2.0 (index private https://mirror.example/simple/)"
    ]


def test_a_snapshot_without_configurations_is_a_page_too() -> None:
    page = parsed(picture(Snapshot(project=replace(ENGINE.project, name=None))))

    assert page.one("h1").text == "lockguard.lock lockguard.lock"
    assert "It contains no configuration." in page.one("main").text


def test_a_target_of_another_programs_making_is_said_to_be_unknown() -> None:
    strange = TargetEntry(python="3.11.0", implementation="cpython", platform="plan9_386")
    snapshot = replace(
        ENGINE,
        configurations={"old": configuration({"matrix": resolved()}, target=strange)},
    )

    page = parsed(picture(snapshot))

    assert cells(page, "matrix") == {"old": "1.0 not known"}
    (said,) = card(page, "p-matrix")["Takes"]
    assert said.startswith("not known: plan9_386: not a known platform")


@settings(steady, max_examples=20)
@given(snapshots(some_configuration=True))
def test_the_table_agrees_with_the_text(snapshot: Snapshot) -> None:
    page = parsed(picture(snapshot))

    for package in {name for one in snapshot.configurations.values() for name in one.packages}:
        for name, said in cells(page, package).items():
            found = snapshot.configurations[name].packages.get(package)
            version = "\N{EN DASH}not" if found is None else found.version
            assert said.split()[0] == version


def test_changes_are_grouped_and_stand_beside_one_another() -> None:
    page = parsed(diff_page(CHANGES))

    assert [one.text for one in page.one("ul", **{"class": "counts"}).all("li")] == [
        "1 removed",
        "1 added",
        "1 upgraded",
        "1 other markers",
        "1 of the lock",
    ]
    told = {
        section["id"]: [
            [cell.text for cell in row.children if isinstance(cell, Node)]
            for row in section.one("tbody").all("tr")
        ]
        for section in page.all("section")
    }
    assert told == {
        "added": [["anyio", "\N{EN DASH}none", "4.0"]],
        "removed": [["idna", "3.4", "\N{EN DASH}none"]],
        "upgraded": [["requests", "2.31.0", "2.34.2"]],
        "other-markers": [["rich", 'python_version < "3.11"', 'python_version == "3.10"']],
        "of-the-lock": [["content-hash", "a" * 64, "b" * 64]],
    }
    assert [one.text for one in page.all("section", id="upgraded")[0].all("ins")] == ["34.2"]
    assert [one.text for one in page.all("section", id="upgraded")[0].all("del")] == ["31.0"]


def test_changes_of_snapshots_say_where() -> None:
    moved = replace(
        WHOLE,
        project=replace(WHOLE.project, requires_python=">=3.11"),
        configurations={
            "new": configuration({"matrix": resolved("1.1")}),
            X86_64: configuration({"matrix": resolved("1.0")}, groups=("main", "dev")),
            WINDOWS: replace(
                WHOLE.configurations[WINDOWS],
                packages={
                    **WHOLE.configurations[WINDOWS].packages,
                    "matrix": resolved("1.0"),
                },
            ),
        },
    )

    page = parsed(snapshot_changes(WHOLE, moved))

    told = {
        section["id"]: [
            [cell.text for cell in row.every if cell.tag in {"th", "td"}]
            for row in section.one("tbody").all("tr")
        ]
        for section in page.all("section")
    }
    assert told == {
        "removed": [["wires", "2.0", "\N{EN DASH}none", X86_64]],
        "downgraded": [["matrix", "1.1", "1.0", "in all configurations"]],
        "configurations-added": [["new", "\N{EN DASH}none", "1 package"]],
        "configurations-removed": [[I686, "3 packages", "\N{EN DASH}none"]],
        "of-configurations": [[f"{X86_64}: groups", "main", "dev, main"]],
        "of-the-project": [["requires-python", ">=3.10", ">=3.11"]],
    }


def test_a_change_nearly_everywhere_names_where_it_is_not() -> None:
    names = [f"c{number}" for number in range(9)]
    old, new = (
        replace(
            ENGINE,
            configurations={
                name: configuration({"matrix": resolved("1.0" if name in still else version)})
                for name in names
            },
            packages={"matrix": (entry("1.1"), entry("1.0"))},
        )
        for version, still in (("1.0", []), ("1.1", ["c2", "c5"]))
    )

    page = parsed(snapshot_changes(old, new))

    (row,) = page.all("section", id="upgraded")[0].one("tbody").all("tr")
    assert row.one("td", **{"class": "where"}).text == "in all configurations but c2, c5"


def test_a_requirement_that_changed_is_found_by_its_name() -> None:
    project = replace(WHOLE.project, requirements={"main": ("matrix (>=1.1,<2.0)",)})

    page = parsed(snapshot_changes(WHOLE, replace(WHOLE, project=project)))

    (row,) = page.all("section", id="of-the-project")[0].one("tbody").all("tr")
    assert row["data-name"] == "requirement of main matrix (>=1.0,<2.0) matrix (>=1.1,<2.0)"


@pytest.mark.parametrize(
    "content",
    [diff_page(Diff(old="a", new="b", changes=())), snapshot_changes(WHOLE, WHOLE)],
    ids=["locks", "snapshots"],
)
def test_no_difference_is_said(content: str) -> None:
    page = parsed(content)

    assert page.one("h1").text == "No changes"
    assert page.all("table") == []


TEXTS = some.text(some.characters(codec="utf-8"), max_size=30)


@given(TEXTS, TEXTS)
def test_what_is_compared_is_told_whole(old: str, new: str) -> None:
    before, after = (parsed(element("p", side)) for side in compared(old, new))

    assert (before.text, after.text) == (shown(old), shown(new))
    unmarked = [
        "".join(child for child in side.one("p").children if isinstance(child, str))
        for side in (before, after)
    ]
    assert unmarked[0] == unmarked[1]


VERSIONS = {
    "the last number": ("0.7.12", "0.7.13", "<del>12</del>", "<ins>13</ins>"),
    "one in the middle": ("0.64.0", "0.74.0", "<del>64</del>", "<ins>74</ins>"),
    "a number that moved": ("9.1.0.70", "8.9.2.26", "9.1.0.70", "8.9.2.26"),
    "a zero in common": ("37.0.4", "41.0.7", "37.0.4", "41.0.7"),
    "one number more": ("1.5", "1.5.1", None, "<ins>.1</ins>"),
    "the same number twice": ("2.2", "2.2.2", None, "<ins>.2</ins>"),
}


@pytest.mark.parametrize(("old", "new", "out", "put_in"), VERSIONS.values(), ids=VERSIONS)
def test_a_number_of_a_version_is_compared_in_its_place(
    old: str, new: str, out: str | None, put_in: str
) -> None:
    before, after = compared(old, new)

    marked = out if out is None or "<" in out else f"<del>{out}</del>"
    assert ("<del>" in before) is (out is not None)
    assert (marked or old) in before
    assert (put_in if "<" in put_in else f"<ins>{put_in}</ins>") in after


PY310, PY314 = 'python_version == "3.10"', 'python_version == "3.14"'
CLAUSES = {
    "one more": (PY310, f"{PY310} or {PY314}", PY310, f"{PY310}<ins> or {PY314}</ins>"),
    "one before": (PY314, f"{PY310} or {PY314}", PY314, f"<ins>{PY310} or </ins>{PY314}"),
    "one less, and one more": (
        f'extra == "queue" and os_name == "nt" or {PY310}',
        f'extra == "queue" or {PY310} or {PY314}',
        f'extra == "queue"<del> and os_name == "nt"</del> or {PY310}',
        f'extra == "queue" or {PY310}<ins> or {PY314}</ins>',
    ),
    "another value": (
        PY310,
        PY314,
        'python_version ==<del> "3.10"</del>',
        'python_version ==<ins> "3.14"</ins>',
    ),
    "other blanks": ("a  b", "a b", "a<del>  </del>b", "a<ins> </ins>b"),
}


@pytest.mark.parametrize(("old", "new", "before", "after"), CLAUSES.values(), ids=CLAUSES)
def test_a_marker_is_compared_by_its_clauses(old: str, new: str, before: str, after: str) -> None:
    assert [unescape(side) for side in compared(old, new)] == [before, after]


def test_the_legend_explains_what_is_to_be_seen_and_nothing_else() -> None:
    (whole,) = parsed(picture()).all("ul", **{"class": "legend"})
    alike = replace(ENGINE, configurations={I686: ENGINE.configurations[I686]})
    (plain,) = parsed(picture(alike)).all("ul", **{"class": "legend"})

    assert "not needed there" in whole.text
    assert "an older one" in whole.text
    assert [item.text.strip() for item in plain.all("li")] == [
        "1.0 one version wherever it is needed",
        "1.0 no file installs there",
        "Select a name to see its details",
    ]


def test_texts_too_long_to_compare_are_marked_whole() -> None:
    old, new = "a " * 500, "a " * 501

    before, after = compared(old, new)

    assert (before, after) == (f"<del>{old}</del>", f"<ins>{new}</ins>")


def shown(value: str) -> str:
    """Return a text as a page shows it: what cannot be seen by its code."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in value)


@given(TEXTS)
def test_text_is_text_wherever_it_stands(value: str) -> None:
    page = parsed(element("p", value, title=value, hidden=True))

    (found,) = page.every
    assert found.text == shown(value)
    assert (found.attributes.get("title") or "") == shown(value)
    assert {*found.attributes} <= {"title", "hidden"}


def test_the_direction_of_writing_cannot_be_turned() -> None:
    assert text("safe\u202etxt.whl") == r"safe\u202etxt.whl"


@pytest.mark.parametrize("content", PAGES.values(), ids=PAGES)
def test_a_page_is_whole_in_itself(content: str) -> None:
    page = parsed(content)

    elements = page.every
    names = Counter(node.tag for node in elements)
    assert (names["script"], names["style"]) == (1, 1)
    assert not {*names} & {"img", "link", "iframe", "object", "embed", "base", "svg", "font"}
    attributes = {name for node in elements for name in node.attributes}
    assert not {name for name in attributes if name.startswith("on")}
    assert not attributes & {"src", "srcset", "style", "action", "formaction", "ping", "download"}
    assert {node["href"][:1] for node in elements if "href" in node.attributes} == {"#"}
    assert content.isascii()
    policy = next(node["content"] for node in page.all("meta") if "http-equiv" in node.attributes)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize("content", PAGES.values(), ids=PAGES)
def test_a_page_can_be_walked(content: str) -> None:
    page = parsed(content)

    elements = page.every
    identities = [node["id"] for node in elements if "id" in node.attributes]
    assert len(identities) == len({*identities})
    links = {node["href"][1:] for node in elements if "href" in node.attributes}
    assert links <= {*identities}
    skip = next(node for node in elements if "href" in node.attributes)
    assert skip["href"] == "#main"
    assert all(cell["scope"] in {"row", "col", "colgroup"} for cell in page.all("th"))
    assert page.one("html")["lang"] == "en"
    for table in page.all("table"):
        widths = {
            sum(int(cell.attributes.get("colspan") or 1) for cell in row.every if cell.tag == "td")
            for row in table.one("tbody").all("tr")
        }
        assert len(widths) == 1


def test_the_script_parses_no_text_into_elements() -> None:
    script = parsed(picture()).one("script").text

    assert not [
        word for word in ("innerHTML", "outerHTML", "insertAdjacent", "eval") if word in script
    ]


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    turned = replace(
        WHOLE,
        configurations={
            name: WHOLE.configurations[name] for name in sorted(WHOLE.configurations)[::-1]
        },
        packages={name: WHOLE.packages[name][::-1] for name in sorted(WHOLE.packages)[::-1]},
    )

    assert picture(turned) == picture()


REPOSITORY = """\
git init -q -b main
git add .
git -c user.name=n -c user.email=e@mail.example commit -q -m first
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a snapshot and a lock, both changed since they were committed."""
    (tmp_path / "pyproject.toml").write_text(MANIFEST)
    (tmp_path / "poetry.lock").write_text(lock(idna="3.4"))
    (tmp_path / "lockguard.lock").write_bytes(writer.render(ENGINE))
    subprocess.run(["/bin/sh", "-ec", REPOSITORY], cwd=tmp_path, check=True)
    (tmp_path / "poetry.lock").write_text(lock(idna="3.10"))
    (tmp_path / "lockguard.lock").write_bytes(writer.render(WHOLE))
    return tmp_path


DRAWN = {
    "snapshot": ("snapshot show", "<title>engine: lockguard.lock</title>"),
    "chosen": (f"snapshot show {I686}", "1 of 3"),
    "locks": ("diff", '<tr data-name="idna">'),
    "snapshots": ("snapshot diff", 'id="configurations-added"'),
    "two snapshots": ("diff HEAD:lockguard.lock lockguard.lock", 'id="configurations-added"'),
    "two configurations": (f"snapshot diff --between {I686} {WINDOWS}", '<tr data-name="sound32">'),
}


@pytest.mark.contract
@pytest.mark.parametrize(("command", "said"), DRAWN.values(), ids=DRAWN)
def test_a_page_goes_to_stdout_or_to_a_file(
    run: Run, project: Path, command: str, said: str
) -> None:
    printed = run(f"lockguard {command} --format html", project)
    written = run(f"lockguard {command} --format html --output page.html", project)

    assert (printed.code, written.code) == (0, 0), printed.err
    assert (written.out, written.err) == ("", "")
    assert said in printed.out
    assert (project / "page.html").read_text() == printed.out
    parsed(printed.out)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("command", ["snapshot show", "diff", "snapshot diff"])
def test_any_format_can_be_written_to_a_file(
    run: Run, project: Path, command: str, form: str
) -> None:
    printed = run(f"lockguard {command} --format {form}", project)
    written = run(f"lockguard {command} --format {form} --output report", project)

    assert (written.code, written.out) == (0, "")
    assert (project / "report").read_text() == printed.out


def test_the_same_page_is_not_written_again(run: Run, project: Path) -> None:
    run("lockguard snapshot show --format html --output page.html", project)
    before = (project / "page.html").stat()

    run("lockguard snapshot show --format html --output page.html", project)

    after = (project / "page.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


UNWRITABLE = {
    "no such folder": ("no/page.html", "the folder {folder}/no does not exist"),
    "a folder": ("taken", "a folder is in its place; move it away"),
}


@pytest.mark.parametrize(("where", "why"), UNWRITABLE.values(), ids=UNWRITABLE)
@pytest.mark.parametrize("command", ["snapshot show", "diff", "snapshot diff"])
def test_a_file_that_cannot_be_written_is_one_line(
    run: Run, project: Path, command: str, where: str, why: str
) -> None:
    (project / "taken").mkdir()
    before = sorted(project.iterdir())

    result = run(f"lockguard {command} --format html --output {where}", project)

    assert (result.code, result.out) == (2, "")
    assert result.err == f"lockguard: {where}: {why.format(folder=project)}\n"
    assert sorted(project.iterdir()) == before


CONSTRAINTS = f"snapshot export --config {I686} --format constraints"
OVERWRITING = [
    *((command, "lockguard.lock") for command in ("diff", "snapshot show", "snapshot diff")),
    ("diff HEAD:lockguard.lock", "lockguard.lock"),
    (f"snapshot diff --between {I686} {WINDOWS}", "lockguard.lock"),
    (CONSTRAINTS, "lockguard.lock"),
    (CONSTRAINTS, "pyproject.toml"),
    ("diff", "pyproject.toml"),
    ("diff", "poetry.lock"),
    ("diff first.lock poetry.lock", "first.lock"),
    ("diff", "PyProject.TOML"),
    ("diff", "leads-there.html"),
]


@pytest.mark.parametrize(("command", "where"), OVERWRITING)
def test_no_report_replaces_what_it_is_made_from(
    run: Run, project: Path, command: str, where: str
) -> None:
    (project / "leads-there.html").symlink_to("pyproject.toml")
    (project / "first.lock").write_text(lock(idna="3.4"))
    before = {path: path.read_bytes() for path in project.iterdir() if path.is_file()}

    result = run(f"lockguard {command} --output {where}", project)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"lockguard: {where}: not "), result.err
    assert result.err.endswith("; name another file\n")
    assert {path: path.read_bytes() for path in project.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("where", ["pyproject.toml", "poetry.lock"])
def test_no_snapshot_replaces_a_manifest_or_a_lock(run: Run, project: Path, where: str) -> None:
    before = (project / where).read_bytes()

    result = run(f"lockguard snapshot merge lockguard.lock --output {where}", project)

    assert (result.code, (project / where).read_bytes()) == (2, before)
    assert result.err == (
        f"lockguard: {where}: not written: a report must not replace {where}; name another file\n"
    )


def test_differences_are_an_exit_code_when_asked_of_a_page_too(run: Run, project: Path) -> None:
    asked = "--format html --output page.html --exit-code"

    assert run(f"lockguard diff {asked}", project).code == 1
    assert run(f"lockguard snapshot diff {asked}", project).code == 1
    assert run(f"lockguard diff poetry.lock poetry.lock {asked}", project).code == 0


def test_the_json_of_two_configurations_names_the_command(run: Run, project: Path) -> None:
    result = run(f"lockguard snapshot diff --between {I686} {X86_64} --format json", project)

    assert json.loads(result.out)["command"] == "snapshot diff"


def test_a_wrong_seal_is_on_the_page_and_on_stderr(run: Run, project: Path) -> None:
    path = project / "lockguard.lock"
    path.write_text(path.read_text().replace('"0.3"', '"0.4"'))

    result = run("lockguard snapshot show --format html", project)

    assert (result.code, result.err.startswith("WARNING: ")) == (0, True)
    assert parsed(result.out).one("p", role="alert").text.startswith("Its seal is wrong: ")


def test_a_large_snapshot_is_drawn_at_once() -> None:
    large = many(configurations=50, packages=400)

    start = time.process_time()
    content = picture(large)
    seconds = time.process_time() - start

    print(f"50 x 400: {seconds:.2f} s of processor time, {len(content) / 1e6:.1f} MB")
    assert seconds < 3  # 0.8 s on a machine with nothing else to do
    assert len(content) < 3_000_000
