"""What an index says: PEP 503 and PEP 691 pages, and PyPI's document of one release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.releases import Artifact

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
LOGIN = (
    "<html><head><title>Log in</title></head><body>"
    "<form action='/login'><input type='password' name='p'></form></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How an index shows itself."""

    json: bool = False
    api: bool = False
    hashes: bool = True
    metadata: bool | str = False  # a text is what the page gives as the metadata file's hash
    ranges: bool = True
    credentials: tuple[str, str] | None = None


def page(artifacts: list[Artifact], face: Face, *, lie: bool = False) -> str:
    """Return a project's page as HTML."""
    links = "\n".join(_anchor(artifact, face, lie=lie) for artifact in artifacts)
    return f"<!DOCTYPE html>\n<html><body>\n{links}\n</body></html>\n"


def _anchor(artifact: Artifact, face: Face, *, lie: bool) -> str:
    digest = "0" * 64 if lie else artifact.sha256
    attributes = f'href="/files/{artifact.filename}' + (f"#sha256={digest}" if face.hashes else "")
    attributes += '"'
    if artifact.python:
        attributes += f' data-requires-python="{escape(artifact.python)}"'
    if artifact.yanked:
        reason = artifact.yanked if isinstance(artifact.yanked, str) else ""
        attributes += f' data-yanked="{escape(reason)}"'
    if face.metadata and artifact.filename.endswith(".whl"):
        told = face.metadata if isinstance(face.metadata, str) else "true"
        attributes += f' data-dist-info-metadata="{told}" data-core-metadata="{told}"'
    return f"<a {attributes}>{artifact.filename}</a><br/>"


def simple_json(name: str, artifacts: list[Artifact], face: Face, base: str) -> str:
    """Return a project's page as JSON (PEP 691)."""
    files = [
        {
            "filename": artifact.filename,
            "url": f"{base}/files/{artifact.filename}",
            "hashes": {"sha256": artifact.sha256} if face.hashes else {},
            "requires-python": artifact.python,
            "size": len(artifact.content),
            **({"upload-time": artifact.uploaded} if artifact.uploaded else {}),
            "yanked": artifact.yanked,
            "core-metadata": bool(face.metadata) and artifact.filename.endswith(".whl"),
        }
        for artifact in artifacts
    ]
    versions = sorted({artifact.release.version for artifact in artifacts})
    return json.dumps(
        {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": files}
    )


def release_json(artifacts: list[Artifact], base: str) -> str:
    """Return PyPI's document of one release."""
    first = artifacts[0]
    release = first.release
    reason = first.yanked if isinstance(first.yanked, str) else None
    urls: list[dict[str, Any]] = [
        {
            "packagetype": artifact.packagetype,
            "filename": artifact.filename,
            "digests": {"sha256": artifact.sha256},
            "url": f"{base}/files/{artifact.filename}",
            "size": len(artifact.content),
            **({"upload_time_iso_8601": artifact.uploaded} if artifact.uploaded else {}),
            "yanked": bool(artifact.yanked),
            "yanked_reason": reason,
        }
        for artifact in artifacts
    ]
    info = {
        "name": release.name,
        "version": release.version,
        "summary": release.summary,
        "requires_dist": release.requires_dist or None,
        "requires_python": first.python,
        "yanked": bool(first.yanked),
        "yanked_reason": reason,
    }
    return json.dumps({"info": info, "urls": urls})
