"""What the source archives of a bundle need to be built, as their own manifests say."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

from poetry_lockguard import toml
from poetry_lockguard.files import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from poetry_lockguard.exports.bundle_contents import BundleFile

_DEFAULT = ("setuptools>=40.8.0",)  # https://peps.python.org/pep-0518/
_UNREADABLE = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile)


def build_needs(folder: Path, files: Iterable[BundleFile]) -> Iterator[str]:
    """Yield a sentence for each archive that a target builds, with what builds it."""
    for file in files:
        if file.is_built:
            yield f"{file.name} needs {', '.join(_requires(folder / file.name))}"


def _requires(archive: Path) -> tuple[str, ...]:
    """Return ``[build-system] requires``, or what a build takes where there is none."""
    try:
        manifest = toml.loads(_manifest(archive).decode())
        return tuple(str(one) for one in manifest["build-system"]["requires"]) or ("nothing",)
    except (*_UNREADABLE, ValueError, KeyError, TypeError):
        return _DEFAULT


def _manifest(archive: Path) -> bytes:
    """Return the manifest at the top of an archive; KeyError if there is none."""
    if not tarfile.is_tarfile(archive):
        with zipfile.ZipFile(archive) as zipped, zipped.open(_top(zipped.namelist())) as file:
            return file.read(MANIFEST)
    with tarfile.open(archive) as tarred:
        found = tarred.extractfile(_top(tarred.getnames()))
        if found is None:
            raise KeyError(archive.name)
        with found:
            return found.read(MANIFEST)


def _top(names: Iterable[str]) -> str:
    found = [name for name in names if name.count("/") == 1 and name.endswith("/pyproject.toml")]
    if not found:
        raise KeyError("pyproject.toml")
    return found[0]
