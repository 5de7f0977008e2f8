"""A requirement with an address is certain only if Poetry reads it."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from locks import lock_for
from poetry.core.packages.dependency import Dependency
from poisoned import entry

from poetry_lockguard.manifest.certain_origins import is_direct

if TYPE_CHECKING:
    from pathlib import Path

FILES = "https://files.example"
CERTAIN = (
    f"a @ {FILES}/a-1.0-py3-none-any.whl",
    f"a@{FILES}:8080/x/y/a-1.0.tar.gz",
    f"a[b, c] @ {FILES}/~team/a-1.0.zip",
    f"a-b @ {FILES}/a_b-2.0rc1.post2.dev3+cu128.x-cp311-cp311-manylinux_2_17_x86_64.whl",
    f"a @ {FILES}/a-1.0.tar.gz ; python_version < '3.13'",
    "a @ git+https://forge.example/team/a.git",
    "a @ git+https://forge.example/team/a.git@v1.0",
    "a @ git+ssh://git@forge.example/team/a.git@0123abc ; os_name == 'nt'",
    "a @ git+ssh://git@forge.example/team/a.git",
)
UNCERTAIN = (
    *("", "a", "a @", "@ https://x/y", "a @ x", "a @ ./x", "a @ file:///x/a-1.0.zip"),
    f"a.zip @ {FILES}/a-1.0.zip",
    f"a @ {FILES}/a.whl",
    f"a @ {FILES}/a-x-py3-none-any.whl",
    f"a @ {FILES}/a-1.0-py3-none-any.WHL",
    f"a @ {FILES}/a-1.0-py3-none-any.whl/",
    f"a @ {FILES}/a-1.0.zip;os_name == 'nt'",
    f"a @ {FILES}/a-1.0.zip ; os_name",
    f"a @ {FILES}/a-1.0.zip ;",
    f"a @ {FILES}/a-1.0.zip#subdirectory=x",
    f"a @ {FILES}",
    "a @ https://user:word@files.example/a-1.0.zip",
    "a @ http://[::1/x/a-1.0.zip",
    "a @ git+https://forge.example/team/a.git@a/b",
    "a @ git+root",
    "a @ git+../x",
    f"a @ {FILES}/{'x' * 1000}.zip",
)
SIGNS = "@@@::///..--;;  [],#?+%aé1'\"=()~\\\t"


@pytest.mark.parametrize("text", CERTAIN)
def test_an_ordinary_address_is_certain(text: str) -> None:
    Dependency.create_from_pep_508(text)

    assert is_direct(text)


@pytest.mark.parametrize("text", UNCERTAIN)
def test_an_unusual_address_is_left_to_poetry(text: str) -> None:
    assert not is_direct(text)


@pytest.mark.parametrize("count", [3000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_poetry_reads_whatever_is_certain(count: int) -> None:
    drawn = random.Random(count)
    certain = 0
    for _ in range(count):
        text = drawn.choice(CERTAIN)
        for _ in range(drawn.choice((1, 1, 2, 3))):
            at = drawn.randrange(len(text) + 1)
            new = drawn.choice((drawn.choice(SIGNS), drawn.choice(SIGNS) * 2, ""))
            text = text[:at] + new + text[at + drawn.randrange(3) :]
        if is_direct(text):
            certain += 1
            Dependency.create_from_pep_508(text)

    assert count / 20 < certain < count


JUDGE = """
import sys
from pathlib import Path
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.document import read
print(judge(read(Path("pyproject.toml").resolve())).status.value)
print(*{"poetry.core", "packaging", "poetry_lockguard.urls"}.intersection(sys.modules))
"""
MANIFEST = """\
[project]
name = "engine"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["a>=1"%s]

[tool.poetry]
package-mode = false
"""
OLD, NEW = 'python_version < \\"3.12\\"', 'python_version >= \\"3.12\\"'


@pytest.mark.parametrize(
    ("more", "pins", "loaded"),
    [
        pytest.param(
            f', "{CERTAIN[0].replace("a", "w", 1)}"',
            (entry("a"), entry("w", "url", CERTAIN[0][4:])),
            "poetry_lockguard.urls",
            id="an address",
        ),
        pytest.param(
            "",
            (entry("a", markers=OLD), entry("a", markers=NEW, version="2.0")),
            "",
            id="two versions",
        ),
    ],
)
def test_a_fresh_lock_is_judged_without_poetrys_parsers(
    more: str, pins: tuple[str, ...], loaded: str, tmp_path: Path
) -> None:
    text = MANIFEST % more
    first, _, rest = lock_for(text).partition("[[package]]")
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "poetry.lock").write_text(
        first + "\n".join(pins) + "\n[metadata]" + rest.partition("[metadata]")[2]
    )

    done = subprocess.run(
        [sys.executable, "-c", JUDGE], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"fresh\n{loaded}\n"
