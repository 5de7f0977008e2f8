"""The README, and the pages of the documentation, cut into sections."""

from __future__ import annotations

import re

from conftest import ROOT

README = (ROOT / "README.rst").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(DOCS.rglob("*.rst"))
}
#: all that users read
MANUAL = "\n".join([README, *PAGES.values()])


def page(name: str) -> str:
    """Return the text of a page, such as ``commands/check``, below its title."""
    return PAGES[name].split("\n", 2)[2]


def section(name: str, title: str) -> str:
    """Return the text of a page below one of its headings."""
    pattern = rf"^{re.escape(title)}\n-+\n(.*?)(?=^\S[^\n]*\n-{{3,}}$|\Z)"
    match = re.search(pattern, page(name), re.MULTILINE | re.DOTALL)
    assert match, f"{name} has no section {title!r}"
    return match[1]
