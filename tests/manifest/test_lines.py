"""A requirement's line is found in every spelling, and never in another one's."""

from __future__ import annotations

import pytest

from poetry_lockguard.manifest.lines import line_of

TEXT = """\
[project]
name = "requests-toolbelt-user"
dependencies = [
    "requests-toolbelt>=1",
    'Requests[socks] (>=2)',  # flask would be an overkill
    "Foo.Bar_baz @ https://host.example/foo.whl", "inline;os_name=='nt'", "plain",
]
[tool.poetry.group.dev.dependencies]
pytest-cov = "*"
pytest = ">=8"
"quoted" = { version = "1" }
"""
LINES = {
    "requests-toolbelt": 4,
    "requests": 5,
    "foo-bar-baz": 6,
    "inline": 6,
    "plain": 6,
    "pytest-cov": 9,
    "pytest": 10,
    "quoted": 11,
    "flask": None,
    "toolbelt": None,
}


@pytest.mark.parametrize(("name", "line"), LINES.items())
def test_the_line_is_found(name: str, line: int | None) -> None:
    assert line_of(TEXT, name) == line
