"""What a failed download says about the index it comes from, and files that an index replaced."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from index.torch_layout import TorchIndex
from solving import project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
MATRIX = f"""
[tool.lockguard.matrix]
python = ["{HERE}"]
platform = ["linux-x86_64"]
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="installs a configuration of linux-x86_64"
)


@pytest.fixture(autouse=True)
def _environment_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")


def test_a_file_of_an_explicit_source_names_that_source_once(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    torch = TorchIndex()
    torch.add("cu128", "torch", "2.9.0", tags=("py3-none-any",))
    index.add("alpha", "1.0")
    pypi(index, here=True, json=False)
    source = f'[[tool.poetry.source]]\nname = "cu128"\nurl = "{torch.url("cu128")}"\n'
    more = f'\n{source}priority = "explicit"\n[tool.poetry.dependencies]\ntorch.source = "cu128"\n'
    app = project(tmp_path / "app", "torch", "alpha", more=more + MATRIX)
    assert run("lockguard snapshot create", app).code == 0
    torch.stop()

    installed = run("lockguard install --snapshot --retries 0", app)
    bundled = run("lockguard bundle --output out --retries 0", app)

    (line,) = [one for one in installed.err.splitlines() if one.startswith("lockguard: torch")]
    assert line.startswith("lockguard: torch (2.9.0): cu128: 127.0.0.1:")
    assert line.count("connection refused") == 1
    assert "PyPI" not in line
    assert bundled.err.count("torch-2.9.0-py3-none-any.whl") == 1
    assert "configured sources" not in bundled.err
    assert (app / "out" / "alpha-1.0-py3-none-any.whl").exists()


@pytest.mark.contract
def test_a_file_that_an_index_replaced_is_downloaded_anew(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path, poetry_home: Path
) -> None:
    index.add("alpha", "1.0", sdist=False)
    pypi(index, here=True, json=False)
    app = project(tmp_path / "app", "alpha", more=MATRIX)
    assert run("lockguard snapshot create", app).code == 0
    assert run("lockguard install --snapshot", app).code == 0
    index.remove("alpha")
    index.add("alpha", "1.0", sdist=False, padding=10)
    for path in (app / ".venv", app / "lockguard.lock", poetry_home / "cache" / "cache"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert run("lockguard snapshot create", app).code == 0

    result = run("lockguard install --snapshot", app)

    assert result.code == 0, result.err
    assert [*app.glob(".venv/lib*/*/*/alpha-1.0.dist-info")]
