"""Compares the age of a locked release with the policy's ``min-age``; makes no requests itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import own_offers
from poetry_lockguard.policy import release_ages
from poetry_lockguard.policy.release_ages import DatedPin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from poetry_lockguard.freshness.releases.answers import Asked, PageAnswer
    from poetry_lockguard.outcomes import Problem
    from poetry_lockguard.policy.terms import Policy


def problem(asked: Asked, answer: PageAnswer, policy: Policy, now: datetime) -> Problem | None:
    """Return a problem if a locked file was uploaded too recently."""
    return release_ages.young(_dated(asked, answer), policy, now, answer.where)


def is_unknown(asked: Asked, answer: PageAnswer, policy: Policy) -> bool:
    """Whether the policy asks for the age of a release and the index does not give it."""
    return release_ages.is_undated(_dated(asked, answer), policy)


def unknown(asked: Sequence[Asked], where: str, policy: Policy) -> Problem:
    """Return one problem for all pins whose age an index does not give."""
    return release_ages.undated([_dated(one) for one in asked], where, policy)


def _dated(asked: Asked, answer: PageAnswer | None = None) -> DatedPin:
    offers = [] if answer is None else own_offers(asked, answer)
    return DatedPin(
        name=asked.name,
        version=asked.version,
        uploaded=tuple(offer.uploaded for offer in offers),
        line=asked.line,
        file=asked.held_in,
    )
