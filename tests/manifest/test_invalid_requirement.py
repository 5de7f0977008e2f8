from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.requirements import declaration

if TYPE_CHECKING:
    from pathlib import Path


def refused(text: str, folder: Path) -> str:
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError) as failure:
        declaration(read(path))
    return str(failure.value).removeprefix(f"{path}:")


def test_a_bad_requirement_is_shown_with_its_line_and_a_caret(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\nversion = "1"\ndependencies = [\n    "matrix (>=1.0,,<2)",\n]\n'

    assert refused(text, tmp_path) == (
        "5: Poetry cannot read its requirements: The requirement is invalid: Unexpected character"
        " at column 15; correct them (`poetry check` may report more):\n"
        "  matrix (>=1.0,,<2)\n"
        "                ^"
    )


def test_a_bad_constraint_is_shown_with_its_line(tmp_path: Path) -> None:
    text = '[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.dependencies]\nmatrix = "^x"\n'

    assert refused(text, tmp_path) == (
        "5: Poetry cannot read its requirements: Could not parse version constraint: ^x;"
        " correct them (`poetry check` may report more)"
    )
