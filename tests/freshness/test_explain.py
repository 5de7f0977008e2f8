"""A stale lock is explained requirement by requirement: each story, exactly these problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from poetry.core.constraints.version import Version, parse_constraint

from poetry_lockguard.freshness.explain import explain
from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.document import Manifest, parse

if TYPE_CHECKING:
    from poetry_lockguard.outcomes import Problem

PATH = Path("project", "pyproject.toml")


def manifest(text: str) -> Manifest:
    return parse(dedent(text), PATH)


def pin(name: str, version: str, more: str = "", *, groups: tuple[str, ...] = ("main",)) -> str:
    """One package of a lock; ``groups`` empty for the formats before 2.1."""
    lines = [
        "[[package]]",
        f'name = "{name}"',
        f'version = "{version}"',
        'description = ""',
        "optional = false",
        'python-versions = ">=3.8"',
        f"groups = {list(groups)}" if groups else "",
        f'files = [{{ file = "{name}-{version}.tar.gz", hash = "sha256:{"0" * 64}" }}]',
        dedent(more),
    ]
    return "\n".join(line for line in lines if line) + "\n\n"


def lock(*pins: str, python: str = ">=3.9", extras: str = "", version: str = "2.1") -> bytes:
    metadata = f"""
        [metadata]
        lock-version = "{version}"
        python-versions = "{python}"
        content-hash = "{"1" * 64}"
        """
    head = "package = []\n" if not pins else ""
    return (head + "".join(pins) + dedent(extras) + dedent(metadata)).encode()


def needs(*names: str) -> str:
    return "\n[package.dependencies]\n" + "".join(f"{name}\n" for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is declared, what is locked, what was declared before, and what is to be said."""

    now: str
    locked: bytes
    before: str | None = None
    said: tuple[tuple[str, ...], ...]


def project(*requirements: str, more: str = "", python: str = ">=3.9") -> str:
    listed = ", ".join(f"'{each}'" for each in requirements)
    head = f'[project]\nname = "a"\nrequires-python = "{python}"\ndependencies = [{listed}]\n'
    return head + dedent(more)


SOURCE = '[[tool.poetry.source]]\nname = "corp"\nurl = "{}"\n'
LEGACY = """
    [package.source]
    type = "legacy"
    url = "https://corp.example/simple"
    reference = "corp"
    """
GIT = """
    [package.source]
    type = "git"
    url = "https://host.example/g.git"
    reference = "{}"
    resolved_reference = "0123456789abcdef0123456789abcdef01234567"
    """
BOUND = '[tool.poetry.dependencies]\nb = {{ source = "corp" }}\n{}'
EXTRA = '\n[package.extras]\nsocks = ["pysocks (>=1.5)"]\n'
SPELLING = "only spelled differently; `poetry lockguard fix` refreshes the hash"

INCLUDING = """
[dependency-groups]
lint = ["{}"]
test = [{{include-group = "lint"}}]
all = [{{include-group = "test"}}]
"""

