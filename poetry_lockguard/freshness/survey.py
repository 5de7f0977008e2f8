"""Judges many projects, one after the other; what cannot be looked at does not stop the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import LockguardError, NotPoetrysError
from poetry_lockguard.freshness.judge import Verdict, judge
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Unlooked(NamedTuple):
    """A project on which there is no verdict: ``reason`` is ready for the user."""

    path: Path
    reason: str


def survey(
    manifests: Iterable[Path], *, deep: bool = False, pass_over_others: bool = False
) -> Iterator[Verdict | Unlooked]:
    """Judge project after project, as they come.

    ``pass_over_others`` says nothing of manifests that are some other tool's.
    """
    for path in manifests:
        outcome = _outcome(path, deep=deep, pass_over_others=pass_over_others)
        if outcome is not None:
            yield outcome


def _outcome(path: Path, *, deep: bool, pass_over_others: bool) -> Verdict | Unlooked | None:
    try:
        manifest = read(path)
        if pass_over_others and not manifest.is_clearly_poetrys:
            return None
        return judge(manifest, deep=deep)
    except NotPoetrysError as error:
        return None if pass_over_others else Unlooked(path.parent, str(error))
    except LockguardError as error:
        return Unlooked(path.parent, str(error))
