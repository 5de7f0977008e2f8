"""Fetching ahead changes nothing but the time: same lock, no thread left, nothing asked twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from index import slow, status
from packaging.markers import Marker
from poetry.core.constraints.version import parse_constraint
from solving import load, project, solve

from poetry_lockguard.index.network import Network
from poetry_lockguard.index.single_flight import SingleFlight
from poetry_lockguard.mirrors.failover import Endpoints
from poetry_lockguard.prefetch.environment_sample import EnvironmentSample

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Serve, Server


def fleet(index: Index) -> None:
    """Fill an index with a graph of thirty packages that is three deep."""
    for wing in range(5):
        ships = [f"ship-{wing}-{number}" for number in range(5)]
        index.add(f"wing-{wing}", "1.0", requires=[f"{ship}<2" for ship in ships])
        index.add(f"wing-{wing}", "2.0", requires=["nowhere"], python=">=3.99")
        for ship in ships:
            index.add(ship, "1.0", requires=["engine; python_version >= '3.8'"])
            index.add(ship, "2.0", requires=["engine", "never; extra == 'never'"])
    index.add("engine", "1.0", requires=["absent; python_version < '3'"])


WINGS = tuple(f"wing-{wing}" for wing in range(5))


def source(server: Server) -> str:
    return f'[[tool.poetry.source]]\nname = "own"\nurl = "{server.url}"\n'


def measured(folder: Path, *, is_ahead: bool, update: bool = True) -> tuple[str, float]:
    began = time.monotonic()
    poetry = load(folder)
    with Endpoints(poetry, Network()) as ways:
        text = ways.first(lambda route: solve(poetry, route, is_ahead=is_ahead, update=update))
    return text, time.monotonic() - began


def test_the_lock_is_the_same_and_comes_sooner(
    index: Index, serve: Serve, tmp_path: Path, poetry_home: Path
) -> None:
    fleet(index)
    plain, ahead = serve(index), serve(index)
    for server in (plain, ahead):
        server.fault("/", slow(0.1))
    one = project(tmp_path / "one", *WINGS, more=source(plain))
    two = project(tmp_path / "two", *WINGS, more=source(ahead))

    expected, long = measured(one, is_ahead=False)
    text, short = measured(two, is_ahead=True)

    assert _without_hash(text) == _without_hash(expected.replace(plain.url, ahead.url))
    assert ahead.most_at_once > 2 * plain.most_at_once
    assert short < long / 2
    assert len(ahead.asked) == len(set(ahead.paths()))


def _without_hash(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("content-hash"))


def test_no_thread_is_left_behind(index: Index, serve: Serve, tmp_path: Path) -> None:
    fleet(index)
    measured(project(tmp_path / "story", *WINGS, more=source(serve(index))), is_ahead=True)

    assert not [one for one in threading.enumerate() if one.name.startswith("lockguard")]


def test_a_warm_relock_asks_nobody(index: Index, serve: Serve, tmp_path: Path) -> None:
    fleet(index)
    server = serve(index)
    folder = project(tmp_path / "story", *WINGS, more=source(server))
    first, _ = measured(folder, is_ahead=True)
    server.asked.clear()

    again, _ = measured(folder, is_ahead=True, update=False)

    assert again == first
    assert server.asked == []


def test_a_cold_relock_fetches_the_pins_at_once(
    index: Index, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(index)
    server = serve(index)
    folder = project(tmp_path / "story", *WINGS, more=source(server))
    first, _ = measured(folder, is_ahead=True)
    monkeypatch.setenv("POETRY_CACHE_DIR", str(tmp_path / "fresh"))
    server.fault("/", slow(0.05))
    server.most_at_once = 0

    again, _ = measured(folder, is_ahead=True, update=False)

    assert again == first
    assert server.most_at_once > 5


def test_what_only_the_look_ahead_met_does_no_harm(
    index: Index, serve: Serve, tmp_path: Path
) -> None:
    index.add("matrix", "1.0", requires=["engine"])
    index.add("matrix", "1.1", requires=["engine", "broken; platform_release == 'never'"])
    index.add("engine", "1.0")
    server = serve(index)
    server.fault("/simple/engine/", status(503, times=1))
    folder = project(tmp_path / "story", "matrix", "engine", more=source(server))
    index.add("broken", "1.0")

    text, _ = measured(folder, is_ahead=True)

    assert text.count("[[package]]") == 3


SMITH = """
import pathlib

def prepare_metadata_for_build_wheel(folder, settings=None):
    target = pathlib.Path(folder, "matrix-1.0.dist-info")
    target.mkdir()
    target.joinpath("METADATA").write_bytes(pathlib.Path("METADATA").read_bytes())
    return target.name

def build_wheel(folder, settings=None, metadata=None):
    raise NotImplementedError
"""


def test_a_release_that_must_be_built_is_built_from_the_same_source(
    index: Index, serve: Serve, tmp_path: Path
) -> None:
    index.add("matrix", "1.0", tags=[], requires=["engine"], builder="smith")
    index.add("smith", "1.0", code=SMITH)
    index.add("engine", "1.0")

    text, _ = measured(
        project(tmp_path / "story", "matrix", more=source(serve(index))), is_ahead=True
    )

    assert 'name = "engine"' in text


MARKERS = [
    ("python_version < '3.8'", False),
    ("python_version >= '3.11'", True),
    ("sys_platform == 'win32'", True),
    ("extra == 'gpu'", True),
    ("extra == 'docs'", False),
    ("implementation_name == 'pypy'", True),
    ("os_name == 'java'", True),  # Poetry's solver asks for it, too
]


@pytest.mark.parametrize(("marker", "expected"), MARKERS, ids=[text for text, _ in MARKERS])
def test_a_marker_may_hold_in_the_projects_range(marker: str, *, expected: bool) -> None:
    assert (
        EnvironmentSample(parse_constraint(">=3.10,<4")).may_hold(Marker(marker), ["gpu"])
        is expected
    )


def test_work_is_done_once_for_all_who_wait() -> None:
    once: SingleFlight[int] = SingleFlight()
    done = []

    def work() -> int:
        time.sleep(0.1)
        done.append(1)
        return len(done)

    threads = [threading.Thread(target=once.get, args=("key", work)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert once.get("key", work) == 1


def test_a_failure_is_not_kept() -> None:
    once: SingleFlight[int] = SingleFlight()

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        once.get("key", fail)

    assert once.get("key", lambda: 7) == 7


def test_a_release_needed_to_build_itself_does_not_wait_for_itself() -> None:
    once: SingleFlight[int] = SingleFlight()

    assert once.get("key", lambda: once.get("key", lambda: 7)) == 7
