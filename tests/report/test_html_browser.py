"""``--format html`` in a real browser: what is seen, what keys do, and that nothing leaves."""

from __future__ import annotations

import re
import statistics
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from browser import DOWN, END, ENTER, ESCAPE, LEFT, RIGHT, TAB, UP, Browser, browsing
from pictures import (
    CHANGES,
    PAGES,
    WHOLE,
    WINDOWS,
    X86_64,
    many,
    picture,
    snapshot_changes,
)
from snapshot_values import configuration, resolved

from poetry_lockguard.report.diff import html as diff_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Show = Callable[[str], Browser]

VISIBLE = """[...document.querySelectorAll('tbody tr')]
    .filter((one) => !one.hidden).map((one) => one.dataset.name)"""
FOCUS = "document.activeElement.textContent || document.activeElement.id"
NONE = "\N{EN DASH}none"
OPEN = """[...document.querySelectorAll('.card')]
    .filter((one) => one.checkVisibility()).map((one) => one.id)"""


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def show(window: Browser, tmp_path: Path) -> Show:
    """Open a page from disk, as somebody does who was sent it."""

    def opened(content: str) -> Browser:
        path = tmp_path / "page.html"
        path.write_text(content, encoding="ascii")
        window.emulate()
        window.resize(1200, 800)
        window.open("about:blank")
        window.complaints()
        window.open(path.as_uri())
        return window

    return opened


def test_the_filter_leaves_what_has_the_name(show: Show) -> None:
    page = show(picture())

    page.press("/", *"Ver")

    assert page.run(FOCUS) == "name"
    assert page.run(VISIBLE) == ["drivers"]
    assert page.run("document.getElementById('count').textContent") == "1 of 6"

    page.press(ESCAPE)

    assert page.run(VISIBLE) == ["drivers", "git-tool", "lib", "matrix", "sound32", "wires"]
    assert page.run("document.getElementById('count').textContent") == ""


CHOICES = {
    "only-different": ["drivers", "git-tool", "lib", "matrix", "sound32"],
    "only-notable": ["drivers", "git-tool", "lib", "matrix"],
}


@pytest.mark.parametrize(("choice", "left"), CHOICES.items(), ids=CHOICES)
def test_a_choice_leaves_what_it_says(show: Show, choice: str, left: list[str]) -> None:
    page = show(picture())

    page.click(f"#{choice}")

    assert page.run(VISIBLE) == left


def test_the_space_bar_chooses_too(show: Show) -> None:
    page = show(picture())

    page.press("/", TAB, " ")

    assert page.run(VISIBLE) == CHOICES["only-different"]


def test_arrows_walk_and_enter_opens_and_escape_comes_back(show: Show) -> None:
    page = show(picture())

    page.press("/", DOWN, DOWN, DOWN, UP)
    assert page.run(FOCUS) == "git-tool"

    page.press(ENTER)
    assert page.run(OPEN) == ["p-git-tool"]
    assert page.run("document.activeElement.id") == "p-git-tool"
    assert page.run("location.hash") == "#p-git-tool"

    page.press(ESCAPE)
    assert page.run(OPEN) == []
    assert page.run(FOCUS) == "git-tool"
    assert page.run("location.hash") == ""

    page.press(END)
    assert page.run(FOCUS) == "wires"


def test_arrows_walk_through_the_head(show: Show) -> None:
    page = show(picture())
    page.run("document.querySelector('thead a').focus()")

    page.press(RIGHT, RIGHT, LEFT, ENTER)

    assert page.run(OPEN) == [f"c-{X86_64}"]


def test_a_card_leads_to_the_card_of_what_brought_it_in(show: Show) -> None:
    page = show(picture())

    page.click("a[href='#p-wires']")
    page.click("#p-wires dd a")

    assert page.run(OPEN) == ["p-matrix"]


def test_tab_reaches_everything_in_order(show: Show) -> None:
    page = show(picture())

    reached = []
    for _ in range(8):
        page.press(TAB)
        reached.append(page.run(FOCUS))

    assert reached == [
        "Skip to the matrix",
        "name",
        "only-different",
        "only-notable",
        "main",
        "main",
        f"main [gpu] {WINDOWS}",
        "drivers",
    ]


