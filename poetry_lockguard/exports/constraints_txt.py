"""``constraints.txt``: the versions of one configuration, as limits for an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports.outcome import Exported, Places
from poetry_lockguard.exports.pin_selection import used
from poetry_lockguard.exports.requirements_txt import header, line
from poetry_lockguard.snapshots.origins import Git, Url

if TYPE_CHECKING:
    from poetry_lockguard.exports.pin_selection import Used
    from poetry_lockguard.snapshots.document import Snapshot


def constraints(snapshot: Snapshot, name: str) -> Exported:
    """Write the ``constraints.txt`` of a configuration.

    A constraint needs a name and cannot be a relative path, so local archives and directories are
    limited by version only. It has no hash, because pip would then require one for every package.
    """
    pins = used(snapshot, [snapshot.configurations[name]])
    lines = [*header(name), *(constraint(pin) for pin in pins)]
    return Exported(text="".join(f"{text}\n" for text in lines))


def constraint(pin: Used) -> str:
    """Return the line of a pin."""
    match pin.entry.source:
        case Git(url=url, commit=str()) if "://" in url or "@" in url:
            return line(pin, Places())
        case Url():
            return line(pin, Places())
        case _:
            return f"{pin.name}=={pin.entry.version}"
