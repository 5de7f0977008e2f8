"""Which files a bundle holds, and what keeps a package out of one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from snapshot_values import COMMIT, ENGINE, configuration, entry, resolved

from poetry_lockguard.exports.bundles.bundle_contents import bundle_contents


@pytest.mark.parametrize("commit", [None, "c" * 7, "../../../outside", "main"])
def test_only_a_full_commit_can_be_bundled(commit: str | None) -> None:
    source = replace(COMMIT, commit=commit)
    snapshot = replace(
        ENGINE,
        packages={"tool": (entry(source=source, files={}),)},
        configurations={"here": configuration({"tool": resolved(source=source)})},
    )

    contents = bundle_contents(snapshot, ["here"])

    assert contents.files == ()
    assert contents.flaws == (
        "here: tool 1.0: it comes from a git repository, and no full commit of it is pinned",
    )
