"""Failures of the network, each one sentence: which host answered what, and what to try."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from poetry_lockguard.bridge.addresses import host, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_ADVICE = {
    401: "give its credentials (poetry config http-basic, netrc or the address)",
    403: "check that its credentials may read packages",
    404: "check the address",
    407: "give the proxy's credentials in HTTPS_PROXY",
    429: "try later, or name a mirror with --mirror",
}


class SourceFailure(Exception):  # noqa: N818 - the contract's name; it is an outcome's reason
    """A source of packages cannot be used: not "package not found", not a conflict.

    The message is one sentence without credentials. ``status`` is the HTTP status, where the
    host gave one.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(redact(message))
        self.status = status


class TransientFailure(SourceFailure):
    """A failure that another attempt may well not meet; ``is_silence`` says nothing came at all."""

    is_silence = False


def refused_status(url: str, status: int) -> SourceFailure:
    """Give the failure for an answer whose status says no."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    advice = _ADVICE.get(status, "try later, or name a mirror with --mirror")
    kind = TransientFailure if status in TRANSIENT else SourceFailure
    path = urlsplit(url).path
    return kind(f"{host(url)} answered {status} {phrase} for {path}; {advice}", status=status)


def wrong_content(url: str, expected: str, got: str) -> SourceFailure:
    """Give the failure for an answer that is not what an index says (a login page, say)."""
    return SourceFailure(
        f"{host(url)} answered with {got or 'nothing'} where {expected} is due; "
        "check the address, or name a mirror with --mirror"
    )


def explain(url: str, error: Exception) -> SourceFailure:
    """Give the failure for a request that got no (whole) answer."""
    where = host(url)
    if isinstance(error, requests.exceptions.SSLError):
        return SourceFailure(
            f"{where}: TLS failed: {_tls_reason(error)}; "
            "set REQUESTS_CA_BUNDLE to the file of the certificate authority that signed it"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return TransientFailure(
            f"{where} cannot be reached through the proxy: {_root(error)}; "
            "check HTTPS_PROXY and NO_PROXY"
        )
    if isinstance(error, requests.exceptions.Timeout):
        failure = TransientFailure(f"{where} did not answer in time; check the network")
        failure.is_silence = True
        return failure
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return TransientFailure(f"{where} cut its answer short; try again")
    return TransientFailure(f"{where} cannot be reached: {_root(error)}; check the network")


def _tls_reason(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
    return _root(error)


def _root(error: BaseException) -> str:
    """Give the innermost reason in plain words."""
    last = [*_causes(error)][-1]
    if isinstance(last, OSError) and last.strerror:
        return last.strerror[0].lower() + last.strerror[1:]
    text = str(last).split(": ", 1)[-1] if "object at 0x" in str(last) else str(last)
    return redact(text.splitlines()[0] if text else type(last).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error down to what caused it; urllib3 nests by argument and by ``reason``."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or current.__context__
