"""Checks whether the archive of a URL pin still exists, without downloading it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests

from poetry_lockguard.freshness.releases.answers import Archive
from poetry_lockguard.index.failures import SourceFailure, refused_status
from poetry_lockguard.index.repositories import NOT_FOUND
from poetry_lockguard.urls import flaw, host, parse, shown

if TYPE_CHECKING:
    from poetry_lockguard.index.transport import Transport

_WITHOUT_HEAD = frozenset({400, 403, 405, 501})


def ask(url: str, transport: Transport) -> Archive:
    """Return whether the archive exists; raises SourceFailure if that cannot be determined."""
    if flaw(re.split("[?#]", parse(url).url)[0]):
        raise SourceFailure(f"{host(url)} cannot be asked: its URL is neither http nor https")
    response = transport.request("head", url, raise_for_status=False)
    if response.status_code in _WITHOUT_HEAD:
        response = transport.request("get", url, raise_for_status=False, stream=True)
        response.close()
    if response.status_code in NOT_FOUND:
        return Archive(where=shown(url), is_there=False)
    if response.status_code >= requests.codes.bad_request:
        raise refused_status(url, response.status_code)
    return Archive(where=shown(url), is_there=True)
