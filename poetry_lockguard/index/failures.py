"""Network failures, one sentence each: which host answered what, and what to do next."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import traceback
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3
from poetry.core.constraints.version.exceptions import ParseConstraintError
from poetry.core.version.exceptions import InvalidVersionError
from poetry.core.version.requirements import InvalidRequirementError

from poetry_lockguard.poetry_api.imports.repository_errors import RepositoryError
from poetry_lockguard.urls import host, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_ADVICE = {
    401: "set its credentials (poetry config http-basic, netrc or the URL)",
    403: "check that its credentials may read packages",
    404: "check the address",
    407: "set the proxy's credentials in HTTPS_PROXY",
    429: "try later, or name a mirror (LOCKGUARD_MIRRORS)",
}
#: addresses that git reaches through ssh: URLs, and the short form of scp
_SSH = re.compile(r"(?:git\+)?ssh://|[\w.-]+@[\w.-]+:(?!//)")
_MALFORMED = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


class SourceFailure(Exception):  # noqa: N818 - a public name; it becomes the reason of an outcome
    """A source of packages cannot be used: not "package not found", not a conflict.

    The message is one sentence without credentials. ``status`` is the HTTP status, if the host
    returned one.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(redact(message))
        self.status = status


class GitFailure(SourceFailure):
    """A repository cannot be read; no mirror of an index can help."""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if _SSH.match(str(self)):
            return "give this machine an SSH key that may read the repository, or use https"
        return "check the repository's address, and give this machine access to it"


class UnusableAnswer(SourceFailure):
    """The answer is not what was requested; other requests to the source may succeed."""


class TransientFailure(SourceFailure):
    """A failure that a retry may avoid; ``silent`` is the host if nothing was received at all."""

    silent: str | None = None


