"""A project that requires another Poetry is checked, with a warning that Poetry refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from locks import MANIFEST, lock_for, project
from poetry.__version__ import __version__
from poetry.factory import Factory

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity, Status

if TYPE_CHECKING:
    from pathlib import Path

RANGES = (
    *("*", ">=2.0", ">=2", ">= 2.0", ">=2.0.0", "^2.0", ">=2.0,<3.0", "~2.0", "<2.0", ">=99"),
    *(">=99.0", "==1.8.5", ">2.0 || <1", ">=2.99", "2.*", "!=2.1.*", f"=={__version__}"),
)


def required(folder: Path, text: str) -> Path:
    manifest = f'{MANIFEST}\n[tool.poetry]\npackage-mode = false\nrequires-poetry = "{text}"\n'
    return project(folder, manifest, lock_for(manifest, poetry=__version__))


@pytest.mark.contract
@pytest.mark.parametrize("text", RANGES)
def test_poetry_refuses_what_is_warned_about(text: str, tmp_path: Path) -> None:
    folder = required(tmp_path, text)

    verdict = judge(read(folder / "pyproject.toml"))

    try:
        Factory().create_poetry(folder)
    except Exception as error:  # noqa: BLE001 - its class differs between the versions
        is_refused = "requires Poetry" in str(error)
    else:
        is_refused = False
    assert [problem.code for problem in verdict.problems] == ["requires-poetry"] * is_refused
    assert verdict.is_in_step


def test_the_warning_names_both_versions(tmp_path: Path) -> None:
    folder = required(tmp_path, ">=2.99")

    verdict = judge(read(folder / "pyproject.toml"), poetry_version="2.4.1")

    (warning,) = verdict.problems
    assert (verdict.status, warning.severity) == (Status.FRESH, Severity.WARNING)
    assert "requires Poetry >=2.99, this is Poetry 2.4.1" in warning.message
