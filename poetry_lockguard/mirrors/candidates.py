"""Where packages could come from instead of PyPI's own API, in order of preference.

A mirror named AUTO is no address. ``lockguard``'s own commands try PyPI and the machine's settings
anyway, so it adds nothing to their ``candidates``; for Poetry's commands it asks for just that.
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
PAGES = "PyPI's simple pages"
SETTINGS = "[tool.lockguard] mirrors"
VARIABLE = "LOCKGUARD_MIRRORS"
MACHINE = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index address and who named it; by AUTO alone is what the project did not spell out."""

    url: str
    origin: str
    by_auto: bool = False


def candidates(pypi_pages: str, network: Network) -> Iterator[Candidate]:
    """Name every stand-in once; ``pypi_pages`` is the address of PyPI's own simple pages."""
    return _once(
        [
            Candidate(pypi_pages, PAGES),
            *(Candidate(url, "--mirror") for url in network.mirrors),
            *(one for one in _chosen(network) if one.url != AUTO),
            *_machine(network.environ),
        ]
    )


def chosen(pypi: str, pypi_pages: str, network: Network) -> Iterator[Candidate]:
    """Name what Poetry's own commands are to ask for PyPI's packages; nothing if nobody asked.

    AUTO stands in the order of the mirrors for PyPI's API (at ``pypi``), its pages and the
    machine's settings. Without it neither is asked: a machine without a way to PyPI would wait.
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
    """Name what the project and LOCKGUARD_MIRRORS chose, AUTO among it."""
    yield from (Candidate(url, SETTINGS) for url in network.settings_mirrors)
    yield from _variable(network.environ, VARIABLE)


def _machine(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Name what pip and uv are set up with."""
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
        return  # pip itself reports a broken configuration; here it only names no mirror
    for section in ("install", "download", "global"):
        url = parser.get(section, "index-url", fallback="")
        if url:
            yield Candidate(url, str(path))
