"""``requirements.txt`` with hashes for one configuration, to install with pip or uv.

Pip checks the hashes of all requirements or of none. Where one has no hash that pip accepts (a
repository, a directory, an index that gives none), a file with the others' hashes would not
install at all: it is then written without, and a note says because of what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.exports.direct_addresses import dotted, from_here
from poetry_lockguard.exports.outcome import Export, Exported, Refused
from poetry_lockguard.exports.pin_selection import used
from poetry_lockguard.snapshots.origins import Directory, Git, Index, LocalFile, PyPI, Url
from poetry_lockguard.urls import has_scheme, redact, repository, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.exports.pin_selection import Used
    from poetry_lockguard.snapshots.document import Snapshot

# The ones pip's hash-checking mode accepts.
_STRONG = ("sha256:", "sha384:", "sha512:")


def requirements(snapshot: Snapshot, name: str, places: Places) -> Export:
    """Write the ``requirements.txt`` of a configuration, or return every reason against it.

    Paths of local packages lead from the folder of the file; pip takes them from the folder it
    runs in. Of ``places`` nothing but ``root`` is asked for.
    """
    pins = [*used(snapshot, [snapshot.configurations[name]])]
    reasons = [reason for pin in pins for reason in unfit(pin)]
    if reasons:
        return Refused(tuple(reasons))
    hashless = [f"{pin.name} ({why})" for pin in pins if (why := why_hashless(pin))]
    notes = [f"without hashes, because pip checks all or none; without one: {', '.join(hashless)}"]
    lines = [*header(name), *(f"# {note}" for note in notes if hashless), *indexes(pins)]
    for pin in pins:
        checked = [] if hashless else sorted(hashes(pin))
        lines.append(" \\\n    ".join([line(pin, places), *checked]))
    text = "".join(f"{line}\n" for line in lines)
    return Exported(text=text, notes=tuple(notes) if hashless else ())


def header(name: str) -> Iterator[str]:
    """Yield the header of the file; the same configuration gives the same text."""
    yield f"# Configuration {name}, made by `poetry lockguard snapshot export`. Do not edit."


def unfit(pin: Used) -> Iterator[str]:
    """Yield why a pin cannot be written, if it cannot."""
    if pin.unserved:
        what = "none of its files can be installed there, and there is no source distribution"
        yield f"{pin.name} {pin.entry.version}: {what}"
    match pin.entry.source:
        case Git(commit=None):
            yield f"{pin.name} {pin.entry.version}: it names no commit"
        case Git(url=url) if not has_scheme(repository(url)):
            what = f"requirements cannot name a repository by a relative path ({redact(url)})"
            yield f"{pin.name} {pin.entry.version}: {what}; pylock.toml can"
        case _:
            pass


def indexes(pins: Sequence[Used]) -> Iterator[str]:
    """Name the indexes of the manifest that packages come from; PyPI is pip's own default."""
    sources = [pin.entry.source for pin in pins]
    urls = sorted({without_secrets(source.url) for source in sources if isinstance(source, Index)})
    if urls and not any(isinstance(source, PyPI) for source in sources):
        yield f"--index-url {urls.pop(0)}"
    yield from (f"--extra-index-url {url}" for url in urls)


def why_hashless(pin: Used) -> str | None:
    """Return why pip cannot check a hash of a pin; None if it can."""
    match pin.entry.source:
        case Git():
            return "a repository"
        case Directory():
            return "a directory"
        case _:
            return None if hashes(pin) else "no strong hash of its files is known"


def hashes(pin: Used) -> list[str]:
    """Return the options for pip with the hashes of a pin's files; none if they are too weak."""
    files = pin.entry.files
    names: Iterable[str] = files
    if isinstance(pin.entry.source, PyPI | Index):
        names = pin.files.names
    if not all(files[name].startswith(_STRONG) for name in names):
        return []
    return [f"--hash={files[name]}" for name in names]


def line(pin: Used, places: Places) -> str:
    """Write one pin as a requirement, without hashes."""
    match pin.entry.source:
        case PyPI() | Index():
            return f"{pin.name}=={pin.entry.version}"
        case Url(url=url, subdirectory=below):
            return f"{pin.name} @ {without_secrets(url)}{_fragment(below)}"
        case LocalFile(path=path, subdirectory=below):
            return f"{dotted(from_here(path, places.root))}{_fragment(below)}"
        case Directory(path=path, editable=editable):
            where = dotted(from_here(path, places.root))
            return f"-e {where}" if editable else where
        case Git(url=url, commit=commit, subdirectory=below):
            where = without_secrets(repository(url))
            return f"{pin.name} @ git+{where}@{commit}{_fragment(below)}"


def _fragment(subdirectory: str | None) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""