def refused_status(url: str, status: int) -> SourceFailure:
    """Return the failure for an answer with an error status."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    advice = _ADVICE.get(status, "try later, or name a mirror (LOCKGUARD_MIRRORS)")
    kind = TransientFailure if status in TRANSIENT else SourceFailure
    path = urlsplit(url).path
    return kind(f"{host(url)} answered {status} {phrase} for {path}; {advice}", status=status)


def wrong_content(url: str, expected: str, got: str) -> SourceFailure:
    """Return the failure for an answer that no index gives (a login page, for example)."""
    return SourceFailure(
        f"{host(url)} answered with {got or 'nothing'} instead of {expected}; "
        "check the address, or name a mirror (LOCKGUARD_MIRRORS)"
    )


@contextmanager
def of_page(url: str) -> Iterator[None]:
    """Raise SourceFailure for whatever the content of a malformed page makes its readers raise."""
    try:
        yield
    except _MALFORMED as error:
        raise UnusableAnswer(
            str(wrong_content(url, "an index page", "a malformed page"))
        ) from error


def explain(url: str, error: BaseException) -> SourceFailure:
    """Return the failure for a request that got no complete answer."""
    where = host(url)
    if isinstance(error, requests.exceptions.SSLError) or _is_untrusted(error):
        return SourceFailure(
            f"{where}: TLS failed: {_tls_reason(error)}; "
            "set REQUESTS_CA_BUNDLE to the file of the certificate authority that signed it"
        )
    if isinstance(error, (requests.exceptions.TooManyRedirects, ValueError)):
        return SourceFailure(f"{where} {_misdirection(error)}")
    if isinstance(error, requests.exceptions.ProxyError):
        return TransientFailure(
            f"{where} cannot be reached through the proxy: {_root(error)}; "
            "check HTTPS_PROXY and NO_PROXY"
        )
    if isinstance(error, requests.exceptions.Timeout):
        failure = TransientFailure(f"{where} did not answer in time; check the network")
        failure.silent = where
        return failure
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return TransientFailure(f"{where} closed the connection too early; try again")
    return TransientFailure(f"{where} cannot be reached: {_root(error)}; check the network")


def _misdirection(error: requests.exceptions.TooManyRedirects | ValueError) -> str:
    """Return the failure that no retry can fix; ValueErrors may contain part of a password."""
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "redirects endlessly; check the address"
    return "cannot be asked: its address or credentials are not valid; correct them"


def recognised(error: BaseException) -> SourceFailure | None:
    """Return the failure of a host behind an error of Poetry's own connections, or None.

    Poetry connects to git hosts itself, and wraps failures there in errors of many kinds. A
    contradiction, a missing reference or a mistake in the manifest is not a failure of a host.
    """
    causes = [*_raised(error)]
    for cause in causes:
        match cause:
            case SourceFailure():
                return cause
            case ParseConstraintError() | InvalidRequirementError() | InvalidVersionError():
                return None  # Poetry had received what it could not read; see also ``_root``
            case requests.exceptions.RequestException() | urllib3.exceptions.HTTPError():
                return _unreached(cause, _place(causes))
            case subprocess.CalledProcessError() if "clone" in cause.cmd:
                return GitFailure(f"{_place(causes)} could not be cloned by git{_fatal(cause)}")
    if _is_git_hosts(causes):
        return _no_refs(causes)
    return _unusable(causes)


def _unusable(causes: list[BaseException]) -> SourceFailure | None:
    for cause in causes:
        if isinstance(cause, json.JSONDecodeError):
            return wrong_content(_place(causes), "JSON", "other data")
        if isinstance(cause, RepositoryError):
            return SourceFailure(f"{_place(causes)} cannot be used: {_root(cause)}")
    return None


def _unreached(
    error: requests.exceptions.RequestException | urllib3.exceptions.HTTPError, place: str
) -> SourceFailure:
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return wrong_content(place, "JSON", "other data")
    response = getattr(error, "response", None)
    if response is not None:
        return refused_status(response.url, response.status_code)
    return explain(place, error)


def _no_refs(causes: list[BaseException]) -> SourceFailure:
    """Return the failure for a git host whose answer is not that of a git server."""
    place = _place(causes)
    if status := re.match(r"unexpected http resp (\d{3})", str(causes[0])):
        return GitFailure(
            f"{place} answered git with {status[1]}; check the address and your access to it"
        )
    if _SSH.match(place):
        return GitFailure(f"{place} cannot be read over SSH: no key, no access, or no such host")
    return GitFailure(
        f"{place} is not a git repository that can be read; check the address and your access to it"
    )


def _is_git_hosts(causes: list[BaseException]) -> bool:
    """Return whether the error occurred while a git host was asked for its references."""
    return any(
        frame.f_code.co_name == "_fetch_remote_refs"
        for cause in causes
        for frame, _ in traceback.walk_tb(cause.__traceback__)
    )


def _place(causes: list[BaseException]) -> str:
    """Return the address that was contacted, from the error or from Poetry's stack frames."""
    for cause in causes:
        asked = getattr(getattr(cause, "request", None), "url", None)
        if asked:
            return redact(asked)
        pool = getattr(cause, "pool", None)
        if pool is not None and pool.host:
            usual = {"http": 80, "https": 443}.get(pool.scheme)
            port = "" if pool.port in {None, usual} else f":{pool.port}"
            return f"{pool.scheme}://{pool.host}{port}/"
    for cause in causes:
        for frame, _ in reversed([*traceback.walk_tb(cause.__traceback__)]):
            url = frame.f_locals.get("url")
            if str(frame.f_globals.get("__name__")).startswith("poetry.") and url:
                return redact(str(url))
    return "a source"


def _fatal(error: subprocess.CalledProcessError) -> str:
    output = error.stderr or error.output or b""
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output)
    line = next((one for one in text.splitlines() if one.startswith("fatal: ")), "")
    return f": {line.removeprefix('fatal: ')}" if line else "; check its address and your access"


def _raised(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it was raised from or while handling, as a traceback shows them."""
    current: BaseException | None = error
    while current is not None:
        yield current
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden


def _is_untrusted(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _tls_reason(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
    return _root(error)


def _root(error: BaseException) -> str:
    """Return the innermost reason in plain words."""
    last = [*_causes(error)][-1]
    if isinstance(last, OSError) and last.strerror:
        return last.strerror[0].lower() + last.strerror[1:]
    text = str(last).split(": ", 1)[-1] if "object at 0x" in str(last) else str(last)
    return redact(text.splitlines()[0] if text else type(last).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes; urllib3 nests them as arguments and as ``reason``."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner or current.__cause__ or _network_context(current)


def _network_context(error: BaseException) -> BaseException | None:
    """Return the network error while handling which this error was raised, if there is one.

    A request may be a second try after a text that could not be read, which is not a cause.
    """
    context = error.__context__
    network = (OSError, requests.exceptions.RequestException, urllib3.exceptions.HTTPError)
    return context if isinstance(context, network) else None
