"""Asks whether the archive of a URL pin is still there, without fetching it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from poetry_lockguard.bridge.addresses import flaw, host, parse
from poetry_lockguard.bridge.failures import SourceFailure, refused_status
from poetry_lockguard.bridge.sources import NOT_FOUND
from poetry_lockguard.freshness.online import Absent, Page

if TYPE_CHECKING:
    from poetry_lockguard.bridge.transport import Transport

_WITHOUT_HEAD = frozenset({400, 403, 405, 501})


def ask(url: str, transport: Transport) -> Page | Absent:
    """Give an empty page for what is there; raises SourceFailure where that cannot be told."""
    where = host(url)
    if flaw(parse(url).url.partition("?")[0].partition("#")[0]):
        raise SourceFailure(f"{where} cannot be asked: its address is no http or https URL")
    response = transport.request("head", url, raise_for_status=False)
    if response.status_code in _WITHOUT_HEAD:
        response = transport.request("get", url, raise_for_status=False, stream=True)
        response.close()
    if response.status_code in NOT_FOUND:
        return Absent(where=where)
    if response.status_code >= requests.codes.bad_request:
        raise refused_status(url, response.status_code)
    return Page(where=where)
