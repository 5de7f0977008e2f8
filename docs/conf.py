"""How Sphinx builds these pages: ``sphinx-build -W -n docs OUTPUT``."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))  # for what is written at build time

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "poetry-lockguard"
author = "the poetry-lockguard developers"
release = version = version_of(project)
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["reading.css"]
exclude_patterns = ["_build"]
highlight_language = "text"
smartquotes = False  # two hyphens begin an option


def setup(app: Sphinx) -> dict[str, bool]:
    """Teach Sphinx the directive whose pages are made from the program."""
    from reference_pages import ReferenceDirective

    app.add_directive("lockguard", ReferenceDirective)
    return {"parallel_read_safe": True}
