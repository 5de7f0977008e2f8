"""Compares ``requires-poetry`` with the running Poetry, which refuses a project of another one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.outcomes import Problem, Severity

if TYPE_CHECKING:
    from poetry_lockguard.manifest.document import Manifest

CODE = "requires-poetry"
_ADVICE = "use a Poetry that fits, or change requires-poetry in [tool.poetry]"
_AT_LEAST = re.compile(r"\s*>=\s*(\d{1,9})\.(\d{1,9})\s*")
_RELEASE = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.\d+)*")


def must_admit(manifest: Manifest, version: str) -> None:
    """Raise ManifestError if the manifest requires another Poetry, as Poetry itself does."""
    if not is_admitted(manifest, version):
        raise ManifestError(
            f"{manifest.path}: Poetry refuses it: This project requires Poetry"
            f" {_required(manifest)}, but you are using Poetry {version}; {_ADVICE}"
        )


def unmet(manifest: Manifest, version: str) -> Problem | None:
    """Return a warning if the Poetry of this version refuses the project, whatever the lock is.

    It is no error: whoever checks, for example a hook with an environment of its own, may have
    another Poetry than whoever installs.
    """
    if is_admitted(manifest, version):
        return None
    required = _required(manifest)
    message = (
        f"pyproject.toml requires Poetry {required}, this is Poetry {version}, which refuses to"
        f" install, lock or update this project; {_ADVICE}"
    )
    return Problem(
        code=CODE,
        severity=Severity.WARNING,
        message=message,
        requested=required,
        file="pyproject.toml",
    )


def is_admitted(manifest: Manifest, version: str) -> bool:
    """Whether ``requires-poetry`` admits a version of Poetry."""
    required = manifest.poetry.get("requires-poetry")
    return (
        required is None or _is_plainly_newer(str(required), version) or _allows(manifest, version)
    )


def _is_plainly_newer(required: str, version: str) -> bool:
    """Whether a range is just a lower end that a release has passed; it needs no poetry-core."""
    least, release = _AT_LEAST.fullmatch(required), _RELEASE.fullmatch(version)
    if least is None or release is None:
        return False
    return tuple(map(int, least.groups())) <= tuple(map(int, release.groups()))


def _allows(manifest: Manifest, version: str) -> bool:
    from poetry.core.constraints.version import Version

    from poetry_lockguard.lockfile.notation import UnreadableError, constraint

    try:
        return constraint(_required(manifest)).allows(Version.parse(version))
    except UnreadableError:
        return False


def _required(manifest: Manifest) -> str:
    return str(manifest.poetry["requires-poetry"])
