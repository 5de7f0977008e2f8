"""All problem codes, each with its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.codes.damage_pages import DAMAGE
from poetry_lockguard.codes.deep_pages import DEEP
from poetry_lockguard.codes.drift_pages import DRIFT
from poetry_lockguard.codes.online_pages import ONLINE
from poetry_lockguard.codes.snapshot_pages import SNAPSHOTS
from poetry_lockguard.codes.trust_pages import TRUST
from poetry_lockguard.errors import UsageError
from poetry_lockguard.nearest_names import nearest

if TYPE_CHECKING:
    from poetry_lockguard.codes.problem_page import ProblemPage

PAGES = {page.code: page for page in (*DRIFT, *DAMAGE, *TRUST, *DEEP, *ONLINE, *SNAPSHOTS)}


def page_of(code: str) -> ProblemPage:
    """Return the page of a code; raise UsageError, with the nearest code, if there is none."""
    known = PAGES.get(code.strip().lower().replace("_", "-"))
    if known is not None:
        return known
    raise UsageError(
        f"there is no problem code {code!r}; did you mean {nearest(code.lower(), PAGES)}?"
        " (`lockguard explain` lists all of them)"
    )
