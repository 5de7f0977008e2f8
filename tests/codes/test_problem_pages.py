"""Every problem code has a page, and ``lockguard explain`` prints it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from locks import project

from poetry_lockguard import __main__ as script
from poetry_lockguard.codes.catalog import PAGES
from poetry_lockguard.codes.page_text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

PACKAGE = ROOT / "poetry_lockguard"
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.parent.name != "codes"
}
MOST_WORDS = 35
WIDEST = 100
#: what `check` loads of this package, without the folders' own files
MOST_MODULES = 25


def constants() -> dict[str, set[str]]:
    """Return the strings that names stand for at the top of any module, for what is imported."""
    found: dict[str, set[str]] = {}
    for tree in TREES.values():
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for target, value in pairs(node):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found.setdefault(target, set()).add(value.value)
    return found


def pairs(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that an assignment sets, with its value."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for one, value in zip(target.elts, node.value.elts, strict=False):  # one may be starred
                if isinstance(one, ast.Name):
                    yield one.id, value


def strings(value: ast.expr, known: dict[str, set[str]]) -> set[str]:
    """Return the strings that an expression can be."""
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.Name(id=name):
            return known.get(name, set())
        case ast.IfExp(body=one, orelse=other):
            return strings(one, known) | strings(other, known)
        case _:
            return set()


def code_arguments(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield each expression that a module uses as a code."""
    places = {
        node.name: [one.arg for one in node.args.args].index("code")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "code" in [one.arg for one in node.args.args]
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from (value for name, value in pairs(node) if name == "code")
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield value
        elif isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
            if isinstance(node.func, ast.Name) and node.func.id == "Problem":
                yield from node.args[:1]
            if isinstance(node.func, ast.Name) and node.func.id in places:
                yield from node.args[places[node.func.id] :][:1]


def reported() -> set[str]:
    """Return every code that the package can report."""
    known = constants()
    return {
        code
        for tree in TREES.values()
        for argument in code_arguments(tree)
        for code in strings(argument, known)
    }


def test_codes_are_found_however_they_are_written() -> None:
    found = reported()

    assert {
        "python-changed",  # code="…"
        "not-installable",  # code="…" if … else "…"
        "source-undeclared",  # code=CODE
        "unreachable",  # code=UNREACHABLE, imported
        "file-gone",  # _problem(asked, "…", …)
        "installed-other",  # code = "…"
        "local-file",  # code, severity = "…", …
        "manifest",  # {"code": "…"}
    } <= found


def test_every_code_that_can_be_reported_has_a_page() -> None:
    assert sorted(reported() - {*PAGES}) == []


def test_no_page_is_about_a_code_that_nothing_reports() -> None:
    assert sorted({*PAGES} - reported()) == []


@pytest.mark.parametrize("code", PAGES)
def test_a_page_has_its_words_in_short_sentences(code: str) -> None:
    page = PAGES[code]
    prose = (page.meaning, page.cause, page.remedy)

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert all(text.endswith((".", "?")) for text in prose)
    assert not page.summary.endswith(".")
    assert code in page.example
    sentences = [one for text in prose for one in re.split(r"(?<=[.:?])\s", text)]
    assert [one for one in sentences if len(one.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("code", PAGES)
def test_a_page_prints_on_lines_that_fit(code: str) -> None:
    assert max(map(len, "\n".join(lines(PAGES[code])).splitlines())) <= WIDEST


def test_a_page_says_what_why_and_what_to_do(run: Run, tmp_path: Path) -> None:
    result = run("lockguard explain hash-rule", tmp_path)

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(
        "hash-rule: Poetry's versions disagree about this lock\nSeverity: "
    )
    for title in ("What it means", "Example", "How it comes about", "What to do"):
        assert f"\n\n{title}\n  " in result.out


def test_without_a_code_every_code_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run("lockguard explain", tmp_path)

    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == [*PAGES]


def test_an_unknown_code_gets_the_nearest(run: Run, tmp_path: Path) -> None:
    result = run("lockguard explain closur", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "lockguard: there is no problem code 'closur'; did you mean closure?"
        " (`lockguard explain` lists all of them)\n"
    )


def test_a_code_may_be_written_in_capitals(run: Run, tmp_path: Path) -> None:
    result = run("lockguard explain LOCK_MISSING", tmp_path)

    assert result.out.startswith("lock-missing: ")


@pytest.mark.parametrize(("words", "count"), [("hash-rule", 1), ("", len(PAGES))])
def test_json_is_one_document_of_pages(run: Run, tmp_path: Path, words: str, count: int) -> None:
    result = run(f"lockguard explain {words} --format json", tmp_path)

    document = json.loads(result.out)
    assert (document["lockguard"], document["command"]) == (1, "explain")
    assert len(document["codes"]) == count
    assert {*document["codes"][0]} == {*next(iter(PAGES.values()))._fields}


def test_json_of_an_unknown_code_is_a_document_too(run: Run, tmp_path: Path) -> None:
    result = run("lockguard explain what --format json", tmp_path)

    assert (result.code, json.loads(result.out)["status"]) == (2, "error")


def test_the_console_script_explains_without_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.chdir(tmp_path)

    code = script.main(["explain", "seal"])

    assert code == 0
    assert capfd.readouterr().out.startswith("seal: the snapshot was changed")


def test_a_plain_check_loads_no_page(tmp_path: Path) -> None:
    folder = project(tmp_path)
    program = (
        "import sys; from poetry_lockguard.__main__ import main; main(['check']);"
        "print(*(name for name, one in sys.modules.items() if name.startswith('poetry_lockguard')"
        " and not hasattr(one, '__path__')))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )

    verdict, names = done.stdout.splitlines()
    assert verdict == "poetry.lock: fresh"
    assert len(names.split()) <= MOST_MODULES, names
    assert "codes" not in names
