"""The one document of a whole ``check``, in each of these formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.report.pipelines import code_quality, junit, sarif
from poetry_lockguard.report.pipelines.findings import checked, unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.freshness.judge import Verdict
    from poetry_lockguard.freshness.survey import Unlooked

_WRITERS = {
    "sarif": sarif.document,
    "gitlab": code_quality.document,
    "junit": junit.document,
}


def document(form: str, outcomes: Iterable[tuple[Verdict | Unlooked, str]]) -> str:
    """Return the document for all projects, given with the texts of their manifests."""
    return _WRITERS[form]([checked(outcome, text) for outcome, text in outcomes])


def of_error(form: str, message: str) -> str:
    """Return the document of a command that could not check anything."""
    return _WRITERS[form]([unchecked(message)])
