"""The index page of a bundle, which pip and uv read with ``--find-links``."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.exports.bundles.bundle_contents import BundleFile

_LINK = re.compile(r'<a href="([^"#]*)')


def page(files: Iterable[BundleFile]) -> bytes:
    """Return the page: a link to each file, with its hash."""
    links = (f'<a href="{_address(one)}">{escape(one.name)}</a><br>\n' for one in files)
    head = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>Bundle</title></head>\n'
    return f"{head}<body>\n{''.join(links)}</body>\n</html>\n".encode()


def _address(file: BundleFile) -> str:
    """Return a file's relative URL; a commit is no hash of its archive."""
    digest = "" if file.commit else f"#{escape(file.digest.replace(':', '=', 1))}"
    return f"{quote(file.name)}{digest}"


def linked(content: bytes) -> frozenset[str]:
    """Return the names of the files that a page of a bundle links to."""
    found = _LINK.findall(content.decode(errors="replace"))
    return frozenset(unquote(unescape(name)) for name in found)