def test_the_skip_link_is_seen_when_it_is_reached_and_leads_to_the_matrix(show: Show) -> None:
    page = show(picture())
    top = "document.querySelector('.skip').getBoundingClientRect().top"
    assert page.run(top) < 0

    page.press(TAB)
    assert page.run(top) >= 0

    page.press(ENTER)
    assert page.run("document.activeElement.id") == "main"


def test_an_address_with_a_name_opens_its_card(show: Show, tmp_path: Path) -> None:
    page = show(picture())

    page.open("about:blank")
    page.open(f"{(tmp_path / 'page.html').as_uri()}#p-lib")

    assert page.run(OPEN) == ["p-lib"]


def test_the_head_lights_up_over_what_the_pointer_is_on(show: Show) -> None:
    page = show(picture())

    page.click("tr[data-name='matrix'] td:last-child")

    lit = "[...document.querySelectorAll('thead .on a')].map(one => one.title)"
    assert page.run(lit) == [X86_64, WINDOWS]


def test_forms_tell_bars_apart_without_colours(show: Show) -> None:
    page = show(picture())
    form = """(name) => [...document.querySelectorAll(`tr[data-name='${name}'] .bar`)]
        .map((one) => getComputedStyle(one))
        .map((one) => [one.borderTopStyle, one.borderTopColor === 'rgba(0, 0, 0, 0)'])"""

    built, framed, plain = ["dashed", False], ["solid", False], ["solid", True]
    assert page.run(f"({form})('matrix')") == [built, framed]
    assert page.run(f"({form})('drivers')") == [["double", False]]
    assert page.run(f"({form})('wires')") == [plain]


def test_every_row_is_as_high_as_the_others(show: Show) -> None:
    page = show(picture())

    heights = "[...document.querySelectorAll('tbody tr')].map((one) => one.offsetHeight)"
    assert len({*page.run(heights)}) == 1


def test_changes_are_filtered_with_their_sections(show: Show) -> None:
    page = show(diff_page(CHANGES))

    page.press("/", *"ich")

    sections = (
        "[...document.querySelectorAll('section')].filter(one => !one.hidden).map(one => one.id)"
    )
    assert page.run(VISIBLE) == ["rich"]
    assert page.run(sections) == ["other-markers"]


def test_without_scripts_all_is_there_to_be_read(show: Show, window: Browser) -> None:
    window.without_scripts(disabled=True)
    try:
        page = show(picture())
        page.click("a[href='#p-wires']")
        seen = page.run(OPEN)
        controls = page.run("document.getElementById('controls').checkVisibility()")
        page.click("#p-wires .close")
        left = page.run(OPEN)
    finally:
        window.without_scripts(disabled=False)

    assert (seen, left, controls) == (["p-wires"], [], False)


@pytest.mark.parametrize(("colours", "bright"), [("light", True), ("dark", False)])
@pytest.mark.parametrize("name", ["snapshot", "diff"])
def test_the_picture_is_light_or_dark_and_not_blank(
    show: Show, name: str, colours: str, *, bright: bool
) -> None:
    page = show(PAGES[name])
    page.resize(360, 240)
    page.emulate(colours=colours)

    rows = page.screenshot()

    values = [value for row in rows for value in row]
    colours_seen = {row[index : index + 3] for row in rows for index in range(0, len(row), 3)}
    assert (len(rows), len(rows[0])) == (240, 360 * 3)
    assert (statistics.fmean(values) > 200) is bright
    assert (statistics.fmean(values) < 70) is not bright
    assert statistics.pstdev(values) > 15
    assert len(colours_seen) > 30


CONTRAST = """(() => {
  const level = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((one) => Number(one) / 255)
      .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const under = (one) => {
    const found = getComputedStyle(one).backgroundColor;
    return /, 0\\)$/.test(found) && one.parentElement ? under(one.parentElement) : found;
  };
  const ratios = [...document.querySelectorAll('main *, header *, .card.open *')]
    .filter((one) => one.checkVisibility() && !one.closest('.absent, .vh'))
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => {
      const [a, b] = [level(getComputedStyle(one).color), level(under(one))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  return Math.min(...ratios);
})()"""


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["snapshot", "diff"])
def test_every_text_stands_out_from_its_ground(show: Show, name: str, colours: str) -> None:
    page = show(PAGES[name])
    page.emulate(colours=colours)
    if name == "snapshot":
        page.click("a[href='#p-lib']")

    assert page.run(CONTRAST) >= 4.5  # WCAG 2, level AA


