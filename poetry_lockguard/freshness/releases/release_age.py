"""Compares the age of a locked release with the policy's ``min-age``; makes no requests itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import own_offers
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import first_few
from poetry_lockguard.policy.admission import is_younger
from poetry_lockguard.policy.enforcement import TOO_YOUNG
from poetry_lockguard.policy.terms import ERROR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from poetry_lockguard.freshness.releases.answers import Asked, PageAnswer
    from poetry_lockguard.policy.terms import Policy

_SHOWN = 3  # names that a message lists


def problem(asked: Asked, answer: PageAnswer, policy: Policy, now: datetime) -> Problem | None:
    """Return a problem if a locked file was uploaded too recently."""
    uploaded = [offer.uploaded for offer in own_offers(asked, answer)]
    if policy.min_age is None or not is_younger(policy, uploaded, now):
        return None
    newest = max(one for one in uploaded if one is not None)
    return Problem(
        code=TOO_YOUNG,
        message=(
            f"{asked.name}: {asked.version} was uploaded to {answer.where} on"
            f" {newest:%Y-%m-%d %H:%M} UTC, less than {_said(policy)} ago; lock an older version"
            " until then"
        ),
        package=asked.name,
        locked=asked.version,
        line=asked.line,
        file=asked.held_in,
    )


def is_unknown(asked: Asked, answer: PageAnswer, policy: Policy) -> bool:
    """Whether the policy asks for the age of a release and the index does not give it."""
    return policy.min_age is not None and all(
        offer.uploaded is None for offer in own_offers(asked, answer)
    )


def unknown(asked: Sequence[Asked], where: str, policy: Policy) -> Problem:
    """Return one problem for all pins whose age an index does not give."""
    names = sorted({pin.name for pin in asked})
    is_error = policy.min_age_unknown == ERROR
    return Problem(
        code=TOO_YOUNG,
        severity=Severity.ERROR if is_error else Severity.WARNING,
        message=(
            f"{where} does not say when {first_few(names, _SHOWN)} was uploaded, so the"
            f" policy's min-age ({_said(policy)}) could not be checked"
        ),
        package=names[0] if len(names) == 1 else None,
        line=asked[0].line if len(names) == 1 else None,
        file=asked[0].held_in,
    )


def _said(policy: Policy) -> str:
    hours = round(policy.min_age.total_seconds() / 3600) if policy.min_age else 0
    days, rest = divmod(hours, 24)
    return f"{hours} hours" if rest else f"{days} day{'' if days == 1 else 's'}"
