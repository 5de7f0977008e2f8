"""What requirements, constraints and a ``pylock.toml`` of these pins say, line by line.

These are the texts of ``lock_requirements`` and ``lock_pylock`` for pins from indexes. They are
only compared with a file: one that differs is looked at by the full export.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from poetry_lockguard.exports.quick.index_pins import QuickLock
    from poetry_lockguard.exports.quick.placing import MarkedPin

_STRONG = ("sha256:", "sha384:", "sha512:")


def constraints(pins: Iterable[MarkedPin]) -> str:
    """Return the lines of ``constraints.txt``."""
    return "".join(f"{_requirement(one)}\n" for one in pins)


def requirements(pins: Sequence[MarkedPin]) -> str | None:
    """Return the lines of ``requirements.txt``; None if pip cannot check every hash."""
    lines = [*_indexes(pins)]
    for one in pins:
        hashes = sorted({digest for _, digest in (*one.pin.wheels, *one.pin.archives)})
        if not hashes or not all(digest.startswith(_STRONG) for digest in hashes):
            return None
        joined = " \\\n    --hash=".join(hashes)
        lines.append(f"{_requirement(one)} \\\n    --hash={joined}")
    return "".join(f"{line}\n" for line in lines)


def _requirement(one: MarkedPin) -> str:
    text = f"{one.pin.name}=={one.pin.version}"
    return f"{text} ; {one.marker}" if one.marker else text


def _indexes(pins: Sequence[MarkedPin]) -> Iterator[str]:
    urls = sorted({public(one.pin.url) for one in pins if one.pin.url is not None})
    if urls and all(one.pin.url is not None for one in pins):
        yield f"--index-url {urls.pop(0)}"
    yield from (f"--extra-index-url {url}" for url in urls)


@cache
def public(url: str) -> str:
    """Return the URL of an index without credentials."""
    from poetry_lockguard.urls import without_secrets

    return without_secrets(url)


def without_addresses(text: str) -> tuple[str, int]:
    """Return a ``pylock.toml`` without what a lock does not hold of files, and how many it names.

    That is the address of each file, its size and its upload time.
    """
    if "upload-time" in text:
        text = _upload_time().sub("", text)
    return _address().subn("hashes", text)


def pylock(
    lock: QuickLock,
    pins: Sequence[MarkedPin],
    extras: Collection[str],
    groups: Collection[str],
    pypi: str | None,
) -> str:
    """Return the text of a ``pylock.toml`` for these extras and groups, without addresses.

    ``pypi`` is the address of PyPI's pages.
    """
    head = [
        'lock-version = "1.0"',
        *_python(lock.python),
        *_list("extras", extras),
        *_list("dependency-groups", groups),
        'created-by = "poetry-lockguard"',
    ]
    tables = ("\n".join(_package(one, pypi)) for one in pins)
    return "\n".join(["", *head, "", *tables])


def _package(one: MarkedPin, pypi: str | None) -> Iterator[str]:
    pin = one.pin
    yield f'[[packages]]\nname = "{pin.name}"\nversion = "{pin.version}"'
    if one.marker:
        yield f"marker = {_quoted(one.marker)}"
    yield from _python(pin.python)
    index = pypi if pin.url is None else public(pin.url)
    if index is not None:
        yield f'index = "{index}"'
    yield from (f"sdist = {table}" for table in _tables(pin.archives))
    if wheels := ",\n    ".join(_tables(pin.wheels)):
        yield f"wheels = [\n    {wheels},\n]"
    yield ""


def known_index(text: str, names: Collection[str]) -> str | None:
    """Return the address of PyPI's pages in a ``pylock.toml``; ``names`` are its packages."""
    for package in text.split("[[packages]]\n")[1:]:
        name = package.split('"', 2)[1] if package.startswith('name = "') else ""
        head, found, rest = package.partition('\nindex = "')
        if found and name in names and "{" not in head:
            return rest.partition('"')[0]
    return None


def _tables(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, digest in files:
        kind, _, content = digest.partition(":")
        yield f'{{name = "{name}", hashes = {{{kind} = "{content}"}}}}'


def _python(text: str) -> Iterator[str]:
    """Write a range of Pythons, unless only Poetry can read it."""
    clauses = sorted("".join(text.split()).split(","))
    if all(map(_clause().fullmatch, clauses)):
        ordered = ",".join(clauses)
        yield f'requires-python = "{ordered}"'


def _list(key: str, names: Collection[str]) -> Iterator[str]:
    if names:
        texts = [f'"{name}"' for name in sorted(names)]
        inner = texts[0] if len(texts) == 1 else "".join(f"\n    {text}," for text in texts) + "\n"
        yield f"{key} = [{inner}]"


def _quoted(marker: str) -> str:
    """Write a marker as a TOML string; every value in it is in double quotes."""
    return '"' + marker.replace("'", '"').replace('"', '\\"') + '"'


@cache
def _upload_time() -> re.Pattern[str]:
    return re.compile(r"upload-time = [\dT:.Z+-]+, (?=url = )", re.ASCII)


@cache
def _address() -> re.Pattern[str]:  # begins with a literal: that is found fast
    return re.compile(r'url = "[^"\\]*", (?:size = \d+, )?hashes', re.ASCII)


@cache
def _clause() -> re.Pattern[str]:
    return re.compile(r"(?:~=|[=!<>]=|[<>])[0-9][\w.]*(?:\.\*)?", re.ASCII)
