"""An entry's old text is taken over only where Poetry would write the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import CORPUS
from locks import lock_for, project
from poetry.core.packages.project_package import ProjectPackage
from poetry.packages.locker import Locker
from solving import load

from poetry_lockguard.lockfile.fast import plain_reader
from poetry_lockguard.lockfile.fast.entry_texts import Texts
from poetry_lockguard.poetry_api.locker import CapturingLocker

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = sorted(
    path for path in CORPUS.glob("*/poetry.lock") if b'lock-version = "2.1"' in path.read_bytes()
)


def both(folder: Path) -> tuple[bytes, bytes]:
    """Write the packages of a lock anew, with ours and with Poetry's own."""
    poetry = load(folder)
    own = Locker(folder / "poetry.lock", poetry.pyproject.data)
    whole, found = own.locked_repository().packages, own.locked_packages().values()
    packages = dict(zip(whole, found, strict=True))
    root = ProjectPackage("story", "1.0")
    ours = CapturingLocker(poetry)
    ours.set_lock_data(root, packages)
    own.set_lock_data(root, packages)
    assert ours.captured is not None
    return ours.captured, (folder / "poetry.lock").read_bytes()


@pytest.mark.contract
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_lock_is_written_as_poetry_writes_it(tmp_path: Path, newline: str) -> None:
    project(tmp_path, lock=lock_for().replace("\n", newline).encode())

    ours, poetrys = both(tmp_path)

    assert ours == poetrys


@pytest.mark.skipif(not LOCKS, reason="the corpus of real locks is not here")
@pytest.mark.parametrize("path", LOCKS[:4], ids=lambda path: path.parent.name)
def test_a_real_lock_is_written_as_poetry_writes_it(tmp_path: Path, path: Path) -> None:
    project(tmp_path)
    shutil.copy(path, tmp_path / "poetry.lock")

    ours, poetrys = both(tmp_path)

    assert ours == poetrys


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('description = "', 'description = "\t', id="a tab"),
        pytest.param('description = "', 'description = "\\u0041', id="an escape"),
        pytest.param("vector = ", '"vector" = ', id="quotes around a key"),
    ],
)
def test_text_that_could_be_otherwise_is_written_anew(old: str, new: str) -> None:
    sound, odd = lock_for(), lock_for().replace(old, new, 1)
    assert odd != sound

    kept = [_kept(text.encode()) for text in (sound, odd)]

    assert kept[0] == kept[1] + 1


def test_an_entry_that_changed_is_written_anew() -> None:
    content = lock_for().encode()
    data = plain_reader.data(content)
    assert data is not None
    entry = data["package"][0]

    texts = Texts(content)

    assert texts.of(entry)
    assert texts.of({**entry, "optional": True}) is None
    assert texts.of({**entry, "version": "9.9"}) is None


def _kept(content: bytes) -> int:
    data = plain_reader.data(content)
    assert data is not None
    return sum(Texts(content).of(entry) is not None for entry in data["package"])
