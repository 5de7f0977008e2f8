"""How Sphinx builds these pages: ``sphinx-build -W -n docs OUTPUT``."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "poetry-lockguard"
author = "the poetry-lockguard developers"
release = version = version_of(project)
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sphinx = False
exclude_patterns = ["_build"]
highlight_language = "text"
