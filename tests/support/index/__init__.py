"""A package index for tests: real HTTP on the loopback interface, with faults to order.

    def test_something(index: Index, serve: Serve) -> None:
        index.add("matrix", "1.0", requires=["sound32>=1"], python=">=3.8")
        index.add("sound32", "1.2", extras={"loud": ["matrix"]}, yanked="broken")
        server = serve(index)                      # HTML pages, hashes, ranges
        server = serve(index, json=True)           # PEP 691 pages when asked for
        server = serve(index, metadata=True)       # PEP 658 .metadata files
        server = serve(index, ranges=False)        # no range requests
        server = serve(index, hashes=False)        # links without #sha256=…
        server = serve(index, credentials=("user", "secret"))
        server = serve(index, tls=True)            # private authority: server.authority
        server.url                                 # …/simple
        server.fault("/simple/matrix/", status(503, times=2))
        server.fault("/simple/", hang())
        server.asked                               # [(method, path, headers)]

``pypi(index)`` serves the same files as PyPI itself, to any whole program: it starts a proxy
that answers for PyPI's host, and gives the environment (HTTPS_PROXY, REQUESTS_CA_BUNDLE) to run
the program with. ``pypi(index, json=False)`` answers with HTML pages only. ``here=True`` sets the
environment for this process, too.

Faults: ``status(code, times=, headers=, body=)``, ``hang(seconds)``, ``slow(seconds)``, ``cut()``,
``reset()``, ``login()``, ``wrong_hash()``. The fixture ``refused`` is an address where nobody
listens.
"""

from index.faults import cut, hang, login, reset, slow, status, wrong_hash
from index.fixtures import Pypi, PypiRun, Serve
from index.releases import Index
from index.server import Server

__all__ = [
    "Index",
    "Pypi",
    "PypiRun",
    "Serve",
    "Server",
    "cut",
    "hang",
    "login",
    "reset",
    "slow",
    "status",
    "wrong_hash",
]
