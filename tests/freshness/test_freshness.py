"""Fresh means what Poetry says: for generated manifests and for real ones, in every minor."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit
from conftest import CORPUS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from locks import LOCK
from minors import MINORS, is_fresh, version_of
from poetry.packages.locker import Locker

from poetry_lockguard import toml
from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.fast.header import header_of, read_header
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest import content_hash, document
from poetry_lockguard.outcomes import Status
from poetry_lockguard.running import running_poetry

if TYPE_CHECKING:
    from pathlib import Path

Pair = tuple[str, str]

names = st.sampled_from(["a", "B-c", "zope.event", "ünï", "python", "x_y"])
requirements = st.sampled_from(["a", "b (>=1)", "c[d]>=1 ; python_version < '3.9'", "é @ file:x"])
constraints = st.one_of(
    st.sampled_from(["*", "^1.0", ">=1,<2", ""]),
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "version": st.just("^1"),
            "extras": st.lists(names, max_size=2),
            "optional": st.booleans(),
            "markers": st.just("os_name == 'nt'"),
            "git": st.just("https://git.example/x.git"),
            "path": st.just("../x"),
            "develop": st.booleans(),
            "source": names,
        },
    ),
)
dependencies = st.dictionaries(names, st.one_of(constraints, st.lists(constraints, max_size=2)))
extras = st.dictionaries(names, st.lists(requirements, max_size=2), max_size=2)
sources = st.lists(
    st.fixed_dictionaries({"name": names, "url": st.just("https://mirror.example/simple/")}),
    max_size=2,
)
groups = st.dictionaries(
    names,
    st.fixed_dictionaries({"dependencies": dependencies}, optional={"optional": st.booleans()}),
    max_size=2,
)
included = st.fixed_dictionaries({"include-group": names})
tool_poetry = st.fixed_dictionaries(
    {},
    optional={
        "name": names,
        "version": st.just("1.0"),
        "package-mode": st.booleans(),
        "requires-poetry": st.just(">=2.0"),
        "dependencies": dependencies,
        "dev-dependencies": dependencies,
        "extras": extras,
        "source": sources,
        "group": groups,
    },
)
project = st.fixed_dictionaries(
    {},
    optional={
        "name": names,
        "version": st.just("1.0"),
        "dynamic": st.just(["dependencies"]),
        "requires-python": st.just(">=3.10"),
        "dependencies": st.lists(requirements, max_size=3),
        "optional-dependencies": extras,
    },
)
manifests = st.fixed_dictionaries(
    {},
    optional={
        "tool": st.fixed_dictionaries({}, optional={"poetry": tool_poetry}),
        "project": project,
        "dependency-groups": st.dictionaries(
            names, st.lists(st.one_of(requirements, included), max_size=3), max_size=3
        ),
    },
)
generators = st.sampled_from(
    [
        "1.1.15",
        "1.8.5",
        "2.0.1",
        "2.2.1",
        "2.3.0",
        "2.3.0rc1",
        "2.3.0.dev0",
        "2.2.9.post1",
        "2.3",
        "2",
        "v2.1",
        "2.10.0",
        "3.0.0",
        "and",
        "later",
        "2.2.1,",
        "0!2.2",
        "٢.2",
    ]
)
wrong_hashes = st.sampled_from(["", "0" * 64, "not a hash"])


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    data = draw(manifests)
    rules = st.sampled_from(content_hash.RULES).map(
        lambda rule: content_hash.content_hash(data, rule)
    )
    lock = LOCK % {"digest": "0" * 64, "hash": draw(st.one_of(rules, rules, wrong_hashes))}
    if draw(st.sampled_from([False] * 9 + [True])):
        lock = lock[: lock.index("content-hash")]
    lock = lock.replace("Poetry 2.1.3", f"Poetry {draw(generators)}")
    lock = draw(st.sampled_from([lock, lock, lock.replace("\n", "\r\n"), lock.partition("\n")[2]]))
    return tomlkit.dumps(data), lock


def answer(pair: Pair, poetry_version: str) -> bool | None:
    """Ours; None for a lock that cannot be read."""
    manifest, lock = pair
    content = lock.encode()
    try:
        glimpse = read_header(content) or header_of(parse(content))
    except LockDamage:
        return None
    rule = content_hash.rule_for(poetry_version)
    return content_hash.is_fresh(
        toml.loads(manifest), glimpse.content_hash, glimpse.generator, rule
    )


@cache
def generated(count: int) -> list[Pair]:
    """Collect examples, so that each Poetry can be asked about all of them in one go."""
    collected: list[Pair] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(pairs())
    def collect(pair: Pair) -> None:
        collected.append(pair)

    collect()
    return collected


@cache
def real() -> dict[str, Pair]:
    """The corpus: name -> manifest and lock."""
    found = {}
    for lock in sorted(CORPUS.glob("*/poetry.lock")):
        texts = [(lock.parent / name).read_bytes() for name in ("pyproject.toml", "poetry.lock")]
        found[lock.parent.name] = (texts[0].decode(), texts[1].decode())
    return found


def disagreements(minor: str, asked: list[Pair]) -> list[tuple[Pair, Any, Any]]:
    version = version_of(minor)
    theirs = is_fresh(minor, asked)
    ours = [answer(pair, version) for pair in asked]
    together = zip(asked, theirs, ours, strict=True)
    return [(pair, one, other) for pair, one, other in together if other not in (None, one)]


@given(pair=pairs())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_freshness_is_the_running_poetrys(
    tmp_path_factory: pytest.TempPathFactory, pair: Pair
) -> None:
    lock = tmp_path_factory.getbasetemp() / "poetry.lock"
    lock.write_bytes(pair[1].encode())

    ours = answer(pair, running_poetry())

    assert ours == Locker(lock, toml.loads(pair[0])).is_fresh()


@pytest.mark.parametrize("name", real())
def test_real_locks_are_judged_as_the_running_poetry_does(name: str, tmp_path: Path) -> None:
    manifest, lock = real()[name]
    (tmp_path / "pyproject.toml").write_text(manifest, encoding="utf-8")
    (tmp_path / "poetry.lock").write_bytes(lock.encode())

    try:
        verdict = judge(document.read(tmp_path / "pyproject.toml"))
    except ManifestError as error:
        pytest.skip(f"a template: {error}")

    if verdict.status in (Status.FRESH, Status.STALE):
        locker = Locker(tmp_path / "poetry.lock", toml.loads(manifest))
        assert (verdict.status is Status.FRESH) == locker.is_fresh()
    else:
        assert verdict.problems


@pytest.mark.contract
@pytest.mark.parametrize("minor", MINORS)
def test_freshness_is_that_of_every_poetry(minor: str) -> None:
    asked = generated(500)

    assert disagreements(minor, asked) == []
    assert sum(answer(pair, version_of(minor)) is True for pair in asked) > len(asked) / 5


@pytest.mark.contract
@pytest.mark.skipif(not real(), reason="the corpus of real locks is not here")
@pytest.mark.parametrize("minor", MINORS)
def test_real_locks_are_judged_as_every_poetry_does(minor: str) -> None:
    assert disagreements(minor, [*real().values()]) == []