STORIES = {
    "added": Story(
        now=project("b>=1"),
        locked=lock(),
        said=(("error", "requirement-added", "b: declared (>=1), not in the lock"),),
    ),
    "not added where its Pythons are none of the project's": Story(
        now=project("b>=1; python_version < '3.9'".replace("'", '"')),
        locked=lock(),
        said=(("error", "content-hash", "every requirement is still satisfied; "),),
    ),
    "unsatisfied": Story(
        now=project("requests>=2.32,<3.0"),
        locked=lock(pin("requests", "2.31.0")),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "requests: declared (>=2.32,<3.0), locked at 2.31.0, which does not fit",
            ),
        ),
    ),
    "removed, with what it brought": Story(
        now=project("b>=1"),
        locked=lock(
            pin("b", "1.0", needs('c = "*"')),
            pin("c", "1.0"),
            pin("gone", "1.0", needs('c = "*"', 'below = "*"')),
            pin("below", "1.0"),
        ),
        said=(
            (
                "error",
                "requirement-removed",
                (
                    "gone: locked at 1.0, but nothing declared needs it any more;"
                    " the same applies to below, which came with it"
                ),
            ),
        ),
    ),
    "removed, a circle": Story(
        now=project("b>=1"),
        locked=lock(
            pin("b", "1.0"), pin("x", "1", needs('y = "*"')), pin("y", "1", needs('x = "*"'))
        ),
        said=(
            (
                "error",
                "requirement-removed",
                (
                    "x: locked at 1, but nothing declared needs it any more;"
                    " the same applies to y, which came with it"
                ),
            ),
        ),
    ),
    "an extra no longer asked for": Story(
        now=project("b"),
        locked=lock(
            pin("b", "1.0", needs('pysocks = { version = ">=1.5", optional = true }') + EXTRA),
            pin("pysocks", "1.7"),
        ),
        said=(
            (
                "error",
                "requirement-removed",
                "pysocks: locked at 1.7, but nothing declared needs it any more",
            ),
        ),
    ),
    "an extra newly asked for": Story(
        now=project("b[socks]"),
        locked=lock(
            pin("b", "1.0", needs('pysocks = { version = ">=1.5", optional = true }') + EXTRA)
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "b: declared ([socks] *), locked at 1.0, but pysocks, which [socks] needs, is not",
            ),
        ),
    ),
    "an extra that the package does not have": Story(
        now=project("b[nothing]"),
        locked=lock(pin("b", "1.0")),
        said=(("error", "content-hash", "every requirement is still satisfied; "),),
    ),
    "from another source": Story(
        now=project("b>=1", more=BOUND.format(SOURCE.format("https://corp.example/simple"))),
        locked=lock(pin("b", "1.0")),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "b: declared (>=1 from corp), locked at 1.0, from another source",
            ),
        ),
    ),
    "a commit, but a version is required": Story(
        now=project("g>=1"),
        locked=lock(pin("g", "1.0", GIT.format("main"))),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                (
                    "g: declared (>=1), locked at 1.0"
                    " (git https://host.example/g.git main 0123456789ab), from another source"
                ),
            ),
        ),
    ),
    "a commit that another pin asks for": Story(
        now=project("g>=1", "h"),
        locked=lock(
            pin("g", "1.0", GIT.format("main")),
            pin(
                "h",
                "1.0",
                "[package.dependencies]\n"
                'g = { git = "https://host.example/g.git", branch = "main" }\n',
            ),
        ),
        said=(("error", "content-hash", "every requirement is still satisfied; "),),
    ),
    "the source moved": Story(
        now=project("b>=1", more=BOUND.format(SOURCE.format("https://new.example/simple"))),
        locked=lock(pin("b", "1.0", LEGACY)),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                (
                    "b: declared (>=1 from corp), locked at 1.0 from corp,"
                    " whose address was https://corp.example/simple"
                ),
            ),
        ),
    ),
    "the source's URL got a slash": Story(
        now=project("b>=1", more=BOUND.format(SOURCE.format("https://corp.example/simple/"))),
        before=project("b>=1", more=BOUND.format(SOURCE.format("https://corp.example/simple"))),
        locked=lock(pin("b", "1.0", LEGACY)),
        said=(("note", "content-hash", f"source corp: {SPELLING}"),),
    ),
    "a source nobody declares any more": Story(
        now=project("b>=1"),
        locked=lock(pin("b", "1.0", LEGACY)),
        said=(
            (
                "error",
                "content-hash",
                "source corp: locked as https://corp.example/simple, no longer declared",
            ),
        ),
    ),
    "another branch": Story(
        now='[tool.poetry.dependencies]\ng = { git = "https://host.example/g.git", branch = "x" }',
        locked=lock(pin("g", "1.0", GIT.format("main")), python="*"),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                (
                    "g: declared (git https://host.example/g.git branch x), locked at 1.0"
                    " (git https://host.example/g.git main 0123456789ab), at another reference"
                ),
            ),
        ),
    ),
    "another branch than the commit that was named": Story(
        now='[tool.poetry.dependencies]\ng = { git = "https://host.example/g.git", branch = "x" }',
        locked=lock(
            pin("g", "1.0", GIT.format("0123456789abcdef0123456789abcdef01234567")), python="*"
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                (
                    "g: declared (git https://host.example/g.git branch x), locked at 1.0"
                    " (git https://host.example/g.git 0123456789ab), at another reference"
                ),
            ),
        ),
    ),
    "another repository": Story(
        now='[tool.poetry.dependencies]\ng = { git = "https://host.example/h.git", branch = "x" }',
        locked=lock(pin("g", "1.0", GIT.format("main")), python="*"),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                (
                    "g: declared (git https://host.example/h.git branch x), locked at 1.0"
                    " (git https://host.example/g.git main 0123456789ab), from another source"
                ),
            ),
        ),
    ),
    "a commit shortened": Story(
        now=(
            "[tool.poetry.dependencies]\n"
            'g = { git = "https://host.example/g.git", rev = "0123456" }'
        ),
        before=(
            "[tool.poetry.dependencies]\n"
            'g = { git = "https://host.example/g.git", rev = "0123456789abcdef" }'
        ),
        locked=lock(pin("g", "1.0", GIT.format("0123456789abcdef")), python="*"),
        said=(
            (
                "error",
                "requirement-changed",
                (
                    "g: git https://host.example/g.git rev 0123456789abcdef ->"
                    " git https://host.example/g.git rev 0123456, locked at"
                ),
            ),
        ),
    ),
    "loosened": Story(
        now=project("b>=1"),
        before=project("b>=2"),
        locked=lock(pin("b", "2.0")),
        said=(("error", "requirement-changed", "b: >=2 -> >=1, locked at 2.0, which still fits"),),
    ),
    "no longer declared, still needed": Story(
        now=project("b"),
        before=project("b", "c>=1"),
        locked=lock(pin("b", "2.0", needs('c = "*"')), pin("c", "1.0")),
        said=(
            (
                "error",
                "requirement-changed",
                "c: >=1 -> no longer declared, locked at 1.0, still needed by b",
            ),
        ),
    ),
    "newly declared, locked already": Story(
        now=project("b", "c>=1"),
        before=project("b"),
        locked=lock(pin("b", "2.0", needs('c = "*"')), pin("c", "1.0")),
        said=(
            (
                "error",
                "requirement-changed",
                "c: not declared -> >=1, locked at 1.0, which still fits",
            ),
        ),
    ),
    "moved into an extra": Story(
        now=project(more='[project.optional-dependencies]\nx = ["b"]\ny = ["b"]'),
        before=project(more='[project.optional-dependencies]\nx = ["b"]'),
        locked=lock(pin("b", "2.0"), extras='[extras]\nx = ["b"]\n'),
        said=(("error", "extras-changed", "extra y: declared with b, not locked"),),
    ),
    "moved to another extra": Story(
        now=project(more='[project.optional-dependencies]\nx = ["c"]\ny = ["b", "c"]'),
        before=project(more='[project.optional-dependencies]\nx = ["b", "c"]\ny = ["c"]'),
        locked=lock(pin("b", "2.0"), pin("c", "1"), extras='[extras]\nx = ["b", "c"]\ny = ["c"]\n'),
        said=(("error", "extras-changed", "b: in extra y now, was in x"),),
    ),
    "moved between groups of an old lock": Story(
        now=project(more='[dependency-groups]\nlint = ["b>=1"]\n'),
        before=project("b>=1"),
        locked=lock(pin("b", "2.0", groups=()), version="2.0"),
        said=(
            (
                "error",
                "requirement-changed",
                "b: >=1, in group lint now, was in group main, locked at 2.0, which still fits",
            ),
        ),
    ),
    "moved between groups of an old lock, and changed": Story(
        now=project(more='[dependency-groups]\nlint = ["b>=2"]\n'),
        before=project("b>=1"),
        locked=lock(pin("b", "2.0", groups=()), version="2.0"),
        said=(
            ("error", "requirement-changed", "b: not declared -> >=2 in group lint, locked at 2.0"),
            ("error", "requirement-changed", "b: >=1 -> no longer declared, locked at 2.0, still"),
        ),
    ),
    "required, but still in an extra": Story(
        now="[tool.poetry.dependencies]\nb = '*'\n[tool.poetry.extras]\nx = ['b']",
        before=(
            "[tool.poetry.dependencies]\nb = { version = '*', optional = true }\n"
            "[tool.poetry.extras]\nx = ['b']"
        ),
        locked=lock(pin("b", "2.0"), python="*", extras='[extras]\nx = ["b"]\n'),
        said=(
            (
                "error",
                "requirement-changed",
                "b: * (optional) -> *, locked at 2.0, which still fits",
            ),
        ),
    ),
    "made optional": Story(
        now="[tool.poetry.dependencies]\nb = { version = '*', optional = true }",
        before="[tool.poetry.dependencies]\nb = '*'",
        locked=lock(pin("b", "2.0"), python="*"),
        said=(
            (
                "error",
                "requirement-changed",
                "b: * -> * (optional), locked at 2.0, which still fits",
            ),
        ),
    ),
    "respelled": Story(
        now=project("B >= 1.0"),
        before=project("b>=1"),
        locked=lock(pin("b", "2.0")),
        said=(("note", "requirement-changed", f"b: b (>=1) -> B (>=1.0), {SPELLING}"),),
    ),
    "reordered": Story(
        now=project("c", "b"),
        before=project("b", "c"),
        locked=lock(pin("b", "2.0"), pin("c", "1.0")),
        said=(("note", "content-hash", "only the spelling or the order in pyproject.toml"),),
    ),
    "another Python range": Story(
        now=project("b", python=">=3.10"),
        locked=lock(pin("b", "2.0")),
        said=(("error", "python-changed", "Python: declared >=3.10, locked for >=3.9"),),
    ),
    "another Python range in both files": Story(
        now=project("b", python=">=3.8"),
        before=project("b", python=">=3.9"),
        locked=lock(pin("b", "2.0"), python=">=3.8"),
        said=(("error", "python-changed", "Python: >=3.9 -> >=3.8; the lock names the new range"),),
    ),
    "an extra brings what no Python of the project needs": Story(
        now=project("b[x]>=1"),
        before=project("b[x]"),
        locked=lock(pin("b", "2.0", '\n[package.extras]\nx = ["old"]')),
        said=(("error", "requirement-changed", "b: [x] * -> [x] >=1, locked at 2.0, which still"),),
    ),
    "the Python range respelled": Story(
        now=project("b", python=">= 3.9"),
        locked=lock(pin("b", "2.0")),
        said=(("note", "python-changed", "Python: declared >= 3.9, locked for >=3.9, only"),),
    ),
    "another extra": Story(
        now=project(more='[project.optional-dependencies]\ngpu = ["b"]\n'),
        locked=lock(pin("b", "1"), extras='[extras]\ncpu = ["b"]\ngpu = ["b", "c"]\n'),
        said=(
            ("error", "extras-changed", "extra cpu: not declared, locked with b"),
            ("error", "extras-changed", "extra gpu: declared with b, locked with b, c"),
        ),
    ),
    "another group": Story(
        now=project("b", more='[tool.poetry.group.dev.dependencies]\nc = "*"\n'),
        locked=lock(pin("b", "1"), pin("c", "1", groups=("test",))),
        said=(("error", "group-changed", "group test: called dev now"),),
    ),
    "another group that needs more": Story(
        now=project("b", more='[tool.poetry.group.dev.dependencies]\nb = "*"\nc = "*"\n'),
        locked=lock(pin("b", "1"), pin("c", "1", groups=("test",))),
        said=(
            ("error", "group-changed", "b: declared (*), for group dev, locked for main only"),
            ("error", "group-changed", "group test: merged into dev"),
        ),
    ),
    "groups merged": Story(
        now=project("b", more='[tool.poetry.group.dev.dependencies]\nc = "*"\nd = "*"\n'),
        locked=lock(pin("b", "1"), pin("c", "1", groups=("dev",)), pin("d", "1", groups=("lint",))),
        said=(("error", "group-changed", "group lint: merged into dev"),),
    ),
    "a group shared out among others": Story(
        now=project(
            "b",
            more="""
            [tool.poetry.group.dev.dependencies]
            b = "*"
            c = "*"
            [tool.poetry.group.docs.dependencies]
            b = "*"
            d = "*"
            """,
        ),
        locked=lock(
            pin("b", "1", groups=("dev", "docs", "main")),
            pin("c", "1", groups=("test",)),
            pin("d", "1", groups=("test",)),
        ),
        said=(
            ("error", "group-changed", "c: declared (*), for group dev, locked for test only"),
            ("error", "group-changed", "d: declared (*), for group docs, locked for test only"),
            ("error", "group-changed", "group test: locked, but no longer declared"),
        ),
    ),
    "an extra that nobody had asked for": Story(
        now=project("b[fast]"),
        locked=lock(pin("b", "1", '[package.extras]\nfast = ["c", "d (>=2)"]\n')),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "b: declared ([fast] *), locked at 1 without [fast]: c and d are not in the lock",
            ),
        ),
    ),
    "an extra that nobody had asked for, with the old manifest": Story(
        now=project("b[fast]"),
        before=project("b"),
        locked=lock(pin("b", "1", '[package.extras]\nfast = ["c"]\n')),
        said=(
            (
                "error",
                "requirement-changed",
                "b: * -> [fast] *, locked at 1 without [fast]: c is not in the lock",
            ),
        ),
    ),
    "a group's new name, with the old manifest": Story(
        now=project("b", more='[tool.poetry.group.dev.dependencies]\nc = "*"\n'),
        before=project("b", more='[tool.poetry.group.test.dependencies]\nc = "*"\n'),
        locked=lock(pin("b", "1"), pin("c", "1", groups=("test",))),
        said=(("error", "group-changed", "group test: called dev now"),),
    ),
    "an extra dropped whose packages stay optional": Story(
        now="[tool.poetry.dependencies]\nb = { version = '*', optional = true }",
        before=(
            "[tool.poetry.dependencies]\nb = { version = '*', optional = true }\n"
            "[tool.poetry.extras]\nx = ['b']"
        ),
        locked=lock(
            pin("b", "1", "markers = 'extra == \"x\"'"), extras='[extras]\nx = ["b"]\n', python="*"
        ),
        said=(("error", "extras-changed", "extra x: not declared, locked with b"),),
    ),
    "an extra's new name": Story(
        now=project(more='[project.optional-dependencies]\nquick = ["c>=1"]\n'),
        before=project(more='[project.optional-dependencies]\nfast = ["c>=1"]\n'),
        locked=lock(
            pin("c", "1", "markers = 'extra == \"fast\"'"), extras='[extras]\nfast = ["c"]\n'
        ),
        said=(("error", "extras-changed", "extra fast: called quick now, with c"),),
    ),
    "an extra's new name, and a version that does not fit": Story(
        now=project(more='[project.optional-dependencies]\nquick = ["c>=2"]\n'),
        locked=lock(
            pin("c", "1", "markers = 'extra == \"fast\"'"), extras='[extras]\nfast = ["c"]\n'
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "c: declared (>=2), locked at 1, which does not fit",
            ),
            ("error", "extras-changed", "extra fast: called quick now, with c"),
        ),
    ),
    "required, no longer for an extra": Story(
        now=project("c>=1"),
        locked=lock(
            pin("c", "1", "markers = 'extra == \"fast\"'"), extras='[extras]\nfast = ["c"]\n'
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "c: declared (>=1), locked at 1 for an extra only",
            ),
            ("error", "extras-changed", "extra fast: not declared, locked with c"),
        ),
    ),
    "new in a group that two others include": Story(
        now=project(more=INCLUDING.format("c>=1")),
        before=project(more=INCLUDING.format("b")),
        locked=lock(pin("b", "1", groups=("all", "lint", "test"))),
        said=(
            ("error", "requirement-added", "c: declared (>=1), not in the lock"),
            ("error", "requirement-removed", "b: locked at 1, but nothing declared needs it any"),
        ),
    ),
    "changed in a group that two others include": Story(
        now=project(more=INCLUDING.format("b>=1")),
        before=project(more=INCLUDING.format("b")),
        locked=lock(pin("b", "1", groups=("all", "lint", "test"))),
        said=(
            (
                "error",
                "requirement-changed",
                "b: * -> >=1 in group lint, locked at 1, which still fits",
            ),
        ),
    ),
    "new in two groups": Story(
        now=project(more='[dependency-groups]\nlint = ["c>=1"]\ntest = ["c>=1"]\n'),
        locked=lock(),
        said=(
            (
                "error",
                "requirement-added",
                "c: declared (>=1) in groups lint, test, not in the lock",
            ),
        ),
    ),
    "moved to a group that had it": Story(
        now=project(more='[dependency-groups]\nlint = ["b"]\ntest = ["c"]\n'),
        before=project(more='[dependency-groups]\nlint = ["b", "c"]\ntest = ["c"]\n'),
        locked=lock(
            pin("b", "1", groups=("lint",)),
            pin("c", "1", needs('d = "*"'), groups=("lint", "test")),
            pin("d", "1", groups=("lint", "test")),
        ),
        said=(("error", "group-changed", "c: locked for group lint, declared in group test only"),),
    ),
    "gone from main, where a group still needs it": Story(
        now=project(more='[dependency-groups]\ntest = ["b"]\n'),
        locked=lock(
            pin("b", "1", needs('c = "*"'), groups=("test",)),
            pin("c", "1", groups=("main", "test")),
        ),
        said=(("error", "group-changed", "c: locked for group main, needed by other groups only"),),
    ),
    "needed below the project's Pythons alone": Story(
        now=project("b"),
        before=project("b", "c"),
        locked=lock(
            pin("b", "1", "[package.dependencies]\nc = {version='*', python='<3.9'}\n"),
            pin("c", "1"),
        ),
        said=(
            ("error", "requirement-removed", "c: locked at 1, but nothing declared needs it any"),
        ),
    ),
    "a group locked as it was written": Story(
        now="[tool.poetry.group.My_Docs.dependencies]\nc = '*'",
        locked=lock(
            pin("c", "1", "markers = {My_Docs = 'os_name == \"nt\"'}", groups=("My_Docs",)),
            python="*",
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "c: declared (*), locked at 1, but not for Python 2.7 on Linux",
            ),
        ),
    ),
    "a group made optional": Story(
        now="[tool.poetry.group.dev]\noptional = true\n[tool.poetry.group.dev.dependencies]\nc='*'",
        before="[tool.poetry.group.dev.dependencies]\nc='*'",
        locked=lock(pin("c", "1", groups=("dev",)), python="*"),
        said=(("error", "group-changed", "group dev: optional now"),),
    ),
    "multiple constraints, one of them moved": Story(
        now="""
            [tool.poetry.dependencies]
            python = ">=3.9"
            b = [{ version = "1", python = "<3.11" }, { version = "3", python = ">=3.11" }]
            """,
        locked=lock(
            pin("b", "1", "markers = 'python_version < \"3.11\"'"),
            pin("b", "2", "markers = 'python_version >= \"3.11\"'"),
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                'b: declared (==3 ; python_version >= "3.11"), locked at 1, 2, which do not fit',
            ),
        ),
    ),
    "multiple constraints, their markers swapped": Story(
        now="""
            [tool.poetry.dependencies]
            python = ">=3.9"
            b = [{ version = "2", python = "<3.11" }, { version = "1", python = ">=3.11" }]
            """,
        locked=lock(
            pin("b", "1", "markers = 'python_version < \"3.11\"'"),
            pin("b", "2", "markers = 'python_version >= \"3.11\"'"),
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                'b: declared (==2 ; python_version < "3.11"), locked',
            ),
            (
                "error",
                "requirement-unsatisfied",
                'b: declared (==1 ; python_version >= "3.11"), lock',
            ),
        ),
    ),
    "multiple constraints of an old lock": Story(
        now="""
            [tool.poetry.dependencies]
            python = ">=3.9"
            b = [{ version = "1", python = "<3.11" }, { version = "2", python = ">=3.11" }]
            """,
        locked=lock(pin("b", "1", groups=()), pin("b", "2", groups=()), version="2.0"),
        said=(("error", "content-hash", "every requirement is still satisfied; "),),
    ),
    "a range that one of two pins fits": Story(
        now=project("b <2"),
        before=project('b <2 ; python_version < "3.12"', 'b >=2 ; python_version >= "3.12"'),
        locked=lock(
            pin("b", "1", "markers = 'python_version < \"3.12\"'"),
            pin("b", "2", "markers = 'python_version >= \"3.12\"'"),
        ),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "b: declared (<2), locked at 2 for Python 3.12 on Linux, which does not fit",
            ),
        ),
    ),
    "a marker dropped": Story(
        now=project("b"),
        locked=lock(pin("b", "1", "markers = 'sys_platform == \"win32\"'")),
        said=(
            (
                "error",
                "requirement-unsatisfied",
                "b: declared (*), locked at 1, but not for Python 3.9 on Linux",
            ),
        ),
    ),
    "the project's own extras": Story(
        now=project(
            more="""
            [project.optional-dependencies]
            x = ["b"]
            all = ["a[x]"]
            """
        ),
        locked=lock(pin("b", "1"), extras='[extras]\nx = ["b"]\nall = ["a"]\n'),
        said=(("error", "content-hash", "every requirement is still satisfied; "),),
    ),
}


