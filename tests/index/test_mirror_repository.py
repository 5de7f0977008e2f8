"""A lock made through a stand-in is the lock PyPI itself would have given."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from index import login, status
from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.repositories.pypi_repository import PyPiRepository
from poetry.repositories.repository_pool import RepositoryPool
from solving import load, lock, project, stock_lock

from poetry_lockguard.index.mirror_repository import MirrorRepository
from poetry_lockguard.index.network import Network
from poetry_lockguard.poetry_api.build_isolation import drawing_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve
    from poetry.inspection.info import PackageInfo

    Run = Callable[[str, Path], Result]


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
    index.add("colour", "3.0", python="!=3.9.1,>=3.9", told_python=">=3.9,!=3.9.1")
    index.add("two-wheels", "4.3.4", tags=["py2-none-any", "py3-none-any"], requires=["sound32"])


MANIFEST = ("matrix[gpu] >=1,<3", "two-wheels", "sound32 !=1.0", "colour")
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


@pytest.mark.parametrize("face", FACES.values(), ids=FACES)
def test_every_release_is_told_as_poetrys_own_repository_has_it_from_pypis_api(
    face: dict[str, Any], index: Index, serve: Serve, pypi: Pypi, tmp_path: Path
) -> None:
    engine(index)
    pypi(index, here=True)
    poetry = load(project(tmp_path / "story"))
    stock = PyPiRepository(config=poetry.config, disable_cache=True)
    stand_in = MirrorRepository(serve(index, **face).url, config=poetry.config, disable_cache=True)
    stand_in.equip(poetry.config, Network(retries=0), disable_cache=True, is_patient=True)
    releases = sorted(
        {
            (canonicalize_name(name), Version.parse(one.release.version))
            for name, artifacts in index.projects.items()
            for one in artifacts
        }
    )

    for name, version in releases:
        expected = stock.get_release_info(name, version)
        given = stand_in.get_release_info(name, version)
        for attribute in ("requires_python", "requires_dist", "summary", "yanked"):
            told, due = getattr(given, attribute), getattr(expected, attribute)
            assert (told or None) == (due or None), (name, version)
        assert _hashes(given) == _hashes(expected), (name, version)


def _hashes(info: PackageInfo) -> dict[str, str]:
    return {file["file"]: file["hash"] for file in info.files}


REFUSED = (400, 403, 404, 405, 416, 500, 502)


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("is_declared", [False, True], ids=["mirror", "source"])
@pytest.mark.parametrize("what", ["metadata", "ranges"])
def test_an_optional_request_that_is_refused_costs_nothing_but_the_whole_wheel(  # noqa: PLR0913, PLR0917 - fixtures
    what: str,
    is_declared: bool,
    code: int,
    index: Index,
    serve: Serve,
    pypi: Pypi,
    tmp_path: Path,
) -> None:
    pypi(index, here=True).server.fault("/", status(403))
    index.add("matrix", "1.0", requires=["sound32>=1"], sdist=False)
    index.add("sound32", "1.2", sdist=False)
    server = serve(index, metadata=what == "metadata")
    if what == "metadata":
        for name in ("matrix-1.0", "sound32-1.2"):
            server.fault(f"/files/{name}-py3-none-any.whl.metadata", status(code))
    server.fault("/files/", status(code, ranges_only=True))
    source = f'[[tool.poetry.source]]\nname = "corp"\nurl = "{server.url}"\n'
    folder = project(tmp_path / "story", "matrix", more=source if is_declared else "")
    mirrors = () if is_declared else (server.url,)

    text, _ = lock(folder, Network(mirrors=mirrors, retries=0))

    assert 'name = "matrix"' in text
    assert 'name = "sound32"\nversion = "1.2"' in text
    refusals = [headers for _, _, headers in server.asked if "Range" in headers]
    assert len(refusals) <= 2


def test_metadata_of_another_hash_is_not_read(index: Index, serve: Serve, tmp_path: Path) -> None:
    index.add("matrix", "1.0", requires=["sound32>=1"], sdist=False)
    index.add("sound32", "1.2", sdist=False)
    server = serve(index, metadata=f"sha256={'0' * 64}")
    source = f'[[tool.poetry.source]]\nname = "corp"\nurl = "{server.url}"\n'
    folder = project(tmp_path / "story", "matrix", more=source)

    text, _ = lock(folder, Network(retries=0))

    assert 'name = "sound32"\nversion = "1.2"' in text


def test_a_page_for_people_is_not_read_as_metadata(
    index: Index, serve: Serve, tmp_path: Path
) -> None:
    index.add("matrix", "1.0", requires=["sound32>=1"], sdist=False)
    index.add("sound32", "1.2", sdist=False)
    server = serve(index, metadata=True)
    server.fault("/files/matrix-1.0-py3-none-any.whl.metadata", login())
    source = f'[[tool.poetry.source]]\nname = "corp"\nurl = "{server.url}"\n'
    folder = project(tmp_path / "story", "matrix", more=source)

    text, _ = lock(folder, Network(retries=0))

    assert 'name = "sound32"\nversion = "1.2"' in text


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


FORGE = """
import pathlib

def prepare_metadata_for_build_wheel(folder, settings=None):
    target = pathlib.Path(folder, "built.dist-info")
    target.mkdir()
    target.joinpath("METADATA").write_bytes(pathlib.Path("METADATA").read_bytes())
    return target.name

def build_wheel(folder, settings=None, metadata=None):
    raise NotImplementedError
"""


def test_what_must_be_built_is_built_through_the_stand_in_wherever_one_stands(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    index.add("sound32", "1.0")
    index.add("forge", "1.0", code=FORGE)
    index.add("matrix", "1.0", tags=[], requires=["sound32"], builder="forge")
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "story", "sound32")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(f"lockguard fix {folder}", elsewhere)
    index.add("sound32", "1.1")
    project(folder, "sound32", "matrix")

    result = run(f"lockguard fix {folder}", elsewhere)

    assert "fixed by relock, 1 added\n  added        matrix 1.0\n" in result.out


def test_a_build_does_not_wait_for_another_thread() -> None:
    def build() -> None:
        with drawing_on(RepositoryPool()):
            pass

    other = threading.Thread(target=build, daemon=True)
    with drawing_on(RepositoryPool()):
        other.start()
        other.join(5)

        assert not other.is_alive()


def test_a_path_dependency_is_built_through_the_stand_in(
    index: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    index.add("sound32", "1.0")
    index.add("forge", "1.0", code=FORGE)
    pypi(index, here=True, json=False)
    own = tmp_path / "own"
    own.mkdir()
    (own / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['forge']\nbuild-backend = 'forge'\n"
    )
    (own / "METADATA").write_text(
        "Metadata-Version: 2.2\nName: own\nVersion: 1.0\nRequires-Dist: sound32\n\n"
    )
    folder = project(tmp_path / "story", f"own @ file://{own}")

    result = run(f"lockguard fix {folder}", tmp_path)

    assert result.out == "story/poetry.lock: created, 2 packages (-v lists them)\n"
    assert 'name = "sound32"' in (folder / "poetry.lock").read_text()
