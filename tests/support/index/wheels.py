"""Tiny wheels and sdists with the same bytes every time, so that hashes can be relied on."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from dataclasses import dataclass, field

_MOMENT = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a project says of one version."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    python: str | None = None
    extras: dict[str, tuple[str, ...]] = field(default_factory=dict)
    summary: str = ""
    code: str = ""
    builder: str | None = None  # an sdist without static metadata, built by this requirement
    static: bool = False  # its sdist has static metadata all the same

    @property
    def requires_dist(self) -> list[str]:
        conditional = [
            f"{requirement.split(';')[0].strip()} ; extra == '{extra}'"
            for extra, requirements in self.extras.items()
            for requirement in requirements
        ]
        return [*self.requires, *conditional]

    @property
    def metadata(self) -> bytes:
        lines = ["Metadata-Version: 2.2", f"Name: {self.name}", f"Version: {self.version}"]
        lines += [f"Summary: {self.summary}"] if self.summary else []
        lines += [f"Requires-Python: {self.python}"] if self.python else []
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires_dist]
        return ("\n".join(lines) + "\n\n").encode()

    @property
    def stem(self) -> str:
        return f"{self.name.replace('-', '_').replace('.', '_')}-{self.version}"


def wheel(
    release: Release, tag: str = "py3-none-any", *, padding: int = 0, metadata_first: bool = False
) -> tuple[str, bytes]:
    """Build a wheel; ``padding`` bytes of data make it as large as a range request needs.

    Metadata comes last, as in most wheels, or first, far from the archive's directory.
    """
    module = release.stem.split("-", maxsplit=1)[0].lower()
    info = f"{release.stem}.dist-info"
    data = hashlib.sha256(release.stem.encode()).digest() * (padding // 32)
    code = {
        f"{module}/__init__.py": f"__version__ = {release.version!r}\n{release.code}".encode(),
        f"{module}/data.bin": data,
    }
    about = {
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        f"{info}/METADATA": release.metadata,
    }
    contents = {**about, **code} if metadata_first else {**code, **about}
    record = "".join(f"{path},{_digest(content)}\n" for path, content in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, content in contents.items():
            archive.writestr(zipfile.ZipInfo(path, _MOMENT), content)
    return f"{release.stem}-{tag}.whl", stream.getvalue()


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(content)}"


def sdist(release: Release) -> tuple[str, bytes]:
    """Build a source archive that builds with poetry-core, or with the release's own builder."""
    backend = re.split(r"[^\w.]", release.builder or "poetry.core.masonry.api")[0]
    manifest = (
        f"[build-system]\nrequires = ['{release.builder or 'poetry-core'}']\n"
        f"build-backend = '{backend}'\n"
    )
    old = f"Metadata-Version: 1.0\nName: {release.name}\nVersion: {release.version}\n\n"
    contents = {
        "PKG-INFO": old.encode() if release.builder and not release.static else release.metadata,
        "METADATA": release.metadata,
        "pyproject.toml": manifest.encode(),
    }
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, content in contents.items():
            member = tarfile.TarInfo(f"{release.stem}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return f"{release.stem}.tar.gz", gzip.compress(stream.getvalue(), mtime=0)
