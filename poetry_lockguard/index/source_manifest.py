"""What a source archive or a folder needs to be built, as its own manifest says."""

from __future__ import annotations

import configparser
import tarfile
import zipfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement

from poetry_lockguard import toml
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.files import MANIFEST
from poetry_lockguard.index.setup_script import ComputedRequirementsError, setup_requires

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Read = Callable[[str], bytes | None]  # the content of a file by its name; None if it is missing

DEFAULT = ("setuptools>=40.8.0",)  # https://peps.python.org/pep-0518/
_UNREADABLE = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zipfile.LargeZipFile)


class UnreadableRequirementsError(LockguardError):
    """It cannot be told what builds a package; the message says why."""


def of_archive(archive: Path) -> tuple[str, ...]:
    """Return ``[build-system] requires``, or what a build takes where there is none.

    What setuptools is told to require of its own (``setup_requires``) is read, too, where it is
    written down. Raises UnreadableRequirementsError.
    """
    try:
        with _members(archive) as read:
            return _of(read, archive.name)
    except (*_UNREADABLE, NotImplementedError) as error:
        raise UnreadableRequirementsError(f"{archive.name} cannot be read: {error}") from error


def of_folder(folder: Path) -> tuple[str, ...]:
    """Return the same of a folder, whether it has a manifest or not."""

    def read(name: str) -> bytes | None:
        path = folder / name
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MANIFEST)

    try:
        return _of(read, f"{folder.name}/pyproject.toml")
    except OSError as error:
        raise UnreadableRequirementsError(f"{folder} cannot be read: {error}") from error


def of_manifest(data: Any, where: str) -> tuple[str, ...]:
    """Return the same of a parsed manifest; ``where`` is what messages call it."""
    try:
        listed = data["build-system"]["requires"]
    except KeyError:
        return DEFAULT
    except TypeError as error:
        raise UnreadableRequirementsError(f"{where}: its [build-system] is not a table") from error
    if not isinstance(listed, list):
        raise UnreadableRequirementsError(f"{where}: its [build-system] requires is not a list")
    return tuple(_checked(one, where) for one in listed)


def _of(read: Read, where: str) -> tuple[str, ...]:
    """Return what the files say that ``read`` gives by their names."""
    text = read("pyproject.toml")
    try:
        data = {} if text is None else toml.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise UnreadableRequirementsError(f"{where}: its manifest is not TOML: {error}") from error
    requires = of_manifest(data, where)
    if not _is_setuptools(data):
        return requires
    more = [*_of_setup_py(read("setup.py"), where), *_of_setup_cfg(read("setup.cfg"))]
    return tuple(dict.fromkeys([*requires, *more]))


def _is_setuptools(data: Mapping[str, Any]) -> bool:
    backend = data.get("build-system", {}).get("build-backend", "setuptools.build_meta")
    return str(backend).startswith("setuptools.")


def _of_setup_py(text: bytes | None, where: str) -> list[str]:
    """Return the requirements that a script gives setuptools; no code is run."""
    try:
        found = setup_requires(text or b"")
    except ComputedRequirementsError as error:
        raise UnreadableRequirementsError(
            f"{where}: its setup.py computes the setup_requires, so what builds it is not known"
        ) from error
    return [one for lines in found for one in _requirements(lines)]


def _of_setup_cfg(text: bytes | None) -> list[str]:
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        settings.read_string((text or b"").decode())
    except (configparser.Error, UnicodeDecodeError):
        return []
    return _requirements(settings.get("options", "setup_requires", fallback=""))


def _requirements(text: str) -> list[str]:
    """Return the requirements of a text with one in each line."""
    found = []
    for one in text.replace(";\n", "\n").splitlines():
        with suppress(InvalidRequirement):
            found.append(str(Requirement(one.strip())))
    return found


def _checked(text: object, where: str) -> str:
    try:
        return str(Requirement(str(text)))
    except ValueError as error:
        raise UnreadableRequirementsError(
            f"{where}: its [build-system] requires {text!r}, which is not a requirement"
        ) from error


@contextmanager
def _members(archive: Path) -> Iterator[Read]:
    """Yield what reads the files at the top of an archive."""
    if not tarfile.is_tarfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            names = _at_top(zipped.namelist())
            yield lambda name: _zipped(zipped, names[name]) if name in names else None
        return
    with tarfile.open(archive) as tarred:
        names = _at_top(tarred.getnames())
        yield lambda name: _tarred(tarred, names[name]) if name in names else None


def _zipped(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(MANIFEST)


def _tarred(archive: tarfile.TarFile, name: str) -> bytes | None:
    found = archive.extractfile(name)
    if found is None:
        return None
    with found:
        return found.read(MANIFEST)


def _at_top(paths: Iterable[str]) -> dict[str, str]:
    """Return the paths of the files in the one folder of a source archive, by name."""
    return {path.partition("/")[2]: path for path in paths if path.count("/") == 1}
