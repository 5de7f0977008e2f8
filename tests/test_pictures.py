"""The recorded terminal shows what the program prints, and can be read by everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT
from readme import README

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

PICTURES = ROOT / "docs" / "pictures"
TERMINALS = ("terminal", "terminal-light", "terminal-dark")
SVG = "{http://www.w3.org/2000/svg}"


def shown(name: str) -> list[str]:
    """Return the lines of a picture."""
    picture = ET.parse(PICTURES / f"{name}.svg").getroot()
    return [line.text or "" for line in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", TERMINALS)
def test_the_picture_shows_what_check_prints(
    name: str, run: Run, story: Callable[[str], Path]
) -> None:
    printed = run("lockguard check", story("quickstart")).out.splitlines()

    assert shown(name)[: len(printed) + 2] == ["$ lockguard check", *printed, "$ lockguard fix"]
    assert shown(name)[-2:] == ["$ lockguard check", "poetry.lock: fresh"]


def test_the_readme_says_what_the_picture_shows_of_fix() -> None:
    (fixed,) = [line for line in shown("terminal") if "fixed by" in line]

    assert f"    {fixed}\n" in README


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.stem)
def test_pictures_load_nothing_and_have_a_title(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"href|url\(|<script|<image|@import", text) == []
    assert "<title>" in text
