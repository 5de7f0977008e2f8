"""Which packages had too few versions when the solver found no solution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry.mixology.incompatibility_cause import DependencyCauseError, NoVersionsCauseError
from poetry.puzzle.exceptions import SolverProblemError

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.conflict_sentences import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poetry.core.constraints.version import Version


def exhausted(error: BaseException | None) -> frozenset[str]:
    """Return the packages of which no version was left; empty if the error is of another kind."""
    if not isinstance(error, SolverProblemError):
        return frozenset()
    return frozenset(
        str(reason.terms[0].dependency.name)
        for reason in private.external_incompatibilities(error)
        if isinstance(reason.cause, NoVersionsCauseError)
    )


def excluding(error: BaseException | None, wanted: Mapping[str, Version]) -> tuple[str, ...]:
    """Return the requirements among the reasons that exclude one of the ``wanted`` versions."""
    if not isinstance(error, SolverProblemError):
        return ()
    found = []
    for reason in private.external_incompatibilities(error):
        if isinstance(reason.cause, DependencyCauseError):
            by, needed = (term.dependency for term in reason.terms[:2])
            version = wanted.get(str(needed.name))
            if version is not None and not needed.constraint.allows(version):
                who = "pyproject.toml" if by.is_root else f"{by.name} {by.pretty_constraint}"
                found.append(f"{who} needs {shown(needed)}")
    return tuple(dict.fromkeys(found))
