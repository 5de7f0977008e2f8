"""Where an environment and a configuration differ in what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.outcomes import Problem
from poetry_lockguard.snapshots.origins import (
    Directory,
    Git,
    Index,
    LocalFile,
    PyPI,
    Url,
    described,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, Installed
    from poetry_lockguard.snapshots.origins import SnapshotSource


def installed(
    entry: ConfigurationEntry, found: Mapping[str, Installed], name: str, file: str
) -> Iterator[Problem]:
    """Compare with what is installed in an environment, by normalized names."""
    for package in sorted({*entry.packages, *found}):
        wanted = entry.packages.get(package)
        here = found.get(package)
        if wanted is None:
            version = here.version if here else ""
            code, what = "installed-extra", f"{version} is installed, but does not belong there"
        elif here is None:
            code, what = "installed-missing", f"{wanted.version} is not installed"
        elif here.version != wanted.version:
            code, what = "installed-other", f"{here.version} is installed, not {wanted.version}"
        elif not _is_from(wanted.source, here.source):
            code = "installed-other"
            there, meant = _place(here.source), _place(wanted.source)
            what = f"{wanted.version} is installed from {there}, not from {meant}"
        else:
            continue
        yield Problem(
            code=code,
            message=f"{package} {what}",
            package=package,
            requested=None if wanted is None else wanted.version,
            locked=None if here is None else here.version,
            file=file,
        ).in_configuration(name)


def _is_from(wanted: SnapshotSource, here: SnapshotSource | None) -> bool:
    """Compare what identifies the contents; an environment knows no more of its origins.

    It does not know indexes at all, and it may spell a repository's address in another way.
    """
    match wanted:
        case PyPI() | Index():
            return here is None
        case Git(commit=commit):
            return isinstance(here, Git) and here.commit == commit
        case Url(url=url):
            return isinstance(here, Url) and here.url == url
        case LocalFile(path=path):
            return isinstance(here, LocalFile) and here.path == path
        case Directory():
            return here == wanted


def _place(source: SnapshotSource | None) -> str:
    return "an index" if source is None else described(source) or "PyPI"