def test_the_head_and_the_names_stay_in_sight(show: Show) -> None:
    page = show(picture(many(configurations=50, packages=120)))
    place = (
        "(selector => { const {left, top} = document.querySelector(selector)"
        ".getBoundingClientRect(); return [left, top].map(Math.round); })"
    )

    page.run("scrollTo(2000, 1500)")

    assert page.run("[scrollX, scrollY]") == [2000, 1500]
    assert page.run(f"{place}('#controls')") == [0, 0]
    left, top = page.run(f"{place}('.corner')")
    assert (left, top) == (0, page.run("document.getElementById('controls').offsetHeight"))
    assert page.run(f"{place}('tbody tr:nth-child(60) th')")[0] == 0


def test_on_a_narrow_screen_all_choices_are_in_sight(show: Show) -> None:
    page = show(picture())

    page.resize(360, 700)

    hidden = """[...document.querySelectorAll('#controls label')].filter((one) => {
        const {left, right, bottom} = one.getBoundingClientRect();
        const {bottom: end} = document.getElementById('controls').getBoundingClientRect();
        return left < 0 || right > innerWidth || bottom > end; }).length"""
    assert page.run(hidden) == 0


def test_on_a_narrow_screen_places_have_a_line_of_their_own(show: Show) -> None:
    without = replace(WHOLE, configurations={**WHOLE.configurations, X86_64: configuration({})})
    page = show(snapshot_changes(WHOLE, without))

    page.resize(360, 700)

    tops = """[...document.querySelectorAll('#removed tr')].map((row) =>
        [...row.children].filter((cell) => getComputedStyle(cell).position !== 'absolute')
        .map((cell) => [cell.textContent, cell.offsetTop > row.firstChild.offsetTop]))"""
    level = ["Package", "From", "To"], ["matrix", "1.1", NONE], ["wires", "2.0", NONE]
    head, *rows = [[[cell, False] for cell in cells] for cells in level]
    assert page.run(tops) == [head, *([*row, [X86_64, True]] for row in rows)]
    assert page.run("document.documentElement.scrollWidth") == 360


def test_long_names_are_broken_rather_than_cut_off(show: Show) -> None:
    long = "a-name-that-somebody-chose-" * 6
    only = {long: configuration({"matrix": resolved("1.0")}), X86_64: configuration({})}
    project = replace(WHOLE.project, name=long.replace("-", ""))
    page = show(picture(replace(WHOLE, configurations=only, project=project)))

    page.resize(360, 700)
    page.click("a[href='#p-matrix']")

    wide = """[...document.querySelectorAll('.top, .top *, .card.open, .card.open *')].filter(
        (one) => one.checkVisibility() && one.getBoundingClientRect().right > 360).length"""
    assert page.run(wide) == 0
    assert page.run("document.querySelector('.own').offsetWidth") <= 224


def test_a_large_page_is_filtered_at_once(show: Show) -> None:
    page = show(picture(many(configurations=50, packages=400)))

    taken = """(() => {
      const field = document.getElementById('name'), start = performance.now();
      for (const value of ['1', '', '399']) {
        field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        document.body.offsetHeight;
      }
      return performance.now() - start;
    })()"""
    milliseconds = page.run(taken)

    assert page.run(VISIBLE) == ["package-399"]
    print(f"three filters and layouts of 50 x 400: {milliseconds:.0f} ms")
    assert milliseconds < 3000


def test_it_prints_all_of_it_without_what_only_screens_need(show: Show) -> None:
    page = show(picture())

    assert page.pdf().startswith(b"%PDF-")

    page.emulate(media="print")
    fixed = (
        "[...document.querySelectorAll('body *')].filter(one => one.checkVisibility()"
        " && ['sticky', 'fixed'].includes(getComputedStyle(one).position)).length"
    )
    clipped = (
        "[...document.querySelectorAll('main, main *, aside, aside *')].filter(one =>"
        " !one.closest('.vh') && getComputedStyle(one).overflow !== 'visible').length"
    )
    colours = (
        "[...new Set([...document.querySelectorAll('main *, aside *')].map(one =>"
        " getComputedStyle(one).color))].every(one => { const [r, g, b] = one.match(/\\d+/g);"
        " return r === g && g === b; })"
    )
    assert page.run(fixed) == 0
    assert page.run(clipped) == 0
    assert page.run(colours) is True
    assert len(page.run(OPEN)) == 9  # six packages and three configurations
    assert page.run("document.getElementById('controls').checkVisibility()") is False


