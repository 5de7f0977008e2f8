"""poetry-core, loaded quickly, reads what it reads otherwise."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import tomlkit
from conftest import CORPUS
from hypothesis import given, settings
from hypothesis import strategies as st
from locks import MANIFEST
from locks import project as locked_project
from poetry.core.constraints.version import Version
from poetry.core.packages.dependency import Dependency
from poetry.core.packages.utils.utils import url_to_path
from poetry.core.version.markers import parse_marker
from poetry.core.version.requirements import Requirement
from sampling import examples

from poetry_lockguard.manifest.quick_core import plain_marker, plain_requirement
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.contract

VERSIONS = st.sampled_from(["3", "3.9", "3.10", "3.11.4", "4.0", "2.7"])
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~="])
SPACES = st.sampled_from(["", " "])
QUOTES = st.sampled_from("\"'")
WORDS = st.sampled_from(["win32", "x86_64", "CPython", "a.b-c+d", "and", "or", "not", "in"])
CLAUSES = st.sampled_from(["", ">=1", ">= 1.2, <2", "==1.*", "~=1.4", ">=1,!=1.5,<3", "<=2"])
NAMES = st.sampled_from(["a", "Zope.Interface", "b_c-d", "x1", "and", "extra"])
LOADED = """
import sys
from poetry_lockguard.__main__ import main
code = main(["fix", "--offline"])
print([name for name in sys.modules if "lark" in name or name == "urllib.request"])
sys.exit(code)
"""
PATHS = """
import sys
from poetry_lockguard.manifest import quick_core
quick_core.load()
from poetry.core.packages.utils.utils import url_to_path
print("urllib.request" in sys.modules)
print(url_to_path(sys.argv[1]))
import urllib.request
print(urllib.request.__file__ is not None, hasattr(urllib.request, "urlopen"))
"""


@st.composite
def atoms(draw: st.DrawFn) -> str:
    space, quote = draw(SPACES), draw(QUOTES)
    if draw(st.booleans()):
        name = draw(st.sampled_from(["python_version", "python_full_version"]))
        operator, value = draw(OPERATORS), draw(VERSIONS)
    else:
        name = draw(st.sampled_from(["sys_platform", "os_name", "platform_machine", "extra"]))
        operator, value = draw(st.sampled_from(["==", "!="])), draw(WORDS)
    return f"{name}{space}{operator}{space}{quote}{value}{quote}"


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda one, word, other, is_nested: (
            f"({one} {word} {other})" if is_nested else f"{one} {word} {other}"
        ),
        parts,
        st.sampled_from(["and", "or"]),
        parts,
        st.booleans(),
    )


MARKERS = st.recursive(atoms(), joined, max_leaves=5)


@st.composite
def requirements(draw: st.DrawFn) -> str:
    name, space = draw(NAMES), draw(SPACES)
    extras = draw(st.lists(NAMES, max_size=2))
    clauses = draw(
        st.sampled_from(["", ">=1", ">= 1.2, <2", "==1.*", "~=1.4", ">=1,!=1.5,<3", "<=2"])
    )
    if draw(st.booleans()) and clauses:
        clauses = f"({clauses})"
    inner = f"[{', '.join(extras)}]" if extras else ""
    marker = f"{space};{space}{draw(MARKERS)}" if draw(st.booleans()) else ""
    return f"{name}{inner}{space}{clauses}{marker}"


def of_grammar(text: str) -> dict[str, object]:
    return vars(Requirement(text))


@settings(max_examples=examples(600))
@given(MARKERS)
def test_a_plain_marker_is_the_one_of_the_grammar(text: str) -> None:
    made = plain_marker(text)

    if made is not None:
        wanted = parse_marker(text)
        assert (type(made), str(made), made) == (type(wanted), str(wanted), wanted)


@settings(max_examples=examples(600))
@given(requirements())
def test_a_plain_requirement_is_the_one_of_the_grammar(text: str) -> None:
    made = plain_requirement(text)

    if made is not None:
        assert {**vars(made), "extras": [*made.extras]} == of_grammar(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "<empty>",
        "python_version",
        '"3.8" <= python_version',
        'sys_platform in "linux win32"',
        'python_version >= "3.8" and',
        '(python_version >= "3.8"',
        "os.name == 'nt'",
        'platform_release >= "20.0"',
    ],
)
def test_other_markers_are_left_to_the_grammar(text: str) -> None:
    assert plain_marker(text) is None


@pytest.mark.parametrize(
    "text",
    ["a @ https://mirror.example/a.zip", "a ()", "a>=1;", "a[", "a.zip", "a>2,<1", "", "a ===1"],
)
def test_other_requirements_are_left_to_the_grammar(text: str) -> None:
    assert plain_requirement(text) is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_nearly_all_texts_of_real_locks_and_manifests_are_plain() -> None:
    markers, wanted = set(), set()
    for path in CORPUS.glob("*/poetry.lock"):
        markers.update(re.findall(r'^markers = "(.*)"$', path.read_text("utf-8"), re.MULTILINE))
    for path in CORPUS.glob("*/pyproject.toml"):
        project = tomlkit.parse(path.read_text("utf-8")).unwrap().get("project", {})
        wanted.update(project.get("dependencies", []))
    markers = {text.replace('\\"', '"') for text in markers}

    read = {text: plain_marker(text) for text in markers}
    made = {text: plain_requirement(text) for text in wanted}

    for text, marker in read.items():
        assert marker is None or marker == parse_marker(text)
    for text, requirement in made.items():
        assert requirement is None or vars(requirement) == of_grammar(text)
    assert sum(one is not None for one in read.values()) > 0.9 * len(read) > 45
    assert sum(one is not None for one in made.values()) > 0.9 * len(made) > 30


@pytest.mark.skipif(
    Version.parse(running_poetry()) < Version.parse("2.1"), reason="reads with its grammars"
)
def test_a_kept_lock_needs_neither_grammars_nor_requests(tmp_path: Path) -> None:
    locked_project(tmp_path)
    narrower = MANIFEST.replace(',<2.0)"', """,<2.0) ; python_version < '3.99'\"""")
    (tmp_path / "pyproject.toml").write_text(narrower)

    done = run_python(LOADED, folder=tmp_path)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]"), done.stderr


def run_python(code: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["a.whl", "with space.whl", "100%.whl", "umläut.whl"])
def test_a_url_of_a_file_has_the_same_path(tmp_path: Path, name: str) -> None:
    path = tmp_path / name

    done = run_python(PATHS, path.as_uri(), folder=tmp_path)

    assert done.stdout.splitlines() == ["False", str(url_to_path(path.as_uri())), "True True"]
    assert url_to_path(path.as_uri()) == path


def test_poetry_core_reads_a_dependency_with_it() -> None:
    text = 'a[b] >=1,<2 ; python_version < "3.12" and extra == "c"'
    plain = plain_requirement(text)

    assert plain is not None
    assert str(plain.marker) == str(Dependency.create_from_pep_508(text).marker)
