"""A lock made through a stand-in is the lock PyPI itself would have given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from index import status
from solving import lock, project, stock_lock

from poetry_lockguard.bridge.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Pypi, Serve


def engine(index: Index) -> None:
    """Fill an index with everything a lock can hold."""
    index.add("matrix", "1.0", requires=["sound32 (>=1)"], summary="Old")
    index.add(
        "matrix",
        "1.1",
        requires=["sound32>=1", "tomlike; python_version < '3.11'"],
        python=">=3.8",
        extras={"gpu": ["shader.kit>=2"]},
        summary="A matrix & more",
    )
    index.add("matrix", "2.0", requires=["sound32>=1"], python=">=3.13")
    index.add("matrix", "1.2", yanked="broken on <arm>")
    index.add("sound32", "1.0")
    index.add("sound32", "1.5", tags=["cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-win32"])
    index.add("sound32", "2.0rc1")
    index.add("Shader.Kit", "2.1", tags=["py2.py3-none-any"], sdist=False)
    index.add("tomlike", "0.9", tags=[], python=">=3.8")
    index.add("two-wheels", "4.3.4", tags=["py2-none-any", "py3-none-any"], requires=["sound32"])


MANIFEST = ("matrix[gpu] >=1,<3", "two-wheels", "sound32 !=1.0")
FACES: dict[str, dict[str, Any]] = {
    "plain": {},
    "metadata files": {"metadata": True},
    "no ranges": {"ranges": False},
    "JSON pages": {"json": True},
    "no hashes": {"hashes": False},
}


@pytest.mark.parametrize("face", FACES.values(), ids=FACES)
def test_lock_through_a_mirror_equals_stock_poetry_on_pypi(  # noqa: PLR0913, PLR0917 - fixtures
    face: dict[str, Any], index: Index, serve: Serve, pypi: Pypi, refused: str, tmp_path: Path
) -> None:
    engine(index)
    folder = project(tmp_path / "story", *MANIFEST)
    expected = stock_lock(folder, pypi(index).environ)
    pypi(index, here=True).server.fault("/", status(403))
    (folder / "poetry.lock").unlink()

    text, ways = lock(folder, Network(mirrors=(refused, serve(index, **face).url), retries=0))

    assert text == expected
    assert ways.reasons[0][0] == "the configured sources"


def test_lock_through_pypis_own_simple_pages_equals_its_api(
    index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    engine(index)
    folder = project(tmp_path / "story", *MANIFEST)
    expected = stock_lock(folder, pypi(index).environ)
    pypi(index, here=True, json=False)
    (folder / "poetry.lock").unlink()

    text, _ = lock(folder)

    assert text == expected
