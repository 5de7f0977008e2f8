"""Reads git dependencies as Poetry does, some at another commit than the head of their branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard import git
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.direct_origin import DirectOrigin, clone_name
from poetry_lockguard.urls import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poetry.core.packages.package import Package

    from poetry_lockguard.poetry_api.imports.caches import ArtifactCache


class NotOnBranch(Exception):  # noqa: N818 - an answer: the manifest does not allow this commit
    """The manifest asks for another commit; the message says why."""


class CommitOrigin(DirectOrigin):
    """Poetry's reader, which takes the repositories in ``commits`` at the references given there.

    A reference has to be on the branch that the manifest names. The pin still says that it follows
    the branch, as Poetry wrote it before.
    """

    def __init__(self, cache: ArtifactCache, commits: Mapping[tuple[str, str | None], str]) -> None:
        super().__init__(cache)
        self._commits = commits

    def get_package_from_vcs(  # type: ignore[override]  # noqa: PLR0913, PLR0917 - Poetry's signature, static there
        self,
        vcs: str,
        url: str,
        branch: str | None = None,
        tag: str | None = None,
        rev: str | None = None,
        subdirectory: str | None = None,
        source_root: Path | None = None,
    ) -> Package:
        """Check out the wanted reference, if the manifest allows it; raises NotOnBranch."""
        read = super().get_package_from_vcs
        wanted = self._commits.get((url, subdirectory))
        if wanted is None:
            return read(vcs, url, branch, tag, rev, subdirectory, source_root)
        head = read(vcs, url, branch, tag, rev, subdirectory, source_root)
        package = read(vcs, url, None, None, wanted, subdirectory, source_root)
        commits = [one.source_resolved_reference or wanted for one in (head, package)]
        asked = branch or tag or rev
        if asked is not None and source_root is not None:
            place = f"{wanted} of {redact(url)}"
            _check(asked, commits[0], commits[1], source_root / clone_name(url), place)
        kept = package.clone()
        private.set_source(
            kept,
            "git",
            url,
            rev or tag or branch or "HEAD",
            resolved=commits[1],
            subdirectory=subdirectory,
        )
        return kept


def _check(asked: str, head: str, commit: str, folder: Path, what: str) -> None:
    """Raise NotOnBranch unless a clone has a commit on the branch that the manifest asks for.

    ``head`` is the commit that the manifest's reference means today.
    """
    is_tag = git.run(["rev-parse", "--verify", "--quiet", f"refs/tags/{asked}"], folder)
    if commit != head and (head.startswith(asked) or is_tag.returncode == 0):
        raise NotOnBranch(f"pyproject.toml asks for {asked}; change that to have {what}")
    if git.run(["merge-base", "--is-ancestor", commit, head], folder).returncode != 0:
        raise NotOnBranch(f"pyproject.toml asks for the branch {asked}, and {what} is not on it")
