"""Build wheels with nothing but a version in them; the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import NamedTuple

_MOMENT = (2026, 1, 1, 0, 0, 0)


class TinyWheel(NamedTuple):
    """A wheel as a file."""

    filename: str
    content: bytes


def tiny_wheel(name: str, version: str) -> TinyWheel:
    """Return a wheel of a package that requires nothing."""
    stem, about = f"{name}-{version}", f"{name}-{version}.dist-info"
    members = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},{_digest(text)},{len(text)}\n" for path, text in members.items()]
    members[f"{about}/RECORD"] = f"{''.join(record)}{about}/RECORD,,\n"
    return TinyWheel(f"{stem}-py3-none-any.whl", _archive(members))


def _archive(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in members.items():
            archive.writestr(zipfile.ZipInfo(path, _MOMENT), text)
    return stream.getvalue()


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
