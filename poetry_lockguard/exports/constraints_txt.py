"""``constraints.txt``: versions of one configuration as limits: to install, and to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports.outcome import Exported, Places
from poetry_lockguard.exports.pin_selection import used
from poetry_lockguard.exports.requirements_txt import header, line
from poetry_lockguard.snapshots.origins import Git, Url

if TYPE_CHECKING:
    from poetry_lockguard.exports.pin_selection import Used
    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot


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


def build_constraints(snapshot: Snapshot, name: str) -> Exported:
    """Write what ``pip install --build-constraint`` and ``uv pip install -b`` take.

    Both apply one set of constraints to all builds. What packages are built with at different
    versions is left out, and noted.
    """
    versions = _versions(snapshot.configurations[name])
    lines = [f"{one}=={next(iter(found))}" for one, found in versions.items() if len(found) == 1]
    several = {one: found for one, found in versions.items() if len(found) > 1}
    notes = [
        f"{one} is left out, because packages are built with {' and '.join(sorted(found))}"
        for one, found in several.items()
    ]
    if not versions:
        notes.append(f"{name} pins nothing that builds packages")
    texts = [*header(name), *(f"# {note}" for note in notes), *lines]
    return Exported(text="".join(f"{text}\n" for text in texts), notes=tuple(notes))


def _versions(entry: ConfigurationEntry) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for build in entry.builds:
        for name, one in build.items():
            found.setdefault(name, set()).add(one.version)
    return dict(sorted(found.items()))
