"""Wheels of what is installed beside the tests: real build backends without a network."""

from __future__ import annotations

import io
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from index.wheels import Release

if TYPE_CHECKING:
    from index.releases import Index

_LEFT_OUT = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")


def put_installed(index: Index, *names: str) -> None:
    """Publish wheels of these projects, which are pure Python, and of what they require here."""
    waiting, seen = [*names], set[str]()
    while waiting:
        found = distribution(waiting.pop())
        if found.name not in seen:
            seen.add(found.name)
            release = Release(name=found.name, version=found.version)
            name = f"{found.name.replace('-', '_')}-{found.version}-py3-none-any.whl"
            index.put(release, name, _wheel(found))
            waiting += _required(found)


def _required(found: Distribution) -> list[str]:
    requirements = map(Requirement, found.requires or ())
    return [one.name for one in requirements if one.marker is None or one.marker.evaluate()]


def _wheel(found: Distribution) -> bytes:
    """Return the installed files as a wheel; scripts are made again by who installs it."""
    files = [path for path in found.files or () if ".." not in path.parts]
    (info,) = (path.parts[0] for path in files if path.parts[1:] == ("METADATA",))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            is_told_anew = path.parts[0] == info and path.name in _LEFT_OUT
            if not is_told_anew and path.suffix != ".pyc" and Path(path.locate()).is_file():
                archive.writestr(path.as_posix(), path.read_binary())
        archive.writestr(f"{info}/RECORD", "")
    return stream.getvalue()
