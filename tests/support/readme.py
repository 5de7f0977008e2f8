"""The README, cut into sections."""

from __future__ import annotations

import re

from conftest import ROOT

README = (ROOT / "README.rst").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text under a heading."""
    match = re.search(
        rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-{{3,}}$|\Z)", README, re.MULTILINE | re.DOTALL
    )
    assert match, f"the README has no section {title!r}"
    return match[1]
