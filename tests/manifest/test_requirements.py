"""Requirements come out as the running Poetry sees them, whatever the manifest's style."""

from __future__ import annotations

import logging
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from conftest import CORPUS
from poetry.core.factory import Factory

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest.document import Manifest, parse, read
from poetry_lockguard.manifest.requirements import declaration, requirements

KNOWS_DEPENDENCY_GROUPS = hasattr(Factory, "_configure_package_dependency_groups")


def manifest(text: str, folder: Path = Path("project")) -> Manifest:
    return parse(dedent(text), folder / "pyproject.toml")


def told(text: str) -> list[str]:
    return [f"{each.group}: {each.text}" for each in requirements(manifest(text))]


STYLES: dict[str, tuple[str, list[str]]] = {
    "tool.poetry": (
        """
        [tool.poetry.dependencies]
        python = "^3.9"
        Flask_Login = "^0.6"
        plain = "*"
        """,
        ["main: Flask_Login (^0.6)", "main: plain (*)"],
    ),
    "project": (
        """
        [project]
        name = "a"
        dependencies = ["Requests[socks] (>=2.32,<3.0)", "tomli>=2 ; python_version < '3.11'"]
        """,
        [
            "main: Requests ([socks] >=2.32,<3.0)",
            'main: tomli (>=2 ; python_version < "3.11")',
        ],
    ),
    "project enriched by tool.poetry": (
        """
        [project]
        name = "a"
        dependencies = ["torch>=2"]
        [tool.poetry.dependencies]
        torch = { source = "pytorch" }
        """,
        ["main: torch (>=2 from pytorch)"],
    ),
    "groups, one of them optional": (
        """
        [tool.poetry.dependencies]
        a = "1"
        [tool.poetry.group.Docs_All]
        optional = true
        [tool.poetry.group.Docs_All.dependencies]
        sphinx = ">=7"
        """,
        ["docs-all: sphinx (>=7)", "main: a (==1)"],
    ),
    "dev-dependencies": (
        """
        [tool.poetry.dependencies]
        python = "*"
        [tool.poetry.dev-dependencies]
        pytest = "^8"
        """,
        ["dev: pytest (^8)"],
    ),
    "package-mode = false": (
        """
        [tool.poetry]
        package-mode = false
        [tool.poetry.dependencies]
        a = "1"
        """,
        ["main: a (==1)"],
    ),
    "multiple constraints": (
        """
        [tool.poetry.dependencies]
        a = [{ version = "1", python = "<3.10" }, { version = "2", python = ">=3.10" }]
        """,
        ['main: a (==1 ; python_version < "3.10")', 'main: a (==2 ; python_version >= "3.10")'],
    ),
    "git, path, url": (
        """
        [tool.poetry.dependencies]
        g = { git = "https://host.example/g.git", branch = "dev" }
        p = { path = "../nowhere", develop = true }
        u = { url = "https://host.example/u-1-py3-none-any.whl" }
        """,
        [
            "main: g (git https://host.example/g.git branch dev)",
            "main: p (directory ../nowhere)",
            "main: u (url https://host.example/u-1-py3-none-any.whl)",
        ],
    ),
    "a password in a URL": (
        """
        [tool.poetry.dependencies]
        g = { git = "https://me:hunter2@host.example/g.git" }
        """,
        ["main: g (git https://***@host.example/g.git)"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), STYLES.values(), ids=STYLES.keys())
def test_each_style_is_read(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.skipif(not KNOWS_DEPENDENCY_GROUPS, reason="this Poetry ignores [dependency-groups]")
def test_included_groups_bring_their_requirements() -> None:
    found = told(
        """
        [project]
        name = "a"
        [dependency-groups]
        test = ["pytest>=8"]
        dev = ["ruff", { include-group = "test" }]
        """
    )

    assert found == ["dev: ruff (*)", "dev: pytest (>=8)", "test: pytest (>=8)"]


EXTRAS = {
    "tool.poetry": """
        [tool.poetry.dependencies]
        torch = { version = "2", optional = true }
        [tool.poetry.extras]
        GPU_all = ["torch"]
        """,
    "project": """
        [project]
        name = "a"
        [project.optional-dependencies]
        GPU_all = ["torch==2"]
        """,
}


@pytest.mark.parametrize("text", EXTRAS.values(), ids=EXTRAS.keys())
def test_extras_are_told_in_both_styles(text: str) -> None:
    declared = declaration(manifest(text))

    assert declared.extras == {"gpu-all": ("torch",)}
    assert [each.in_extras for each in declared.requirements] == [("gpu-all",)]
    assert [each.is_optional for each in declared.requirements] == [True]


def test_what_does_not_concern_the_lock_is_not_looked_at() -> None:
    found = told(
        """
        [project]
        name = "a"
        readme = "gone.md"
        license = { file = "gone" }
        dynamic = ["version"]
        dependencies = ["b"]
        """
    )

    assert found == ["main: b (*)"]


def test_a_missing_path_is_nobodys_question(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        told('[tool.poetry.dependencies]\np = { path = "../nowhere" }')

    assert caplog.records == []


REFUSED = {
    "not a version": ('[tool.poetry.dependencies]\na = "{{ version }}"', "version constraint"),
    "not a requirement": ('[project]\nname = "a"\ndependencies = ["b ==== 1"]', "b ==== 1"),
    "not a table": ('[tool.poetry]\ndependencies = "all"', ""),
    "unknown group": (
        '[project]\nname = "a"\n[dependency-groups]\ndev = [{ include-group = "gone" }]',
        "'gone'",
    ),
    "groups in a cycle": (
        """
        [project]
        name = "a"
        [dependency-groups]
        b = [{ include-group = "c" }]
        c = [{ include-group = "b" }]
        """,
        "cycle",
    ),
}


@pytest.mark.parametrize(("text", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_manifest_is_one_clear_line_and_at_most_a_pointer(text: str, part: str) -> None:
    if "dependency-groups" in text and not KNOWS_DEPENDENCY_GROUPS:
        pytest.skip("this Poetry ignores [dependency-groups]")

    with pytest.raises(ManifestError) as caught:
        requirements(manifest(text))

    message = str(caught.value)
    assert message.startswith(f"{Path('project', 'pyproject.toml')}: Poetry cannot read its")
    assert part in message
    line, _, pointer = message.partition(":\n")
    assert "\n" not in line
    assert pointer == "" or pointer.endswith("^")
    assert line.endswith("correct them (`poetry check` may report more)")


SAME = {
    "spaces": ("b>=1,<2", "b >= 1, < 2"),
    "order of clauses": ("b>=1,<2", "b<2,>=1"),
    "parentheses": ("b>=1,<2", "b (>=1,<2)"),
    "case": ("Foo.Bar>=1", "foo-bar>=1"),
    "trailing zero": ("b>=1", "b>=1.0"),
    "order of extras": ("b[x,y]", "b[y,x]"),
    "order in a marker": (
        "b; os_name=='nt' and python_version<'3.9'",
        "b; python_version<'3.9' and os_name=='nt'",
    ),
    "quotes in a marker": ("b; os_name=='nt'", 'b; os_name == "nt"'),
}
DIFFERENT = {
    "version": ("b>=1", "b>=2"),
    "extras": ("b[x]", "b"),
    "marker": ("b; os_name=='nt'", "b; os_name=='posix'"),
    "name": ("b", "c"),
    "origin": ("b", "b @ git+https://host.example/b.git"),
}


def of(text: str) -> Any:
    found = Manifest(
        path=Path("pyproject.toml"), data={"project": {"name": "a", "dependencies": [text]}}
    )
    return requirements(found)[0]


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_spelling_is_not_meaning(one: str, other: str) -> None:
    assert of(one).means_the_same(of(other))
    assert of(other).means_the_same(of(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_meaning_is_told_apart(one: str, other: str) -> None:
    assert not of(one).means_the_same(of(other))


def _as_poetry_sees_it(path: Path) -> set[tuple[str, str]]:
    package = Factory().create_poetry(path, with_groups=True).package
    return {
        (str(group), dependency.to_pep_508())
        for dependency in package.all_requires
        for group in dependency.groups
    }


def _real_manifests() -> list[Path]:
    """Return the corpus's manifests, but one that is a template and no manifest."""
    return [
        path
        for path in sorted(CORPUS.rglob("pyproject.toml"))
        if "{{" not in path.read_text(encoding="utf-8")
    ]


@pytest.mark.contract
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real locks is not here")
def test_the_corpus_is_read_as_poetry_reads_it() -> None:
    compared = 0
    for path in _real_manifests():
        found = {(each.group, each.dependency.to_pep_508()) for each in requirements(read(path))}
        try:
            expected = _as_poetry_sees_it(path.parent)
        except (RuntimeError, ValueError):
            continue  # Poetry refuses the manifest for a reason that is not the lock's
        compared += 1
        assert found == expected, path

    assert compared > 60
