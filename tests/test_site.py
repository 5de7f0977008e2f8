"""The documentation as a browser shows it, on a desk and on a phone."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from browser import browsing
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from browser import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("furo") is None, reason="the documentation cannot be built"),
]


def site(folder: Path) -> list[Path]:
    """Build the documentation, and return its pages."""
    options = ["-W", "-n", "-q", str(ROOT / "docs"), str(folder)]
    subprocess.run([sys.executable, "-m", "sphinx", *options], check=True, timeout=300)
    return [page for page in folder.rglob("*.html") if "_static" not in page.parts]


def is_too_wide(browser: Browser, page: Path) -> bool:
    browser.open(page.as_uri())
    return bool(browser.run("document.documentElement.scrollWidth > window.innerWidth"))


def test_no_page_is_wider_than_its_window(tmp_path: Path) -> None:
    pages = site(tmp_path / "site")

    with browsing() as browser:
        for width in (1280, 390):
            browser.resize(width, 900)
            assert [page.name for page in pages if is_too_wide(browser, page)] == []
    assert len(pages) > 40
