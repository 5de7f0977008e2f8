"""Reads what a manifest declares with poetry-core, so that it is what the running Poetry sees."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.utils import canonicalize_name

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.manifest import quick_core
from poetry_lockguard.manifest.requirement import Requirement
from poetry_lockguard.time_limit import TooLongError, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry.core.constraints.version import VersionConstraint
    from poetry.core.packages.project_package import ProjectPackage

    from poetry_lockguard.manifest.document import Manifest

READING = 5.0  #: seconds of the processor; a thousand requirements take less than one
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies", "dynamic")
_POETRY_KEYS = ("dependencies", "dev-dependencies", "group", "extras")


class Declaration(NamedTuple):
    """Everything in a manifest that its lock depends on.

    ``python_versions`` is the text that Poetry writes into the lock, ``python`` its meaning.
    ``extras`` maps normalized names to the names of their requirements, ``groups`` normalized
    names to whether the group is optional, ``sources`` the declared sources' names to their URLs
    (empty for Poetry's own PyPI).
    """

    requirements: tuple[Requirement, ...]
    python_versions: str
    python: VersionConstraint
    extras: dict[str, tuple[str, ...]]
    groups: dict[str, bool]
    sources: dict[str, str]

    def source_url(self, name: str) -> str | None:
        """Return the URL of a source, or None; Poetry ignores the case of source names."""
        return {key.lower(): url for key, url in self.sources.items()}.get(name.lower())


def requirements(manifest: Manifest) -> tuple[Requirement, ...]:
    """Return the manifest's requirements, including those of optional groups and of extras.

    Raises ManifestError if poetry-core cannot read them.
    """
    return declaration(manifest).requirements


def declaration(manifest: Manifest) -> Declaration:
    """Return everything that the manifest declares for its lock.

    Neither the network nor a path dependency's folder is needed, and what does not concern the
    lock (README, version, licence) is not read. Raises ManifestError if poetry-core cannot read
    the rest.
    """
    try:
        with silent_about_missing_paths(), within(READING):
            package = _package(manifest)
            return _declared(package, manifest)
    except TooLongError as error:
        raise too_complex(manifest) from error
    except Exception as error:
        # Whatever poetry-core raises here is caused by the content of the manifest.
        raise ManifestError(_unreadable(manifest, error)) from error


def too_complex(manifest: Manifest) -> ManifestError:
    """Return the error for requirements that Poetry would read for longer than READING."""
    return ManifestError(
        f"{manifest.path}: Poetry would need very long to read its requirements: their markers or"
        " version ranges are too complex; give them fewer conditions"
    )


def _package(manifest: Manifest) -> ProjectPackage:
    """Let poetry-core build the project from only what its lock depends on."""
    quick_core.load()
    from poetry.core.factory import Factory
    from poetry.core.pyproject.toml import PyProjectTOML

    class Parsed(PyProjectTOML):
        """The manifest in poetry-core's form, without reading the file again."""

        data = {  # noqa: RUF012 - overrides a property
            "project": _only(manifest.project, _PROJECT_KEYS),
            "dependency-groups": manifest.data.get("dependency-groups", {}),
            "tool": {"poetry": _only(manifest.poetry, _POETRY_KEYS)},
        }

    package = Factory.get_package(manifest.name or "non-package-mode", "0")
    Factory.configure_package(package, Parsed(manifest.path), manifest.folder)
    return package


def _only(table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: table[key] for key in keys if key in table}


def _declared(package: ProjectPackage, manifest: Manifest) -> Declaration:
    groups = {  # before 2.2, poetry-core does not normalize the names of groups
        canonicalize_name(name): package.dependency_group(name)
        for name in sorted(package.dependency_group_names(include_optional=True))
    }
    return Declaration(
        requirements=tuple(
            Requirement(dependency=dependency, group=str(name))
            for name, group in groups.items()
            for dependency in group.dependencies_for_locking
        ),
        python_versions=package.python_versions,
        python=package.python_constraint,
        extras={
            str(name): tuple(sorted({str(dependency.name) for dependency in dependencies}))
            for name, dependencies in package.extras.items()
        },
        groups={str(name): group.is_optional() for name, group in groups.items()},
        sources=_sources(manifest.poetry.get("source", [])),
    )


def _sources(tables: Any) -> dict[str, str]:
    return {str(table["name"]): str(table.get("url") or "") for table in tables}


@contextmanager
def silent_about_missing_paths() -> Iterator[None]:
    """Suppress poetry-core's warning about a path that does not exist.

    Whether a path exists does not matter here; ``--deep`` and the install check it.
    """
    logger = logging.getLogger("poetry.core.packages.path_dependency")

    def suppress(_record: logging.LogRecord) -> bool:
        return False

    logger.addFilter(suppress)
    try:
        yield
    finally:
        logger.removeFilter(suppress)


def _unreadable(manifest: Manifest, error: Exception) -> str:
    from poetry_lockguard.manifest.invalid_requirement import described

    line, reason, pointer = None, "", ""
    match error:
        case KeyError():
            reason = f"{error} is missing"
        case RecursionError():
            reason = "groups include each other in a cycle"
        case _:
            line, reason, pointer = described(error, _text(manifest))
    place = manifest.path if line is None else f"{manifest.path}:{line}"
    return (
        f"{place}: Poetry cannot read its requirements: {reason};"
        f" correct them (`poetry check` may report more){pointer}"
    )


def _text(manifest: Manifest) -> str:
    try:
        return manifest.path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # a manifest of git's history has no file
