"""Requests with this run's retries, deadline, certificates and credentials, keyring or not.

It replaces Poetry's own authenticator, so that Poetry's repositories, chooser and executor use it.
Poetry waits after every failure, certificate errors included, up to five times; this transport
waits only if a retry can help, and never past the deadline.
"""

from __future__ import annotations

import itertools
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import requests
from requests.auth import HTTPBasicAuth

from poetry_lockguard.index import certificates, hanging_up, retry
from poetry_lockguard.index.failures import (
    TRANSIENT,
    SourceFailure,
    TransientFailure,
    explain,
    refused_status,
)
from poetry_lockguard.index.single_flight import SingleFlight
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.authentication import REQUESTS_TIMEOUT, Authenticator
from poetry_lockguard.urls import Address, host, parse, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.poetry_api.imports.config import Config

CONNECTIONS = 24  # kept open per host, and the maximum number of concurrent requests
ONCE_MORE = 1
CHUNK = 1 << 16
LARGEST = (
    1 << 26
)  # maximum bytes of an answer read into memory; the largest pages have a quarter of it


class Transport(Authenticator):
    """An authenticator that follows the settings of ``network``."""

    def __init__(
        self,
        config: Config,
        network: Network,
        *,
        cache_id: str | None,
        disable_cache: bool,
        is_patient: bool = True,
    ) -> None:
        super().__init__(
            config, cache_id=cache_id, disable_cache=disable_cache, pool_size=CONNECTIONS
        )
        self._network = network
        self._bundle = certificates.bundle(network.environ)
        self._is_patient = is_patient
        self._met: set[str] = set()  # hosts that have answered
        self._known: SingleFlight[HTTPBasicAuth | None] = SingleFlight()
        self._opened: dict[str, HTTPBasicAuth] = {}
        self._guarded: set[requests.Session] = set()  # no redirect away from https, no trickle
        self._making = threading.Lock()
        self._stopped = threading.Event()
        self._hang_up = hanging_up.HangUp(self._stopped, network.remaining)

    def open_with(self, address: Address) -> None:
        """Use the credentials of a URL for every request to its host."""
        if address.username is not None:
            self._opened[address.netloc] = HTTPBasicAuth(address.username, address.password or "")

    def stop(self) -> None:
        """Start no more requests, and stop waiting for retries."""
        self._stopped.set()

    def get_session(self, url: str | None = None) -> requests.Session:
        """Return the session of a host; concurrent threads get the same one."""
        with self._making:
            session = super().get_session(url)
            if session not in self._guarded:
                self._guarded.add(session)
                self._hang_up.watch_headers(session)
                session.rebuild_auth = partial(_redirected, session.rebuild_auth)  # type: ignore[method-assign]
            return session

    def request(
        self,
        method: str,
        url: str,
        raise_for_status: bool = True,  # noqa: FBT001, FBT002 - Poetry's signature
        **kwargs: Any,
    ) -> requests.Response:
        """Send a request; raises SourceFailure if there is no complete answer.

        If the answer's status is transient, the request is repeated; the last answer is returned,
        or raised with ``raise_for_status``. ``only=206`` leaves the body of an answer with another
        status unread.
        """
        response = self._insist(method, url, kwargs)
        if raise_for_status and response.status_code >= requests.codes.bad_request:
            raise refused_status(url, response.status_code)
        return response

    def _insist(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        """Send the request until it is answered, or until another retry is not worthwhile."""
        for attempt in itertools.count():
            response = None
            try:
                response = self._send(method, url, options)
            except TransientFailure as failure:
                if attempt >= self._retries(url) or (failure.silent and self._is_given_up(url)):
                    raise
            else:
                if response.status_code not in TRANSIENT or attempt >= self._retries(url):
                    return response
                response.close()
            self._wait(url, attempt, response)
        raise AssertionError("counting never ends")

    def _retries(self, url: str) -> int:
        """Return the number of retries; an unknown host gets few if there are alternatives."""
        if retry.is_speculative():
            return 0
        if retry.is_optional():
            return min(ONCE_MORE, self._network.retries)
        if self._is_patient or host(url) in self._met:
            return self._network.retries
        return min(ONCE_MORE, self._network.retries)

    def _is_given_up(self, url: str) -> bool:
        """Return whether a host that timed out is abandoned."""
        is_stranger = host(url) not in self._met
        return self._retries(url) <= ONCE_MORE or (self._network.is_brief and is_stranger)

    def _send(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        if self._network.offline:
            raise SourceFailure(f"{host(url)} was not asked: --offline")
        if self._stopped.is_set():
            raise SourceFailure(f"{host(url)} was not asked: the work was stopped")
        begin = time.monotonic()
        try:
            address = parse(url)
            self.open_with(address)
            session, request, settings = self._prepare(method, address, options)
            response = session.send(
                request,
                timeout=self._timeout(address.url, options),
                allow_redirects=options.get("allow_redirects", True),
                **settings,
            )
            self._met.add(host(address.url))
            if options.get("only") not in {None, response.status_code}:
                response.close()
                return response
            answer = response if options.get("stream") else self._read(response)
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            if time.monotonic() - begin >= hanging_up.LONGEST:
                raise _too_slow(url) from None  # a retry would take as long
            raise explain(url, error) from None
        if time.monotonic() - begin >= hanging_up.LONGEST:
            raise _too_slow(url)  # what was shut can look like the end of the answer
        return answer

    def _prepare(
        self, method: str, address: Address, options: dict[str, Any]
    ) -> tuple[requests.Session, requests.PreparedRequest, Any]:
        """Return the session, the request and how to send it."""
        session = self.get_session(address.url)
        request = session.prepare_request(
            requests.Request(
                method.upper(),
                address.url,
                headers=options.get("headers"),
                auth=self._auth(address),
            )
        )
        certs = self.get_certs_for_url(address.url)
        verify = str(certs.cert) if certs.cert else certs.verify and (self._bundle or True)
        settings = session.merge_environment_settings(
            url=request.url,
            proxies={},
            stream=True,
            verify=verify,
            cert=str(certs.client_cert) if certs.client_cert else None,
        )
        return session, request, settings

    def _auth(self, address: Address) -> HTTPBasicAuth | None:
        if address.netloc in self._opened:
            return self._opened[address.netloc]
        if self.get_repository_config_for_url(address.url) is not None:
            return self._find_auth(address)
        return self._known.get(address.netloc, lambda: self._find_auth(address))

    def _find_auth(self, address: Address) -> HTTPBasicAuth | None:
        found = self.get_credentials_for_url(address.url)
        if found.username is None and found.password is None:
            return None  # requests reads netrc
        return HTTPBasicAuth(found.username or "", found.password or "")

    def _timeout(self, url: str, options: dict[str, Any]) -> float:
        remaining = self._network.remaining()
        if remaining <= 0:
            raise SourceFailure(f"{host(url)} was not asked: the time is up (timeout)")
        longest = retry.HURRIED_TIMEOUT if retry.is_speculative() else REQUESTS_TIMEOUT
        return min(float(options.get("timeout") or longest), longest, remaining)

    def _read(self, response: requests.Response) -> requests.Response:
        """Read the body, and stop at the deadline even if it arrives slowly.

        A body may be a thousand times larger than what was sent (gzip), so its size is limited.
        """
        chunks, size = [], 0
        with response, self._hang_up.watched(response.raw.fileno):
            for chunk in response.iter_content(CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > LARGEST:
                    raise SourceFailure(
                        f"{host(response.url)} answered with more than {LARGEST >> 20} MB"
                        " instead of a page; check the address"
                    )
                self._heed(response)
            self._heed(response)
        private.set_content(response, b"".join(chunks))
        return response

    def _heed(self, response: requests.Response) -> None:
        """Raise SourceFailure if the time is over."""
        if self._network.remaining() <= 0 or self._stopped.is_set():
            raise _too_slow(response.url)

    def _wait(self, url: str, attempt: int, response: requests.Response | None) -> None:
        asked = retry.asked(response)
        if response is not None and asked is not None and asked > retry.LONGEST:
            raise SourceFailure(
                f"{host(url)} answered {response.status_code} and asks to wait {asked:.0f} s; "
                "try later, or name a mirror (LOCKGUARD_MIRRORS)",
                status=response.status_code,
            )
        delay = retry.before(attempt, response)
        if delay >= self._network.remaining():
            reason = f"answered {response.status_code}" if response is not None else "failed"
            raise SourceFailure(f"{host(url)} {reason}, and no time is left (timeout)")
        self._stopped.wait(delay)


def _too_slow(url: str) -> SourceFailure:
    return SourceFailure(f"{host(url)} answered too slowly (timeout)")


def _redirected(
    rebuild: Callable[[requests.PreparedRequest, requests.Response], None],
    request: requests.PreparedRequest,
    response: requests.Response,
) -> None:
    """Prepare a redirected request, unless it would be sent unencrypted in place of an encrypted.

    Anybody on the way could change what is answered there. Credentials stay with their host.
    """
    asked = response.request.url or ""
    if asked.lower().startswith("https:") and not (request.url or "").lower().startswith("https:"):
        raise SourceFailure(
            f"{host(asked)} redirects to an address without https ({shown(request.url or '')}),"
            " which is refused; correct the address"
        )
    rebuild(request, response)
