"""Where packages could come from instead of PyPI's own API, in order of preference.

A mirror named AUTO is not a URL. ``lockguard``'s own commands try PyPI and the machine's settings
anyway, so AUTO adds nothing to their ``candidates``; for Poetry's commands it requests exactly
these.
"""

from __future__ import annotations

import configparser
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.settings import AUTO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from poetry_lockguard.index.network import Network


API = "PyPI's own API"
PAGES = "PyPI's simple index"
SETTINGS = "[tool.lockguard] mirrors"
VARIABLE = "LOCKGUARD_MIRRORS"
#: the first is the variable of poetry-plugin-pypi-mirror
MACHINE = ("POETRY_PYPI_MIRROR_URL", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index URL and where it was configured; ``by_auto`` if only AUTO added it."""

    url: str
    origin: str
    by_auto: bool = False


def candidates(pypi_pages: str, network: Network) -> Iterator[Candidate]:
    """Yield every mirror once; ``pypi_pages`` is the URL of PyPI's simple index."""
    return _once(
        [
            Candidate(pypi_pages, PAGES),
            *(Candidate(url, "--mirror") for url in network.mirrors),
            *(one for one in _chosen(network) if one.url != AUTO),
            *_machine(network.environ),
        ]
    )


def chosen(pypi: str, pypi_pages: str, network: Network) -> Iterator[Candidate]:
    """Yield where Poetry's own commands look for PyPI's packages; nothing if not configured.

    At its position among the mirrors, AUTO means PyPI's API (at ``pypi``), its simple index and
    the machine's settings. Without AUTO none of them is used: a machine that cannot reach PyPI
    would wait for its timeouts.
    """
    automatic = [Candidate(pypi, API), Candidate(pypi_pages, PAGES), *_machine(network.environ)]
    return _once(
        one
        for named in _chosen(network)
        for one in (
            (replace(each, by_auto=True) for each in automatic) if named.url == AUTO else (named,)
        )
    )


def _once(named: Iterable[Candidate]) -> Iterator[Candidate]:
    seen: set[str] = set()
    for candidate in named:
        key = candidate.url.strip().rstrip("/")
        if key and key not in seen:
            seen.add(key)
            yield replace(candidate, url=key)


def _chosen(network: Network) -> Iterator[Candidate]:
    """Yield the mirrors of the project and of LOCKGUARD_MIRRORS, AUTO included."""
    yield from (Candidate(url, SETTINGS) for url in network.settings_mirrors)
    yield from _variable(network.environ, VARIABLE)


def _machine(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield the indexes configured for the mirror plugin of Poetry, for pip and for uv."""
    for name in MACHINE:
        yield from _variable(environ, name)
    for path in pip_configurations(environ):
        yield from _from_pip(path)


def _variable(environ: Mapping[str, str], name: str) -> Iterator[Candidate]:
    for url in re.split(r"[,\s]+", environ.get(name, "")):
        yield Candidate(_without_name(url), name)


def _without_name(url: str) -> str:
    """Drop the ``name=`` that uv allows before an index address."""
    return re.sub(r"^[\w.-]+=(?=https?://)", "", url)


def pip_configurations(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield pip's configuration files, most specific first (pip's documentation, Configuration)."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == "/dev/null" or named.lower() == "nul":
        return
    if named:
        yield Path(named)
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "/nonexistent")
    if sys.platform == "win32":
        yield Path(environ.get("APPDATA", home)) / "pip" / "pip.ini"
        yield home / "pip" / "pip.ini"
        yield Path(environ.get("ProgramData", "C:\\ProgramData")) / "pip" / "pip.ini"
        return
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    yield home / ".pip" / "pip.conf"
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    yield from (Path(folder) / "pip" / "pip.conf" for folder in shared.split(":"))
    yield Path("/etc/pip.conf")


def _from_pip(path: Path) -> Iterator[Candidate]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(files.read(path, files.MANIFEST).decode("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return  # pip itself reports a broken configuration; here it only adds no mirror
    for section in ("install", "download", "global"):
        url = parser.get(section, "index-url", fallback="")
        if url:
            yield Candidate(url, str(path))
