"""Where packages could come from instead of PyPI's own API, in order of preference."""

from __future__ import annotations

import configparser
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poetry_lockguard.bridge.network import Network


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index address and who named it."""

    url: str
    origin: str


def candidates(pypi_pages: str, network: Network) -> Iterator[Candidate]:
    """Name every stand-in once; ``pypi_pages`` is the address of PyPI's own simple pages."""
    seen: set[str] = set()
    for candidate in _named(pypi_pages, network):
        key = candidate.url.strip().rstrip("/")
        if key and key not in seen:
            seen.add(key)
            yield Candidate(key, candidate.origin)


def _named(pypi_pages: str, network: Network) -> Iterator[Candidate]:
    environ = network.environ
    yield Candidate(pypi_pages, "PyPI's simple pages")
    yield from (Candidate(url, "--mirror") for url in network.mirrors)
    yield from (Candidate(url, "[tool.lockguard] mirrors") for url in network.settings_mirrors)
    for name in ("LOCKGUARD_MIRRORS", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        for url in re.split(r"[,\s]+", environ.get(name, "")):
            yield Candidate(_without_name(url), name)
    for path in pip_configurations(environ):
        yield from _from_pip(path)


def _without_name(url: str) -> str:
    """Drop the ``name=`` that uv allows before an index address."""
    return re.sub(r"^[\w.-]+=(?=https?://)", "", url)


def pip_configurations(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give pip's configuration files, most specific first (pip's documentation, Configuration)."""
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
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return  # pip itself reports a broken configuration; here it only names no mirror
    for section in ("install", "download", "global"):
        url = parser.get(section, "index-url", fallback="")
        if url:
            yield Candidate(url, str(path))