@pytest.mark.parametrize("columns", [3, 12, 50])
def test_nothing_of_the_matrix_is_cut_off_by_the_paper(show: Show, columns: int) -> None:
    snapshot = many(configurations=columns, packages=20)

    printed = show(picture(snapshot)).pdf().decode("latin-1")

    # A browser leaves out the links that lie beyond the sheet: its heads and names are links.
    links = {*re.findall(r"/Dest /(\S+)", printed)}
    needed = {name for one in snapshot.configurations.values() for name in one.packages}
    assert links >= {f"c-{name}" for name in snapshot.configurations}
    assert links >= {f"p-{name}" for name in needed}


@pytest.mark.parametrize(("columns", "is_broad"), [(3, False), (12, True), (50, True)])
def test_many_columns_lie_on_their_side(show: Show, columns: int, is_broad: bool) -> None:
    printed = show(picture(many(configurations=columns, packages=3))).pdf().decode("latin-1")

    sizes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    sheets = [float(width) > float(height) for width, height in sizes]
    assert (sheets[0], sheets[-1]) == (is_broad, False)


@pytest.mark.parametrize(("columns", "paper"), [(3, "auto"), (12, "broad"), (50, "vast")])
def test_what_stands_above_the_matrix_is_on_its_paper(show: Show, columns: int, paper: str) -> None:
    page = show(picture(many(configurations=columns, packages=3)))

    page.emulate(media="print")

    # Another paper is another sheet (https://www.w3.org/TR/css-page-3/#using-named-pages).
    papers = "['body', '.top', '#matrix', 'aside'].map((one) => getComputedStyle($(one)).page)"
    found = page.run(papers.replace("$", "document.querySelector"))
    cards = paper if paper == "auto" else "tall"
    assert found == [paper, "auto", "auto", cards]


def test_a_filter_decides_what_is_printed(show: Show) -> None:
    page = show(picture())
    page.press("/", *"matrix")

    page.emulate(media="print")

    shown = page.run(OPEN)
    assert [one for one in shown if one.startswith("p-")] == ["p-matrix"]


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("hostile")])
def test_hostile_names_are_nothing_but_text(show: Show, name: str) -> None:
    page = show(PAGES[name])
    title = page.run("document.title")

    for selector in ("#matrix a", ".card a"):
        for number in range(page.run(f'document.querySelectorAll("{selector}").length')):
            page.run(f'document.querySelectorAll("{selector}")[{number}].click()')
    page.press("/", *"<script>")

    assert "owned" not in title.split("=")[0]
    assert page.run("document.title") == title
    assert page.run("[document.scripts.length, document.images.length]") == [1, 0]
    assert page.run("performance.getEntriesByType('resource').length") == 0
    assert [url for url in page.requested() if not url.startswith(("file:", "about:"))] == []
    assert page.complaints() == []


def test_what_gets_onto_the_page_all_the_same_is_stopped_by_its_policy(show: Show) -> None:
    evil = "<img src='https://forge.example/x.png'><script>document.title = 'owned'</script>"
    style = "<style>body { display: none }</style>"
    page = show(picture().replace("<main", f"{evil}{style}<main", 1))

    assert page.run("document.title") == "engine: lockguard.lock"
    assert page.run("getComputedStyle(document.body).display") == "block"
    assert len([one for one in page.complaints() if "Content Security Policy" in one]) == 3
    assert [url for url in page.requested() if "forge.example" in url] == []


class Counting(ThreadingHTTPServer):
    """A server of one page that remembers what it was asked for."""

    def __init__(self, content: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.content = content.encode()
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Counting

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")  # and no word on its encoding
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting(picture(WHOLE)) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_nothing_is_asked_of_anybody_but_the_page_itself(window: Browser, server: Counting) -> None:
    address = f"http://127.0.0.1:{server.server_port}/page"

    window.open(address)
    window.press("/", *"matrix", DOWN, ENTER, ESCAPE)

    assert window.requested() == [address]
    assert server.asked == ["/page"]
    assert window.run("performance.getEntriesByType('resource').length") == 0
    assert window.complaints() == []
