"""Line endings and the end of a lock stay as they were, whichever strategy makes the new lock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from solving import as_format_2_0, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

pytestmark = pytest.mark.contract

MARKS: dict[str, Callable[[str], str]] = {
    "unix": str,
    "windows": lambda text: text.replace("\n", "\r\n"),
    "open": lambda text: text.removesuffix("\n"),
    "windows, open": lambda text: text.replace("\n", "\r\n").removesuffix("\r\n"),
}
BOM = "\ufeff"


def in_conflict(text: str) -> str:
    """Return a lock with conflict markers in its first entry, as git leaves them."""
    (row, *_) = re.findall("optional = .*\n", text)
    return text.replace(row, f"<<<<<<< HEAD\n{row}=======\n{row}# both\n>>>>>>> side\n", 1)


#: what is required, the damage of the lock, the command, and the strategy that makes the new lock
WAYS: dict[str, tuple[str, Callable[[str], str], str, str]] = {
    "offline": ("engine", str, "fix --offline", "by offline"),
    "relock": ("engine wing fan", str, "fix", "by relock"),
    "salvage": ("engine wing fan", in_conflict, "fix", "by salvage"),
    "regenerate": ("engine wing fan", str, "fix --strategy regenerate", "by regenerate"),
    "update": ("engine wing", str, "update gear==1.0", "updated"),
}


@pytest.fixture
def plane(pypi: Pypi, index: Index, tmp_path: Path, run: Run) -> Path:
    """Give a project with a fresh lock, whose index has more than is locked."""
    index.add("engine", "1.0", requires=["gear"])
    index.add("gear", "1.0")
    index.add("gear", "1.1")
    index.add("wing", "1.0")
    index.add("fan", "1.0")
    pypi(index, here=True)
    folder = project(tmp_path / "plane", "engine", "wing")
    assert run("lockguard fix", folder).code == 0
    return folder


def made(plane: Path, run: Run, way: str, marks: Callable[[str], str], more: str = "") -> str:
    """Write the lock with these marks, make a new one, and return its text."""
    requirements, damage, command, outcome = WAYS[way]
    path = plane / "poetry.lock"
    path.write_bytes(marks(damage(path.read_text())).encode())
    project(plane, *requirements.split())

    result = run(f"lockguard {command}{more}", plane)

    assert (result.code, outcome in result.out) == (0, True), result.err or result.out
    assert run("lockguard fix", plane).out == "poetry.lock: fresh, left alone\n"
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("marks", "form"), [("windows", "2.1"), ("open", "2.1"), ("windows, open", "2.0")]
)
@pytest.mark.parametrize("way", WAYS)
def test_they_stay(plane: Path, run: Run, way: str, marks: str, form: str) -> None:
    if form == "2.0":
        path = plane / "poetry.lock"
        path.write_text(as_format_2_0(path.read_text(), "1.8.4"))

    text = made(plane, run, way, MARKS[marks])

    plain = text.replace("\r\n", "\n").removesuffix("\n") + "\n"
    assert text == MARKS[marks](plain)


@pytest.mark.parametrize("way", WAYS)
def test_poetrys_own_notation_has_the_line_endings_of_the_lock(
    plane: Path, run: Run, way: str
) -> None:
    text = made(plane, run, way, MARKS["windows, open"], " --lock-format newest")

    assert text.count("\n") == text.count("\r\n")
    assert text.endswith('"\r\n')


@pytest.mark.parametrize("marks", ["unix", "windows, open"])
def test_only_a_byte_order_mark_goes_for_poetry_cannot_read_it(
    plane: Path, run: Run, marks: str
) -> None:
    path = plane / "poetry.lock"
    text = MARKS[marks](path.read_text())
    path.write_bytes((BOM + text).encode())

    result = run("lockguard fix", plane)

    assert result.code == 0, result.err
    assert path.read_bytes().decode() == text
