"""What the documentation says of itself: every page is reached, and the reference is complete."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from readme import DOCS, PAGES

from poetry_lockguard.codes.catalog import PAGES as CODES
from poetry_lockguard.plugin import COMMANDS, load
from poetry_lockguard.settings import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path


def test_every_page_is_in_the_index() -> None:
    listed = re.findall(r"^   ([\w/-]+)$", PAGES["index"], re.MULTILINE)

    assert sorted(listed) == sorted({*PAGES} - {"index"})


@pytest.mark.slow  # .ci/run builds all pages, and fails at the first warning
def test_the_built_reference_has_every_command_setting_and_code(tmp_path: Path) -> None:
    pytest.importorskip("furo")
    program = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", str(DOCS), str(tmp_path)]
    subprocess.run(program, cwd=ROOT, check=True, timeout=120)

    def ids(page: str) -> set[str]:
        text = (tmp_path / "reference" / f"{page}.html").read_text(encoding="utf-8")
        return set(re.findall(r'<section id="([^"]+)"', text))

    settings = (tmp_path / "reference" / "settings.html").read_text(encoding="utf-8")
    assert {name.replace(" ", "-") for name in COMMANDS if not load(name).hidden} <= ids("commands")
    assert {*CODES} <= ids("codes")
    assert [key for key in SETTINGS if f'<span class="pre">{key}</span>' not in settings] == []
