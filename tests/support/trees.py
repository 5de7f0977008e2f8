"""Source trees that build with nothing but themselves, so that no index is asked for tools."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = """
import zipfile

METADATA = "Metadata-Version: 2.1\\nName: NAME\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "MODULE-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("MODULE.py", "")
        wheel.writestr("MODULE-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("MODULE-1.0.dist-info/WHEEL", WHEEL)
        record = "".join(f"{path},,\\n" for path in wheel.namelist())
        wheel.writestr("MODULE-1.0.dist-info/RECORD", f"{record}MODULE-1.0.dist-info/RECORD,,\\n")
    return name


build_editable = build_wheel
"""


def tree(folder: Path) -> Path:
    """Make version 1.0 of a project named for its folder."""
    folder.mkdir(parents=True)
    for name, content in files(folder.name).items():
        (folder / name).write_text(content)
    return folder


def files(name: str) -> dict[str, str]:
    """Return the files of such a project."""
    backend = BACKEND.replace("NAME", name).replace("MODULE", name.replace("-", "_"))
    manifest = (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\n'
    )
    return {"backend.py": backend, "pyproject.toml": manifest}


def archive(folder: Path, name: str, *, comment: str = "") -> Path:
    """Make a source archive of such a project; ``comment`` makes its bytes others."""
    stem = f"{name.replace('-', '_')}-1.0"
    contents = {**files(name), "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n"}
    contents["pyproject.toml"] += f"# {comment}\n"
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for path, content in contents.items():
            member = tarfile.TarInfo(f"{stem}/{path}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content.encode()))
    file = folder / f"{stem}.tar.gz"
    file.write_bytes(gzip.compress(stream.getvalue(), mtime=0))
    return file


def commit(folder: Path) -> str:
    """Commit all of a folder, made a repository if it is none, and give the commit."""
    settings = ("user.name=x", "user.email=x@mirror.example", "init.defaultBranch=main")
    git = ["git", "-C", str(folder), *(word for one in settings for word in ("-c", one))]
    home = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "--allow-empty", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True, env=home)
    out = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return out.stdout.strip()
