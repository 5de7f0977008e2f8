"""The problems of releases that are younger than a policy's ``min-age``, or of unknown age."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import first_few
from poetry_lockguard.policy.admission import is_younger
from poetry_lockguard.policy.enforcement import TOO_YOUNG
from poetry_lockguard.policy.terms import ERROR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from poetry_lockguard.policy.terms import Policy

_SHOWN = 3  # names that a message lists


class DatedPin(NamedTuple):
    """A pin of an index, and when its files were uploaded, as far as that is known."""

    name: str
    version: str
    uploaded: tuple[datetime | None, ...]
    line: int | None = None
    file: str = "poetry.lock"


def young(pin: DatedPin, policy: Policy, now: datetime, where: str = "") -> Problem | None:
    """Return a problem if a file was uploaded too recently; ``where`` names the index."""
    if policy.min_age is None or not is_younger(policy, pin.uploaded, now):
        return None
    newest = max(one for one in pin.uploaded if one is not None)
    return Problem(
        code=TOO_YOUNG,
        message=(
            f"{pin.name}: {pin.version} was uploaded{f' to {where}' if where else ''} on"
            f" {newest:%Y-%m-%d %H:%M} UTC, less than {_said(policy)} ago; lock an older version"
            " until then"
        ),
        package=pin.name,
        locked=pin.version,
        line=pin.line,
        file=pin.file,
    )


def is_undated(pin: DatedPin, policy: Policy) -> bool:
    """Whether the policy asks for the age of a pin and it is not known."""
    return policy.min_age is not None and not any(pin.uploaded)


def undated(pins: Sequence[DatedPin], where: str, policy: Policy, advice: str = "") -> Problem:
    """Return one problem for all pins whose age ``where`` does not give."""
    names = sorted({pin.name for pin in pins})
    is_error = policy.min_age_unknown == ERROR
    return Problem(
        code=TOO_YOUNG,
        severity=Severity.ERROR if is_error else Severity.WARNING,
        message=(
            f"{where} does not say when {first_few(names, _SHOWN)} was uploaded, so the"
            f" policy's min-age ({_said(policy)}) could not be checked{advice}"
        ),
        package=names[0] if len(names) == 1 else None,
        line=pins[0].line if len(names) == 1 else None,
        file=pins[0].file,
    )


def recorded(
    pins: Iterable[DatedPin], where: str, policy: Policy, now: datetime
) -> Iterator[Problem]:
    """Yield the problems of pins whose upload times a snapshot, ``where``, holds or lacks."""
    pins = [*pins]
    yield from filter(None, (young(pin, policy, now) for pin in pins))
    if lacking := [pin for pin in pins if is_undated(pin, policy)]:
        advice = "; `poetry lockguard snapshot create` records it if the index says so"
        yield undated(lacking, where, policy, advice)


def _said(policy: Policy) -> str:
    hours = round(policy.min_age.total_seconds() / 3600) if policy.min_age else 0
    days, rest = divmod(hours, 24)
    return f"{hours} hours" if rest else f"{days} day{'' if days == 1 else 's'}"