def test_a_lock_without_a_hash_is_said_to_have_none() -> None:
    lines = lock(pin("b", "1")).splitlines(keepends=True)
    unsealed = parse_lock(b"".join(line for line in lines if b"content-hash" not in line))

    (problem,) = explain(manifest(project("b")), unsealed, None)

    assert problem.message == (
        "every requirement is still satisfied; [metadata] of the lock has no content-hash;"
        " `poetry lockguard fix` writes it"
    )


def said(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    return [(problem.severity.value, problem.code, problem.message) for problem in problems]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_story_is_told_exactly(story: Story) -> None:
    before = None if story.before is None else manifest(story.before)

    found = said(explain(manifest(story.now), parse_lock(story.locked), before))

    assert [problem[:2] for problem in found] == [expected[:2] for expected in story.said]
    for (*_, message), (*_, start) in zip(found, story.said, strict=True):
        assert message.startswith(start)


def test_a_problem_carries_its_facts() -> None:
    locked = parse_lock(lock(pin("c", "1"), pin("b", "2.31.0")))

    found = explain(manifest(project("c", "b>=2.32,<3.0")), locked, None)

    assert [(each.package, each.group, each.requested, each.locked) for each in found] == [
        ("b", "main", ">=2.32,<3.0", "2.31.0")
    ]
    assert [each.line for each in found] == [locked.pins[1].line]


def test_an_old_manifest_that_poetry_refuses_explains_nothing() -> None:
    locked = parse_lock(lock(pin("b", "1")))

    [problem] = explain(manifest(project("b")), locked, manifest(project("b ==== 1")))

    assert (problem.code, problem.severity.value) == ("content-hash", "error")


def test_a_git_url_that_is_none_fits_nothing() -> None:
    git = GIT.format("main").replace("https://host.example/g.git", "no:/:url")
    wanted = '[tool.poetry.dependencies]\ng = { git = "https://host.example/g.git" }'

    [problem] = explain(manifest(wanted), parse_lock(lock(pin("g", "1", git), python="*")), None)

    assert problem.code == "requirement-unsatisfied"


VERSIONS = st.sampled_from(["0.9", "1.0", "1.0.1", "1.5", "2.0rc1", "2.0", "2.1.post1", "3.0+x"])
CONSTRAINTS = st.sampled_from(
    ["*", ">=1", "<2", ">=1,<2", "==1.0", "!=1.0", "~=1.0", ">=1,!=1.5", ">2", "==1.*", ">=2.0rc1"]
)
NAMES = st.sampled_from(["b", "c", "d", "e"])


@given(st.dictionaries(NAMES, CONSTRAINTS), st.dictionaries(NAMES, VERSIONS))
def test_what_does_not_fit_is_what_poetrys_constraints_refuse(
    declared: dict[str, str], locked: dict[str, str]
) -> None:
    requirements = [name + ("" if text == "*" else text) for name, text in declared.items()]
    content = lock(*(pin(name, version) for name, version in locked.items()))

    found = explain(manifest(project(*requirements)), parse_lock(content), None)

    told = {(each.code, each.package) for each in found if each.package}
    expected = {("requirement-removed", name) for name in locked.keys() - declared.keys()}
    for name, text in declared.items():
        if name not in locked:
            expected.add(("requirement-added", name))
        elif not parse_constraint(text).allows(Version.parse(locked[name])):
            expected.add(("requirement-unsatisfied", name))
    assert told == expected


def respellings(name: str, text: str) -> st.SearchStrategy[str]:
    clauses = text.split(",")
    return st.builds(
        lambda order, space, cased: (
            (name.upper() if cased else name)
            + space
            + f",{space}".join(order if text != "*" else [])
        ),
        st.permutations(clauses),
        st.sampled_from(["", " ", "  "]),
        st.booleans(),
    )


@st.composite
def two_spellings(draw: st.DrawFn) -> tuple[list[str], list[str], dict[str, str]]:
    declared = draw(st.dictionaries(NAMES, CONSTRAINTS, min_size=1))
    plain = [name + ("" if text == "*" else text) for name, text in declared.items()]
    other = [draw(respellings(name, text)) for name, text in declared.items()]
    return plain, draw(st.permutations(other)), declared


@given(two_spellings(), st.lists(VERSIONS, min_size=4, max_size=4))
def test_another_spelling_or_order_is_never_more_than_a_note(
    spellings: tuple[list[str], list[str], dict[str, str]], versions: list[str]
) -> None:
    before, now, declared = spellings
    held = {
        name: version
        for name, version in zip("bcde", versions, strict=True)
        if name in declared and parse_constraint(declared[name]).allows(Version.parse(version))
    }
    for name in declared.keys() - held.keys():
        before = [each for each in before if each[0] != name]
        now = [each for each in now if each[0].lower() != name]
    content = lock(*(pin(name, version) for name, version in held.items()))

    found = explain(manifest(project(*now)), parse_lock(content), manifest(project(*before)))

    assert found
    assert {each.severity.value for each in found} == {"note"}
